"""The record's promises, under any order of events, on SQLite and a clock of our own."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine.database import connect
from bot.engine.retry import Again, Drop, Park, Until
from bot.engine.store import Delivery, Run, Store


class World:
    """A store, its clock, and the runs that it handed over."""

    def __init__(self, directory: Path) -> None:
        self.time = 1_000_000.0
        database = connect(f"sqlite:///{directory}/engine.db")
        self.store = Store(database, settle=1, spacing=10, clock=lambda: self.time)
        self.store.create()
        self.queued: list[Run] = []

    def take(self) -> int:
        return self.store.take(100, lambda _, run: self.queued.append(run))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.store.database.dispose()


def test_runs_of_a_key_are_spaced_and_never_overlap(world: World) -> None:
    world.store.ask({"pull/1": "{}"})
    assert world.take() == 0  # it settles first
    world.time += 1
    assert world.take() == 1
    world.store.ask({"pull/1": "{}"})
    world.time += 1
    assert world.take() == 0  # one waits to begin already
    assert world.store.begin(world.queued[0])
    world.store.ask({"pull/1": "{}"})
    world.time += 100
    assert world.take() == 0  # one runs
    world.store.finish(world.queued[0])
    assert world.take() == 1
    assert [run.id for run in world.queued] == ["pull/1@1", "pull/1@2"]


def test_a_run_that_was_killed_begins_again_and_one_that_is_over_does_not(world: World) -> None:
    world.store.ask({"pull/1": '{"n": 1}'})
    world.time += 1
    world.take()
    (run,) = world.queued
    assert world.store.begin(run) == world.store.begin(run)
    world.store.finish(run)
    assert world.store.begin(run) is None


def test_a_refusal_holds_a_key_whatever_is_asked_meanwhile(world: World) -> None:
    world.store.ask({"pull/1": "{}"})
    world.time += 1
    world.take()
    world.store.begin(world.queued[0])
    world.store.finish(world.queued[0], Until(datetime.fromtimestamp(world.time + 500, UTC)), "limit")
    world.store.deliver([Delivery("guid", {"pull/1": "{}"})])
    world.time += 499
    assert world.take() == 0
    world.time += 1
    assert world.take() == 1


def test_a_moment_without_a_time_zone_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="time zone"):
        world.store.ask({"pull/1": "{}"}, datetime(2030, 1, 1))  # noqa: DTZ001


def test_only_so_many_runs_wait_to_begin(world: World) -> None:
    world.store.ask({f"pull/{n}": "{}" for n in range(20)})
    world.time += 1
    taken: Callable[[], int] = lambda: world.store.take(10, lambda *_: None)  # noqa: E731
    assert [taken(), taken(), taken()] == [8, 2, 0]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["ask", "take", "begin", "done", "again", "park", "drop", "wait"]), max_size=40)
)
def test_every_asking_is_followed_by_a_run_that_begins_after_it(steps: list[str]) -> None:
    with TemporaryDirectory() as directory:
        world = World(Path(directory))
        begun, unanswered = False, False
        endings = {"done": None, "again": Again(5), "park": Park(), "drop": Drop()}
        for step in [*steps, "wait", "take", "begin", "done", "wait", "take", "begin"]:
            if step == "ask":
                world.store.ask({"pull/1": "{}"})
                unanswered = True
            elif step == "wait":
                world.time += 20
            elif step == "take":
                assert world.take() <= (0 if begun else 1)
            elif step == "begin":
                if world.queued and not begun and world.store.begin(world.queued[-1]):
                    begun, unanswered = True, False
            elif begun:
                world.store.finish(world.queued[-1], endings[step], "failed")
                begun = False
        assert not unanswered
        world.store.database.dispose()
