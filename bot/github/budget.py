"""What an installation may still ask of GitHub, learnt from GitHub's own answers.

Source: "Rate limits for the REST API" and "Rate limits and query limits for the GraphQL API",
docs.github.com. A refusal is never slept through: it becomes a moment before which nobody asks again.
"""

import json
import re
from asyncio import Semaphore
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from http import HTTPStatus
from typing import Final

from bot.errors import Later, NotBefore

# GitHub refuses more than 100 requests at once, REST and GraphQL together; replicas share that number.
AT_ONCE: Final = 20
# "Wait at least one minute" where a secondary refusal names no time.
SECONDARY_PAUSE: Final = timedelta(minutes=1)
_REFUSALS: Final = frozenset({HTTPStatus.OK, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})
_LIMITED_TYPES: Final = frozenset({"RATE_LIMIT", "RATE_LIMITED"})


class Purse(Enum):
    """What GitHub counts: points of REST and of GraphQL, and requests that create something."""

    REST = "rest"
    GRAPHQL = "graphql"
    CREATIONS = "creations"


@dataclass(frozen=True, slots=True)
class Limit:
    """How much of a purse may be spent within `seconds`, whenever they begin.

    `most` leaves something for other replicas, None where GitHub's own refusal is waited for. `calm` is for
    questions that nobody waits for, so that they never take from those that somebody does.
    """

    seconds: int
    most: int | None
    calm: int


# GitHub's numbers: 900 points of REST and 2,000 of GraphQL a minute, 80 creations a minute and 500 an hour.
LIMITS: Final[Mapping[Purse, tuple[Limit, ...]]] = {
    Purse.REST: (Limit(60, 700, 300),),
    Purse.GRAPHQL: (Limit(60, 1500, 700),),
    Purse.CREATIONS: (Limit(60, None, 30), Limit(3600, None, 300)),
}
# What calm questions leave of an hour's requests (the primary limit): a fan-out over 500 pull requests takes
# 3,500 points of 5,000.
CALM_LEAVES: Final = 0.25
_SECONDARY_WORDS: Final = (b"secondary rate limit", b"abuse detection")
_CREATES: Final = re.compile(rb"m\d+: (?:add|create)")

_calm: ContextVar[bool] = ContextVar("calm", default=False)


@contextmanager
def calmly(is_calm: bool) -> Iterator[None]:
    """Spend, within the block, as for a question that nobody waits for (or as for any other)."""
    token = _calm.set(is_calm)
    try:
        yield
    finally:
        _calm.reset(token)


class _Spent:
    """What was spent of one purse, as far back as its longest limit reaches."""

    def __init__(self, limits: tuple[Limit, ...]) -> None:
        self._limits = limits
        self._entries: deque[tuple[datetime, int]] = deque()

    def free_at(self, cost: int, now: datetime, *, is_calm: bool) -> datetime:
        """The moment when so much more may be spent; `now` when it may be at once."""
        self._forget(now)
        return max(
            (
                _room(self._entries, limit.seconds, most - cost, now)
                for limit, most in self._bounds(is_calm=is_calm)
            ),
            default=now,
        )

    def add(self, cost: int, now: datetime) -> None:
        """Count what is spent."""
        self._entries.append((now, cost))

    def _bounds(self, *, is_calm: bool) -> Iterator[tuple[Limit, int]]:
        for limit in self._limits:
            most = limit.calm if is_calm else limit.most
            if most is not None:
                yield limit, most

    def _forget(self, now: datetime) -> None:
        oldest = now - timedelta(seconds=max(limit.seconds for limit in self._limits))
        while self._entries and self._entries[0][0] <= oldest:
            self._entries.popleft()


def _room(entries: Iterable[tuple[datetime, int]], seconds: int, most: int, now: datetime) -> datetime:
    """The moment when what was spent within the last `seconds` is no more than `most`."""
    length = timedelta(seconds=seconds)
    recent = [(at, cost) for at, cost in entries if at > now - length]
    spent, moment = sum(cost for _, cost in recent), now
    for at, cost in recent:
        if spent <= most:
            break
        spent, moment = spent - cost, at + length
    return moment


