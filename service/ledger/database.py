"""The ledger's database: opened once a process; no more is loaded than it takes to know its schema."""

import asyncio
from importlib import import_module
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from service.ledger.schema import HEAD, UnknownSchema, revision

_DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "mysql": "mysql+asyncmy", "postgresql": "postgresql+psycopg"}
# Whoever reads after losing a race must see what the winner wrote, so no snapshot is kept.
_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "sqlite": {"connect_args": {"timeout": 30}},
    "mysql": {
        "connect_args": {"connect_timeout": 5, "charset": "utf8mb4"},
        "isolation_level": "READ COMMITTED",
    },
    "postgresql": {
        "connect_args": {"connect_timeout": 5, "application_name": "signalbox"},
        "isolation_level": "READ COMMITTED",
    },
}
# MySQL closes a connection that was idle for eight hours by default; one is renewed well before that.
_RECYCLE_SECONDS: Final = 3600


class Database:
    """Connections to SQLite, MySQL or PostgreSQL; `url` is `sqlite:///FILE`, `mysql://…` or `postgresql://…`.

    A connection that the server closed meanwhile is noticed before it is used, and replaced. Everything
    raises `sqlalchemy.exc.SQLAlchemyError` or `OSError` while the database cannot be used.
    """

    def __init__(self, url: str) -> None:
        self.engine: AsyncEngine = _pool(sa.make_url(url))
        self._known = False
        self._opening = asyncio.Lock()

    async def open(self, *, upgrade: bool = False) -> None:
        """Make sure that the database has the schema that this code works with. Raises `UnknownSchema`.

        With `upgrade`, which is for SQLite alone, an empty or older one is brought up to it. Whoever comes
        meanwhile waits; once it was found right, it is not asked again.
        """
        async with self._opening:
            if not self._known:
                await self._open(upgrade=upgrade)
                self._known = True

    async def reach(self) -> None:
        """Ask for a sign of life; the first time, for the schema. Raises `UnknownSchema`."""
        await self.open()
        # SQLite answers SELECT 1 without looking at its file.
        sign = "PRAGMA schema_version" if self.engine.dialect.name == "sqlite" else "SELECT 1"
        async with self.engine.connect() as connection:
            await connection.execute(sa.text(sign))

    async def revision(self) -> str | None:
        """The revision of the schema; None where there is none."""
        async with self.engine.connect() as connection:
            return await connection.run_sync(revision)

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()

    async def _open(self, *, upgrade: bool) -> None:
        found = await self.revision()
        if found != HEAD and (not upgrade or UnknownSchema(found).newer):
            raise UnknownSchema(found)
        if found is None:
            # What makes tables takes long to import, and is needed once in many starts.
            tables = await asyncio.to_thread(import_module, "service.ledger.creation")
            await tables.create(self.engine)
        elif found != HEAD:
            migrate = await asyncio.to_thread(import_module, "service.ledger.migrate")
            await migrate.upgrade(self.engine)


def _pool(address: sa.URL) -> AsyncEngine:
    backend = address.get_backend_name()
    engine = create_async_engine(
        address.set(drivername=_DRIVERS[backend]),
        pool_pre_ping=backend != "sqlite",  # which has no server that could close one
        pool_recycle=_RECYCLE_SECONDS,
        **_OPTIONS[backend],
    )
    if backend == "sqlite":
        event.listen(engine.sync_engine, "connect", _tune_sqlite)
    return engine


def _tune_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # Writers take their turn at BEGIN, not in mid-transaction, where SQLite could only refuse them.
    connection.isolation_level = "IMMEDIATE"
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
