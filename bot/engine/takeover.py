"""Who runs what: one live process an executor id, and the work of a dead one is taken over.

DBOS itself resumes a run only in a process with the same executor id. Here each working process holds a lock
on its id for as long as it lives (a PostgreSQL advisory lock, or a lock on a file beside SQLite's), which the
operating system or the server lets go when it dies. Whoever can take the lock of an id that has pending runs
knows that nobody works under it, and returns those runs to the queue.
"""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from dbos import DBOS

from bot.engine.database import sqlite_path

# The server notices within seconds that a replica's machine is gone, and lets its lock go.
_KEEPALIVE = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=2"


class Lock(Protocol):
    """The right to work under an executor id. The methods block and belong in a worker thread."""

    def hold(self) -> bool:
        """Take the lock of our own id, or make sure that it is still ours; False when another has it."""

    def recover(self, executors: set[str]) -> int:
        """Return to the queue what died with these executors; answer how many of them were dead."""

    def release(self) -> None:
        """Let everything go."""


def lock_for(engine: sa.Engine, executor_id: str) -> Lock:
    """The lock that suits the database."""
    if engine.dialect.name == "sqlite":
        return FileLock(sqlite_path(engine))
    return AdvisoryLock(engine.url, executor_id)


class FileLock:
    """One working process a SQLite file; it has no other executors to recover."""

    def __init__(self, database: Path) -> None:
        """The lock is on `<database>.worker`."""
        self._path = database.with_name(database.name + ".worker")
        self._file: int | None = None

    def hold(self) -> bool:
        """See `Lock`."""
        if self._file is not None:
            return True
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def recover(self, executors: set[str]) -> int:
        """Recover every other id: under this lock no other process can be at work on the file."""
        return _recover(executors)

    def release(self) -> None:
        """See `Lock`."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


class AdvisoryLock:
    """A PostgreSQL session of our own whose advisory lock says that this executor lives."""

    def __init__(self, url: sa.URL, executor_id: str) -> None:
        """Nothing is opened before `hold`."""
        self._engine = sa.create_engine(
            url,
            poolclass=sa.NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args={
                "connect_timeout": 5,
                "application_name": "signalbox executor",
                "options": _KEEPALIVE,
            },
        )
        self._executor_id = executor_id
        self._connection: sa.Connection | None = None

    def hold(self) -> bool:
        """See `Lock`. A lost session is replaced; the driver's error means that there is no server."""
        try:
            if self._connection is not None:
                self._connection.execute(sa.select(1))
                return True
        except sa.exc.DBAPIError:
            self.release()
        self._connection = self._engine.connect()
        if self._try(self._executor_id):
            return True
        self.release()
        return False

    def recover(self, executors: set[str]) -> int:
        """See `Lock`."""
        dead = 0
        for executor in sorted(executors - {self._executor_id}):
            if self._try(executor):
                try:
                    dead += _recover({executor})
                finally:
                    self._call(sa.func.pg_advisory_unlock, executor)
        return dead

    def release(self) -> None:
        """See `Lock`."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _try(self, executor: str) -> bool:
        return self._call(sa.func.pg_try_advisory_lock, executor)

    def _call(self, function: Callable[..., sa.Function[bool]], executor: str) -> bool:
        if self._connection is None:
            return False
        key = sa.func.hashtextextended(f"signalbox executor {executor}", 0)
        return bool(self._connection.scalar(sa.select(function(key))))


def _recover(executors: set[str]) -> int:
    # The one private call of DBOS (pinned to 3.4): its public `resume_workflow` would run a live run twice.
    DBOS._recover_pending_workflows(sorted(executors))
    return len(executors)
