"""That something has changed: a number for each repository, so that whoever shows it need not read it all."""

from collections.abc import Awaitable, Callable, Collection, Mapping

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from service.ledger import models
from service.ledger.writing import transact

_TABLE = models.Change

# What writes within a transaction, and answers whether it changed anything.
Write = Callable[[AsyncConnection], Awaitable[bool]]


class Changes:
    """The table of changes. Every family of tables counts its own, in the transaction that makes them."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def counts(self, visible: Collection[int] | None = None) -> Mapping[int, int]:
        """By repository id, a number that grows with each change; one that never changed is left out."""
        select = sa.select(_TABLE.repository_id, _TABLE.changes)
        if visible is not None:
            select = select.where(_TABLE.repository_id.in_(visible))
        async with self._engine.connect() as connection:
            return {row.repository_id: row.changes for row in await connection.execute(select)}


async def recorded(engine: AsyncEngine, repository_id: int, *writes: Write) -> bool:
    """Do all writes about a repository in one transaction; whether any of them changed anything.

    That is counted once, last.
    """

    async def all_of(connection: AsyncConnection) -> bool:
        changed = [await write(connection) for write in writes]
        if any(changed):
            await touch(connection, repository_id)
        return any(changed)

    return await transact(engine, all_of)


async def touch(connection: AsyncConnection, repository_id: int) -> None:
    """Count a change, last in its transaction: whoever reads the number must find what was changed."""
    row = {"repository_id": repository_id, "changes": 1}
    if connection.dialect.name == "mysql":
        into = mysql.insert(_TABLE)
        await connection.execute(into.on_duplicate_key_update(changes=_TABLE.changes + 1), row)
        return
    either = sqlite.insert(_TABLE) if connection.dialect.name == "sqlite" else postgresql.insert(_TABLE)
    counted = either.on_conflict_do_update(
        index_elements=["repository_id"], set_={"changes": _TABLE.changes + 1}
    )
    await connection.execute(counted, row)
