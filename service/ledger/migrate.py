"""The ledger's migrations, by Alembic. A process that serves does without: see `service.ledger.schema`."""

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from service.ledger.database import Database

SCRIPTS: Final = Path(__file__).parent / "migrations"
# Any number and any name that nobody else locks by.
_POSTGRESQL_LOCK: Final = 0x5167_6E61_6C62_6F78
_MYSQL_LOCK: Final = "signalbox ledger schema"
_PATIENCE_SECONDS: Final = 600


class Refused(Exception):
    """Alembic cannot do what was asked; the text says why."""


async def upgrade(database: Database, to: str = "head") -> None:
    """Bring a database up to a revision ("head", "0003", "+1"). Raises `Refused`."""
    await _run(database, command.upgrade, to)


async def downgrade(database: Database, to: str) -> None:
    """Take a database back to a revision ("0003", "-1", "base"). Raises `Refused`."""
    await _run(database, command.downgrade, to)


async def draft(database: Database, message: str) -> Path:
    """Write the next migration from what the models have and the database has not; where it is.

    Raises `Refused` when the database is not at the newest revision.
    """
    script = await _run(database, command.revision, message, autogenerate=True)
    return Path(script.path)


def config(connection: sa.Connection | None = None) -> Config:
    """Alembic's configuration; its scripts migrate `connection`, or else the database of the environment."""
    found = Config(attributes={"connection": connection}, cmd_opts=Namespace(quiet=True))
    found.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return found


def is_ours(name: str | None, kind: str, _: object) -> bool:
    """Whether something that a database has concerns the ledger; its tables may not be alone there."""
    return kind != "table" or (name or "").startswith("ledger_")


@contextmanager
def alone(connection: sa.Connection) -> Iterator[None]:
    """One transaction in which no other process migrates the same database; others wait for their turn."""
    with (
        _session_lock(connection) if connection.dialect.name == "mysql" else nullcontext(),
        connection.begin(),
    ):
        match connection.dialect.name:
            case "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_POSTGRESQL_LOCK)))
            case "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield


@contextmanager
def _session_lock(connection: sa.Connection) -> Iterator[None]:
    """MySQL ends a transaction at every change of a table, so its lock is the session's."""
    take = sa.select(sa.func.get_lock(_MYSQL_LOCK, _PATIENCE_SECONDS))
    with connection.begin():
        taken = connection.execute(take).scalar()
    if not taken:
        raise TimeoutError("another process has been migrating the ledger for ten minutes")
    try:
        yield
    finally:
        # What was written last is committed by now: whoever is next must see it.
        with connection.begin():
            connection.execute(sa.select(sa.func.release_lock(_MYSQL_LOCK)))


async def _run(database: Database, act: Any, *arguments: str, **options: Any) -> Any:
    try:
        return await database.run(lambda connection: act(config(connection), *arguments, **options))
    except CommandError as error:
        raise Refused(str(error)) from None
