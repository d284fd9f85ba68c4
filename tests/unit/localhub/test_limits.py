"""GitHub's limits, counted in windows."""

from datetime import UTC, datetime, timedelta

from bot.localhub.limits import Limits, Meter, Price

NOW = datetime(2026, 5, 15, 12, tzinfo=UTC)
READ, WRITE = Price(), Price(1, 5)


def test_points_are_counted_until_the_hour_is_over() -> None:
    meter = Meter(Limits(hourly=4))
    assert meter.charge("a", "core", READ, NOW) is None
    assert meter.charge("a", "core", Price(3, 1), NOW) is None
    refused = meter.charge("a", "core", READ, NOW)
    assert refused is not None
    assert refused.primary
    assert meter.state("a", "core", NOW)["remaining"] == 0
    assert meter.charge("a", "core", READ, NOW + timedelta(hours=1)) is None


def test_what_is_too_dear_leaves_the_rest() -> None:
    meter = Meter(Limits(hourly=4))
    refused = meter.charge("a", "graphql", Price(5), NOW)
    assert refused is not None
    assert meter.state("a", "graphql", NOW)["remaining"] == 4
    assert meter.charge("a", "graphql", Price(4), NOW) is None


def test_callers_and_resources_have_their_own() -> None:
    meter = Meter(Limits(hourly=1))
    assert meter.charge("a", "core", READ, NOW) is None
    assert meter.charge("b", "core", READ, NOW) is None
    assert meter.charge("a", "graphql", READ, NOW) is None


def test_a_write_costs_five_of_a_minute() -> None:
    meter = Meter(Limits(rest_a_minute=6))
    assert meter.charge("a", "core", WRITE, NOW) is None
    assert meter.charge("a", "core", READ, NOW) is None
    refused = meter.charge("a", "core", READ, NOW + timedelta(seconds=20))
    assert refused is not None
    assert (refused.primary, refused.headers) == (False, {"retry-after": "40"})
    assert meter.charge("a", "core", READ, NOW + timedelta(minutes=1)) is None


def test_creations_are_counted_over_rest_and_graphql() -> None:
    meter = Meter(Limits(creations_a_minute=1))
    creation = Price(1, 5, creates=True)
    assert meter.charge("a", "graphql", creation, NOW) is None
    refused = meter.charge("a", "core", creation, NOW)
    assert refused is not None
    assert refused.headers == {"retry-after": "60"}
    assert meter.charge("a", "core", WRITE, NOW) is None


def test_creations_are_counted_by_the_hour_too() -> None:
    meter = Meter(Limits(creations_a_minute=2, creations_an_hour=3))
    creation = Price(1, 5, creates=True)
    for seconds in (0, 1, 70):
        assert meter.charge("a", "graphql", creation, NOW + timedelta(seconds=seconds)) is None
    refused = meter.charge("a", "graphql", creation, NOW + timedelta(minutes=50))
    assert refused is not None
    assert (refused.primary, refused.headers) == (False, {"retry-after": "600"})
    assert meter.charge("a", "graphql", WRITE, NOW + timedelta(minutes=50)) is None
    assert meter.charge("a", "graphql", creation, NOW + timedelta(hours=1)) is None
    assert (Limits().creations_a_minute, Limits().creations_an_hour) == (80, 500)


def test_what_is_refused_counts_nowhere() -> None:
    meter = Meter(Limits(graphql_a_minute=100, creations_an_hour=1))
    creation = Price(1, 5, creates=True)
    assert meter.charge("a", "graphql", creation, NOW) is None
    for _ in range(30):
        assert meter.charge("a", "graphql", creation, NOW) is not None
    assert meter.state("a", "graphql", NOW)["used"] == 1
    assert meter.charge("a", "graphql", Price(1, 95), NOW) is None


def test_a_refund_gives_the_hour_back_and_not_the_minute() -> None:
    meter = Meter(Limits(rest_a_minute=1))
    meter.charge("a", "core", READ, NOW)
    meter.refund("a", "core", READ, NOW)
    assert meter.state("a", "core", NOW)["used"] == 0
    assert meter.charge("a", "core", READ, NOW) is not None