class Budget:
    """One installation's budget: how many requests at once, how many a minute, until when to hold back."""

    def __init__(self) -> None:
        self.slots = Semaphore(AT_ONCE)
        self._resumes: datetime | None = None
        self._spent = {purse: _Spent(limits) for purse, limits in LIMITS.items()}
        # Per resource of the primary limit: the share that is left, and when the hour begins anew.
        self._left: dict[str, tuple[float, datetime]] = {}

    def spend(self, costs: Mapping[Purse, int], now: datetime) -> None:
        """Count a request before it is made.

        Raises `NotBefore`, at no cost, when it has to wait, and `Later` when a calm one has to.
        """
        if self._resumes is not None and now < self._resumes:
            raise NotBefore(f"GitHub refuses further requests until {self._resumes}", self._resumes)
        is_calm = _calm.get()
        free = max(self._spent[purse].free_at(cost, now, is_calm=is_calm) for purse, cost in costs.items())
        if is_calm:
            free = max([free, *self._low()])
            if free > now:
                raise Later(f"this can wait until {free}", free)
        if free > now:
            raise NotBefore(f"this minute's requests are spent until {free}", free)
        for purse, cost in costs.items():
            self._spent[purse].add(cost, now)

    def learn(self, status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Take in one answer. Raises `NotBefore` when it is a refusal that ends by itself."""
        self._note(headers, now)
        moment = refused_until(status, headers, body, now)
        if moment is not None:
            self._resumes = max(moment, self._resumes or moment)
            raise NotBefore(f"GitHub refuses further requests until {self._resumes}", self._resumes)

    def _low(self) -> list[datetime]:
        """When the hours begin anew of which calm questions have had their share."""
        return [reset for left, reset in self._left.values() if left < CALM_LEAVES]

    def _note(self, headers: Mapping[str, str], now: datetime) -> None:
        """Remember how much of the hour is left."""
        limit, left = headers.get("x-ratelimit-limit", ""), headers.get("x-ratelimit-remaining", "")
        if limit.isdecimal() and left.isdecimal() and int(limit):
            resource = headers.get("x-ratelimit-resource", "")
            self._left[resource] = int(left) / int(limit), _reset(headers, now)


def costs(method: str, body: bytes, *, graphql: bool) -> Mapping[Purse, int]:
    """What a request costs by GitHub's table of secondary limits: reading 1, writing 5, of their purse."""
    writes = body.startswith(b'{"query": "mutation') if graphql else method != "GET"
    purse = Purse.GRAPHQL if graphql else Purse.REST
    creates = graphql and writes and _CREATES.search(body)
    return {purse: 5 if writes else 1, **({Purse.CREATIONS: 1} if creates else {})}


def refused_until(status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> datetime | None:
    """The moment when a refused request may be made again; None for every other answer.

    A secondary refusal comes as 403 or 429, with or without `Retry-After`; GraphQL also refuses inside
    a 200 with an error of type RATE_LIMITED. A 403 without any of these is about permission, not about rate.
    """
    exhausted = headers.get("x-ratelimit-remaining") == "0"
    if status == HTTPStatus.OK and not _graphql_limited(body):
        return None
    if status not in _REFUSALS:
        return None
    if (seconds := headers.get("retry-after", "")).isdigit():
        return now + timedelta(seconds=int(seconds))
    if exhausted:
        return _reset(headers, now)
    lowered = body.lower()
    if status != HTTPStatus.FORBIDDEN or any(words in lowered for words in _SECONDARY_WORDS):
        return now + SECONDARY_PAUSE
    return None


def _graphql_limited(body: bytes) -> bool:
    """Whether GraphQL refuses inside a 200; GitHub has spelt the type in two ways, or says it in words."""
    if b'"errors"' not in body:
        return False
    try:
        errors = json.loads(body).get("errors") or []
    except (ValueError, AttributeError):
        return False
    return any(
        error.get("type") in _LIMITED_TYPES
        or any(words in str(error.get("message", "")).lower().encode() for words in _SECONDARY_WORDS)
        for error in errors
    )


def _reset(headers: Mapping[str, str], now: datetime) -> datetime:
    seconds = headers.get("x-ratelimit-reset", "")
    return datetime.fromtimestamp(int(seconds), UTC) if seconds.isdigit() else now + SECONDARY_PAUSE
