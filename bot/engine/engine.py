"""The engine as the rest of Signalbox knows it: deliver, ask, answer, every; and what is parked."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from bot.engine.database import connect
from bot.engine.intake import Intake
from bot.engine.question import Answered, Counts, Handler, Parked, Question, Tuning, subjects
from bot.engine.store import Delivery, Store

if TYPE_CHECKING:
    from bot.engine.worker import Worker

_T = TypeVar("_T")
Answer = Callable[[Question], Awaitable[str]]
Clockwork = Callable[[], Awaitable[str]]

_LONGEST_GUID = 200


class Engine:
    """A durable queue of questions over one SQLite file or one PostgreSQL database.

    Any number of processes may store and look (`start(work=False)`: intake alone, and the commands); on
    PostgreSQL any number may work, each under an executor id of its own that it keeps over restarts (a
    StatefulSet's pod name), on SQLite one.
    """

    def __init__(
        self,
        url: str,
        *,
        executor_id: str,
        tuning: Tuning | None = None,
        observe: Callable[[Answered], None] | None = None,
    ) -> None:
        """Nothing happens yet. `observe` is told of every run; `ValueError` for an unusable URL."""
        self._tuning = tuning or Tuning()
        self._executor_id = executor_id
        self._observe = observe or (lambda _: None)
        self._store = Store(connect(url), settle=self._tuning.settle, spacing=self._tuning.spacing)
        self._handlers: dict[str, Handler] = {}
        # Own threads: DBOS may replace the loop's default executor, and takes it along when it goes.
        self._threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="engine")
        self._intake = Intake(lambda batch: self._call(self._store.deliver, batch))
        self._worker: Worker | None = None
        self._heard_before: datetime | None = None

    # -- who answers ---------------------------------------------------------------------------------------

    def answers(self, kind: str) -> Callable[[Answer], Answer]:
        """Register the one handler of a kind; it answers with a word for logs and metrics.

        A run may be repeated, so a handler must converge. What it raises decides what follows: see
        `bot.engine.retry`.
        """

        def register(answer: Answer) -> Answer:
            self._register(kind, Handler(answer))
            return answer

        return register

    def every(self, name: str, seconds: float) -> Callable[[Clockwork], Clockwork]:
        """Register a periodic question: asked `seconds` after its last start, by one replica at a time."""

        def register(work: Clockwork) -> Clockwork:
            async def answer(_: Question) -> str:
                return await work()

            self._register(name, Handler(answer, every=seconds))
            return work

        return register

    def _register(self, kind: str, handler: Handler) -> None:
        if kind in self._handlers:
            raise ValueError(f"Two handlers for {kind!r}")
        self._handlers[kind] = handler

    # -- life ----------------------------------------------------------------------------------------------

    async def start(self, *, work: bool = True) -> None:
        """Open the database; with `work`, answer questions. A process that only stores never loads DBOS."""
        await self._call(self._store.create)
        self._heard_before = await self._call(self._store.newest_delivery)
        if work:
            await self.work()

    async def work(self) -> None:
        """Answer questions too, from here on. Raises `Occupied` when the executor id is taken."""
        module = await self._call(import_module, "bot.engine.worker")  # half a second, not in the loop
        self._worker = module.Worker(
            self._store,
            self._threads,
            self._handlers,
            self._observe,
            lambda: self._intake.crowded,
            self._executor_id,
            self._tuning,
        )
        await self._worker.start()

    async def stop(self, grace_seconds: float = 20.0) -> None:
        """Store what was accepted, finish or leave durable what runs, and let go of the database."""
        await self._intake.drain()
        if self._worker is not None:
            await self._worker.stop(grace_seconds)
            self._worker = None
        # A thread of its own, for DBOS takes the loop's along when it goes. What still runs has a connection,
        # which nobody would close after the others.
        with ThreadPoolExecutor(1) as last:
            await asyncio.get_running_loop().run_in_executor(last, self._close)

    def _close(self) -> None:
        self._threads.shutdown()
        self._store.database.dispose()

    async def ready(self) -> None:
        """Raise what the driver raises when the database cannot be reached."""
        await self._call(self._store.check)

    # -- asking --------------------------------------------------------------------------------------------

    async def deliver(self, guid: str, questions: Sequence[Question]) -> bool:
        """Store a webhook's questions durably, once a GUID; False when the GUID is stored already.

        Returns after the commit. Raises `ValueError` for an unusable GUID, `TypeError` for a subject that is
        not JSON, and what the driver raises: then nothing is stored, and GitHub may deliver again.
        """
        if not guid.isascii() or not guid.isprintable() or not 0 < len(guid) <= _LONGEST_GUID:
            raise ValueError("The delivery's GUID is not printable ASCII of a sane length")
        fresh = await self._intake.put(Delivery(guid, subjects(questions)))
        self._wake()
        return fresh

    async def ask(self, *questions: Question, not_before: datetime | None = None) -> None:
        """Ask from a job, now or at `not_before` (aware).

        A question has one time, the earliest asked for: a handler that finds it too early asks again. Asked
        with `not_before`, it leaves the subject of a question that is asked already.
        """
        await self._call(self._store.ask, subjects(questions), not_before)
        self._wake()

    async def seen(self, guids: Iterable[str]) -> frozenset[str]:
        """Those of `guids` that are stored."""
        return await self._call(self._store.seen, guids)

    @property
    def heard_before(self) -> datetime | None:
        """When the last delivery was stored before `start` (UTC); None when none is remembered."""
        return self._heard_before

    # -- operations ----------------------------------------------------------------------------------------

    async def parked(self) -> list[Parked]:
        """What waits for a person, the longest waiting first."""
        return await self._call(self._store.parked)

    async def retry(self, key: str) -> bool:
        """Ask a parked question again; False when no such question is parked."""
        found = await self._call(self._store.retry, key)
        self._wake()
        return found

    async def counts(self) -> Counts:
        """How many questions wait, run and are parked, over all replicas."""
        return await self._call(self._store.counts)

    def _wake(self) -> None:
        if self._worker is not None:
            self._worker.wake()

    async def _call(self, work: Callable[..., _T], *arguments: Any) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
