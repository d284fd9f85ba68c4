"""Group commit: all deliveries that wait at a moment share one transaction, so a batch costs one fsync."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from bot.engine.store import Delivery

_CROWD = 4  # deliveries that met in one batch
_CROWD_LASTS = 0.5  # seconds after which a crowd is over
_LONGEST_COMMIT = 8.0  # seconds: whoever delivers gives up after ten
_PATIENCE = 5.0  # seconds for which a crowd is only stored; a longer one is answered as it comes

Commit = Callable[[Sequence[Delivery]], Awaitable[set[str]]]


class Intake:
    """The deliveries of one process on their way to the disk."""

    def __init__(self, commit: Commit) -> None:
        """`commit` stores a batch, all or none, and answers the GUIDs it had never seen."""
        self._commit = commit
        self._waiting: dict[str, tuple[Delivery, asyncio.Future[bool]]] = {}
        self._flushing: asyncio.Task[None] | None = None
        self._crowd_began = self._crowded_until = 0.0

    @property
    def crowded(self) -> bool:
        """Whether a burst is coming in, which is stored before it is answered."""
        return time.monotonic() < min(self._crowded_until, self._crowd_began + _PATIENCE)

    async def put(self, delivery: Delivery) -> bool:
        """Store a delivery durably; False when its GUID is stored already. Raises what the commit raises."""
        if delivery.guid in self._waiting:
            await asyncio.shield(self._waiting[delivery.guid][1])
            return False
        stored = asyncio.get_running_loop().create_future()
        self._waiting[delivery.guid] = (delivery, stored)
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush())
        return await asyncio.shield(stored)

    async def drain(self) -> None:
        """Wait until everything that was put is stored, or has failed."""
        if self._flushing is not None:
            await self._flushing

    async def _flush(self) -> None:
        # While one batch is on its way to the disk, the next one gathers.
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, {}
                if len(batch) >= _CROWD:
                    self._crowd()
                await self._store(batch)
        finally:
            self._flushing = None

    def _crowd(self) -> None:
        now = time.monotonic()
        if now >= self._crowded_until:
            self._crowd_began = now
        self._crowded_until = now + _CROWD_LASTS

    async def _store(self, batch: dict[str, tuple[Delivery, asyncio.Future[bool]]]) -> None:
        try:
            async with asyncio.timeout(_LONGEST_COMMIT):
                fresh = await self._commit([delivery for delivery, _ in batch.values()])
        except Exception as error:
            for _, stored in batch.values():
                stored.set_exception(error)
        else:
            for guid, (_, stored) in batch.items():
                stored.set_result(guid in fresh)
