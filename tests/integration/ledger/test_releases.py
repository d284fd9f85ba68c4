"""Releases: begun once, each step as it stands, found again by whoever goes on."""

import asyncio
from dataclasses import replace

from support.clock import Clock

from service.ledger.releases import Beginning, Release, Step, StepState
from service.ledger.repository import Repository
from service.ledger.store import Ledger

SHOP = Repository(7, "acme/shop")
BEGINNING = Beginning(SHOP, "1.4.0", "v1.4.0", "a" * 40, 12)


async def test_the_pull_request_that_was_merged_last_has_a_version_until_it_is_tagged(ledger: Ledger) -> None:
    first = replace(BEGINNING, pull=7)
    second = replace(BEGINNING, pull=8, commit="d" * 40)
    await ledger.releases.begin(first)
    await ledger.releases.begin(replace(second, version="#8"))
    taken = await ledger.releases.begin(second)
    assert (taken.pull, taken.commit) == (8, "d" * 40)
    assert await ledger.releases.of(SHOP.id, "#8") is None
    await ledger.releases.step(taken, "tag", StepState.DONE, {})
    assert (await ledger.releases.begin(first)).pull == 8


async def test_a_release_is_found_where_it_stopped(ledger: Ledger, clock: Clock) -> None:
    assert await ledger.releases.of(SHOP.id, "1.4.0") is None
    begun = clock()
    release = await ledger.releases.begin(BEGINNING)
    assert release == Release(release.id, SHOP, "1.4.0", "v1.4.0", "a" * 40, 12, begun, None)
    tagged = clock.advance(seconds=1)
    await ledger.releases.step(release, "tag", StepState.DONE, {"object": "b" * 40})
    conflict = clock.advance(seconds=1)
    files = {"files": ["바구니.py"]}
    await ledger.releases.step(release, "back-merge develop", StepState.WAITING, files)
    found = await ledger.releases.begin(Beginning(SHOP, "1.4.0", "v1.4.0", "c" * 40))
    assert found.steps == (
        Step("tag", StepState.DONE, {"object": "b" * 40}, tagged, tagged),
        Step("back-merge develop", StepState.WAITING, files, conflict, conflict),
    )
    assert (found.commit, found.pull) == (release.commit, release.pull)
    assert await ledger.releases.of(SHOP.id, "1.4.0") == found


async def test_a_step_moves_on_and_keeps_its_beginning(ledger: Ledger, clock: Clock) -> None:
    release = await ledger.releases.begin(BEGINNING)
    begun = clock()
    await ledger.releases.step(release, "tag", StepState.FAILED, {"reason": "another commit"})
    moved = clock.advance(hours=1)
    await ledger.releases.step(release, "tag", StepState.DONE, {})
    found = await ledger.releases.of(SHOP.id, "1.4.0")
    assert found is not None
    assert found.steps == (Step("tag", StepState.DONE, {}, begun, moved),)


async def test_a_release_is_finished_once(ledger: Ledger, clock: Clock) -> None:
    release = await ledger.releases.begin(BEGINNING)
    finished = clock.advance(hours=1)
    await ledger.releases.finish(release)
    clock.advance(hours=1)
    await ledger.releases.finish(release)
    found = await ledger.releases.begin(BEGINNING)
    assert found.finished_at == finished


async def test_processes_that_begin_one_release_have_the_same(ledger: Ledger, other: Ledger) -> None:
    both = (ledger, other)
    begun = await asyncio.gather(*(each.releases.begin(BEGINNING) for each in both for _ in range(5)))
    assert len({release.id for release in begun}) == 1
    names = [f"step {number}" for number in range(5)]
    steps = (each.releases.step(begun[0], name, StepState.DONE, {}) for name in names for each in both)
    await asyncio.gather(*steps)
    found = await ledger.releases.of(SHOP.id, "1.4.0")
    assert found is not None
    assert sorted(step.name for step in found.steps) == names
