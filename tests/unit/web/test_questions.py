"""What an address asks for: read as it is meant, or told what was expected."""

from datetime import UTC, date, datetime

import pytest
from multidict import MultiDict

from service.web.questions import AuditQuestion, BadQuestion, Days, Names, Newest, Period, read, read_form

TODAY = date(2026, 11, 26)  # a Thursday


@pytest.mark.parametrize(
    ("kind", "query", "wrong"),
    [
        (Newest, "limit=0", "limit"),
        (Newest, "limit=101", "limit"),
        (Newest, "limit=1.0", "limit"),
        (Newest, "limit=1_0", "limit"),
        (Newest, "limit=٣", "limit"),
        (Newest, "older=0", "older"),
        (Newest, "older=9223372036854775808", "older"),
        (Newest, "older=' OR 1=1 --", "older"),
        (Newest, "after=a", "after"),
        (Newest, "=a", ""),
        (Names, f"after={'x' * 256}", "after"),
        (Names, "after=a\x00b", "after"),
        (Names, "after=a&after=b", "after"),
        (Period, "from=20260105", "from"),
        (Period, "from=1767571200", "from"),
        (Period, "to=2026-02-30", "to"),
        (Period, "from=2026-02-02&to=2026-02-01", "from"),
        (Period, "first=2026-02-02", "first"),
        (AuditQuestion, "actor=a\nb", "actor"),
    ],
)
def test_what_cannot_be_answered_is_told(kind: type[Names | Newest | Period], query: str, wrong: str) -> None:
    pairs = (each.partition("=") for each in query.split("&"))
    asked = MultiDict[str]([(name, value) for name, _, value in pairs])
    with pytest.raises(BadQuestion) as told:
        read(kind, asked)
    (each,) = told.value.wrong
    assert (each.name, each.expected != "") == (wrong, True)
    assert asked[wrong] in each.found


def test_a_form_sends_what_nobody_filled_in() -> None:
    asked = MultiDict({"from": "", "to": " 2026-01-31 ", "actor": "", "page": "9"})
    assert read_form(AuditQuestion, asked) == AuditQuestion.model_validate({"to": "2026-01-31"})
    with pytest.raises(BadQuestion):
        read_form(AuditQuestion, MultiDict({"to": "x"}))


def test_a_day_lasts_until_the_next_one_begins() -> None:
    asked = read(Period, MultiDict({"from": "2026-01-30", "to": "2026-01-31"}))
    assert (asked.since, asked.until) == (datetime(2026, 1, 30, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    assert (Period().since, Period().until) == (None, None)


@pytest.mark.parametrize(
    ("asked", "days"),
    [
        ({}, Days(date(2026, 9, 7), TODAY)),  # the Monday eleven weeks before this week's
        ({"to": "2026-01-05"}, Days(date(2025, 10, 20), date(2026, 1, 5))),
        ({"from": "2026-11-01"}, Days(date(2026, 11, 1), TODAY)),
        ({"from": "2030-01-01"}, Days(date(2030, 1, 1), date(2030, 1, 1))),
        ({"from": "2000-01-01"}, Days(date(2024, 11, 28), TODAY)),
        ({"from": "0001-01-01", "to": "0001-01-02"}, Days(date(1, 1, 1), date(1, 1, 2))),
        ({"to": "9999-12-31"}, Days(date(9999, 10, 11), date(9999, 12, 31))),
    ],
)
def test_a_period_has_an_end_and_a_bound(asked: dict[str, str], days: Days) -> None:
    found = read(Period, MultiDict(asked)).bounded(TODAY)
    assert found == days
    assert found.since < found.until
