"""Writers that are in each other's way: whoever loses begins again."""

import asyncio
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.util import await_only
from support.clock import Clock

from service.ledger import migrate, models
from service.ledger.database import Database
from service.ledger.repository import Repository
from service.ledger.store import Ledger

SHOP = Repository(7, "acme/shop")
VERSIONS = ("1.0.1", "1.0.2")


@pytest.mark.parametrize("url", ["mysql", "postgresql"], indirect=True)
async def test_of_two_in_a_deadlock_the_one_that_was_ended_begins_again(
    ledger: Ledger, database: Database
) -> None:
    both_hold_one = asyncio.Barrier(2)
    attempts = 0

    def crossing(order: tuple[str, ...], pull: int) -> Callable[[sa.Connection], None]:
        met = False

        def work(connection: sa.Connection) -> None:
            nonlocal attempts, met
            attempts += 1
            for version in order:
                mine = sa.update(models.Reservation).where(models.Reservation.version == version)
                connection.execute(mine.values(pull=pull))
                if not met:
                    met = True
                    await_only(both_hold_one.wait())

        return work

    for version in VERSIONS:
        await ledger.reservations.reserve(SHOP, version, 1)
    await asyncio.gather(
        database.transact(crossing(VERSIONS, 5)), database.transact(crossing(VERSIONS[::-1], 6))
    )
    assert attempts == 3
    assert len({each.pull for each in await ledger.reservations.of(SHOP.id)}) == 1


async def test_what_never_succeeds_is_not_tried_for_ever(database: Database, clock: Clock) -> None:
    await migrate.upgrade(database)
    moments = {"begun_at": clock(), "at": clock()}

    def orphan(connection: sa.Connection) -> None:
        row = {"release_id": 1, "name": "tag", "state": "done", "detail": {}, **moments}
        connection.execute(sa.insert(models.ReleaseStep), row)

    with pytest.raises(IntegrityError):
        await database.transact(orphan)
