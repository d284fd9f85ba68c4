"""What is shipped: of two who order the same at once, one is first."""

import asyncio
from dataclasses import replace
from typing import Unpack

import pytest
import sqlalchemy as sa
from sqlalchemy.util import await_only
from support.clock import Clock

from service.ledger.audit import Entry, Filter, appending
from service.ledger.database import Database
from service.ledger.environments import Hold, holding
from service.ledger.repository import Repository
from service.ledger.shipments import Known, Shipment, State
from service.ledger.store import Ledger

SHOP = Repository(7, "acme/shop")


def ordered(clock: Clock, number: int, by: str = "sora", image: str = "shop") -> Shipment:
    content = {"image": f"r:5000/acme/{image}:v1", "by": by}
    return Shipment(SHOP, 5, number, "prod", "acme/gitops", None, content, clock())


async def test_of_many_who_order_the_same_at_once_one_is_first(
    ledger: Ledger, other: Ledger, clock: Clock
) -> None:
    pairs = [(ledger, ordered(clock, 1)), (other, ordered(clock, 2, "noor"))] * 4
    found = await asyncio.gather(*(which.shipments.keep(each) for which, each in pairs))
    (kept,) = await ledger.shipments.history(SHOP.id, "prod")
    assert {each and each.deployment for each in found} == {None, kept.deployment}
    assert [each is None for each in found].count(True) == 4  # asking again is no second order


@pytest.mark.parametrize("url", ["mysql", "postgresql"], indirect=True)
async def test_whoever_is_second_waits_for_what_the_first_is_about_to_keep(
    ledger: Ledger, url: str, clock: Clock
) -> None:
    is_kept, waits = asyncio.Event(), asyncio.Event()

    def linger(_: sa.Connection) -> bool:
        is_kept.set()
        await_only(waits.wait())
        return True

    database = Database(url)

    @sa.event.listens_for(database.engine, "before_cursor_execute")
    def touches(*about: object) -> None:
        if "ledger_change" in str(about[2]):
            waits.set()

    first = asyncio.create_task(ledger.shipments.keep(ordered(clock, 1), linger))
    await is_kept.wait()
    second = asyncio.create_task(Ledger(database, clock).shipments.keep(ordered(clock, 2, "noor")))
    second.add_done_callback(lambda _: waits.set())
    assert await first is None
    assert await second == ordered(clock, 1)
    await database.close()


async def test_others_images_environments_and_what_comes_by_itself_are_in_nobodys_way(
    ledger: Ledger, clock: Clock
) -> None:
    first = ordered(clock, 1)
    others = (
        ordered(clock, 2, "noor", "worker"),
        replace(ordered(clock, 3, "noor"), environment="stage"),
        ordered(clock, 4, ""),
    )
    for each in (first, *others):
        assert await ledger.shipments.keep(each) is None
    second = ordered(clock, 5, "noor")
    assert await ledger.shipments.keep(second) == first
    await ledger.shipments.move(first, State.SETTLED)
    assert await ledger.shipments.keep(second) is None


async def test_a_rollback_waits_for_no_pull_request_that_nobody_merged(ledger: Ledger, clock: Clock) -> None:
    waiting, back = ordered(clock, 1), ordered(clock, 2, "noor")
    await ledger.shipments.keep(waiting)
    assert await ledger.shipments.keep(back, overtakes=True) == waiting
    await ledger.shipments.move(waiting, State.WRITTEN, written_at=clock())
    assert await ledger.shipments.keep(back) is not None
    assert await ledger.shipments.keep(back, overtakes=True) is None
    # Asked again, what is kept already is in nobody's way.
    assert await ledger.shipments.keep(waiting) is None


async def test_what_a_shipment_brings_is_written_with_it_and_once(ledger: Ledger, clock: Clock) -> None:
    hold = Hold("sora", "rollback", clock())
    brings = (
        appending(Entry(clock(), "sora", "rollback", "prod", "", "comment", SHOP)),
        holding(SHOP, "prod", hold, None),
    )
    for _ in range(2):
        await ledger.shipments.keep(ordered(clock, 1), *brings)
    assert await ledger.shipments.keep(ordered(clock, 2, "noor"), *brings) is not None
    assert len((await ledger.audit.entries(Filter(SHOP.id))).entries) == 1
    assert (await ledger.environments.get(SHOP, "prod")).hold == hold

    def fails(_: sa.Connection) -> bool:
        raise LookupError

    other = ordered(clock, 3, "noor", "worker")
    with pytest.raises(LookupError):
        await ledger.shipments.keep(other, *brings, fails)
    assert await ledger.shipments.of(SHOP.id, 3) is None
    assert len((await ledger.audit.entries(Filter(SHOP.id))).entries) == 1


async def test_a_gitops_repository_is_the_same_however_each_rulebook_spells_it(
    ledger: Ledger, clock: Clock
) -> None:
    for number, target in enumerate(("acme/gitops", "Acme/GitOps", "acme/other")):
        shipment = replace(ordered(clock, number, "", f"shop-{number}"), target=target)
        await ledger.shipments.keep(shipment)
    for target in ("acme/gitops", "ACME/gitops"):
        assert [each.deployment for each in await ledger.shipments.waiting(target)] == [0, 1]
        assert await ledger.shipments.into(target, 1) is not None
    await ledger.shipments.move_all(await ledger.shipments.waiting("acme/gitops"), State.WRITTEN)
    assert len(await ledger.shipments.written(target="Acme/GitOps")) == 2


async def test_what_failed_may_get_well_until_something_of_its_image_comes_after_it(
    ledger: Ledger, clock: Clock
) -> None:
    async def shipped(number: int, image: str = "shop", **known: Unpack[Known]) -> Shipment:
        one = replace(ordered(clock, number, "", image), application="shop-prod", at=clock.advance(minutes=1))
        await ledger.shipments.keep(one)
        (ended,) = await ledger.shipments.move_all([one], State.SETTLED, **known)
        return ended

    async def failed() -> set[int]:
        return {each.deployment for each in await ledger.shipments.failed("shop-prod")}

    written = Known(revision="a" * 40, written_at=clock())
    await shipped(1, **written)
    sick = await shipped(2, **written)
    await shipped(3, "worker", **written | {"healthy_at": clock()})
    await shipped(4, revision="a" * 40)  # it never came there
    await shipped(5, "cron", written_at=clock())  # nobody merged it
    assert (await failed(), sick.has_failed) == ({2}, True)
    assert await ledger.shipments.failed("shop-dev") == ()
    await ledger.shipments.keep(replace(ordered(clock, 6), at=clock.advance(minutes=1)))
    assert await failed() == set()
