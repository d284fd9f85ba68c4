"""The figures, from happenings that are written out by hand."""

from datetime import UTC, date, datetime, timedelta

import pytest

from service.ledger.measures import (
    Approved,
    Asked,
    Delivery,
    Deployed,
    FailureWeek,
    Happenings,
    LevelWeek,
    Merged,
    Week,
    measure,
    monday_of,
)

# A Monday, and four weeks from it.
SINCE = datetime(2026, 11, 2, tzinfo=UTC)
UNTIL = SINCE + timedelta(weeks=4)
FIRST, SECOND = date(2026, 11, 2), date(2026, 11, 9)


def at(days: float) -> datetime:
    return SINCE + timedelta(days=days)


def delivery(*deployed: Deployed, merged: tuple[Merged, ...] = ()) -> Delivery:
    return measure(Happenings(deployed=deployed, merged=merged), SINCE, UNTIL).delivery


def change(merged: float, base: str = "main", role: str | None = None, opened: float = 0) -> Merged:
    return Merged(1, role, base, at(opened), at(merged))


def good(days: float, *, is_rollback: bool = False, repository: int = 1) -> Deployed:
    return Deployed(repository, at(days), succeeded=True, is_rollback=is_rollback)


def bad(days: float) -> Deployed:
    return Deployed(1, at(days), succeeded=False)


def test_levels_count_in_the_week_in_which_each_thing_happened() -> None:
    asked = [
        Asked("P1", at(0), at(1)),
        Asked("P1", at(6.9), at(9.9)),
        Asked("P2", at(1), None),
        Asked("P3", at(-3), at(28)),  # neither is within the time
    ]
    assert measure(Happenings(asked=asked), SINCE, UNTIL).levels == (
        LevelWeek(FIRST, "P1", 2, 1, timedelta(days=1)),
        LevelWeek(FIRST, "P2", 1, 0, None),
        LevelWeek(SECOND, "P1", 0, 1, timedelta(days=3)),
    )


def test_every_week_of_the_time_is_there_for_a_chart() -> None:
    approved = [Approved(at(0), at(1)), Approved(at(0), at(3)), Approved(at(7), at(9))]
    weeks = measure(Happenings(approved=approved), SINCE, UNTIL - timedelta(days=1)).approval
    assert weeks[:2] == (Week(FIRST, 2, timedelta(days=2)), Week(SECOND, 1, timedelta(days=2)))
    assert [(week.count, week.median) for week in weeks[2:]] == [(0, None)] * 2


def test_a_change_arrives_with_the_first_deployment_after_its_merge() -> None:
    found = delivery(good(1), good(4), good(8), merged=(change(2), change(3), change(9)))
    assert found.lead[:2] == (Week(FIRST, 2, timedelta(days=1.5)), Week(SECOND, 0, None))
    assert (found.lead_median, found.per_day) == (timedelta(days=1.5), 3 / 28)


def test_a_change_on_develop_arrives_with_the_first_release_that_was_opened_after_it() -> None:
    merged = (change(1, "develop"), change(4, role="hotfix"), change(6, role="release", opened=2))
    assert delivery(good(5), good(8), merged=(*merged, change(7, "develop"))).lead_median == timedelta(days=2)
    assert delivery(good(5), good(8), merged=merged[:1]).lead_median is None


def test_what_arrived_before_the_time_does_not_count_in_it_and_what_arrives_in_it_does() -> None:
    merged = (change(-9), change(-2), change(-5, role="hotfix"))
    found = delivery(good(-8), bad(-1), good(1), merged=merged)
    assert (found.lead_median, found.per_day) == (timedelta(days=4.5), 1 / 28)
    assert (found.attempts, found.failures, found.restored) == (1, 0, timedelta(days=2))


@pytest.mark.parametrize(
    ("deployed", "merged", "rate", "restored"),
    [
        ((), (), None, None),
        ((good(1), good(2)), (), 0.0, None),
        ((good(1), bad(2), good(3), good(4)), (), 0.25, timedelta(days=1)),
        ((bad(1), bad(2), good(4)), (), 2 / 3, timedelta(days=3)),
        ((good(1), good(2), good(5, is_rollback=True)), (), 0.5, timedelta(days=3)),
        ((good(1), bad(2), good(3, is_rollback=True)), (), 0.5, timedelta(days=1)),
        # One incident: deployed, rolled back, mended by two hotfixes, deployed again.
        (
            (good(1), good(2, is_rollback=True), good(5)),
            (change(3, role="hotfix"), change(4, role="hotfix")),
            0.5,
            timedelta(days=1),
        ),
        ((good(1), good(3)), (change(2, role="hotfix"),), 0.5, None),
        ((bad(2), good(4, repository=2)), (), 0.5, None),
        # Neither a hotfix of a repository that never deployed, nor one before the first deployment.
        ((good(2, repository=2),), (change(3, role="hotfix"),), 0.0, None),
        ((good(2),), (change(1, role="hotfix"),), 0.0, None),
    ],
)
def test_what_failed_and_how_long_it_took_to_mend(
    deployed: tuple[Deployed, ...], merged: tuple[Merged, ...], rate: float | None, restored: timedelta | None
) -> None:
    found = delivery(*deployed, merged=merged)
    assert (found.failure_rate, found.restored) == (rate, restored)


def test_a_week_begins_on_monday_in_utc() -> None:
    east = datetime(2026, 11, 2, 8, tzinfo=UTC).astimezone()
    assert monday_of(east) == monday_of(datetime(2026, 11, 8, 23, 59, tzinfo=UTC)) == FIRST
    assert monday_of(datetime.fromisoformat("2026-11-02T08:00:00+09:00")) == date(2026, 10, 26)


def test_failures_are_told_by_the_week_they_happened_in_and_recoveries_by_their_end() -> None:
    hotfix = change(9, role="hotfix")
    found = delivery(good(1), bad(2), good(7), good(8, is_rollback=True), merged=(hotfix,))
    assert found.failing[:2] == (FailureWeek(FIRST, 2, 1), FailureWeek(SECOND, 1, 1))
    assert found.recovery[:2] == (Week(FIRST, 0, None), Week(SECOND, 2, timedelta(days=3)))


def test_a_week_that_only_begins_when_the_time_ends_is_none_of_it() -> None:
    assert [week.monday for week in measure(Happenings(), SINCE, UNTIL).approval][-1] == date(2026, 11, 23)


def test_a_time_that_ends_before_it_begins_has_no_weeks() -> None:
    assert measure(Happenings(), UNTIL, SINCE).approval == ()
