"""How work gets onto a connection: SQLite's in threads of its own, a server's without any."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Protocol, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

T = TypeVar("T")

_DRIVERS: Final = {"mysql": "mysql+asyncmy", "postgresql": "postgresql+psycopg"}
_GREETINGS: Final[dict[str, dict[str, Any]]] = {
    "mysql": {"connect_timeout": 5, "charset": "utf8mb4"},
    "postgresql": {"connect_timeout": 5, "application_name": "signalbox"},
}
_CONNECTIONS: Final = 8
# MySQL closes a connection that was idle for eight hours by default; one is renewed well before that.
_RECYCLE_SECONDS: Final = 3600


# Several times as fast as the standard library, which SQLAlchemy would ask.
def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


_JSON: Final[dict[str, Any]] = {"json_serializer": _json, "json_deserializer": msgspec.json.decode}


class Pool(Protocol):
    """Connections to one database; `engine` says what it is, and tells of what is done on them."""

    engine: sa.Engine

    async def run(self, act: Callable[[sa.Connection], T], *, commit: bool) -> T:
        """Do `act` on a connection, in a transaction that is committed at its end, or undone."""

    async def close(self) -> None:
        """Close every connection, after what runs has come to its end."""


def pool(address: sa.URL) -> Pool:
    """The connections to a database, none of them open yet."""
    return Threads(address) if address.get_backend_name() == "sqlite" else Sockets(address)


class Threads:
    """SQLite waits for nobody but its file, so all statements of an act are one errand of one thread.

    Going back and forth between them would cost more than they do. Whoever is cancelled waits no longer, and
    what has begun comes to its end all the same.
    """

    def __init__(self, address: sa.URL) -> None:
        self.engine = sa.create_engine(
            address.set(drivername="sqlite"),
            connect_args={"timeout": 30},
            **_JSON,
            pool_size=_CONNECTIONS,
        )
        event.listen(self.engine, "connect", _tune)
        self._threads = ThreadPoolExecutor(_CONNECTIONS, thread_name_prefix="ledger")
        self._idle: list[sa.Connection] = []

    async def run(self, act: Callable[[sa.Connection], T], *, commit: bool) -> T:
        """See `Pool`."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, act, commit)

    async def close(self) -> None:
        """See `Pool`."""
        # A thread of its own, for whoever closes may have no other any more.
        with ThreadPoolExecutor(1) as last:
            await asyncio.get_running_loop().run_in_executor(last, self._close)

    def _run(self, act: Callable[[sa.Connection], T], commit: bool) -> T:
        # To take one from the pool and give it back costs more than a statement does.
        try:
            connection = self._idle.pop()  # the last one used has the newest pages in its cache
        except IndexError:
            connection = self.engine.connect()
        try:
            result = act(connection)
            if commit:
                connection.commit()
            return result
        finally:
            connection.rollback()
            self._idle.append(connection)

    def _close(self) -> None:
        self._threads.shutdown()
        for connection in self._idle:
            connection.close()
        self.engine.dispose()


class Sockets:
    """MySQL and PostgreSQL are waited for in the event loop; a connection that they closed is replaced."""

    def __init__(self, address: sa.URL) -> None:
        backend = address.get_backend_name()
        self._engine = create_async_engine(
            address.set(drivername=_DRIVERS[backend]),
            connect_args=_GREETINGS[backend],
            **_JSON,
            # Whoever reads after losing a race must see what the winner wrote, so no snapshot is kept.
            isolation_level="READ COMMITTED",
            pool_size=_CONNECTIONS,
            pool_pre_ping=True,
            pool_recycle=_RECYCLE_SECONDS,
        )
        self.engine = self._engine.sync_engine

    async def run(self, act: Callable[[sa.Connection], T], *, commit: bool) -> T:
        """See `Pool`."""
        async with self._engine.begin() if commit else self._engine.connect() as connection:
            return await connection.run_sync(act)

    async def close(self) -> None:
        """See `Pool`."""
        await self._engine.dispose()


def _tune(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # Writers take their turn at BEGIN, not in mid-transaction, where SQLite could only refuse them.
    connection.isolation_level = "IMMEDIATE"
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
