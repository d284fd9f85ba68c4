"""What an engine promises its own process, on SQLite and on PostgreSQL."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.engine import Answered, Counts, Engine, Occupied, Policy, Question, Tuning
from bot.engine.takeover import lock_for
from bot.errors import GiveUp, NotBefore, Retry

Make = Callable[..., Engine]
Until = Callable[..., Awaitable[None]]

KEY = "pull/1/7"


def pull(number: int = 7, **subject: object) -> Question:
    return Question(f"pull/1/{number}", subject)


async def test_a_burst_is_one_or_two_runs_and_the_last_sees_the_newest(
    make: Make, until: Until, told: list[Answered]
) -> None:
    engine = make()
    seen = []

    @engine.answers("pull")
    async def answer(question: Question) -> str:
        seen.append(question.subject["n"])
        return "done"

    await engine.start()
    await asyncio.gather(*(engine.deliver(f"guid-{n}", [pull(n=n)]) for n in range(10)))
    await until(lambda: seen and seen[-1] == 9)
    assert len(seen) <= 2
    assert {answered.outcome for answered in told} <= {"done"}


async def test_an_event_during_a_run_is_answered_after_it_without_overlap(make: Make, until: Until) -> None:
    engine = make()
    begun: list[object] = []
    ended: list[object] = []
    go = asyncio.Event()

    @engine.answers("pull")
    async def answer(question: Question) -> str:
        assert len(begun) == len(ended)
        begun.append(question.subject["head"])
        await go.wait()
        ended.append(question.subject["head"])
        return "done"

    await engine.start()
    await engine.deliver("guid-1", [pull(head="a")])
    await until(lambda: begun)
    await engine.deliver("guid-2", [pull(head="b")])
    assert await engine.counts() == Counts(queued=1, running=1, parked=0)
    go.set()
    await until(lambda: len(ended) == 2)
    assert begun == ["a", "b"]


async def test_keys_run_in_parallel_up_to_the_limit(make: Make, until: Until) -> None:
    engine = make(Tuning(poll=0.05, concurrency=3))
    running, most, go = 0, 0, asyncio.Event()

    @engine.answers("pull")
    async def answer(_: Question) -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await go.wait()
        running -= 1
        return "done"

    await engine.start()
    await engine.ask(*(pull(number) for number in range(6)))
    await until(lambda: running == 3)
    go.set()
    await until(lambda: running == 0)
    assert most == 3


async def test_a_storm_on_one_key_costs_few_runs_and_the_last_follows_the_last_event(
    make: Make, until: Until
) -> None:
    engine = make(Tuning(settle=0.01, spacing=0.5, poll=0.05))
    seen = []

    @engine.answers("pull")
    async def answer(question: Question) -> str:
        seen.append(question.subject["n"])
        return "done"

    await engine.start()
    started = time.monotonic()
    for n in range(1000):
        await engine.deliver(f"guid-{n}", [pull(n=n)])
        await asyncio.sleep(0.001)
    await until(lambda: seen and seen[-1] == 999)
    assert len(seen) <= 1 + (time.monotonic() - started) / 0.5


async def test_a_guid_counts_once(make: Make, until: Until) -> None:
    engine = make()
    seen = []

    @engine.answers("pull")
    async def answer(question: Question) -> str:
        seen.append(question.key)
        return "done"

    await engine.start()
    first = await asyncio.gather(*(engine.deliver("guid", [pull()]) for _ in range(3)))
    assert sorted(first) == [False, False, True]
    await until(lambda: seen)
    assert await engine.deliver("guid", [pull()]) is False
    assert await engine.deliver("no questions", []) is True
    assert await engine.deliver("no questions", [pull(8)]) is False
    await engine.ask(pull(9))
    await until(lambda: len(seen) == 2)
    assert seen == [KEY, "pull/1/9"]


async def test_a_failure_is_asked_again_until_it_is_answered(
    make: Make, until: Until, told: list[Answered]
) -> None:
    engine = make()

    @engine.answers("pull")
    async def answer(_: Question) -> str:
        if len(told) < 2:
            raise Retry("GitHub answered 502")
        return "done"

    await engine.start()
    await engine.ask(pull())
    await until(lambda: told and told[-1].outcome == "done")
    assert [(one.outcome, one.attempt) for one in told] == [("again", 1), ("again", 2), ("done", 3)]
    assert await engine.parked() == []


async def test_a_bug_is_logged_with_its_traceback_and_parked_after_the_last_attempt(
    make: Make, until: Until, told: list[Answered], caplog: pytest.LogCaptureFixture
) -> None:
    engine, mended = make(), False

    @engine.answers("pull")
    async def answer(_: Question) -> str:
        if not mended:
            raise ZeroDivisionError("a bug")
        return "done"

    await engine.start()
    await engine.ask(pull())
    await until(lambda: told and told[-1].outcome == "parked")
    (parked,) = await engine.parked()
    assert (parked.key, parked.error, parked.attempts) == (KEY, "ZeroDivisionError: a bug", 3)
    assert parked.since <= datetime.now(UTC)
    assert await engine.counts() == Counts(queued=0, running=0, parked=1)
    failures = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert failures
    assert all("a bug" in (record.exc_text or "") for record in failures)

    assert await engine.retry("pull/1/8") is False
    mended = True
    assert await engine.retry(KEY) is True
    await until(lambda: told[-1].outcome == "done")
    assert await engine.parked() == []


async def test_a_fresh_event_asks_a_parked_question_again(
    make: Make, until: Until, told: list[Answered]
) -> None:
    engine = make()

    @engine.answers("pull")
    async def answer(question: Question) -> str:
        if question.subject["head"] == "a":
            raise Retry("no")
        return "done"

    await engine.start()
    await engine.ask(pull(head="a"))
    await until(lambda: told and told[-1].outcome == "parked")
    await engine.ask(pull(head="b"))
    await until(lambda: told[-1].outcome == "done")
    assert told[-1].attempt == 1
    assert await engine.parked() == []


async def test_giving_up_ends_the_question_and_parks_nothing(
    make: Make, until: Until, told: list[Answered]
) -> None:
    engine = make()

    @engine.answers("pull")
    async def answer(_: Question) -> str:
        raise GiveUp("The installation is gone")

    await engine.start()
    await engine.ask(pull())
    await until(lambda: told)
    assert [one.outcome for one in told] == ["given up"]
    assert await engine.counts() == Counts(0, 0, 0)


async def test_a_waiting_retry_holds_no_slot_and_yields_to_a_fresh_event(
    make: Make, until: Until, told: list[Answered]
) -> None:
    patient = Policy(attempts=3, base=10_000, cap=10_000)
    engine = make(Tuning(settle=0.01, spacing=0.05, poll=0.05, concurrency=1, policy=patient))

    @engine.answers("pull")
    async def answer(question: Question) -> str:
        if question.subject.get("head") == "a":
            raise Retry("no")
        return "done"

    await engine.start()
    await engine.ask(pull(7, head="a"))
    await until(lambda: [one.outcome for one in told] == ["again"])
    await engine.ask(pull(8))
    await until(lambda: len(told) == 2)
    await engine.ask(pull(7, head="b"))
    await until(lambda: len(told) == 3)
    assert [(one.question.key, one.outcome, one.attempt) for one in told] == [
        ("pull/1/7", "again", 1),
        ("pull/1/8", "done", 1),
        ("pull/1/7", "done", 1),
    ]


async def test_a_refusal_holds_the_question_until_its_time_and_is_no_attempt(
    make: Make, until: Until, told: list[Answered]
) -> None:
    engine = make()
    moment = datetime.now(UTC) + timedelta(seconds=1)
    times = []

    @engine.answers("pull")
    async def answer(_: Question) -> str:
        times.append(datetime.now(UTC))
        if len(times) == 1:
            raise NotBefore("secondary limit", moment)
        return "done"

    await engine.start()
    await engine.ask(pull())
    await until(lambda: told)
    await engine.deliver("guid", [pull(head="fresh")])
    await until(lambda: len(told) == 2)
    assert [(one.outcome, one.attempt) for one in told] == [("until", 1), ("done", 1)]
    assert times[1] >= moment - timedelta(milliseconds=1)


async def test_a_question_may_be_asked_for_later_and_an_event_brings_it_forward(
    make: Make, until: Until, told: list[Answered]
) -> None:
    engine = make()

    @engine.answers("pull")
    async def answer(_: Question) -> str:
        return "done"

    await engine.start()
    await engine.ask(pull(), not_before=datetime.now(UTC) + timedelta(days=1))
    await engine.ask(pull(8))
    await until(lambda: told)
    assert [one.question.key for one in told] == ["pull/1/8"]
    await engine.ask(pull())
    await until(lambda: len(told) == 2)


async def test_a_kind_that_nothing_answers_is_parked(make: Make, until: Until, told: list[Answered]) -> None:
    engine = make()
    await engine.start()
    await engine.ask(Question("comet/1"))
    await until(lambda: told and told[-1].outcome == "parked")
    assert "Nothing here answers comet/1" in (await engine.parked())[0].error


async def test_a_periodic_question_asks_itself_again_even_after_it_was_parked(
    make: Make, until: Until, told: list[Answered]
) -> None:
    engine = make()

    @engine.every("sweep", 0.2)
    async def sweep() -> str:
        if len(told) < 3:
            raise Retry("GitHub is down")
        return "swept"

    await engine.start()
    await until(lambda: [one.outcome for one in told].count("swept") == 2)
    assert [one.outcome for one in told][:3] == ["again", "again", "parked"]
    assert await engine.parked() == []


async def test_a_drain_lets_a_run_finish(make: Make, told: list[Answered]) -> None:
    engine, begun, go = make(), asyncio.Event(), asyncio.Event()

    @engine.answers("pull")
    async def answer(_: Question) -> str:
        begun.set()
        await go.wait()
        return "done"

    await engine.start()
    await engine.ask(pull())
    await begun.wait()
    stopping = asyncio.create_task(engine.stop(10))
    await asyncio.sleep(0)
    go.set()
    await stopping
    assert [one.outcome for one in told] == ["done"]


async def test_a_drain_leaves_durable_what_does_not_finish(
    make: Make, until: Until, told: list[Answered]
) -> None:
    first, begun = make(), asyncio.Event()

    @first.answers("pull")
    async def hang(_: Question) -> str:
        begun.set()
        await asyncio.Event().wait()
        return "never"

    await first.start()
    await first.ask(pull(head="a"))
    await begun.wait()
    await first.stop(2)
    assert told == []

    second = make()

    @second.answers("pull")
    async def answer(question: Question) -> str:
        return str(question.subject["head"])

    await second.start()
    await until(lambda: told)
    assert [one.outcome for one in told] == ["a"]


async def test_another_engine_on_the_database_stores_looks_and_retries(
    make: Make, until: Until, told: list[Answered]
) -> None:
    worker, command = make(), make(executor_id="command")
    mended = False

    @worker.answers("pull")
    async def answer(_: Question) -> str:
        if not mended:
            raise Retry("no")
        return "done"

    await worker.start()
    await command.start(work=False)
    assert await command.deliver("guid", [pull()]) is True
    assert await worker.deliver("guid", [pull()]) is False
    await until(lambda: told and told[-1].outcome == "parked")
    assert [parked.key for parked in await command.parked()] == [KEY]
    mended = True
    assert await command.retry(KEY) is True
    await until(lambda: told[-1].outcome == "done")


async def test_one_process_works_at_a_time_under_an_executor_id(make: Make) -> None:
    first = make()
    await first.start()
    rival = lock_for(first._store.database, "one")
    assert rival.hold() is False
    with pytest.raises(RuntimeError, match="runs an engine already"):
        await make(executor_id="two").start()
    await first.stop(3)
    assert rival.hold() is True
    with pytest.raises(Occupied, match="'one'"):
        await make(Tuning(patience=0.1)).start()
    rival.release()


async def test_what_dbos_lost_or_gave_up_is_asked_again_or_parked(
    make: Make, until: Until, told: list[Answered]
) -> None:
    engine = make()
    await engine.start()
    database = engine._store.database
    schema = "" if database.dialect.name == "sqlite" else "dbos."

    begun = asyncio.Event()

    @engine.answers("pull")
    async def answer(_: Question) -> str:
        begun.set()
        return "done"

    # A run whose workflow ended without telling us: as after a disk that was full for a moment.
    with database.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO question (key, subject, running, generation) VALUES ('pull/1/7', '{}', 5, 5)"
            )
        )
    await until(lambda: told and told[-1].outcome == "done")

    # A run that killed its process again and again.
    with database.begin() as connection:
        connection.execute(
            sa.text(
                f"UPDATE {schema}workflow_status SET status = 'MAX_RECOVERY_ATTEMPTS_EXCEEDED' "  # noqa: S608
                "WHERE workflow_uuid = 'pull/1/7@6'"
            )
        )
        connection.execute(sa.text("UPDATE question SET running = 6 WHERE key = 'pull/1/7'"))
    await until(engine._store.parked)
    assert (await engine.parked())[0].error == "The run ended as MAX_RECOVERY_ATTEMPTS_EXCEEDED"


async def test_a_question_that_is_forgotten_before_its_runs_is_answered_again(
    make: Make, until: Until, told: list[Answered]
) -> None:
    engine = make()

    @engine.answers("pull")
    async def answer(_: Question) -> str:
        return "done"

    await engine.start()
    await engine.ask(pull())
    await until(lambda: told)
    # Its generations begin anew, and DBOS remembers a run of the first one.
    with engine._store.database.begin() as connection:
        connection.execute(sa.text("DELETE FROM question"))
    await engine.ask(pull())
    await until(lambda: len(told) == 2)
    assert [one.outcome for one in told] == ["done", "done"]


async def test_old_deliveries_runs_and_questions_are_forgotten(
    make: Make, until: Until, told: list[Answered]
) -> None:
    none = timedelta(0)
    tuning = Tuning(
        settle=0.01,
        spacing=0.05,
        poll=0.05,
        housekeeping=0.2,
        deliveries_kept=none,
        runs_kept=none,
        questions_kept=none,
    )
    engine = make(tuning)

    @engine.answers("pull")
    async def answer(_: Question) -> str:
        return "done"

    await engine.start()
    await engine.deliver("guid", [pull()])
    await until(lambda: told)
    await engine.deliver("newest", [])
    database = engine._store.database
    status = "workflow_status" if database.dialect.name == "sqlite" else "dbos.workflow_status"

    def left() -> int:
        with database.connect() as connection:
            return sum(
                connection.scalar(sa.text(f"SELECT count(*) FROM {table}"))  # noqa: S608
                for table in ("delivery", "question", status)
            )

    # The newest delivery stays, to tell how long nothing was heard.
    await until(lambda: left() == 1)
    assert await engine.seen(["guid", "newest"]) == {"newest"}
    assert engine.heard_before is None
    await engine.deliver("guid", [pull()])
    await until(lambda: len(told) == 2)


async def test_a_bad_delivery_is_refused_alone(make: Make) -> None:
    engine = make()
    await engine.start(work=False)
    results = await asyncio.gather(
        engine.deliver("good", [pull()]),
        engine.deliver("bad", [pull(head=object())]),
        engine.deliver("", [pull()]),
        engine.deliver("g\x00", [pull()]),
        engine.deliver("ü", [pull()]),
        engine.deliver("x" * 201, [pull()]),
        return_exceptions=True,
    )
    assert results[0] is True
    assert [type(error) for error in results[1:]] == [TypeError, *[ValueError] * 4]
    assert await engine.counts() == Counts(queued=1, running=0, parked=0)


async def test_two_handlers_of_one_kind_are_refused(make: Make) -> None:
    engine = make()

    @engine.every("sweep", 60)
    async def sweep() -> str:
        return "swept"

    @engine.answers("pull")
    async def answer(_: Question) -> str:
        return "done"

    with pytest.raises(ValueError, match="sweep"):
        engine.answers("sweep")(answer)


async def test_ready_raises_when_the_database_is_out_of_reach(make: Make, tmp_path: Path) -> None:
    engine = make()
    await engine.start(work=False)
    await engine.ready()
    for unreachable in (f"sqlite:///{tmp_path}/missing/engine.db", "postgresql://nobody@127.0.0.1:1/none"):
        with pytest.raises(sa.exc.OperationalError):
            await make(on=unreachable).ready()


@pytest.mark.parametrize("address", ["mysql://h/d", "sqlite://", "sqlite:///:memory:", "no url"])
def test_an_unusable_url_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="engine's URL"):
        Engine(address, executor_id="one")


async def test_dbos_speaks_through_the_root_logger_alone(
    make: Make, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await make().start()
    logger = logging.getLogger("dbos")
    assert logger.propagate
    assert [record for record in caplog.records if record.name == "dbos"] == []
    out, err = capfd.readouterr()
    assert "DBOS" not in out + err
