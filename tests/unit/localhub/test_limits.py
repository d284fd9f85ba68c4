"""GitHub's limits, counted in windows."""

from datetime import UTC, datetime, timedelta

from bot.localhub.limits import Limits, Meter

NOW = datetime(2026, 5, 15, 12, tzinfo=UTC)


def test_reads_and_writes_are_counted_until_the_hour_is_over() -> None:
    meter = Meter(Limits(hourly=2))
    assert meter.charge("a", "core", write=False, now=NOW) is None
    assert meter.charge("a", "core", write=True, now=NOW) is None
    refused = meter.charge("a", "core", write=False, now=NOW)
    assert refused is not None
    assert refused.primary
    assert meter.state("a", "core", NOW)["remaining"] == 0
    assert meter.charge("a", "core", write=False, now=NOW + timedelta(hours=1)) is None


def test_callers_and_resources_have_their_own() -> None:
    meter = Meter(Limits(hourly=1))
    assert meter.charge("a", "core", write=False, now=NOW) is None
    assert meter.charge("b", "core", write=False, now=NOW) is None
    assert meter.charge("a", "graphql", write=False, now=NOW) is None


def test_a_write_costs_five_of_a_minute() -> None:
    meter = Meter(Limits(rest_a_minute=6))
    assert meter.charge("a", "core", write=True, now=NOW) is None
    assert meter.charge("a", "core", write=False, now=NOW) is None
    refused = meter.charge("a", "core", write=False, now=NOW + timedelta(seconds=20))
    assert refused is not None
    assert (refused.primary, refused.headers) == (False, {"retry-after": "40"})
    assert meter.charge("a", "core", write=False, now=NOW + timedelta(minutes=1)) is None


def test_a_refund_takes_one_back() -> None:
    meter = Meter(Limits())
    meter.charge("a", "core", write=False, now=NOW)
    meter.refund("a", "core", NOW)
    assert meter.state("a", "core", NOW)["used"] == 0
