"""Connections: those that the server ended are replaced, those that nobody waits for any more come back."""

import asyncio
from threading import Event

import pytest
import sqlalchemy as sa
from support.mariadb import MariaDB

from service.ledger import migrate
from service.ledger.changes import touch
from service.ledger.database import Database
from service.ledger.repository import Repository
from service.ledger.store import Ledger

SHOP = Repository(7, "acme/shop")


@pytest.mark.parametrize("url", ["mysql"], indirect=True)
async def test_the_ledger_goes_on_after_a_restart_of_the_server(
    database: Database, ledger: Ledger, mariadb: MariaDB
) -> None:
    before = await ledger.reservations.reserve(SHOP, "1.0.1", 5)
    mariadb.restart()
    await database.reach()
    assert await ledger.reservations.reserve(SHOP, "1.0.1", 6) == before


@pytest.mark.parametrize("url", ["mysql"], indirect=True)
async def test_the_ledger_goes_on_after_the_server_ended_its_idle_connections(
    url: str, ledger: Ledger, mariadb: MariaDB
) -> None:
    await ledger.reservations.reserve(SHOP, "1.0.1", 5)
    name = url.rpartition("/")[2]
    mine = f"SELECT id FROM information_schema.processlist WHERE db = '{name}'"  # noqa: S608 - its own name
    idle = mariadb.sql(mine).split()
    assert idle
    for connection in idle:
        mariadb.sql(f"KILL {connection}")
    assert (await ledger.reservations.reserve(SHOP, "1.0.1", 6)).pull == 5
    assert not set(idle) & set(mariadb.sql(mine).split())


@pytest.mark.parametrize("url", ["mysql"], indirect=True)
async def test_a_fresh_connection_is_made_before_the_server_would_end_an_idle_one(
    database: Database, mariadb: MariaDB
) -> None:
    await migrate.upgrade(database)
    recycled = database.engine.pool._recycle  # the pool tells it nowhere else
    assert 0 < recycled < int(mariadb.sql("SELECT @@global.wait_timeout"))


async def test_whoever_comes_next_sees_nothing_of_what_was_not_committed(
    database: Database, ledger: Ledger
) -> None:
    def fail(connection: sa.Connection) -> None:
        touch(connection, SHOP.id)
        raise LookupError

    await database.run(lambda connection: touch(connection, SHOP.id))
    assert await ledger.changes.counts() == {}
    with pytest.raises(LookupError):
        await database.transact(fail)
    assert await ledger.changes.counts() == {}
    await database.transact(lambda connection: touch(connection, SHOP.id))
    assert await ledger.changes.counts() == {SHOP.id: 1}


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("ledger")
async def test_who_is_cancelled_waits_no_longer_and_what_has_begun_is_finished_before_the_end(
    database: Database, other: Ledger
) -> None:
    begun, may_end = Event(), Event()

    def write(connection: sa.Connection) -> None:
        touch(connection, SHOP.id)
        begun.set()
        may_end.wait()

    writing = asyncio.create_task(database.transact(write))
    await asyncio.to_thread(begun.wait)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    closing = asyncio.create_task(database.close())
    assert await other.changes.counts() == {}
    assert not closing.done()
    may_end.set()
    await closing
    assert await other.changes.counts() == {SHOP.id: 1}
    assert isinstance(database.engine.pool, sa.QueuePool)
    assert database.engine.pool.checkedout() == 0
