"""Let the hub fail as GitHub fails: refuse, slow, drop or lose a request, or answer it in part."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from bot.localhub.limits import SECONDARY


@dataclass(frozen=True, slots=True)
class Hold:
    """An answer that is held back: `reached` is set when what was asked is done, `released` lets it go."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens instead of, or besides, the answer.

    `status` answers at once; `after` carries the request out first (a write that succeeded and looks failed).
    `delay` is in seconds. `drop` ends the connection without an answer. `errors` are added to a GraphQL
    answer, and what their `path` names is null; an error without one is the whole answer.
    """

    status: int | None = None
    message: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    after: bool = False
    delay: float = 0.0
    drop: bool = False
    errors: tuple[Mapping[str, object], ...] = ()
    hold: Hold | None = None

    @property
    def ends(self) -> bool:
        """Whether the caller gets no answer to what it asked."""
        return self.drop or self.status is not None


def refuse(status: int, message: str = "") -> Fault:
    """Answer with this status and do nothing."""
    return Fault(status, message or f"The local hub was told to answer {status}")


def lose(status: int = 502) -> Fault:
    """Do what is asked, and answer as if it had failed."""
    return Fault(status, "The local hub was told to lose this answer", after=True)


def slow(seconds: float) -> Fault:
    """Answer late."""
    return Fault(delay=seconds)


def drop(*, after: bool = False) -> Fault:
    """End the connection, before or after doing what is asked."""
    return Fault(drop=True, after=after)


def hold(answer: Hold) -> Fault:
    """Do what is asked, and keep the answer until it is released."""
    return Fault(hold=answer)


def secondary_limit(retry_after: int | None = 60, status: int = 403) -> Fault:
    """Refuse as a secondary rate limit does, with or without saying when to come back."""
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    return Fault(status, SECONDARY, headers)


def partial(
    *path: str | int, kind: str = "SERVICE_UNAVAILABLE", message: str = "Something went wrong"
) -> Fault:
    """Answer a GraphQL request without the part at `path`, and with an error that says so."""
    return Fault(errors=({"type": kind, "path": list(path), "message": message},))


def graphql_error(kind: str, message: str) -> Fault:
    """Answer a GraphQL request with no data at all: RATE_LIMITED, RESOURCE_LIMITS_EXCEEDED."""
    return Fault(errors=({"type": kind, "message": message},))


def graphql_limited(kind: str, retry_after: int | None = None) -> Fault:
    """Refuse a GraphQL request within a 200, as `graphql_refusal` does; seconds go to `retry-after`."""
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    return Fault(headers=headers, errors=(graphql_refusal(kind, "the caller"),))


def graphql_refusal(kind: str, caller: str) -> dict[str, str]:
    """The error of a GraphQL rate limit.

    `kind` is "RATE_LIMIT" (the primary limit today), "RATE_LIMITED" (the same, as it was spelt before), or
    "SECONDARY", which has no type: only its words tell it from other errors.
    """
    match kind:
        case "RATE_LIMIT":
            message = f"API rate limit already exceeded for {caller}."
            return {"type": kind, "code": "graphql_rate_limit", "message": message}
        case "RATE_LIMITED":
            return {"type": kind, "message": f"API rate limit exceeded for {caller}."}
        case "SECONDARY":
            return {"message": SECONDARY}
    raise ValueError(f"GraphQL has no rate limit '{kind}'")


@dataclass(slots=True)
class _Planned:
    method: str
    path: str
    operation: str | None
    fault: Fault
    times: int


class Faults:
    """The faults to come, in the order they were asked for. `latency` (seconds) delays every answer."""

    def __init__(self) -> None:
        self.latency = 0.0
        self._planned: list[_Planned] = []

    def next(
        self, method: str, path: str, fault: Fault, *, operation: str | None = None, times: int = 1
    ) -> None:
        """Make the next `times` requests fail.

        `path` is a pattern such as "/repos/*", without the prefix of an Enterprise Server; GraphQL is
        "/graphql", where `operation` picks the requests of one operation by its name.
        """
        self._planned.append(_Planned(method, path, operation, fault, times))

    def clear(self) -> None:
        """Forget what was planned."""
        self._planned.clear()

    def take(self, method: str, path: str, operation: str | None) -> Fault | None:
        """The fault for this request, used up by the asking."""
        for planned in self._planned:
            named = planned.operation in {None, operation}
            if named and planned.method == method and fnmatchcase(path, planned.path):
                planned.times -= 1
                if planned.times == 0:
                    self._planned.remove(planned)
                return planned.fault
        return None
