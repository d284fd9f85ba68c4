"""What an installation may still ask of GitHub, learnt from GitHub's own answers.

Source: "Rate limits for the REST API" and "Rate limits and query limits for the GraphQL API",
docs.github.com. A refusal is never slept through: it becomes a moment before which nobody asks again.
"""

import json
from asyncio import Semaphore
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final

from bot.errors import NotBefore

# GitHub refuses more than 100 requests at once, REST and GraphQL together; replicas share that number.
AT_ONCE: Final = 20
# "Wait at least one minute" where a secondary refusal names no time.
SECONDARY_PAUSE: Final = timedelta(minutes=1)
_REFUSALS: Final = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})
_SECONDARY_WORDS: Final = (b"secondary rate limit", b"abuse detection")


class Budget:
    """One installation's budget: how many requests at once, and until when to hold back."""

    def __init__(self) -> None:
        self.slots = Semaphore(AT_ONCE)
        self._resumes: datetime | None = None
        self._reason = ""

    def check(self, now: datetime) -> None:
        """Raise `NotBefore` while GitHub asked to hold back; costs no request."""
        if self._resumes is not None and now < self._resumes:
            raise NotBefore(self._reason, self._resumes)

    def learn(self, status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Take in one answer. Raises `NotBefore` when it is a refusal that ends by itself."""
        moment = refused_until(status, headers, body, now)
        if moment is not None:
            self._resumes = max(moment, self._resumes or moment)
            self._reason = f"GitHub refuses further requests until {self._resumes.isoformat()}"
            raise NotBefore(self._reason, self._resumes)


def refused_until(status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> datetime | None:
    """The moment when a refused request may be made again; None for every other answer.

    A secondary refusal comes as 403 or 429, with or without `Retry-After`; GraphQL also refuses inside
    a 200 with an error of type RATE_LIMITED. A 403 without any of these is about permission, not about rate.
    """
    exhausted = headers.get("x-ratelimit-remaining") == "0"
    if status == HTTPStatus.OK:
        limited = exhausted and b'"RATE_LIMITED"' in body and _graphql_limited(body)
        return _reset(headers, now) if limited else None
    if status not in _REFUSALS:
        return None
    if (seconds := headers.get("retry-after", "")).isdigit():
        return now + timedelta(seconds=int(seconds))
    if exhausted:
        return _reset(headers, now)
    lowered = body.lower()
    if status == HTTPStatus.TOO_MANY_REQUESTS or any(words in lowered for words in _SECONDARY_WORDS):
        return now + SECONDARY_PAUSE
    return None


def _graphql_limited(body: bytes) -> bool:
    errors = json.loads(body).get("errors", [])
    return any(error.get("type") == "RATE_LIMITED" for error in errors)


def _reset(headers: Mapping[str, str], now: datetime) -> datetime:
    seconds = headers.get("x-ratelimit-reset", "")
    return datetime.fromtimestamp(int(seconds), UTC) if seconds.isdigit() else now + SECONDARY_PAUSE
