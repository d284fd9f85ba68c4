"""The engine's database: how to connect to SQLite or PostgreSQL so that a commit is on the disk."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

# The last one used is the next one taken: SQLite's pages are still in its cache.
_POOL = {"pool_size": 8, "max_overflow": 16, "pool_use_lifo": True}


def connect(url: str) -> sa.Engine:
    """Make the one pool that the engine and DBOS share; nothing is opened yet.

    `url` is `sqlite:///path` or `postgresql://…`; anything else is `ValueError`.
    """
    try:
        address = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise ValueError("The engine's URL is not a database URL") from error
    if address.get_backend_name() == "postgresql":
        return sa.create_engine(
            address.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            connect_args={"connect_timeout": 5, "application_name": "signalbox"},
            **_POOL,
        )
    if address.get_backend_name() != "sqlite" or address.database in {None, "", ":memory:"}:
        raise ValueError("The engine's URL must be sqlite:///path/to/file or postgresql://…")
    engine = sa.create_engine(address, **_POOL)
    event.listen(engine, "connect", _tune_sqlite)
    return engine


def sqlite_path(engine: sa.Engine) -> Path:
    """The file of a SQLite engine."""
    return Path(engine.url.database or "")


def _tune_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # Writers take their turn at BEGIN, not in mid-transaction, where SQLite could only refuse them.
    connection.isolation_level = "IMMEDIATE"
    cursor = connection.cursor()
    for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
