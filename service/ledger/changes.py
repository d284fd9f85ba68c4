"""That something has changed: a number for each repository, so that whoever shows it need not read it all."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite

from service.ledger import models
from service.ledger.database import Database

_TABLE = models.Change

# A row, by the names of its columns.
Row = Mapping[Any, Any]


@dataclass(frozen=True, slots=True)
class Write:
    """What is written about a repository: `act` gets the row that stands, and says if it changed anything.

    `standing`, a constant of its module, finds that row by the keys `about`: one at most. `act` gets None
    where there is none, and where none is asked for.
    """

    act: Callable[[sa.Connection, Row | None], bool]
    standing: sa.Select[*tuple[Any, ...]] | None = None
    about: Mapping[str, int] = field(default_factory=dict)


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
        standing = _standing(connection, writes)
        changed = [write.act(connection, row) for write, row in zip(writes, standing, strict=True)]
        if any(changed):
            touch(connection, repository_id)
        return any(changed)

    return await database.transact(all_of)


def _standing(connection: sa.Connection, writes: Sequence[Write]) -> list[Row | None]:
    """The row that stands for each write, all found by one statement: two would take twice as long."""
    about = {name: value for write in writes for name, value in write.about.items()}
    together = _together(tuple(write.standing for write in writes))
    values = iter(connection.execute(together, about).one())
    return [None if write.standing is None else _row(write.standing, values) for write in writes]


def _row(select: sa.Select[*tuple[Any, ...]], values: Iterator[Any]) -> Row | None:
    """The next of the values, as many as a select has columns; the one after them says if it found a row."""
    row = {column.name: next(values) for column in select.selected_columns}
    return row if next(values) else None


@cache
def _together(selects: tuple[sa.Select[*tuple[Any, ...]] | None, ...]) -> sa.Select[*tuple[Any, ...]]:
    """What each of the selects finds, and 1, side by side in one row, with nulls for what is not there."""
    one = sa.literal_column("1", sa.Integer()).label("found")
    parts = [select.add_columns(one).subquery() for select in selects if select is not None]
    always = sa.select(one).subquery()
    row: sa.FromClause = always
    for part in parts:
        row = row.outerjoin(part, part.c.found == always.c.found)
    return sa.select(*(column for part in parts for column in part.c), always.c.found).select_from(row)


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
