"""Deliveries: recorded once each, in batches, by whoever is first."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy.exc import StatementError
from support.clock import Clock

from service.ledger.deliveries import Delivery
from service.ledger.repository import Repository
from service.ledger.store import Ledger

SHOP = Repository(2**40, "acme/shop")


def delivery(guid: str, clock: Clock) -> Delivery:
    return Delivery(guid, clock(), "pull_request", "opened", SHOP, "mina", "asked")


async def test_a_batch_comes_back_as_it_was_newest_first(ledger: Ledger, clock: Clock) -> None:
    first = delivery("one", clock)
    clock.advance(microseconds=1)
    second = replace(delivery("two", clock), action=None, repository=None, sender=None, event="ping")
    await ledger.deliveries.record([first, second])
    await ledger.deliveries.record([])
    assert await ledger.deliveries.newest(10) == (second, first)
    assert await ledger.deliveries.newest(1) == (second,)


async def test_a_redelivery_leaves_the_first_record(ledger: Ledger, clock: Clock) -> None:
    first = delivery("one", clock)
    await ledger.deliveries.record([first])
    clock.advance(hours=1)
    later = delivery("two", clock)
    await ledger.deliveries.record([replace(first, at=clock(), outcome="seen before"), later])
    assert await ledger.deliveries.newest(10) == (later, first)


async def test_processes_that_record_the_same_webhooks_do_not_disturb_each_other(
    ledger: Ledger, other: Ledger, clock: Clock
) -> None:
    batch = [delivery(f"guid-{number}", clock) for number in range(300)]
    orders = (batch, batch[::-1], batch[100:], batch[:200][::-1])
    await asyncio.gather(*(each.deliveries.record(order) for order in orders for each in (ledger, other)))
    assert set(await ledger.deliveries.newest(1000)) == set(batch)


async def test_a_moment_without_a_time_zone_is_refused(ledger: Ledger, clock: Clock) -> None:
    with pytest.raises(StatementError, match="expected a moment with a time zone"):
        await ledger.deliveries.record([replace(delivery("one", clock), at=clock().replace(tzinfo=None))])
