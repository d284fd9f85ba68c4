"""The process that answers: it starts the runs of due questions with DBOS, and keeps house.

DBOS gives each run exactly one executor and resumes it after a crash. When a run is asked, spaced, retried
or parked is decided by our own rows (`bot.engine.store`). Runs are started directly rather than through a
queue of DBOS, which only polls: that made an answer wait, and cost a tenth of a core under load.
"""

import asyncio
import logging
import math
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID
from dbos import error as dbos_error

from bot.engine.question import Answered, Handler, Occupied, Question, Tuning, subjects
from bot.engine.retry import Again, Decision, Park, Until, decide
from bot.engine.store import Begun, Run, Store
from bot.engine.takeover import Lock, lock_for
from bot.errors import Retry, SignalboxError

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

_NAME = "signalbox"
_WORKFLOW = "answer"
# A deployment must run what an older one queued: raise this only when the workflow's arguments change.
_VERSION = "1"
_UNDER_WAY = frozenset({"ENQUEUED", "DELAYED", "PENDING"})
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
        self._keys: set[str] = set()  # whose run has been started here and is not over
        self._runs: set[asyncio.Task[Any]] = set()
        self._loops: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Take the executor's lock and begin to work; `Occupied` when the executor id is taken."""
        if Worker._at_work is not None:
            raise RuntimeError("This process runs an engine already")
        await self._hold()
        Worker._at_work = self
        self._workflow = self._launch()
        for name, handler in self._handlers.items():
            if handler.every is not None:
                await self._call(self._store.ask, subjects([Question(name)]), _in(handler.every))
        self._loops = [
            asyncio.create_task(self._repeat(work, pause))
            for work, pause in (
                (self._begin, self._until_woken),
                (partial(self._call, self._take_over), partial(asyncio.sleep, self._tuning.takeover)),
                (partial(self._call, self._keep_house), partial(asyncio.sleep, self._tuning.housekeeping)),
            )
        ]

    def wake(self) -> None:
        """Something was asked in this process: look now, not at the next poll."""
        self._wake.set()

    async def stop(self, grace: float) -> None:
        """Take nothing more, let what runs finish within `grace` seconds, leave the rest to be resumed."""
        self._stopping = True
        if Worker._at_work is not self:  # it never began
            await self._call(self._lock.release)
            return
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
        # DBOS gave the loop its own threads, which are gone now; the application may still need some.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(thread_name_prefix="asyncio"))
        Worker._at_work = None

    async def _hold(self) -> None:
        deadline = time.monotonic() + self._tuning.patience
        while not await self._call(self._lock.hold):
            if time.monotonic() > deadline:
                raise Occupied(f"Another process works on this engine as executor {self._executor_id!r}")
            await asyncio.sleep(self._tuning.poll)

    def _launch(self) -> Callable[[str, int], Coroutine[Any, Any, str]]:
        """Start DBOS in this loop, so that the runs share the application's sessions; answer its workflow."""
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

        workflow = DBOS.workflow(name=_WORKFLOW, max_recovery_attempts=_LAUNCHES)(answer)
        DBOS.launch()
        return workflow

    def _shut_down(self, patience: int) -> None:
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=patience)
        self._lock.release()

    # -- one run -------------------------------------------------------------------------------------------

    async def _start(self, run: Run) -> None:
        """Start a run, unless another replica was first."""
        self._keys.add(run.key)
        try:
            with SetWorkflowID(run.id, workflow_id_reuse_policy="reject"):
                await DBOS.start_workflow_async(self._workflow, run.key, run.generation)
        except dbos_error.DBOSWorkflowIDInUseError as error:
            self._keys.discard(run.key)
            if error.workflow_status not in _UNDER_WAY:  # it failed before it could begin
                await self._call(self._take_back, run, error.workflow_status)
        except BaseException:
            self._keys.discard(run.key)
            raise

    async def _run(self, run: Run) -> str:
        if self._stopping:
            raise asyncio.CancelledError  # it stays pending, and is resumed by whoever works next
        with self._tracked(run):
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

    @contextmanager
    def _tracked(self, run: Run) -> Iterator[None]:
        """Know what runs: no more than there are hands for, and a drain waits for it."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - DBOS runs it in one
        self._keys.add(run.key)
        self._runs.add(task)
        task.add_done_callback(self._runs.discard)
        try:
            yield
        finally:
            self._keys.discard(run.key)

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

    async def _repeat(
        self, work: Callable[[], Awaitable[None]], pause: Callable[[], Awaitable[object]]
    ) -> None:
        while not self._stopping:
            try:
                await work()
            except Exception:
                _log.exception("A part of the engine failed and is tried again")
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

    async def _begin(self) -> None:
        """Start what is due, as far as there are hands for it; whoever is done wakes us again."""
        hands = self._tuning.concurrency - len(self._keys)
        if hands > 0:
            due = await self._call(self._store.due, hands, frozenset(self._keys))
            await asyncio.gather(*map(self._start, due))

    def _take_over(self) -> None:
        if not self._lock.hold():
            _log.error("Another process works as executor %s; give each its own", self._executor_id)
            return
        pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        others = {str(run.executor_id) for run in pending} - {self._executor_id}
        if others and (dead := self._lock.recover(others)):
            _log.warning("Took over what %d dead executors of %s left", dead, ", ".join(sorted(others)))

    def _keep_house(self) -> None:
        self._reopen()
        self._prune()

    def _reopen(self) -> None:
        """Ask again what DBOS has given up or lost, so that no question waits for a run that never comes."""
        for run in self._store.unfinished():
            found = DBOS.list_workflows(workflow_ids=[run.id], load_input=False, load_output=False)
            status = found[0].status if found else "lost"
            # It may have come to its end between the two readings.
            if status not in _UNDER_WAY and run in self._store.unfinished():
                self._take_back(run, status)

    def _take_back(self, run: Run, status: str) -> None:
        killer = status == "MAX_RECOVERY_ATTEMPTS_EXCEEDED"
        then = "parked" if killer else "asked again"
        _log.error("Run %s ended as %s; its question is %s", run.id, status, then)
        self._store.reopen(run, Park() if killer else Again(0), f"The run ended as {status}")

    def _prune(self) -> None:
        now = datetime.now(UTC)
        while True:
            old = DBOS.list_workflows(
                completed_before=(now - self._tuning.runs_kept).isoformat(),
                limit=_PRUNED_AT_ONCE,
                load_input=False,
                load_output=False,
            )
            if not old:
                break
            DBOS.delete_workflows([run.workflow_id for run in old])
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
