"""A fan-out and the limits of GitHub, hour after hour in a moment: the budget against the hub's meter."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import Later
from bot.github.budget import Budget, Purse, calmly
from bot.localhub.limits import Limits, Meter, Price

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
READ = Price(points=6, burst=1), {Purse.GRAPHQL: 1}
UPDATE = Price(points=1, burst=5), {Purse.GRAPHQL: 5}
CREATE = Price(points=1, burst=5, creates=True), {Purse.GRAPHQL: 5, Purse.CREATIONS: 1}


class Installation:
    """One installation that asks by its budget, and a hub that counts what it asks."""

    def __init__(self) -> None:
        self.budget, self.meter = Budget(), Meter(Limits())

    def ask(self, now: datetime, *, write: tuple[Price, dict[Purse, int]]) -> None:
        """Read a pull request and write on it. Raises what the budget raises."""
        for price, costs in (READ, write):
            self.budget.spend(costs, now)
            assert self.meter.charge("1", "graphql", price, now) is None
            self.budget.learn(200, self.meter.headers("1", "graphql", now), b"{}", now)


@contextmanager
def waiting(moments: dict[int, datetime], number: int) -> Iterator[None]:
    """Have a question asked again when it may be."""
    try:
        with calmly(True):
            yield
        del moments[number]
    except Later as error:
        moments[number] = error.moment


@pytest.mark.parametrize(("write", "hours"), [(UPDATE, 1), (CREATE, 3)], ids=["judged before", "new"])
def test_g2_500_pull_requests_are_judged_without_a_refusal_and_hold_up_nobody(
    write: tuple[Price, dict[Purse, int]], hours: int
) -> None:
    installation = Installation()
    moments = {number: NOW + timedelta(seconds=number) for number in range(500)}
    for second in range(hours * 3600):
        now = NOW + timedelta(seconds=second)
        due = next((number for number, moment in moments.items() if moment <= now), None)
        if due is not None:
            with waiting(moments, due):
                installation.ask(now, write=write)
        if second % 60 == 0:
            installation.ask(now, write=CREATE)  # somebody waits for this one: it raises nothing
    assert moments == {}
    assert installation.meter.refusals == 0
