"""The ledger's database: opened once a process; no more is loaded than it takes to know its schema."""

import asyncio
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Final, TypeVar, TypeVarTuple

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, NoResultFound

from service.ledger.pools import pool
from service.ledger.schema import HEAD, UnknownSchema, revision

T = TypeVar("T")
Columns = TypeVarTuple("Columns")

# What MySQL (a number) and PostgreSQL (an SQLSTATE) call a deadlock, which ends one transaction of several.
_DEADLOCKS: Final = frozenset({1213, "40P01"})
_ATTEMPTS: Final = 10


class Database:
    """Connections to SQLite, MySQL or PostgreSQL; `url` is `sqlite:///FILE`, `mysql://…` or `postgresql://…`.

    What is done on a connection is a plain function: see `service.ledger.pools` for who runs it. A connection
    that the server closed meanwhile is noticed before it is used, and replaced. Everything raises
    `sqlalchemy.exc.SQLAlchemyError` or `OSError` while the database cannot be used.
    """

    def __init__(self, url: str) -> None:
        self._pool = pool(sa.make_url(url))
        self._known = False
        self._opening = asyncio.Lock()

    @property
    def engine(self) -> sa.Engine:
        """What tells of everything that is done, and in which dialect."""
        return self._pool.engine

    async def run(self, act: Callable[[sa.Connection], T]) -> T:
        """Do `act` on a connection; what it does not commit by itself is undone."""
        return await self._pool.run(act, commit=False)

    async def rows(self, statement: sa.Select[*Columns], **values: Any) -> Sequence[sa.Row[*Columns]]:
        """What one statement finds, with the values of its parameters."""
        return await self.run(lambda connection: connection.execute(statement, values).all())

    async def transact(self, act: Callable[[sa.Connection], T]) -> T:
        """Do `act` in one transaction; again from its start when it lost a race against another writer.

        A race is lost by inserting a key that somebody else inserted after it was looked for, by not finding
        what somebody else deleted, or by a deadlock.
        """
        for _ in range(_ATTEMPTS - 1):
            try:
                return await self._pool.run(act, commit=True)
            except (DBAPIError, NoResultFound) as error:
                if not _lost_a_race(error):
                    raise
        return await self._pool.run(act, commit=True)

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
        await self._pool.close()

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
