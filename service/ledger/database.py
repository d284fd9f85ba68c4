"""The ledger's database: opened once a process; no more is loaded than it takes to know its schema."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any, Final, TypeVar, TypeVarTuple

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, IntegrityError, NoResultFound
from sqlalchemy.pool import ConnectionPoolEntry

from service.ledger.schema import HEAD, UnknownSchema, revision

T = TypeVar("T")
Columns = TypeVarTuple("Columns")

_DRIVERS: Final = {"sqlite": "sqlite", "mysql": "mysql+pymysql", "postgresql": "postgresql+psycopg"}
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
_CONNECTIONS: Final = 8
# MySQL closes a connection that was idle for eight hours by default; one is renewed well before that.
_RECYCLE_SECONDS: Final = 3600
# What MySQL (a number) and PostgreSQL (an SQLSTATE) call a deadlock, which ends one transaction of several.
_DEADLOCKS: Final = frozenset({1213, "40P01"})
_ATTEMPTS: Final = 10


class Database:
    """Connections to SQLite, MySQL or PostgreSQL; `url` is `sqlite:///FILE`, `mysql://…` or `postgresql://…`.

    What is done on a connection is a plain function, done in one go by one of a few threads: going back and
    forth between statements would cost more than they do. Whoever is cancelled waits no longer, and what has
    begun comes to its end all the same.

    A connection that the server closed meanwhile is noticed before it is used, and replaced. Everything
    raises `sqlalchemy.exc.SQLAlchemyError` or `OSError` while the database cannot be used.
    """

    def __init__(self, url: str) -> None:
        self.engine: sa.Engine = _pool(sa.make_url(url))
        self._threads = ThreadPoolExecutor(_CONNECTIONS, thread_name_prefix="ledger")
        self._known = False
        self._opening = asyncio.Lock()

    async def run(self, act: Callable[[sa.Connection], T]) -> T:
        """Do `act` on a connection; what it does not commit by itself is undone."""

        def on_connection() -> T:
            with self.engine.connect() as connection:
                return act(connection)

        return await self._in_thread(on_connection)

    async def rows(self, statement: sa.Select[*Columns], **values: Any) -> Sequence[sa.Row[*Columns]]:
        """What one statement finds, with the values of its parameters."""
        return await self.run(lambda connection: connection.execute(statement, values).all())

    async def transact(self, act: Callable[[sa.Connection], T]) -> T:
        """Do `act` in one transaction; again from its start when it lost a race against another writer.

        A race is lost by inserting a key that somebody else inserted after it was looked for, by not finding
        what somebody else deleted, or by a deadlock.
        """

        def in_transaction() -> T:
            with self.engine.begin() as connection:
                return act(connection)

        def at_last() -> T:
            for _ in range(_ATTEMPTS - 1):
                try:
                    return in_transaction()
                except (DBAPIError, NoResultFound) as error:
                    if not _lost_a_race(error):
                        raise
            return in_transaction()

        return await self._in_thread(at_last)

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
        await self.run(lambda connection: connection.execute(sa.text(sign)))

    async def revision(self) -> str | None:
        """The revision of the schema; None where there is none."""
        return await self.run(revision)

    async def close(self) -> None:
        """Let what runs come to its end, and close every connection; nothing can be done with it any more."""
        # A thread of its own, for whoever closes may have no other any more.
        with ThreadPoolExecutor(1) as last:
            await asyncio.get_running_loop().run_in_executor(last, self._close)

    def _close(self) -> None:
        self._threads.shutdown()
        self.engine.dispose()

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def _open(self, *, upgrade: bool) -> None:
        found = await self.revision()
        if found != HEAD and (not upgrade or UnknownSchema(found).newer):
            raise UnknownSchema(found)
        if found is None:
            # What makes tables takes long to import, and is needed once in many starts.
            tables = await asyncio.to_thread(import_module, "service.ledger.creation")
            await self.transact(tables.create)
        elif found != HEAD:
            migrate = await asyncio.to_thread(import_module, "service.ledger.migrate")
            await migrate.upgrade(self)


def _lost_a_race(error: DBAPIError | NoResultFound) -> bool:
    if isinstance(error, NoResultFound | IntegrityError):
        return True
    driver = error.orig
    return driver is not None and {getattr(driver, "sqlstate", None), *driver.args[:1]} & _DEADLOCKS != set()


def _pool(address: sa.URL) -> sa.Engine:
    backend = address.get_backend_name()
    engine = sa.create_engine(
        address.set(drivername=_DRIVERS[backend]),
        pool_size=_CONNECTIONS,
        pool_use_lifo=True,  # the last one used has the newest pages in its cache
        pool_pre_ping=backend != "sqlite",  # which has no server that could close one
        pool_recycle=_RECYCLE_SECONDS,
        **_OPTIONS[backend],
    )
    if backend == "sqlite":
        event.listen(engine, "connect", _tune_sqlite)
    return engine


def _tune_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # Writers take their turn at BEGIN, not in mid-transaction, where SQLite could only refuse them.
    connection.isolation_level = "IMMEDIATE"
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
