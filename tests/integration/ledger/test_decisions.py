"""Decisions: a chain for every pull request, to which only what is new is added."""

import asyncio
from dataclasses import replace

import pytest
from support.clock import Clock

from service.ledger.decisions import Decision, Finding, appending
from service.ledger.repository import Repository
from service.ledger.store import Ledger

SHOP = Repository(7, "acme/shop")
# Every plane of Unicode, what JSON escapes, and a number that a float cannot hold.
FACTS = {"title": "가격 🚦 𝄞 \\ \" ' \n", "number": 2**53 + 1, "labels": [], "base": None}


def decision(clock: Clock, conclusion: str = "failure", head: str = "a" * 40) -> Decision:
    findings = [{"check": "branch", "rule": "naming", "outcome": conclusion}]
    return Decision(SHOP, 1, head, {"branch": conclusion}, findings, FACTS, clock())


async def test_a_decision_comes_back_with_its_facts_and_findings(ledger: Ledger, clock: Clock) -> None:
    made = decision(clock)
    assert await ledger.decisions.record(made)
    assert await ledger.decisions.of(SHOP.id, 1, 10) == (made,)
    assert await ledger.decisions.of(SHOP.id, 2, 10) == ()
    assert await ledger.decisions.of(8, 1, 10) == ()


async def test_what_stands_already_is_not_doubled(ledger: Ledger, clock: Clock) -> None:
    first = decision(clock)
    assert await ledger.decisions.record(first)
    clock.advance(hours=1)
    assert not await ledger.decisions.record(decision(clock))
    assert await ledger.decisions.of(SHOP.id, 1, 10) == (first,)


async def test_findings_are_said_only_where_they_are_recorded(ledger: Ledger, clock: Clock) -> None:
    said: list[Finding] = []

    def told(finding: Finding) -> Finding:
        said.append(finding)
        return {**finding, "reason": "This is no feature."}

    write = appending(decision(clock), told)
    assert await ledger.record(SHOP.id, write)
    assert not await ledger.record(SHOP.id, write)
    assert said == decision(clock).findings
    (recorded,) = await ledger.decisions.of(SHOP.id, 1, 10)
    assert recorded.findings == [{**said[0], "reason": "This is no feature."}]


async def test_a_verdict_that_returns_is_recorded_again(ledger: Ledger, clock: Clock) -> None:
    made = []
    for conclusion in ("failure", "success", "failure"):
        made.append(decision(clock, conclusion))
        assert await ledger.decisions.record(made[-1])
        clock.advance(minutes=1)
    made.append(decision(clock, "failure", head="b" * 40))
    assert await ledger.decisions.record(made[-1])
    assert await ledger.decisions.of(SHOP.id, 1, 10) == tuple(reversed(made))
    assert await ledger.decisions.of(SHOP.id, 1, 1) == (made[-1],)


async def test_of_processes_that_decide_the_same_one_records_it(
    ledger: Ledger, other: Ledger, clock: Clock
) -> None:
    for round_number in range(5):
        made = decision(clock, head=f"{round_number:040}")
        new = await asyncio.gather(
            *(each.decisions.record(made) for each in (ledger, other) for _ in range(4))
        )
        assert new.count(True) == 1
    assert len(await ledger.decisions.of(SHOP.id, 1, 100)) == 5


def test_the_digest_is_of_all_that_was_decided_and_of_nothing_else(clock: Clock) -> None:
    made = decision(clock)
    assert made.digest == replace(made, at=clock.advance(days=1)).digest
    assert made.digest == replace(made, facts=dict(reversed(FACTS.items()))).digest
    others = (
        replace(made, conclusions={"branch": "success"}),
        replace(made, findings=()),
        replace(made, facts={}),
    )
    assert len({each.digest for each in (made, *others)}) == 4


def test_facts_that_are_no_data_are_refused(clock: Clock) -> None:
    with pytest.raises(TypeError):
        _ = replace(decision(clock), facts={"when": clock}).digest
