"""Outstanding levels: raised when an item begins to ask, cleared when it stops."""

import asyncio

from support.clock import Clock

from service.ledger.levels import Outstanding, Raised
from service.ledger.repository import Repository
from service.ledger.store import Ledger

SHOP = Repository(7, "acme/shop")
ONE = Outstanding("PRR_one", "P1", "jiho")
TWO = Outstanding("PRRT_two", "P2", None)


async def test_what_is_outstanding_is_raised_once_and_cleared_when_it_is_gone(
    ledger: Ledger, clock: Clock
) -> None:
    first = clock()
    await ledger.levels.record(SHOP, 1, [ONE], first)
    second = clock.advance(hours=1)
    await ledger.levels.record(SHOP, 1, [ONE, TWO], second)
    third = clock.advance(hours=1)
    await ledger.levels.record(SHOP, 1, [TWO], third)
    await ledger.levels.record(SHOP, 1, [TWO], clock.advance(hours=1))
    assert await ledger.levels.of(SHOP.id, 1) == (Raised(ONE, first, third), Raised(TWO, second, None))
    assert await ledger.levels.of(SHOP.id, 2) == ()


async def test_an_item_may_ask_again_and_change_its_level(ledger: Ledger, clock: Clock) -> None:
    softer = Outstanding(ONE.item, "P2", ONE.author)
    moments = [clock()]
    for standing in ([ONE], [], [ONE], [softer]):
        await ledger.levels.record(SHOP, 1, standing, moments[-1])
        moments.append(clock.advance(hours=1))
    assert await ledger.levels.of(SHOP.id, 1) == (
        Raised(ONE, moments[0], moments[1]),
        Raised(ONE, moments[2], moments[3]),
        Raised(softer, moments[3], None),
    )


async def test_processes_that_see_the_same_raise_it_once(ledger: Ledger, other: Ledger, clock: Clock) -> None:
    both = (ledger, other)
    await asyncio.gather(
        *(each.levels.record(SHOP, 1, [ONE, TWO], clock()) for each in both for _ in range(4))
    )
    assert {each.outstanding for each in await ledger.levels.of(SHOP.id, 1)} == {ONE, TWO}
    assert len(await ledger.levels.of(SHOP.id, 1)) == 2


async def test_of_very_many_some_are_read_and_the_others_counted(ledger: Ledger, clock: Clock) -> None:
    many = [Outstanding(f"item-{number}", f"P{1 + number % 2}", None) for number in range(9)]
    await ledger.levels.record(SHOP, 1, many, clock())
    for left in (6, 4):
        await ledger.levels.record(SHOP, 1, many[:left], clock.advance(hours=1))
    found = await ledger.levels.standing(SHOP.id, 1, most=3, most_cleared=2)
    assert [each.outstanding for each in found.outstanding] == [many[0], many[2], many[1]]
    assert {each.outstanding.item for each in found.cleared} == {"item-4", "item-5"}
    assert (found.unshown, found.unshown_cleared) == (1, 3)
