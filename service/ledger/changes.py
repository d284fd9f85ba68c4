"""That something has changed: a number for each repository, so that whoever shows it need not read it all."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite

from service.ledger import models
from service.ledger.database import Database

_TABLE = models.Change

# What writes within a transaction, and answers whether it changed anything.
Write = Callable[[sa.Connection], bool]

# A row, by the names of its columns.
Row = Mapping[Any, Any]


@dataclass(frozen=True, slots=True)
class Update:
    """A `Write` that depends on what stands: `act` gets that row, None where there is none.

    `standing`, a constant of its module, finds it by the keys `about`: one row at most. A key has one value
    in all that is recorded at once.
    """

    act: Callable[[sa.Connection, Row | None], bool]
    standing: sa.Select[*tuple[Any, ...]]
    about: Mapping[str, int]

    def __call__(self, connection: sa.Connection) -> bool:
        """Find what stands, and write."""
        (row,) = _standing(connection, [self])
        return self.act(connection, row)


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
    updates = [write for write in writes if isinstance(write, Update)]

    def all_of(connection: sa.Connection) -> bool:
        rows = iter(_standing(connection, updates))
        changed = [
            write.act(connection, next(rows)) if isinstance(write, Update) else write(connection)
            for write in writes
        ]
        if any(changed):
            touch(connection, repository_id)
        return any(changed)

    return await database.transact(all_of)


def _standing(connection: sa.Connection, updates: Sequence[Update]) -> list[Row | None]:
    """The row that stands for each, all found by one statement: two would take twice as long."""
    if not updates:
        return []
    about = {name: value for update in updates for name, value in update.about.items()}
    together = _together(tuple(update.standing for update in updates))
    values = iter(connection.execute(together, about).one())
    return [_row(update.standing, values) for update in updates]


def _row(select: sa.Select[*tuple[Any, ...]], values: Iterator[Any]) -> Row | None:
    """The next of the values, as many as a select has columns; the one after them says if it found a row."""
    row = {column.name: next(values) for column in select.selected_columns}
    return row if next(values) else None


@cache
def _together(selects: tuple[sa.Select[*tuple[Any, ...]], ...]) -> sa.Select[*tuple[Any, ...]]:
    """What each of the selects finds, and 1, side by side; nulls for what is not there."""
    one = sa.literal_column("1", sa.Integer()).label("found")
    parts = [select.add_columns(one).subquery() for select in selects]
    always = sa.select(one).subquery()
    row: sa.FromClause = always
    for part in parts:
        row = row.outerjoin(part, part.c.found == always.c.found)
    return sa.select(*(column for part in parts for column in part.c)).select_from(row)


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
