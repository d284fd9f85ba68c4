"""How the ledger writes while others write too, on each of its databases."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError, NoResultFound
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from service.ledger.models import Base

T = TypeVar("T")

# What MySQL (a number) and PostgreSQL (an SQLSTATE) call a deadlock, which ends one transaction of several.
_DEADLOCKS: Final = frozenset({1213, "40P01"})
_ATTEMPTS: Final = 10


async def transact(engine: AsyncEngine, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    """Do `work` in one transaction; again from its start when it lost a race against another writer.

    A race is lost by inserting a key that somebody else inserted after it was looked for, by not finding what
    somebody else deleted, or by a deadlock.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            async with engine.begin() as connection:
                return await work(connection)
        except (DBAPIError, NoResultFound) as error:
            if not _lost_a_race(error):
                raise
    async with engine.begin() as connection:
        return await work(connection)


def _lost_a_race(error: DBAPIError | NoResultFound) -> bool:
    if isinstance(error, NoResultFound | IntegrityError):
        return True
    driver = error.orig
    return driver is not None and {getattr(driver, "sqlstate", None), *driver.args[:1]} & _DEADLOCKS != set()


def insert(engine: AsyncEngine | AsyncConnection, model: type[Base], update: Sequence[str] = ()) -> sa.Insert:
    """An INSERT that leaves a row with the same key as it stands, or sets only its columns in `update`."""
    table = sa.inspect(model).local_table
    key = list(table.primary_key)
    if engine.dialect.name == "mysql":
        into = mysql.insert(model)
        # Setting a column to itself: INSERT IGNORE would let wrong values pass, too.
        return into.on_duplicate_key_update(
            {name: into.inserted[name] for name in update} or {key[0].name: key[0]}
        )
    either = sqlite.insert(model) if engine.dialect.name == "sqlite" else postgresql.insert(model)
    if not update:
        return either.on_conflict_do_nothing()
    return either.on_conflict_do_update(
        index_elements=key, set_={name: either.excluded[name] for name in update}
    )


async def delete(
    engine: AsyncEngine, model: type[Base], old: sa.ColumnElement[bool], batch: int = 1000
) -> int:
    """Delete the rows that are `old`, `batch` in a transaction, so that no writer waits; how many."""
    key = sa.inspect(model).primary_key
    among = key[0].in_ if len(key) == 1 else sa.tuple_(*key).in_
    deleted = 0
    while True:
        async with engine.begin() as connection:
            found = (await connection.execute(sa.select(*key).where(old).limit(batch))).all()
            some = [row[0] if len(key) == 1 else tuple(row) for row in found]
            await connection.execute(sa.delete(model).where(among(some)))
        deleted += len(some)
        if len(some) < batch:
            return deleted
