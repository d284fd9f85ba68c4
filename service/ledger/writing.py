"""How the ledger writes while others write too, on each of its databases."""

from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite

from service.ledger.database import Database
from service.ledger.models import Base


def insert(connection: sa.Connection, model: type[Base], update: tuple[str, ...] = ()) -> sa.Insert:
    """An INSERT that leaves a row with the same key as it stands, or sets only its columns in `update`."""
    # Made once, for making a statement takes longer than executing it.
    return _insert(connection.dialect.name, model, update)


@cache
def _insert(dialect: str, model: type[Base], update: tuple[str, ...]) -> sa.Insert:
    table = sa.inspect(model).local_table
    key = list(table.primary_key)
    if dialect == "mysql":
        into = mysql.insert(model)
        # Setting a column to itself: INSERT IGNORE would let wrong values pass, too.
        return into.on_duplicate_key_update(
            {name: into.inserted[name] for name in update} or {key[0].name: key[0]}
        )
    either = sqlite.insert(model) if dialect == "sqlite" else postgresql.insert(model)
    if not update:
        return either.on_conflict_do_nothing()
    return either.on_conflict_do_update(
        index_elements=key, set_={name: either.excluded[name] for name in update}
    )


async def delete(
    database: Database, model: type[Base], old: sa.ColumnElement[bool], batch: int = 1000
) -> int:
    """Delete the rows that are `old`, `batch` in a transaction, so that no writer waits; how many."""
    key = sa.inspect(model).primary_key
    among = key[0].in_ if len(key) == 1 else sa.tuple_(*key).in_

    def delete_some(connection: sa.Connection) -> int:
        found = connection.execute(sa.select(*key).where(old).limit(batch)).all()
        some: list[Any] = [row[0] if len(key) == 1 else tuple(row) for row in found]
        connection.execute(sa.delete(model).where(among(some)))
        return len(some)

    deleted = 0
    while True:
        some = await database.transact(delete_some)
        deleted += some
        if some < batch:
            return deleted
