"""What people say of environments: held at what they run, or frozen, by comments, buttons and orders."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.browser import browsing
from support.fleet import RULEBOOK, Fleet, a_fleet, commit_of, developed, to_stage
from support.world import QUICK

from bot.localhub.faults import Hold as Barrier
from bot.localhub.faults import hold as held_back
from bot.localhub.faults import lose, refuse
from service.ledger import models
from service.ledger.audit import Filter
from service.ledger.environments import Freeze, Hold
from service.ledger.repository import Repository


async def test_d6_a_hold_stops_what_comes_by_itself_until_it_is_released(fleet: Fleet) -> None:
    sora = fleet.world.person("sora", "maintain")
    assert "is done" in await fleet.orders(sora, '/signalbox hold dev "the fair"')
    tag = f"develop-{await commit_of(fleet, 'develop')}"
    await fleet.push_image(tag, "10:00")
    assert [each.task for each in fleet.deployments("dev")] == ["hold"]
    await fleet.orders(sora, '/signalbox release-hold dev "it is over"')
    assert await fleet.written("dev") == tag


@pytest.mark.parametrize("mark", ["hold", "freeze"])
async def test_d6_what_is_on_its_way_is_stopped_too(fleet: Fleet, mark: str) -> None:
    world, sora = fleet.world, fleet.world.person("sora", "maintain")
    tag, read = await developed(fleet, "first"), Barrier()
    world.hub.faults.next("GET", "/repos/acme/shop/deployments/*", held_back(read))
    coming = asyncio.create_task(fleet.push_image(tag, "10:00"))
    async with asyncio.timeout(30):
        await read.reached.wait()
    place, now = Repository(world.shop.database_id, "acme/shop"), datetime.now(UTC)
    if mark == "hold":
        await fleet.ledger.environments.hold(place, "dev", Hold("sora", "the fair", now))
    else:
        await fleet.ledger.environments.freeze(place, "dev", Freeze("sora", "the fair", now, None))
    read.released.set()
    await coming
    assert (await fleet.written("dev"), fleet.states("dev")) == ("v0.1.0", [["inactive"]])
    end = {"hold": "release-hold", "freeze": "thaw"}[mark]
    await fleet.orders(sora, f'/signalbox {end} dev "over"')
    assert await fleet.written("dev") == tag


async def test_the_permission_is_asked_of_the_repository_by_its_name_now(fleet: Fleet) -> None:
    world, tag = fleet.world, await developed(fleet, "first")
    await fleet.push_image(tag, "10:00")
    await fleet.says("shop-dev", tag)
    other = await world.hub.repositories.create("acme/old")
    world.hub.allow(other, world.mina, "admin")
    (check,) = fleet.checks("Hold", "Freeze")
    # The name that it had when it was deployed is another's by now.
    renamed = sa.update(models.Shipment).values(repository="acme/old")
    await fleet.database.transact(lambda connection: connection.execute(renamed))
    await fleet.press(check, "Hold", world.mina)
    (dev,) = await fleet.ledger.environments.of(world.shop.database_id)
    assert (dev.name, dev.hold) == ("dev", None)
    last = world.hub.world.said_of(fleet.deployments("dev")[0])[-1]
    assert last.description == "This needs the permission maintain, or more."


async def test_what_is_said_of_an_environment_is_a_deployment_that_deploys_nothing(fleet: Fleet) -> None:
    world, sora = fleet.world, fleet.world.person("sora", "maintain")
    world.hub.faults.next("POST", "/repos/acme/shop/deployments", lose())  # and the job begins anew
    await fleet.orders(sora, '/signalbox freeze prod "the fair"')
    await fleet.orders(sora, '/signalbox thaw prod "over"')
    said = [
        (each.task, each.description, world.hub.world.said_of(each)[0].description)
        for each in fleet.deployments("prod")
    ]
    assert said == [
        *[("freeze", "sora: the fair", "prod is frozen.")] * 2,
        ("thaw", "sora: over", "prod is frozen no longer."),
    ]
    assert {each.creator for each in fleet.deployments("prod")} == {world.hub.world.app.bot}
    assert fleet.states("prod") == [["inactive"]] * 3
    acts = (await fleet.ledger.audit.entries(Filter(subject="prod"))).entries
    assert [(each.action, each.actor, each.why, each.origin) for each in reversed(acts)] == [
        ("freeze", "sora", "the fair", "comment"),
        ("thaw", "sora", "over", "comment"),
    ]
    assert await fleet.ledger.deployments.of(world.shop.database_id, "prod", 9) == ()


async def test_a_check_of_what_runs_holds_and_freezes_with_its_buttons(fleet: Fleet) -> None:
    world, sora = fleet.world, fleet.world.person("sora", "maintain")
    tag = await developed(fleet, "first")
    await fleet.push_image(tag, "10:00")
    await fleet.says("shop-dev", tag)
    shop = world.shop.database_id
    (check,) = fleet.checks("Hold", "Freeze")
    await fleet.press(check, "Hold", world.mina)
    assert world.hub.world.said_of(fleet.deployments("dev")[0])[-1].description == (
        "This needs the permission maintain, or more."
    )
    # One whose first request is lost begins anew, and finds that it is done.
    world.hub.faults.next("POST", "/repos/acme/shop/deployments", refuse(502))
    for label, title, *buttons in (
        ("Hold", "dev is held at what it runs.", "Let go", "Freeze"),
        ("Freeze", "dev is frozen.", "Let go", "Thaw"),
        ("Let go", "dev is held no longer.", "Hold", "Thaw"),
        ("Hold", "dev is held at what it runs.", "Let go", "Thaw"),
        ("Thaw", "dev is frozen no longer.", "Let go", "Freeze"),
    ):
        await fleet.press(check, label, sora)
        check = fleet.checks(*buttons)[-1]
        assert (check.name, check.title, check.conclusion) == ("signalbox / hold", title, "NEUTRAL")
    # The button that lets go was drawn for the hold before this one.
    (old, *_) = fleet.checks("Let go", "Freeze")
    await fleet.press(old, "Let go", sora)
    (held,) = await fleet.ledger.environments.of(shop)
    assert (held.hold is not None, held.freeze) == (True, None)
    last = world.hub.world.said_of(fleet.deployments("dev")[0])[-1]
    assert "no longer as your page showed it" in last.description
    acts = (await fleet.ledger.audit.entries(Filter(shop))).entries
    assert [(each.action, each.actor, each.origin) for each in reversed(acts)] == [
        (verb, "sora", "check button") for verb in ("hold", "freeze", "release-hold", "hold", "thaw")
    ]
    assert [each.task for each in fleet.deployments("dev")] == [
        "deploy", "hold", "freeze", "release-hold", "hold", "thaw"
    ]  # fmt: skip


async def test_a_freeze_stops_people_too(fleet: Fleet) -> None:
    sora = fleet.world.person("sora", "maintain")
    first = await to_stage(fleet, "1.0.0", 1)
    await fleet.orders(sora, '/signalbox freeze prod "the fair"')
    assert "has frozen it" in await fleet.orders(sora, "/signalbox promote prod")
    assert "is frozen already" in await fleet.orders(sora, '/signalbox freeze prod "again"')
    await fleet.orders(sora, '/signalbox thaw prod "over"')
    await fleet.orders(sora, "/signalbox promote prod")
    assert await fleet.written("prod") == first


async def test_the_control_room_holds_and_freezes_as_the_rulebook_lets_people(tmp_path: Path) -> None:
    rulebook = RULEBOOK.replace("deploy: manual", "deploy: manual, by: [noor]")
    async with a_fleet(tmp_path, rulebook, QUICK) as fleet:
        world, stage, prod = fleet.world, "/acme/shop/environments/stage", "/acme/shop/environments/prod"
        world.person("sora", "maintain")
        async with browsing(world.url) as sora:
            await sora.sign_in("sora")
            await sora.act(f"{prod}/freeze", reason="the fair")
            await sora.act(f"{stage}/hold", reason="the fair")
            await world.settled()
            page = await sora.get("/acme/shop")
            assert "By the rulebook only noor may do this." in page.html
            assert fleet.states("prod") == fleet.states("stage") == [["inactive"]]
            tag = await to_stage(fleet, "1.0.0", 1)
            assert await fleet.written("stage") == "v0.1.0"
            await sora.act(f"{stage}/release-hold", reason="over", held="2026-03-02T10:00:00+00:00")
            await sora.act(f"{stage}/release-hold", reason="over", held="yesterday")
            await world.settled()
            assert await fleet.written("stage") == "v0.1.0"
            await sora.act(f"{stage}/release-hold", **page.form | {"reason": "over"})
            await world.settled()
        assert await fleet.written("stage") == tag  # what was held back comes
        told = [world.hub.world.said_of(each)[0].description for each in fleet.deployments("stage")[:4]]
        assert told == [
            "stage is held at what it runs.",
            "stage is no longer as your page showed it: somebody was quicker. Decide again.",
            "Expected a time, such as 2026-03-02T10:00:00+00:00; found yesterday.",
            "stage is held no longer.",
        ]
        entries = (await fleet.ledger.audit.entries(Filter(subject="stage"))).entries
        assert [(each.action, each.actor, each.why) for each in reversed(entries)] == [
            ("hold", "sora", "the fair"), ("release-hold", "sora", "over")
        ]  # fmt: skip
        # A hold is no deployment: neither the board nor the figures count one.
        recorded = await fleet.ledger.deployments.of(world.shop.database_id, "stage", 9)
        assert "hold" not in {each.action for each in recorded}
