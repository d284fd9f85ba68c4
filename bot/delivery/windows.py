"""Freeze windows: when nothing is deployed to an environment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from croniter import croniter  # type: ignore[import-untyped]  # published without types

from bot.rules.shipping import FreezeWindow


@dataclass(frozen=True, slots=True)
class Frozen:
    """Nothing is deployed `until` then (aware, UTC); `why` is the rulebook's own sentence."""

    until: datetime
    why: str


def frozen(windows: Sequence[FreezeWindow], now: datetime) -> Frozen | None:
    """Say until when the windows keep an environment frozen at a moment (aware); None where they do not.

    A window lasts its hours by the clock on the wall of its zone, so one over a change to summer time ends
    when people expect it to.
    """
    within = [each for window in windows if (each := _within(window, now))]
    return max(within, key=lambda each: each.until, default=None)


def _within(window: FreezeWindow, now: datetime) -> Frozen | None:
    zone = ZoneInfo(window.zone)
    wall = now.astimezone(zone).replace(tzinfo=None)
    # cron names whole minutes, and a moment is not before itself.
    next_minute = wall.replace(second=0, microsecond=0) + timedelta(minutes=1)
    begun: datetime = croniter(window.begins, next_minute).get_prev(datetime)
    ends = begun + timedelta(hours=window.hours)
    if wall >= ends:
        return None
    return Frozen(ends.replace(tzinfo=zone).astimezone(UTC), window.why)
