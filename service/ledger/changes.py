"""That something has changed: a number for each repository, so that whoever shows it need not read it all."""

from collections.abc import Callable, Collection, Mapping
from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite

from service.ledger import models
from service.ledger.database import Database

_TABLE = models.Change

# What writes within a transaction, and answers whether it changed anything.
Write = Callable[[sa.Connection], bool]


class Changes:
    """The table of changes. Every family of tables counts its own, in the transaction that makes them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def counts(self, visible: Collection[int] | None = None) -> Mapping[int, int]:
        """By repository id, a number that grows with each change; one that never changed is left out."""
        select = sa.select(_TABLE.repository_id, _TABLE.changes)
        if visible is not None:
            select = select.where(_TABLE.repository_id.in_(visible))
        return {row.repository_id: row.changes for row in await self._database.rows(select)}


async def recorded(database: Database, repository_id: int, *writes: Write) -> bool:
    """Do all writes about a repository in one transaction; whether any of them changed anything.

    That is counted once, last.
    """

    def all_of(connection: sa.Connection) -> bool:
        changed = [write(connection) for write in writes]
        if any(changed):
            touch(connection, repository_id)
        return any(changed)

    return await database.transact(all_of)


def touch(connection: sa.Connection, repository_id: int) -> None:
    """Count a change, last in its transaction: whoever reads the number must find what was changed.

    First, it makes those who write of a repository wait for one another, for its row is locked.
    """
    connection.execute(_counting(connection.dialect.name), {"repository_id": repository_id, "changes": 1})


@cache
def _counting(dialect: str) -> sa.Insert:
    more = {"changes": _TABLE.changes + 1}
    if dialect == "mysql":
        return mysql.insert(_TABLE).on_duplicate_key_update(more)
    either = sqlite.insert(_TABLE) if dialect == "sqlite" else postgresql.insert(_TABLE)
    return either.on_conflict_do_update(index_elements=["repository_id"], set_=more)
