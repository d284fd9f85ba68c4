"""What an installation may still ask of GitHub, learnt from GitHub's own answers.

Source: "Rate limits for the REST API" and "Rate limits and query limits for the GraphQL API",
docs.github.com. A refusal is never slept through: it becomes a moment before which nobody asks again.
"""

import json
from asyncio import Semaphore
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from http import HTTPStatus
from typing import Final

from bot.errors import NotBefore

# GitHub refuses more than 100 requests at once, REST and GraphQL together; replicas share that number.
AT_ONCE: Final = 20
# "Wait at least one minute" where a secondary refusal names no time.
SECONDARY_PAUSE: Final = timedelta(minutes=1)
_REFUSALS: Final = frozenset({HTTPStatus.OK, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})
_LIMITED_TYPES: Final = frozenset({"RATE_LIMIT", "RATE_LIMITED"})


class Purse(Enum):
    """What GitHub counts by the minute."""

    REST = "rest"
    GRAPHQL = "graphql"


# Of 900 points for REST and 2,000 for GraphQL a minute, something is left for other replicas and for the
# edges of GitHub's own minutes.
MOST_A_MINUTE: Final = {Purse.REST: 600, Purse.GRAPHQL: 1200}
_SECONDARY_WORDS: Final = (b"secondary rate limit", b"abuse detection")


class Budget:
    """One installation's budget: how many requests at once, how many a minute, until when to hold back."""

    def __init__(self) -> None:
        self.slots = Semaphore(AT_ONCE)
        self._resumes: datetime | None = None
        self._minute: datetime | None = None
        self._spent: Counter[Purse] = Counter()

    def spend(self, costs: Mapping[Purse, int], now: datetime) -> None:
        """Count a request before it is made; raise `NotBefore`, at no cost, when it has to wait."""
        if self._resumes is not None and now < self._resumes:
            raise NotBefore(f"GitHub refuses further requests until {self._resumes}", self._resumes)
        minute = now.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute, self._spent = minute, Counter()
        if any(self._spent[purse] + cost > MOST_A_MINUTE[purse] for purse, cost in costs.items()):
            next_minute = minute + timedelta(minutes=1)
            raise NotBefore(f"this minute's requests are spent until {next_minute}", next_minute)
        self._spent.update(costs)

    def learn(self, status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Take in one answer. Raises `NotBefore` when it is a refusal that ends by itself."""
        moment = refused_until(status, headers, body, now)
        if moment is not None:
            self._resumes = max(moment, self._resumes or moment)
            raise NotBefore(f"GitHub refuses further requests until {self._resumes}", self._resumes)


def costs(method: str, body: bytes, *, graphql: bool) -> Mapping[Purse, int]:
    """What a request costs by GitHub's table of secondary limits: reading 1, writing 5, of their purse."""
    writes = body.startswith(b'{"query": "mutation') if graphql else method != "GET"
    purse = Purse.GRAPHQL if graphql else Purse.REST
    return {purse: 5 if writes else 1}


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
