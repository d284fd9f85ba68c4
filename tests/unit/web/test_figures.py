"""The figures as they are told."""

from datetime import UTC, date, datetime, timedelta

import pytest

from service.ledger.measures import Approved, Asked, Deployed, Happenings, Merged, measure
from service.web.figures import Figure, delivery, reviews
from service.web.language import Words

SINCE, UNTIL = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 19, tzinfo=UTC)
ENGLISH = Words("en")


def at(day: int) -> datetime:
    return datetime(2026, 1, day, 12, tzinfo=UTC)


def told(figure: Figure, words: Words = ENGLISH) -> dict[str, list[str]]:
    """The columns of the table, by title."""
    weeks = range(len(figure.weeks))
    return {
        each.title: [figure.told(each, week, words) for week in weeks]
        for each in (*figure.drawn, *figure.beside)
    }


def test_levels_are_told_by_week_the_gravest_first() -> None:
    asked = [Asked("P2", at(6), at(9)), Asked("P1", at(7), None), Asked("odd", at(13), at(14))]
    measures = measure(Happenings(asked=asked), SINCE, UNTIL)
    raised, resolved, resolving, _ = reviews(measures, ("P1", "P2", "P3"), ENGLISH)
    assert raised.weeks == (date(2026, 1, 5), date(2026, 1, 12))
    assert told(raised) == {"P1": ["1", "0"], "P2": ["1", "0"], "P3": ["0", "0"], "odd": ["0", "1"]}
    assert told(resolved) == {"P1": ["0", "0"], "P2": ["1", "0"], "P3": ["0", "0"], "odd": ["0", "1"]}
    assert told(resolving) == {"P1": ["", ""], "P2": ["3 days", ""], "P3": ["", ""], "odd": ["", "1 day"]}
    assert (raised.whole, resolved.whole) == ("3", "2")


def test_the_four_of_dora_are_told() -> None:
    deployed = [
        Deployed(7, at(6), succeeded=True),
        Deployed(7, at(7), succeeded=False),
        Deployed(7, at(8), succeeded=True),
    ]
    merged = [Merged(7, None, "main", at(5), at(5))]
    approved = [Approved(at(5), at(6))]
    measures = measure(Happenings(deployed=deployed, merged=merged, approved=approved), SINCE, UNTIL)
    frequency, lead, failures, recovery = delivery(measures.delivery, ENGLISH)
    assert (frequency.whole, told(frequency)) == ("1 a week", {"Deployments": ["2", "0"]})
    assert (lead.whole, told(lead)) == ("24 hr", {"Median": ["24 hr", ""], "Changes": ["1", "0"]})
    assert (failures.whole, told(failures)["Share"]) == ("33%", ["33%", ""])
    assert (recovery.whole, told(recovery)) == (
        "24 hr",
        {"Median": ["24 hr", ""], "Recoveries": ["1", "0"]},
    )
    assert told(reviews(measures, (), ENGLISH)[3]) == {
        "Median": ["24 hr", ""],
        "Pull requests": ["1", "0"],
    }


def test_where_nothing_happened_every_figure_is_empty() -> None:
    measures = measure(Happenings(), SINCE, UNTIL)
    found = (*reviews(measures, ("P1",), ENGLISH), *delivery(measures.delivery, ENGLISH))
    assert len(found) == 8
    assert all(each.is_empty for each in found)


@pytest.mark.parametrize(
    ("took", "unit"),
    [(timedelta(days=3), "3 days"), (timedelta(hours=30), "30 hr"), (timedelta(minutes=90), "90 min")],
)
def test_a_chart_of_times_has_one_unit(took: timedelta, unit: str) -> None:
    measures = measure(Happenings(approved=[Approved(at(10) - took, at(10))]), SINCE, UNTIL)
    approval = reviews(measures, (), ENGLISH)[3]
    divisor, tell = approval.scale(ENGLISH)
    assert tell(took.total_seconds() / divisor) == unit
