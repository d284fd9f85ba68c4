"""GitHub's rate limits: so many points an hour (primary), so many a minute (secondary)."""

from dataclasses import dataclass
from datetime import datetime

from bot.localhub.world import Json

_HOUR = 3600
_MINUTE = 60

# What every secondary refusal says, over REST and GraphQL.
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


@dataclass(slots=True)
class Limits:
    """How much a caller may ask, in GitHub's points (traps, G2); creations are requests that create."""

    hourly: int = 5000
    rest_a_minute: int = 900
    graphql_a_minute: int = 2000
    creations_a_minute: int = 80
    creations_an_hour: int = 500


@dataclass(frozen=True, slots=True)
class Price:
    """What a request costs: `points` of the hour, `burst` of the minute, and whether it creates content."""

    points: int = 1
    burst: int = 1
    creates: bool = False


FREE = Price(0, 0)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not answered, and what its answer says."""

    message: str
    headers: dict[str, str]
    primary: bool


@dataclass(slots=True)
class _Window:
    end: int
    used: int = 0


class Meter:
    """Count what each caller asked, in fixed windows of an hour and of a minute."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.refusals = 0
        self._windows: dict[tuple[str, str, int], _Window] = {}

    def charge(self, caller: str, resource: str, price: Price, now: datetime) -> Refusal | None:
        """Count one request against `resource` ("core" or "graphql"); answer why it is refused, if it is.

        A request that costs more than what is left is refused, and what is left stays.
        """
        refusal = self._charge(caller, resource, price, now)
        self.refusals += refusal is not None
        return refusal

    def _charge(self, caller: str, resource: str, price: Price, now: datetime) -> Refusal | None:
        hour = self._window(caller, resource, _HOUR, now)
        if hour.used + price.points > self.limits.hourly:
            return Refusal(f"API rate limit exceeded for {caller}.", {}, primary=True)
        limits, creates = self.limits, int(price.creates)
        a_minute = limits.rest_a_minute if resource == "core" else limits.graphql_a_minute
        secondary = (
            (self._window(caller, resource, _MINUTE, now), a_minute, price.burst),
            (self._window(caller, "creations", _MINUTE, now), limits.creations_a_minute, creates),
            (self._window(caller, "creations", _HOUR, now), limits.creations_an_hour, creates),
        )
        for window, most, more in secondary:
            if window.used + more > most:
                wait = window.end - int(now.timestamp())
                return Refusal(SECONDARY, {"retry-after": str(wait)}, primary=False)
        hour.used += price.points
        for window, _, more in secondary:
            window.used += more
        return None

    def refund(self, caller: str, resource: str, price: Price, now: datetime) -> None:
        """Take a request back from its hour: an answer that did not change (304) costs nothing of it."""
        self._window(caller, resource, _HOUR, now).used -= price.points

    def state(self, caller: str, resource: str, now: datetime) -> Json:
        """What is left, as `GET /rate_limit` shows it."""
        hour = self._window(caller, resource, _HOUR, now)
        limit = self.limits.hourly
        return {
            "limit": limit,
            "used": hour.used,
            "remaining": max(0, limit - hour.used),
            "reset": hour.end,
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
        if window is None or moment >= window.end:
            window = self._windows[key] = _Window(moment + length)
        return window
