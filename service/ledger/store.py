"""The ledger: the door to all its tables, opened once a process."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module

from sqlalchemy import text

from service.ledger import schema
from service.ledger.audit import Audit
from service.ledger.database import connect
from service.ledger.decisions import Decisions
from service.ledger.deliveries import Deliveries
from service.ledger.deployments import Deployments
from service.ledger.environments import Environments
from service.ledger.levels import Levels
from service.ledger.releases import Releases
from service.ledger.reservations import Reservations


def _now() -> datetime:
    return datetime.now(UTC)


class Ledger:
    """The system of record on SQLite, MySQL or PostgreSQL.

    `url` is `sqlite:///FILE`, `mysql://…` or `postgresql://…`; `clock` answers the present moment, aware.
    What a table takes and gives is beside it: `Reservations` in `service.ledger.reservations`, and so on.
    Everything raises `sqlalchemy.exc.SQLAlchemyError` or `OSError` while the database cannot be used.
    """

    def __init__(self, url: str, clock: Callable[[], datetime] = _now) -> None:
        self._engine = connect(url)
        self.deliveries = Deliveries(self._engine)
        self.decisions = Decisions(self._engine)
        self.levels = Levels(self._engine)
        self.reservations = Reservations(self._engine, clock)
        self.releases = Releases(self._engine, clock)
        self.environments = Environments(self._engine)
        self.deployments = Deployments(self._engine)
        self.audit = Audit(self._engine)
        self._known = False

    async def open(self, *, upgrade: bool = False) -> None:
        """Make sure that the database has the schema that this code works with.

        With `upgrade` (SQLite alone) an empty or older one is brought up to it. Raises `UnknownSchema`.
        """
        found = await schema.revision(self._engine)
        if found != schema.HEAD and not upgrade:
            raise schema.UnknownSchema(found)
        if found is None:
            await schema.create(self._engine)
        elif found < schema.HEAD:
            # Alembic takes long to import, and is needed once in many starts.
            migrate = await asyncio.to_thread(import_module, "service.ledger.migrate")
            await migrate.upgrade(self._engine)
        elif found > schema.HEAD:
            raise schema.UnknownSchema(found)
        self._known = True

    async def reach(self) -> None:
        """Ask the database for a sign of life; the first time, for its schema. Raises `UnknownSchema`."""
        if not self._known:
            await self.open()
            return
        # SQLite answers SELECT 1 without looking at its file.
        sign = "PRAGMA schema_version" if self._engine.dialect.name == "sqlite" else "SELECT 1"
        async with self._engine.connect() as connection:
            await connection.execute(text(sign))

    async def prune(self, before: datetime) -> int:
        """Delete deliveries, decisions and cleared levels from before a moment, in batches; how many rows.

        Releases, deployments, environments, reservations and the audit are few, and stay for good.
        """
        tables = (self.deliveries, self.decisions, self.levels)
        return sum([await table.prune(before) for table in tables])

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()
