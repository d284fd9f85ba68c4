"""Which webhooks arrived, and what they led to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from service.ledger import models
from service.ledger.database import Database
from service.ledger.repository import Repository
from service.ledger.writing import delete, insert


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook without its payload; `outcome` is what it led to, in the words of the intake."""

    guid: str
    at: datetime
    event: str
    action: str | None
    repository: Repository | None
    sender: str | None
    outcome: str


class Deliveries:
    """The table of deliveries."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, deliveries: Iterable[Delivery]) -> None:
        """Record a batch in one transaction; a GUID that is known already keeps its first record."""
        # In sorted order, so that two processes that record the same GUIDs cannot deadlock.
        rows = [_row(delivery) for delivery in sorted(deliveries, key=lambda each: each.guid)]
        if rows:
            await self._database.transact(
                lambda connection: connection.execute(insert(connection, models.Delivery), rows)
            )

    async def newest(self, most: int) -> tuple[Delivery, ...]:
        """The last `most` deliveries, newest first."""
        select = sa.select(models.Delivery).order_by(models.Delivery.at.desc()).limit(most)
        return tuple(_read(row) for row in await self._database.rows(select))

    async def prune(self, before: datetime) -> int:
        """Delete what arrived before a moment; how many."""
        return await delete(self._database, models.Delivery, models.Delivery.at < before)


def _row(delivery: Delivery) -> dict[str, object]:
    repository = delivery.repository
    return {
        "guid": delivery.guid,
        "at": delivery.at,
        "event": delivery.event,
        "action": delivery.action,
        "repository_id": repository.id if repository else None,
        "repository": repository.name if repository else None,
        "sender": delivery.sender,
        "outcome": delivery.outcome,
    }


def _read(row: sa.Row[models.Delivery]) -> Delivery:
    known = row.repository_id is not None
    return Delivery(
        guid=row.guid,
        at=row.at,
        event=row.event,
        action=row.action,
        repository=Repository(row.repository_id, row.repository) if known else None,
        sender=row.sender,
        outcome=row.outcome,
    )
