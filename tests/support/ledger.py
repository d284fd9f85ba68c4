"""What the bot of a world has written into its ledger."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from service.ledger.audit import Entry, Filter
from service.ledger.database import Database
from service.ledger.releases import Release
from service.ledger.store import Ledger


@asynccontextmanager
async def ledger_of(folder: Path) -> AsyncIterator[Ledger]:
    """The ledger of the bot in a world's folder."""
    database = Database(f"sqlite:///{folder / 'data' / 'ledger.sqlite'}")
    try:
        yield Ledger(database)
    finally:
        await database.close()


async def acts(folder: Path) -> list[Entry]:
    """What the ledger has for the audit, the oldest first."""
    async with ledger_of(folder) as ledger:
        return [*reversed((await ledger.audit.entries(Filter())).entries)]


async def recorded(folder: Path, repository: int, version: str) -> Release:
    """The release of a version, which has begun."""
    async with ledger_of(folder) as ledger:
        release = await ledger.releases.of(repository, version)
    assert release is not None
    return release
