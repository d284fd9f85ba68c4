"""When nothing is deployed."""

from datetime import UTC, datetime

import pytest

from bot.delivery.windows import frozen
from bot.rules.shipping import FreezeWindow


def window(begins: str, hours: int, zone: str = "UTC") -> FreezeWindow:
    return FreezeWindow(begins=begins, hours=hours, zone=zone, why="rest")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# Friday the 2nd of January 2026, 18:00, for 62 hours: until Monday at 08:00.
WEEKEND = window("0 18 * * 5", 62)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-01-02T17:59:59", None),
        ("2026-01-02T18:00:00", "2026-01-05T08:00:00"),
        ("2026-01-04T12:00:00", "2026-01-05T08:00:00"),
        ("2026-01-05T07:59:59", "2026-01-05T08:00:00"),
        ("2026-01-05T08:00:00", None),
    ],
)
def test_a_window_begins_with_its_minute_and_ends_before_its_hour(now: str, until: str | None) -> None:
    found = frozen([WEEKEND], moment(now))
    assert (found.until if found else None) == (moment(until) if until else None)


def test_a_window_is_told_by_the_clock_of_its_zone() -> None:
    seoul = window("0 18 * * 5", 1, "Asia/Seoul")
    assert frozen([seoul], moment("2026-01-02T09:30:00")) is not None
    assert frozen([seoul], moment("2026-01-02T18:30:00")) is None


def test_a_window_over_a_change_of_the_clock_ends_by_the_clock_on_the_wall() -> None:
    """Clocks in Berlin went forward on the 29th of March 2026, at two."""
    night = window("0 22 * * 6", 10, "Europe/Berlin")
    found = frozen([night], moment("2026-03-28T23:00:00"))
    assert found is not None
    assert found.until == moment("2026-03-29T06:00:00")


def test_of_several_windows_the_one_that_ends_last_counts() -> None:
    longer = window("0 12 * * 5", 96)
    found = frozen([WEEKEND, longer], moment("2026-01-03T00:00:00"))
    assert found is not None
    assert found.until == moment("2026-01-06T12:00:00")
    assert frozen([], moment("2026-01-03T00:00:00")) is None


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-30T23:59:59", None),
        ("2026-12-01T00:00:00", "2026-12-01T01:00:00"),
        ("2026-12-05T10:00:30", "2026-12-05T11:00:00"),
        ("2027-01-01T00:30:59.999999", "2027-01-01T00:59:00"),
        ("2027-01-01T00:59:00", None),
    ],
)
def test_a_window_that_begins_anew_each_minute_freezes_all_of_them(now: str, until: str | None) -> None:
    found = frozen([window("* * * 12 *", 1)], moment(now))
    assert (found.until if found else None) == (moment(until) if until else None)
