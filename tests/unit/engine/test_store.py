"""The record's promises, under any order of events, on SQLite and a clock of our own."""

from collections.abc import Iterator
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
    """A store and its clock."""

    def __init__(self, directory: Path) -> None:
        self.time = 1_000_000.0
        database = connect(f"sqlite:///{directory}/engine.db")
        self.store = Store(database, settle=1, spacing=10, clock=lambda: self.time)
        self.store.create()

    def due(self) -> Run | None:
        return next(iter(self.store.due(1)), None)

    def begin(self) -> Run:
        run = self.due()
        assert run
        assert self.store.begin(run)
        return run


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.store.database.dispose()


def test_runs_of_a_key_are_spaced_and_never_overlap(world: World) -> None:
    world.store.ask({"pull/1": "{}"})
    assert world.due() is None  # it settles first
    world.time += 1
    first = world.begin()
    world.store.ask({"pull/1": "{}"})
    world.time += 100
    assert world.due() is None  # one runs
    world.store.finish(first)
    second = world.begin()
    world.store.ask({"pull/1": "{}"})
    world.store.finish(second)
    world.time += 9
    assert world.due() is None  # too soon after the last one began
    world.time += 1
    world.begin()
    assert (first.id, second.id) == ("pull/1@1", "pull/1@2")


def test_of_one_generation_one_run_begins_whoever_else_saw_it_due(world: World) -> None:
    world.store.ask({"pull/1": "{}"})
    world.time += 1
    stale = world.due()
    world.store.finish(world.begin())
    world.store.ask({"pull/1": "{}"})
    world.time += 100
    second = world.begin()
    assert stale
    assert world.store.begin(stale) is None
    assert world.store.begin(second)


def test_a_run_that_was_killed_begins_again_and_one_that_is_over_does_not(world: World) -> None:
    world.store.ask({"pull/1": '{"n": 1}'})
    world.time += 1
    run = world.due()
    assert run
    assert world.store.begin(run) == world.store.begin(run)
    world.store.finish(run)
    assert world.store.begin(run) is None


def test_a_run_that_failed_before_it_could_begin_is_followed_by_another(world: World) -> None:
    world.store.ask({"pull/1": "{}"})
    world.time += 1
    lost = world.due()
    assert lost
    world.store.reopen(lost, Again(0), "The run ended as ERROR")
    assert world.store.begin(lost) is None
    assert world.begin().id == "pull/1@2"


def test_a_refusal_holds_a_key_whatever_is_asked_meanwhile(world: World) -> None:
    world.store.ask({"pull/1": "{}"})
    world.time += 1
    run = world.begin()
    world.store.finish(run, Until(datetime.fromtimestamp(world.time + 500, UTC)), "limit")
    world.store.deliver([Delivery("guid", {"pull/1": "{}"})])
    world.time += 499
    assert world.due() is None
    world.time += 1
    assert world.due()


def test_what_can_wait_is_brought_forward_by_what_cannot(world: World) -> None:
    world.store.ask({"pull/1": "{}"})
    world.time += 1
    run = world.begin()
    world.store.finish(run, Until(datetime.fromtimestamp(world.time + 500, UTC), hold=False), "can wait")
    world.time += 20
    assert world.due() is None
    world.store.deliver([Delivery("guid", {"pull/1": "{}"})])
    world.time += 1
    assert world.due()


def test_whoever_asks_for_later_leaves_the_hint_of_who_asked_for_sooner(world: World) -> None:
    def later(seconds: float) -> datetime:
        return datetime.fromtimestamp(world.time + seconds, UTC)

    world.store.ask({"pull/1": '{"n": 1}'}, later(60))
    world.store.ask({"pull/1": '{"n": 2}'}, later(90))
    world.store.ask({"pull/1": '{"n": 3}'})
    world.store.ask({"pull/1": '{"n": 4}'}, later(60))
    world.time += 1
    run = world.due()
    assert run
    begun = world.store.begin(run)
    assert begun
    assert begun.question.subject == {"n": 3}


def test_a_moment_without_a_time_zone_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="time zone"):
        world.store.ask({"pull/1": "{}"}, datetime(2030, 1, 1))  # noqa: DTZ001


def test_the_longest_due_come_first_and_what_is_under_way_here_not_at_all(world: World) -> None:
    for number in range(5):
        world.store.ask({f"pull/{number}": "{}"})
        world.time += 1
    assert [run.key for run in world.store.due(2)] == ["pull/0", "pull/1"]
    assert [run.key for run in world.store.due(2, {"pull/0", "pull/2"})] == ["pull/1", "pull/3"]


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(["ask", "begin", "lose", "done", "again", "park", "drop", "wait"]), max_size=40)
)
def test_every_asking_is_followed_by_a_run_that_begins_after_it(steps: list[str]) -> None:
    with TemporaryDirectory() as directory:
        world = World(Path(directory))
        running: Run | None = None
        unanswered = False
        endings = {"done": None, "again": Again(5), "park": Park(), "drop": Drop()}
        for step in [*steps, "wait", "begin", "done", "wait", "begin"]:
            if step == "ask":
                world.store.ask({"pull/1": "{}"})
                unanswered = True
            elif step == "wait":
                world.time += 20
            elif step == "begin" and (due := world.due()):
                assert running is None
                assert world.store.begin(due)
                running, unanswered = due, False
            elif step == "lose" and (due := world.due()):  # the run ends before it could begin
                world.store.reopen(due, Again(0), "lost")
            elif step in endings and running:
                world.store.finish(running, endings[step], "failed")
                running = None
        assert not unanswered
        world.store.database.dispose()
