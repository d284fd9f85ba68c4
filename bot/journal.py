"""Which webhooks arrived, kept for the ledger without anybody waiting for it.

A webhook is acknowledged once the queue has it; the ledger's record of it is for people to look at. So it is
written later, many at a time, and is lost where the ledger is away for too long.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from bot.webhooks.events import Envelope
from service.ledger.deliveries import Deliveries, Delivery
from service.ledger.repository import Repository

logger = logging.getLogger(__name__)

MOST_HELD: Final = 10_000
_MOST_WRITTEN: Final = 500
_PAUSE_SECONDS: Final = 1.0
_LAST_SECONDS: Final = 3.0
_LONGEST_NAME: Final = 255  # of the ledger


class Journal:
    """The deliveries that are still to be recorded; `lost` is told how many never will be."""

    def __init__(self, lost: Callable[[int], None], pause: float = _PAUSE_SECONDS) -> None:
        self._lost, self._pause = lost, pause
        self._held: deque[Delivery] = deque()
        self._new = asyncio.Event()
        self._away = False

    def note(self, guid: str, event: str, envelope: Envelope, outcome: str) -> None:
        """Hold a delivery; where there are too many already it is lost."""
        if len(self._held) >= MOST_HELD:
            self._lost(1)
            return
        repository, sender = envelope.repository, envelope.sender
        self._held.append(
            Delivery(
                guid=guid,
                at=datetime.now(UTC),
                event=event,
                action=envelope.action[:_LONGEST_NAME] or None,
                repository=Repository(repository.id, repository.full_name[:_LONGEST_NAME])
                if repository
                else None,
                sender=sender.login if sender else None,
                outcome=outcome,
            )
        )
        self._new.set()

    @asynccontextmanager
    async def kept(self, deliveries: Deliveries) -> AsyncIterator[None]:
        """Record what is held, in the background, until the block ends; and then the rest."""
        keeping = asyncio.create_task(self._keep(deliveries))
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.wait({keeping})
            await self._drain(deliveries)

    async def _keep(self, deliveries: Deliveries) -> None:
        while True:
            await self._new.wait()
            self._new.clear()
            await asyncio.sleep(self._pause)
            # A burst is acknowledged first.
            if not self._new.is_set() or len(self._held) > MOST_HELD // 2:
                await self._write(deliveries)

    async def _drain(self, deliveries: Deliveries) -> None:
        try:
            async with asyncio.timeout(_LAST_SECONDS):
                await self._write(deliveries)
        except TimeoutError:
            logger.debug("the ledger took longer than there was time for")
        if self._held:
            logger.warning("the ledger is away: it will never know of %d deliveries", len(self._held))
            self._lost(len(self._held))

    async def _write(self, deliveries: Deliveries) -> None:
        """Record all that is held, or as much as the ledger takes; the rest stays for the next time."""
        while batch := list(islice(self._held, _MOST_WRITTEN)):
            try:
                await deliveries.record(batch)
            except (SQLAlchemyError, OSError) as error:
                if not self._away:
                    reason = str(error).splitlines()[0]
                    logger.warning("the ledger cannot record deliveries for now: %s", reason)
                self._away = True
                self._new.set()
                return
            self._away = False
            for _ in batch:
                self._held.popleft()
