"""GitHub's rate limits: so many points an hour (primary), so many a minute (secondary)."""

from dataclasses import dataclass
from datetime import datetime

from bot.localhub.world import Json

_HOUR = 3600
_MINUTE = 60


@dataclass(slots=True)
class Limits:
    """How much a caller may ask, in GitHub's points (traps, G2): a read costs 1, a write 5."""

    hourly: int = 5000
    rest_a_minute: int = 900
    graphql_a_minute: int = 2000


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not answered, and what its answer says."""

    message: str
    headers: dict[str, str]
    primary: bool


@dataclass(slots=True)
class _Window:
    start: int
    used: int = 0


class Meter:
    """Count what each caller asked, in fixed windows of an hour and of a minute."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._windows: dict[tuple[str, str, int], _Window] = {}

    def charge(self, caller: str, resource: str, *, write: bool, now: datetime) -> Refusal | None:
        """Count one request against `resource` ("core" or "graphql"); answer why it is refused, if it is."""
        hour = self._window(caller, resource, _HOUR, now)
        minute = self._window(caller, resource, _MINUTE, now)
        if hour.used >= self.limits.hourly:
            return Refusal(f"API rate limit exceeded for {caller}.", {}, primary=True)
        a_minute = self.limits.rest_a_minute if resource == "core" else self.limits.graphql_a_minute
        if minute.used >= a_minute:
            wait = minute.start + _MINUTE - int(now.timestamp())
            message = "You have exceeded a secondary rate limit. Please wait a few minutes."
            return Refusal(message, {"retry-after": str(wait)}, primary=False)
        hour.used += 1
        minute.used += 5 if write else 1
        return None

    def refund(self, caller: str, resource: str, now: datetime) -> None:
        """Take one request back: an answer that did not change (304) costs nothing."""
        for length in (_HOUR, _MINUTE):
            self._window(caller, resource, length, now).used -= 1

    def state(self, caller: str, resource: str, now: datetime) -> Json:
        """What is left, as `GET /rate_limit` shows it."""
        hour = self._window(caller, resource, _HOUR, now)
        limit = self.limits.hourly
        return {
            "limit": limit,
            "used": hour.used,
            "remaining": max(0, limit - hour.used),
            "reset": hour.start + _HOUR,
        }

    def headers(self, caller: str, resource: str, now: datetime) -> dict[str, str]:
        """The same as the headers of every answer."""
        state = self.state(caller, resource, now)
        return {f"x-ratelimit-{name}": str(value) for name, value in state.items()} | {
            "x-ratelimit-resource": resource
        }

    def _window(self, caller: str, resource: str, length: int, now: datetime) -> _Window:
        """The window of this moment; the first request of a caller opens it."""
        key, moment = (caller, resource, length), int(now.timestamp())
        window = self._windows.get(key)
        if window is None or moment >= window.start + length:
            window = self._windows[key] = _Window(moment)
        return window
