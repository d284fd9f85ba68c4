"""Environments and deployments: what may change, what was deployed, and what runs."""

import asyncio
from dataclasses import replace

from support.clock import Clock

from service.ledger.deployments import MARKS, Deployment
from service.ledger.environments import Environment, Freeze, Hold
from service.ledger.repository import Repository
from service.ledger.store import Ledger

SHOP = Repository(7, "acme/shop")
# As long as a comment on GitHub may be, in characters of four bytes.
LONG = "🚦" * 65_536


def deployment(id: int, clock: Clock, environment: str = "prod") -> Deployment:
    return Deployment(
        SHOP, id, environment, "deploy", "v1.4.0", "a" * 40, f"shop@sha256:{'b' * 64}", "mina", LONG,
        "queued", clock(),
    )  # fmt: skip


async def test_hold_and_freeze_are_kept_apart(ledger: Ledger, clock: Clock) -> None:
    assert await ledger.environments.get(SHOP, "prod") == Environment(SHOP, "prod")
    hold = Hold("mina", LONG, clock())
    freeze = Freeze("sora", "the holidays", clock(), clock.advance(days=3))
    await ledger.environments.hold(SHOP, "prod", hold)
    await ledger.environments.freeze(SHOP, "prod", freeze)
    assert await ledger.environments.get(SHOP, "prod") == Environment(SHOP, "prod", hold, freeze)
    assert await ledger.environments.hold(SHOP, "prod", None, hold.since)
    assert await ledger.environments.get(SHOP, "prod") == Environment(SHOP, "prod", None, freeze)
    endless = replace(freeze, until=None)
    assert await ledger.environments.freeze(SHOP, "prod", endless, freeze.since)
    assert await ledger.environments.get(SHOP, "prod") == Environment(SHOP, "prod", None, endless)
    assert await ledger.environments.freeze(SHOP, "prod", None, freeze.since)
    assert await ledger.environments.of(SHOP.id) == (Environment(SHOP, "prod"),)


async def test_a_mark_that_is_not_as_it_was_seen_stays(ledger: Ledger, clock: Clock) -> None:
    first, second = Hold("mina", "first", clock()), Hold("sora", "second", clock.advance(minutes=1))
    found = await asyncio.gather(*(ledger.environments.hold(SHOP, "prod", each) for each in (first, first)))
    assert sorted(found) == [False, True]
    for mark, seen in ((second, None), (None, None), (None, second.since)):
        assert not await ledger.environments.hold(SHOP, "prod", mark, seen)
    assert not await ledger.environments.freeze(SHOP, "prod", None, first.since)
    assert await ledger.environments.get(SHOP, "prod") == Environment(SHOP, "prod", first)


async def test_environments_are_listed_by_name_under_the_newest_name_of_the_repository(
    ledger: Ledger, clock: Clock
) -> None:
    moved = Repository(SHOP.id, "acme/store")
    for repository, name in ((SHOP, "stage"), (SHOP, "dev"), (moved, "stage")):
        await ledger.environments.hold(repository, name, Hold("mina", "", clock()))
    found = await ledger.environments.of(SHOP.id)
    assert [(each.repository.name, each.name) for each in found] == [
        ("acme/shop", "dev"),
        ("acme/store", "stage"),
    ]


async def test_a_deployment_moves_on_and_keeps_its_beginning(ledger: Ledger, clock: Clock) -> None:
    first = deployment(1, clock)
    await ledger.deployments.record(first)
    finished = replace(first, state="failure", finished_at=clock.advance(minutes=2))
    await ledger.deployments.record(replace(finished, by="somebody else", created_at=clock()))
    assert await ledger.deployments.of(SHOP.id, "prod", 10) == (finished,)


async def test_an_environment_runs_its_newest_success(ledger: Ledger, clock: Clock) -> None:
    assert await ledger.deployments.running(SHOP.id, "prod") is None
    made = []
    for id, state in enumerate(("success", "success", "failure", "in_progress"), 1):
        made.append(replace(deployment(id, clock), state=state))
        await ledger.deployments.record(made[-1])
        clock.advance(minutes=1)
    await ledger.deployments.record(replace(deployment(9, clock, "stage"), state="success"))
    assert await ledger.deployments.running(SHOP.id, "prod") == made[1]
    assert await ledger.deployments.of(SHOP.id, "prod", 2) == (made[3], made[2])


async def test_what_runs_or_ran_lately_is_known_of_every_environment(ledger: Ledger, clock: Clock) -> None:
    places = [(SHOP, "prod"), (SHOP, "stage"), (Repository(8, "acme/tools"), "prod")]
    made = []
    for place, (repository, environment) in enumerate(places):
        for number in range(4):
            at = clock.advance(minutes=1)
            one = replace(
                deployment(10 * place + number, clock, environment),
                repository=repository,
                created_at=at,
                # What another one follows is retired, and is still what a rollback goes to.
                state=("inactive", "success", "failure", "pending")[number],
                succeeded_at=at if number < 2 else None,
            )
            made.append(one)
            await ledger.deployments.record(one)
    newest = [one for one in made if one.id % 10 in {1, 3}]
    assert sorted(await ledger.deployments.recent(1), key=lambda one: one.id) == newest
    assert sorted(await ledger.deployments.recent(2), key=lambda one: one.id) == made


async def test_d11_each_image_of_an_environment_is_what_it_was_deployed_last_itself(
    ledger: Ledger, clock: Clock
) -> None:
    """However often the others come, that one still runs."""
    made = []
    for number, image in enumerate(("r:5000/worker:1", None, *(f"r:5000/web:{tag}" for tag in range(3)))):
        at = clock.advance(minutes=1)
        one = replace(deployment(number, clock), image=image, created_at=at, state="success", succeeded_at=at)
        made.append(one)
        await ledger.deployments.record(one)
    worker, unnamed, *_, web = made
    assert sorted(await ledger.deployments.recent(1), key=lambda one: one.id) == [worker, unnamed, web]
    # What names no image is followed by whatever does.
    assert await ledger.deployments.prune(clock.advance(days=400)) == 3
    assert await ledger.deployments.of(SHOP.id, "prod", 9) == (web, worker)


async def test_d11_what_deploys_nothing_takes_the_place_of_nothing_that_does(
    ledger: Ledger, clock: Clock
) -> None:
    begun = deployment(1, clock)
    await ledger.deployments.record(begun)
    for number, action in enumerate(sorted(MARKS), 2):
        refused = replace(deployment(number, clock), action=action, image=None, state="inactive")
        await ledger.deployments.record(replace(refused, created_at=clock.advance(minutes=1)))
    await ledger.deployments.record(replace(begun, id=9, image=None, created_at=clock.advance(minutes=1)))
    assert {one.id for one in await ledger.deployments.recent(9)} == {1, 9}
