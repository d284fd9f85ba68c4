"""The audit: every act, found again by what one looks for, page by page, for good."""

from dataclasses import replace

import pytest
from support.clock import Clock

from service.ledger.audit import Audit, Entry, Filter
from service.ledger.decisions import Decision
from service.ledger.deliveries import Delivery
from service.ledger.levels import Outstanding
from service.ledger.repository import Repository
from service.ledger.store import Ledger

SHOP, TILL = Repository(7, "acme/shop"), Repository(8, "acme/till")


def entry(clock: Clock, subject: str = "prod") -> Entry:
    return Entry(clock(), "mina", "promote", subject, "고객이 기다립니다 🚦", "control room", SHOP)


async def test_entries_come_back_as_they_were_page_by_page(ledger: Ledger, clock: Clock) -> None:
    made = []
    for number in range(5):
        made.append(entry(clock, f"#{number}"))
        await ledger.audit.append(made[-1])
        clock.advance(microseconds=1)
    first = await ledger.audit.entries(Filter(), most=2)
    second = await ledger.audit.entries(Filter(), older=first.older, most=2)
    third = await ledger.audit.entries(Filter(), older=second.older, most=2)
    assert first.entries + second.entries + third.entries == tuple(reversed(made))
    assert third.older is None
    assert (await ledger.audit.entries(Filter(), most=5)).older is None


async def test_each_condition_narrows(ledger: Ledger, clock: Clock) -> None:
    base = entry(clock)
    others = (
        replace(base, repository=TILL),
        replace(base, repository=None),
        replace(base, actor="Mina"),
        replace(base, action="hold"),
        replace(base, subject="stage"),
        replace(base, at=clock.advance(hours=-1)),
    )
    for each in (base, *others):
        await ledger.audit.append(each)
    exact = Filter(SHOP.id, "mina", "promote", "prod", since=base.at)
    assert (await ledger.audit.entries(exact)).entries == (base,)
    assert len((await ledger.audit.entries(Filter(actor="mina"))).entries) == 6
    assert (await ledger.audit.entries(Filter(until=base.at))).entries == (others[-1],)
    assert (await ledger.audit.entries(Filter(actor="nobody"))).entries == ()
    assert (await ledger.audit.entries(Filter(visible={TILL.id}))).entries == (others[0],)
    assert (await ledger.audit.entries(Filter(visible=()))).entries == ()


def test_an_entry_can_be_appended_and_read_and_nothing_else() -> None:
    assert {name for name in vars(Audit) if not name.startswith("_")} == {"append", "entries", "has"}


@pytest.mark.parametrize("rows", [3, 2500])
async def test_the_retention_takes_what_is_old_and_not_what_people_did(
    ledger: Ledger, clock: Clock, rows: int
) -> None:
    one, two = Outstanding("PRR_one", "P1", "jiho"), Outstanding("PRR_two", "P1", "jiho")
    old = [Delivery(f"{number}", clock(), "push", None, SHOP, "mina", "asked") for number in range(rows)]
    await ledger.deliveries.record(old)
    await ledger.decisions.record(Decision(SHOP, 1, "a" * 40, {}, [], {}, clock()))
    await ledger.levels.record(SHOP, 1, [one, two], clock())
    await ledger.levels.record(SHOP, 1, [two], clock())
    await ledger.audit.append(entry(clock))
    await ledger.reservations.reserve(SHOP, "1.0.1", 5)
    before = clock.advance(microseconds=1)
    await ledger.deliveries.record([replace(old[0], guid="new", at=before)])
    assert await ledger.prune(before) == rows + 2
    assert [each.guid for each in await ledger.deliveries.newest(10)] == ["new"]
    assert await ledger.decisions.of(SHOP.id, 1, 10) == ()
    assert [each.outstanding for each in await ledger.levels.of(SHOP.id, 1)] == [two]
    assert len((await ledger.audit.entries(Filter())).entries) == 1
    assert len(await ledger.reservations.of(SHOP.id)) == 1
    assert await ledger.prune(before) == 0


async def test_after_the_retention_a_pull_request_goes_on(ledger: Ledger, clock: Clock) -> None:
    first = Decision(SHOP, 1, "a" * 40, {}, [], {}, clock())
    second = replace(first, head="b" * 40, at=clock.advance(days=1))
    third = replace(first, head="c" * 40, at=clock.advance(days=1))
    await ledger.decisions.record(first)
    await ledger.decisions.record(second)
    await ledger.prune(second.at)
    assert await ledger.decisions.record(third)
    assert await ledger.decisions.of(SHOP.id, 1, 10) == (third, second)
    await ledger.prune(clock.advance(days=1))
    assert await ledger.decisions.record(third)
    assert await ledger.decisions.of(SHOP.id, 1, 10) == (third,)
