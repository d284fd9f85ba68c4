"""The ledger on each of its databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.clock import Clock

from service.ledger import migrate
from service.ledger.database import Database
from service.ledger.store import Ledger


@pytest.fixture(params=["sqlite", "mysql", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ledger.sqlite"
    address: str = request.getfixturevalue("mysql_url" if request.param == "mysql" else "postgres_url")
    return address


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """The empty database, opened by nobody."""
    made = Database(url)
    yield made
    await made.close()


@pytest.fixture
def engine(database: Database) -> sa.Engine:
    """Connections to the empty database."""
    return database.engine


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def ledger(database: Database, clock: Clock) -> Ledger:
    """A ledger that migrations made."""
    await migrate.upgrade(database)
    await database.open()
    return Ledger(database, clock)


@pytest.fixture
async def other(url: str, clock: Clock) -> AsyncIterator[Ledger]:
    """The same ledger, as another process has it."""
    database = Database(url)
    yield Ledger(database, clock)
    await database.close()
