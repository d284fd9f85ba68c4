"""Reservations: one version, one pull request, whoever asks first."""

import asyncio

import pytest
from support.clock import Clock

from service.ledger.repository import Repository
from service.ledger.reservations import Reservation
from service.ledger.store import Ledger

SHOP, TILL = Repository(7, "acme/shop"), Repository(8, "acme/till")


async def test_a_version_belongs_to_whoever_reserved_it(ledger: Ledger, clock: Clock) -> None:
    mine = Reservation(SHOP, "1.0.1", 5, clock(), None)
    assert await ledger.reservations.reserve(SHOP, "1.0.1", 5) == mine
    clock.advance(hours=1)
    assert await ledger.reservations.reserve(SHOP, "1.0.1", 5) == mine
    assert await ledger.reservations.reserve(SHOP, "1.0.1", 6) == mine
    assert (await ledger.reservations.reserve(SHOP, "1.0.2", 6)).pull == 6
    assert (await ledger.reservations.reserve(TILL, "1.0.1", 6)).pull == 6
    assert [each.version for each in await ledger.reservations.of(SHOP.id)] == ["1.0.2", "1.0.1"]


async def test_versions_differ_by_case(ledger: Ledger) -> None:
    assert (await ledger.reservations.reserve(SHOP, "2.0.0-rc.1", 5)).pull == 5
    assert (await ledger.reservations.reserve(SHOP, "2.0.0-RC.1", 6)).pull == 6


async def test_a_claim_is_given_up_by_its_owner_alone(ledger: Ledger) -> None:
    await ledger.reservations.reserve(SHOP, "1.0.1", 5)
    assert not await ledger.reservations.release(SHOP.id, "1.0.1", 6)
    assert await ledger.reservations.release(SHOP.id, "1.0.1", 5)
    assert not await ledger.reservations.release(SHOP.id, "1.0.1", 5)
    assert (await ledger.reservations.reserve(SHOP, "1.0.1", 6)).pull == 6


async def test_all_of_a_pull_requests_claims_are_given_up_but_for_the_confirmed(ledger: Ledger) -> None:
    for version, pull in (("1.0.0", 5), ("1.0.1", 5), ("1.0.2", 6), ("1.1.0", 5)):
        await ledger.reservations.reserve(SHOP, version, pull)
    await ledger.reservations.confirm(SHOP, "1.0.0", 5)
    assert await ledger.reservations.free(SHOP.id, 5)
    assert not await ledger.reservations.free(SHOP.id, 5)
    left = {each.version: each.pull for each in await ledger.reservations.of(SHOP.id)}
    assert left == {"1.0.0": 5, "1.0.2": 6}


async def test_a_confirmed_claim_stays(ledger: Ledger, clock: Clock) -> None:
    reserved = clock()
    await ledger.reservations.reserve(SHOP, "1.0.1", 5)
    confirmed = clock.advance(hours=1)
    assert (await ledger.reservations.confirm(SHOP, "1.0.1", 6)).confirmed_at is None
    standing = Reservation(SHOP, "1.0.1", 5, reserved, confirmed)
    assert await ledger.reservations.confirm(SHOP, "1.0.1", 5) == standing
    clock.advance(hours=1)
    assert await ledger.reservations.confirm(SHOP, "1.0.1", 5) == standing
    assert not await ledger.reservations.release(SHOP.id, "1.0.1", 5)
    assert await ledger.reservations.of(SHOP.id) == (standing,)


async def test_what_nobody_reserved_is_reserved_by_confirming(ledger: Ledger, clock: Clock) -> None:
    assert await ledger.reservations.confirm(SHOP, "1.0.1", 5) == Reservation(
        SHOP, "1.0.1", 5, clock(), clock()
    )


@pytest.mark.parametrize("round_number", range(3))
async def test_of_hotfixes_that_claim_one_version_at_once_one_gets_it(
    ledger: Ledger, other: Ledger, round_number: int
) -> None:
    version = f"1.0.{round_number}"
    claims = await asyncio.gather(
        *(each.reservations.reserve(SHOP, version, pull) for pull in range(1, 9) for each in (ledger, other))
    )
    (standing,) = await ledger.reservations.of(SHOP.id)
    assert set(claims) == {standing}


async def test_claiming_and_giving_up_at_once_ends_with_one_owner_or_none(
    ledger: Ledger, other: Ledger
) -> None:
    async def turn(own: Ledger, pull: int) -> None:
        for _ in range(10):
            await own.reservations.reserve(SHOP, "1.0.1", pull)
            await own.reservations.release(SHOP.id, "1.0.1", pull)

    await asyncio.gather(*(turn(each, pull) for pull, each in enumerate((ledger, other, ledger, other), 1)))
    assert await ledger.reservations.of(SHOP.id) == ()
