"""The process that answers: it hands due questions to DBOS, runs what DBOS claims, and keeps house.

DBOS gives each run exactly one executor, resumes it after a crash, and bounds how many run at once. When a
run is asked, spaced, retried or parked is decided by our own rows (`bot.engine.store`).
"""

import asyncio
import logging
import math
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, EnqueueOptions

from bot.engine.question import Answered, Handler, Occupied, Question, Tuning, subjects
from bot.engine.retry import Again, Decision, Park, Until, decide
from bot.engine.store import Begun, Run, Store
from bot.engine.takeover import Lock, lock_for
from bot.errors import Retry, SignalboxError

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

_NAME = "signalbox"
_QUEUE = "questions"
_WORKFLOW = "answer"
# A deployment must run what an older one queued: raise this only when the workflow's arguments change.
_VERSION = "1"
_LAUNCHES = 5  # a run that kills its process this often is parked
_PRUNED_AT_ONCE = 1000
_CROWD_PAUSE = 0.2  # seconds between two looks whether a burst of deliveries is over


class Worker:
    """DBOS, from launch to the end of the drain. One a process, because DBOS is one a process."""

    _at_work: "Worker | None" = None

    def __init__(
        self,
        store: Store,
        threads: ThreadPoolExecutor,
        handlers: Mapping[str, Handler],
        observe: Callable[[Answered], None],
        crowded: Callable[[], bool],
        executor_id: str,
        tuning: Tuning,
    ) -> None:
        """Nothing is opened before `start`."""
        self._store = store
        self._threads = threads
        self._handlers = handlers
        self._observe = observe
        self._crowded = crowded
        self._executor_id = executor_id
        self._tuning = tuning
        self._lock: Lock = lock_for(store.database, executor_id)
        self._wake = asyncio.Event()
        self._stopping = False
        self._runs: set[asyncio.Task[Any]] = set()
        self._loops: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Take the executor's lock and begin to work; `Occupied` when the executor id is taken."""
        if Worker._at_work is not None:
            raise RuntimeError("This process runs an engine already")
        await self._hold()
        Worker._at_work = self
        self._launch()
        self._client = await self._call(self._register)
        for name, handler in self._handlers.items():
            if handler.every is not None:
                await self._call(self._store.ask, subjects([Question(name)]), _in(handler.every))
        self._loops = [
            asyncio.create_task(self._repeat(work, pause))
            for work, pause in (
                (self._take, self._until_woken),
                (self._take_over, partial(asyncio.sleep, self._tuning.takeover)),
                (self._keep_house, partial(asyncio.sleep, self._tuning.housekeeping)),
            )
        ]

    def wake(self) -> None:
        """Something was asked in this process: look now, not at the next poll."""
        self._wake.set()

    async def stop(self, grace: float) -> None:
        """Take nothing more, let what runs finish within `grace` seconds, leave the rest to be resumed."""
        self._stopping = True
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        patience = max(0.0, grace - 2.0)  # DBOS looks once a second whether all is over, then closes
        shutdown = asyncio.create_task(self._call(self._shut_down, math.ceil(grace) if self._runs else 0))
        if self._runs:
            _, late = await asyncio.wait(self._runs, timeout=patience)
            for run in late:
                run.cancel()
        await shutdown
        Worker._at_work = None

    async def _hold(self) -> None:
        deadline = time.monotonic() + self._tuning.patience
        while not await self._call(self._lock.hold):
            if time.monotonic() > deadline:
                raise Occupied(f"Another process works on this engine as executor {self._executor_id!r}")
            await asyncio.sleep(self._tuning.poll)

    def _launch(self) -> None:
        """Start DBOS in this loop, so that the runs share the application's sessions."""
        # With a handler of its own DBOS neither prints to the console nor hides from the root logger.
        logger = logging.getLogger("dbos")
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
        config = DBOSConfig(
            name=_NAME,
            system_database_engine=self._store.database,
            executor_id=self._executor_id,
            application_version=_VERSION,
            serializer=DBOSPortableJSONSerializer(),
            max_executor_threads=16,
            log_level="WARNING",
            use_listen_notify=False,
            notification_listener_polling_interval_sec=0.5,
        )
        DBOS(config=config)

        async def answer(key: str, generation: int) -> str:
            return await self._run(Run(key, generation))

        DBOS.workflow(name=_WORKFLOW, max_recovery_attempts=_LAUNCHES)(answer)
        DBOS.launch()

    def _register(self) -> DBOSClient:
        DBOS.register_queue(
            _QUEUE,
            partition_concurrency=1,
            worker_concurrency=self._tuning.concurrency,
            polling_interval_sec=self._tuning.poll,
        )
        return DBOSClient(
            system_database_engine=self._store.database,
            serializer=DBOSPortableJSONSerializer(),
            application_name=_NAME,
        )

    def _shut_down(self, patience: int) -> None:
        self._client.destroy()
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=patience)
        self._lock.release()

    # -- one run -------------------------------------------------------------------------------------------

    async def _run(self, run: Run) -> str:
        if self._stopping:
            raise asyncio.CancelledError  # it stays pending, and is resumed by whoever works next
        self._track()
        handler = self._handlers.get(run.key.split("/", 1)[0])
        next_due = _in(handler.every) if handler and handler.every else None
        begun = await self._call(self._store.begin, run, next_due)
        if begun is None:
            return "answered before"
        started = time.monotonic()
        outcome, decision, error = await self._answer(begun, handler)
        seconds = time.monotonic() - started
        await self._call(self._store.finish, run, decision, error)
        self._observe(Answered(begun.question, outcome, seconds, begun.attempt))
        self._wake.set()
        return outcome

    def _track(self) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._runs.add(task)
            task.add_done_callback(self._runs.discard)

    async def _answer(self, begun: Begun, handler: Handler | None) -> tuple[str, Decision | None, str | None]:
        """Ask the handler: its word, what follows, and what went wrong."""
        try:
            if handler is None:
                raise Retry(f"Nothing here answers {begun.question.key}")
            return await handler.answer(begun.question), None, None
        except Exception as error:
            # Jitter, not a secret.
            decision = decide(begun.attempt, error, random.random(), self._tuning.policy)  # noqa: S311
            outcome = _report(begun, error, decision)
            return outcome, decision, f"{type(error).__name__}: {error}"

    # -- the loops -----------------------------------------------------------------------------------------

    async def _repeat(self, work: Callable[..., _T], pause: Callable[[], Awaitable[object]]) -> None:
        while not self._stopping:
            try:
                await self._call(work)
            except Exception:
                _log.exception("The engine's %s failed and is tried again", work.__name__)
            await pause()

    async def _until_woken(self) -> None:
        """Wait until something asked in this process is due, or for one poll; let a crowd pass."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._tuning.poll):
                await self._wake.wait()
            await asyncio.sleep(self._tuning.settle)
        # GitHub waits ten seconds for an acknowledgement, and for ever for an answer.
        while self._crowded() and not self._stopping:  # noqa: ASYNC110 - it ends with time alone
            await asyncio.sleep(_CROWD_PAUSE)
        self._wake.clear()

    def _take(self) -> None:
        while self._store.take(self._tuning.concurrency, self._enqueue):
            pass

    def _enqueue(self, connection: sa.Connection, run: Run) -> None:
        options: EnqueueOptions = {
            "workflow_name": _WORKFLOW,
            "queue_name": _QUEUE,
            "workflow_id": run.id,
            "queue_partition_key": run.key,
        }
        self._client.enqueue_in_transaction(connection, options, run.key, run.generation)

    def _take_over(self) -> None:
        if not self._lock.hold():
            _log.error("Another process works as executor %s; give each its own", self._executor_id)
            return
        pending = self._client.list_workflows(
            status="PENDING", queue_name=_QUEUE, load_input=False, load_output=False
        )
        others = {str(run.executor_id) for run in pending} - {self._executor_id}
        if others and (dead := self._lock.recover(others)):
            _log.warning("Took over what %d dead executors of %s left", dead, ", ".join(sorted(others)))

    def _keep_house(self) -> None:
        self._reopen()
        self._prune()

    def _reopen(self) -> None:
        """Ask again what DBOS has given up or lost, so that no question waits for a run that never comes."""
        for run in self._store.unfinished():
            found = self._client.list_workflows(workflow_ids=[run.id], load_input=False, load_output=False)
            status = found[0].status if found else "lost"
            if status in {"ENQUEUED", "DELAYED", "PENDING"}:
                continue
            killer = status == "MAX_RECOVERY_ATTEMPTS_EXCEEDED"
            then = "parked" if killer else "asked again"
            _log.error("Run %s ended as %s; its question is %s", run.id, status, then)
            self._store.reopen(run, Park() if killer else Again(0), f"The run ended as {status}")

    def _prune(self) -> None:
        now = datetime.now(UTC)
        while True:
            old = self._client.list_workflows(
                completed_before=(now - self._tuning.runs_kept).isoformat(),
                limit=_PRUNED_AT_ONCE,
                load_input=False,
                load_output=False,
            )
            if not old:
                break
            self._client.delete_workflows([run.workflow_id for run in old])
        self._store.prune(now - self._tuning.deliveries_kept, now - self._tuning.questions_kept)

    async def _call(self, work: Callable[..., _T], *arguments: Any) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)


def _in(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def _report(begun: Begun, error: Exception, decision: Decision) -> str:
    """Log a failed attempt, a bug with its traceback; answer its outcome in a word."""
    match decision:
        case Again(delay):
            level, outcome, then = logging.WARNING, "again", f"asked again in {delay:.1f} s"
        case Until(moment):
            level, outcome, then = logging.INFO, "until", f"held until {moment.isoformat()}"
        case Park():
            level, outcome, then = logging.ERROR, "parked", "parked"
        case _:
            level, outcome, then = logging.WARNING, "given up", "given up"
    bug = None if isinstance(error, SignalboxError) else error
    key, attempt = begun.question.key, begun.attempt
    _log.log(level, "%s failed at attempt %d and is %s: %s", key, attempt, then, error, exc_info=bug)
    return outcome
