"""The ledger on each of its databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from support.clock import Clock

from service.ledger import migrate
from service.ledger.database import connect
from service.ledger.store import Ledger


@pytest.fixture(params=["sqlite", "mysql", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ledger.sqlite"
    address: str = request.getfixturevalue("mysql_url" if request.param == "mysql" else "postgres_url")
    return address


@pytest.fixture
async def engine(url: str) -> AsyncIterator[AsyncEngine]:
    """Connections to the empty database."""
    made = connect(url)
    yield made
    await made.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def ledger(url: str, engine: AsyncEngine, clock: Clock) -> AsyncIterator[Ledger]:
    """A ledger that migrations made."""
    await migrate.upgrade(engine)
    made = Ledger(url, clock)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def other(url: str, clock: Clock) -> AsyncIterator[Ledger]:
    """The same ledger, as another process has it."""
    made = Ledger(url, clock)
    yield made
    await made.close()
