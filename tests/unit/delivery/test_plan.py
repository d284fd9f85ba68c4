"""Whether an image goes by itself."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.delivery.image import Image
from bot.delivery.plan import Standing, closed, comes
from bot.rules.models import Rulebook
from bot.rules.rulebook import read
from bot.rules.shipping import Environment

NOW = datetime(2026, 1, 3, tzinfo=UTC)
OLD = Image("ghcr.io/acme/shop", "develop-1111111", "sha256:" + "1" * 64, "1" * 7, NOW - timedelta(hours=2))
NEW = Image("ghcr.io/acme/shop", "develop-2222222", "sha256:" + "2" * 64, "2" * 7, NOW - timedelta(hours=1))


def place(name: str, more: str = "") -> Environment:
    rulebook = read(f"environments: {{{name}: {{{more}}}}}")
    assert isinstance(rulebook, Rulebook), rulebook
    return rulebook.environments[name]


def test_a_newer_image_goes_where_it_is_deployed_at_once() -> None:
    assert comes(place("dev"), NEW, Standing(OLD), NOW).goes
    assert comes(place("dev"), NEW, Standing(), NOW).goes


def test_d1_a_late_or_repeated_event_never_regresses() -> None:
    assert not comes(place("dev"), OLD, Standing(NEW), NOW).goes
    assert not comes(place("dev"), NEW, Standing(NEW), NOW).goes


def test_d6_a_hold_lets_nothing_come_by_itself() -> None:
    step = comes(place("dev"), NEW, Standing(OLD, held="mina"), NOW)
    assert (step.goes, step.again, dict(step.reason.values)) == (False, None, {"login": "mina"})


def test_what_is_deployed_by_hand_waits_for_a_person() -> None:
    assert not comes(place("local"), NEW, Standing(), NOW).goes


@pytest.mark.parametrize("until", [None, NOW + timedelta(hours=1)])
def test_a_freeze_stops_everything_until_it_ends(until: datetime | None) -> None:
    standing = Standing(OLD, frozen="mina", frozen_until=until)
    step = comes(place("dev"), NEW, standing, NOW)
    assert (step.goes, step.again) == (False, until)


def test_a_freeze_that_is_over_stops_nothing() -> None:
    assert closed(place("prod"), Standing(OLD, frozen="mina", frozen_until=NOW), NOW) is None


def test_a_window_says_when_to_ask_again() -> None:
    weekend = place("dev", "freezes: [{begins: 0 18 * * 5, hours: 62, why: the weekend}]")
    step = comes(weekend, NEW, Standing(OLD), NOW)
    assert (step.goes, step.again) == (False, datetime(2026, 1, 5, 8, tzinfo=UTC))
    assert step.reason.values["why"] == "the weekend"
