"""Group commit: all deliveries that wait at a moment share one transaction, so a batch costs one fsync."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from bot.engine.store import Delivery

_CROWD = 4  # deliveries that met in one batch
_CROWD_LASTS = 0.5  # seconds after which a crowd is over
_LONGEST_COMMIT = 8.0  # seconds: whoever delivers gives up after ten
_PATIENCE = 5.0  # seconds for which a crowd is only stored; a longer one is answered as it comes

Commit = Callable[[Sequence[Delivery]], Awaitable[set[str]]]


@dataclass(slots=True)
class _Batch:
    """The deliveries that share a transaction, and what became of it once it is `over`."""

    deliveries: dict[str, Delivery] = field(default_factory=dict)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    fresh: set[str] | None = None  # None: not stored
    error: Exception | None = None


class Intake:
    """The deliveries of one process on their way to the disk."""

    def __init__(self, commit: Commit) -> None:
        """`commit` stores a batch, all or none, and answers the GUIDs it had never seen."""
        self._commit = commit
        self._gathering = _Batch()
        self._flushing: asyncio.Task[None] | None = None
        self._crowd_began = self._crowded_until = 0.0

    @property
    def crowded(self) -> bool:
        """Whether a burst is coming in, which is stored before it is answered."""
        return time.monotonic() < min(self._crowded_until, self._crowd_began + _PATIENCE)

    async def put(self, delivery: Delivery) -> bool:
        """Store a delivery durably; False when its GUID is stored already. Raises what the commit raises."""
        batch = self._gathering
        first = batch.deliveries.setdefault(delivery.guid, delivery) is delivery
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush())
        await batch.over.wait()
        if batch.fresh is None:
            raise batch.error or asyncio.CancelledError
        return first and delivery.guid in batch.fresh

    async def drain(self) -> None:
        """Wait until everything that was put is stored, or has failed."""
        if self._flushing is not None:
            await self._flushing

    async def _flush(self) -> None:
        # While one batch is on its way to the disk, the next one gathers.
        try:
            while self._gathering.deliveries:
                batch, self._gathering = self._gathering, _Batch()
                if len(batch.deliveries) >= _CROWD:
                    self._crowd()
                await self._store(batch)
        finally:
            self._flushing = None

    def _crowd(self) -> None:
        now = time.monotonic()
        if now >= self._crowded_until:
            self._crowd_began = now
        self._crowded_until = now + _CROWD_LASTS

    async def _store(self, batch: _Batch) -> None:
        try:
            async with asyncio.timeout(_LONGEST_COMMIT):
                batch.fresh = await self._commit(list(batch.deliveries.values()))
        except Exception as error:
            batch.error = error
        finally:
            batch.over.set()
