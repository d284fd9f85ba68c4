"""What follows a deployment until it runs or fails: Argo CD, GitHub and people at their worst."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from support.fleet import IMAGE, MANIFEST, RULEBOOK, Fleet, a_fleet, developed, pushed, to_prod, to_stage
from support.world import QUICK

from bot import settings
from bot.delivery.argocd import news
from bot.engine import Policy, Question, Tuning
from bot.github.rulebooks import Rulebooks
from bot.jobs.ask import Ask
from bot.jobs.endings import Endings
from bot.jobs.news import NewsJob
from bot.jobs.target import Targets
from bot.localhub import faults
from bot.localhub.faults import Hold
from bot.localhub.faults import hold as held_back
from bot.webhooks.questions import AboutNews, AboutTarget
from bot.work import github_of
from service.ledger.shipments import Shipment, State
from service.ledger.store import Ledger

# What GitHub refuses is asked again soon.
IMPATIENT = Tuning(spacing=0.1, policy=Policy(attempts=4, base=0.1, cap=0.2))


def of_dev(more: str) -> str:
    return RULEBOOK.replace("dev: {", f"dev: {{{more}, ")


def of_prod(more: str) -> str:
    return RULEBOOK.replace("prod: {", f"prod: {{{more}, ")


def status(revision: str, *images: str, health: str = "Healthy", phase: str = "Succeeded") -> dict[str, Any]:
    """How an application stands, as Argo CD has it."""
    return {
        "health": {"status": health},
        "operationState": {"phase": phase, "message": "it says why", "syncResult": {"revision": revision}},
        "summary": {"images": list(images)},
    }


async def argo(fleet: Fleet, application: str, said: Mapping[str, Any]) -> None:
    await fleet.tell("argocd", {"app": {"metadata": {"name": application}, "status": said}})


async def looked_around(fleet: Fleet, tmp_path: Path, waits: timedelta) -> str:
    """What the regular look finds so much later."""
    async with following(fleet, tmp_path, fleet.world.engine.ask, waits) as job:
        outcome = await job.look_around()
    await fleet.world.settled()
    return outcome


@asynccontextmanager
async def following(
    fleet: Fleet, tmp_path: Path, ask: Ask, waits: timedelta = timedelta()
) -> AsyncIterator[NewsJob]:
    """What follows deployments, so much later; what it asks goes to `ask`."""
    found = settings.read(fleet.world.hub.environment(tmp_path / "data"))
    later = Ledger(fleet.database, clock=lambda: datetime.now(UTC) + waits)
    async with github_of(found, settings.identity(found)) as github:
        endings = Endings(github, Rulebooks(), later, ask, found.github_url)
        yield NewsJob(later, Targets(github, later), ask, endings)


def descriptions(fleet: Fleet, environment: str) -> list[list[str]]:
    said = fleet.world.hub.world.said_of
    return [[each.description for each in said(one)] for one in fleet.deployments(environment)]


# The end is told


async def test_the_end_is_told_however_often_github_fails(tmp_path: Path) -> None:
    async with a_fleet(tmp_path, of_dev("degraded: rollback"), IMPATIENT) as fleet:
        first = await developed(fleet, "first")
        await fleet.push_image(first, "10:00", 1)
        fails(fleet, faults.refuse(502))
        await fleet.says("shop-dev", first)
        assert fleet.states("dev") == [["in_progress", "success"]]
        second = await developed(fleet, "second")
        await fleet.push_image(second, "11:00", 2)
        fails(fleet, faults.lose())
        await fleet.says("shop-dev", second, "Degraded")
        # A rollback that was made is found, though nobody came to know of it.
        shop, number = fleet.world.shop.database_id, fleet.deployments("dev")[1].database_id
        failed = await fleet.ledger.shipments.of(shop, number)
        assert failed is not None
        assert failed.state is State.SETTLED
        await fleet.ledger.shipments.move(failed, State.WRITTEN)
        await fleet.says("shop-dev", second, "Degraded")
        assert [each.task for each in fleet.deployments("dev")] == ["deploy", "deploy", "rollback"]
        assert fleet.states("dev")[1] == ["in_progress", "failure", "failure", "failure"]
        assert await fleet.written("dev") == first
        ends = [fleet.world.hub.world.said_of(each)[1] for each in fleet.deployments("dev")[:2]]
        assert all("/acme/gitops/commit/" in each.log_url for each in ends)


def fails(fleet: Fleet, fault: faults.Fault) -> None:
    """What is said next of the newest deployment to dev fails."""
    number = fleet.deployments("dev")[-1].database_id
    fleet.world.hub.faults.next("POST", f"/repos/acme/shop/deployments/{number}/statuses", fault)


async def test_what_dwells_comes_to_its_end_though_nobody_asked(tmp_path: Path) -> None:
    """The process died between what it knew and what it asked."""
    async with a_fleet(tmp_path, RULEBOOK.replace("dev: {dwell: 0}", "dev: {dwell: 60}"), QUICK) as fleet:
        for turn in range(2):
            tag = await developed(fleet, f"steady {turn}")
            await fleet.push_image(tag, f"1{turn}:00", turn)
            (shipment,) = await fleet.ledger.shipments.written("shop-dev")
            healthy = datetime.now(UTC) - timedelta(seconds=61)
            await fleet.ledger.shipments.move(shipment, State.WRITTEN, healthy_at=healthy)
            if turn:
                await fleet.says("shop-dev", tag)
            else:
                assert await looked_around(fleet, tmp_path, timedelta()) == "0 given up"
        assert fleet.states("dev") == [["in_progress", "success", "inactive"], ["in_progress", "success"]]


# What the manifests name already


async def test_what_was_written_there_before_is_gone_on_with(fleet: Fleet, tmp_path: Path) -> None:
    sora = fleet.world.person("sora", "maintain")
    first = await to_stage(fleet, "1.0.0", 1)
    await fleet.orders(sora, "/signalbox promote prod")
    (before,) = await fleet.ledger.shipments.written("shop-prod")
    head = await fleet.head()
    await shipped_again(fleet, before)
    (now,) = await fleet.ledger.shipments.written("shop-prod")
    assert now.deployment != before.deployment
    assert (now.revision, now.written_at) == (before.revision, before.written_at)
    await fleet.says("shop-prod", first)
    await shipped_again(fleet, before)  # what runs there is a success at once
    assert await fleet.head() == head
    assert fleet.states("prod") == [
        ["in_progress", "inactive"],
        ["in_progress", "success", "inactive"],
        ["success"],
    ]
    assert descriptions(fleet, "prod")[2] == ["The manifests have it already, and it is healthy."]
    assert await looked_around(fleet, tmp_path, timedelta(minutes=16)) == "0 given up"


async def shipped_again(fleet: Fleet, shipment: Shipment) -> None:
    """The same image comes once more, by itself."""
    world, place = fleet.world, shipment.environment
    bot, content = world.hub.world.app.bot, {**shipment.content, "by": ""}
    made = await world.hub.deployments.create(world.shop, "main", by=bot, environment=place, task="promote")
    again = replace(shipment, deployment=made.database_id, at=datetime.now(UTC), state=State.WAITING)
    await fleet.ledger.shipments.keep(replace(again, content=content))
    await world.engine.ask(AboutTarget(target="acme/gitops").question)
    await world.settled()


async def test_d5_a_tag_that_was_pushed_again_fails_nothing(tmp_path: Path) -> None:
    async with a_fleet(tmp_path, of_dev("degraded: rollback"), QUICK) as fleet:
        tag = await developed(fleet, "built twice")
        await fleet.push_image(tag, "10:00", 1)
        await fleet.says("shop-dev", tag)
        await fleet.push_image(tag, "10:30", 2)
        await fleet.push_image("unrelated", "10:40", 3)  # whatever is asked again, it is not deployed again
        assert fleet.states("dev") == [["in_progress", "success"], ["inactive"]]
        (told,) = descriptions(fleet, "dev")[1]
        assert told.startswith(f"Nothing changes: the manifests name {tag} alone")
        assert told.endswith("its own tag.")
        # What somebody wrote by hand is followed like any other.
        by_hand = await developed(fleet, "by hand")
        text = MANIFEST.format(image=IMAGE).replace("v0.1.0", by_hand)
        await fleet.clone.git("pull", "--quiet", "origin", "main")
        await fleet.clone.commit("by hand", {"apps/shop-dev/web/web.yaml": text})
        await fleet.clone.push("main")
        await fleet.push_image(by_hand, "11:00", 4)
        assert fleet.states("dev")[2] == ["in_progress"]


# Stale health


async def test_d8_degraded_of_before_the_sync_is_not_believed(fleet: Fleet) -> None:
    first, second = await developed(fleet, "first"), ""
    await fleet.push_image(first, "10:00", 1)
    await fleet.says("shop-dev", first, "Degraded")
    second = await developed(fleet, "second")
    await fleet.push_image(second, "11:00", 2)
    head, images = await fleet.head(), (f"{IMAGE}:{first}", f"{IMAGE}:{second}")
    await argo(fleet, "shop-dev", status(head, *images, health="Degraded", phase="Running"))
    await argo(fleet, "shop-dev", status(head, *images))
    assert fleet.states("dev") == [["in_progress", "failure"], ["in_progress", "success"]]


# A failure that was none


async def test_d8_what_degraded_is_a_success_once_it_is_healthy_after_all(fleet: Fleet) -> None:
    sora, before = fleet.world.person("sora", "maintain"), await fleet.head()
    tag = await to_stage(fleet, "1.0.0", 1, "Degraded")
    assert "Nothing is known to run in `stage`" in await fleet.orders(sora, "/signalbox promote prod")
    # It fails once, and neither another image nor an earlier revision is believed.
    await fleet.says("shop-stage", tag, "Degraded")
    await fleet.says("shop-stage", "v0.1.0")
    await fleet.says("shop-stage", tag, revision=before)
    assert fleet.states("stage") == [["in_progress", "failure"]]
    await fleet.says("shop-stage", tag)
    assert fleet.states("stage") == [["in_progress", "failure", "success"]]
    assert "is done" in await fleet.orders(sora, "/signalbox promote prod")


async def test_d8_what_was_given_up_is_a_success_once_it_was_healthy_for_a_while(tmp_path: Path) -> None:
    async with a_fleet(tmp_path, RULEBOOK.replace("dev: {dwell: 0}", "dev: {dwell: 60}"), QUICK) as fleet:
        tag = await developed(fleet, "late")
        await fleet.push_image(tag, "10:00")
        assert await looked_around(fleet, tmp_path, timedelta(minutes=16)) == "1 given up"
        asked = list[datetime | None]()

        async def ask(*_: Question, not_before: datetime | None = None) -> None:
            asked.append(not_before)

        said = {"metadata": {"name": "shop-dev"}, "status": status(await fleet.head(), f"{IMAGE}:{tag}")}
        async with following(fleet, tmp_path, ask) as job:
            assert await job.hear(AboutNews.told(news({"app": said})).question) == "healthy"
        (shipment,) = await fleet.ledger.shipments.written("shop-dev")
        assert shipment.healthy_at is not None
        assert asked == [shipment.healthy_at + timedelta(seconds=60)]
        assert fleet.states("dev") == [["in_progress", "failure"]]
        healthy = shipment.healthy_at - timedelta(seconds=61)
        await fleet.ledger.shipments.move(shipment, State.WRITTEN, healthy_at=healthy)
        assert await looked_around(fleet, tmp_path, timedelta(minutes=16)) == "0 given up"
        assert fleet.states("dev") == [["in_progress", "failure", "success"]]


async def test_what_failed_is_promoted_again_and_followed(fleet: Fleet) -> None:
    sora = fleet.world.person("sora", "maintain")
    await to_prod(fleet, sora, "1.0.0", 1)
    second = await to_stage(fleet, "1.1.0", 2)
    await fleet.orders(sora, "/signalbox promote prod")
    await fleet.says("shop-prod", second, "Degraded")
    assert "is done" in await fleet.orders(sora, "/signalbox promote prod")
    assert "is deploying there" in await fleet.orders(sora, "/signalbox promote prod")
    await fleet.says("shop-prod", second)
    assert fleet.states("prod")[1:] == [["in_progress", "failure"], ["in_progress", "success"]]
    assert "runs in `prod` already" in await fleet.orders(sora, "/signalbox promote prod")
    # What failed stands in the manifests all the same: what ran before it is not there.
    third = await to_stage(fleet, "1.2.0", 3)
    await fleet.orders(sora, "/signalbox promote prod")
    await fleet.says("shop-prod", third, "Degraded")
    await fleet.orders(sora, "/signalbox rollback stage to 1.1.0")
    await fleet.says("shop-stage", second)
    assert "is done" in await fleet.orders(sora, "/signalbox promote prod")
    assert await fleet.written("prod") == second


# What waits in a pull request


async def test_a_pull_request_is_followed_from_its_merge(tmp_path: Path) -> None:
    async with a_fleet(tmp_path, of_dev("write: pull_request"), QUICK) as fleet:
        world = fleet.world
        await fleet.push_image(await developed(fleet, "proposed"), "10:00")
        (pull,) = world.hub.world.pulls_of(fleet.gitops)
        # Neither is about it: a sync of what is there, and a pull request of the same branch elsewhere.
        await argo(fleet, "shop-dev", status(await fleet.head(), f"{IMAGE}:v0.1.0", phase="Failed"))
        await fleet.clone.git("push", "--quiet", "origin", "main:refs/heads/other")
        await world.hub.repositories.sync(fleet.gitops, world.mina)
        rival = await world.hub.pulls.open(fleet.gitops, head=pull.head_ref_name, base="other", by=world.mina)
        await world.hub.pulls.close(rival, by=world.mina)
        await world.settled()
        assert fleet.states("dev") == [["queued"]]
        (proposed,) = await fleet.ledger.shipments.written("shop-dev")
        await world.hub.pulls.merge(pull, by=world.mina)
        await world.settled()
        (merged,) = await fleet.ledger.shipments.written("shop-dev")
        assert (proposed.revision, merged.revision) == (None, await fleet.head())
        assert proposed.written_at is not None
        assert merged.written_at is not None
        assert merged.written_at > proposed.written_at
        assert await looked_around(fleet, tmp_path, timedelta(minutes=16)) == "1 given up"
        assert fleet.states("dev") == [["queued", "in_progress", "failure"]]


async def test_who_closes_it_lets_the_environment_go(tmp_path: Path) -> None:
    async with a_fleet(tmp_path, of_prod("write: pull_request"), QUICK) as fleet:
        world, sora = fleet.world, fleet.world.person("sora", "maintain")
        await to_stage(fleet, "1.0.0", 1)
        await fleet.orders(sora, "/signalbox promote prod")
        (pull,) = world.hub.world.pulls_of(fleet.gitops)
        await world.hub.pulls.close(pull, by=world.mina)
        await world.settled()
        assert descriptions(fleet, "prod")[0][-1] == "mina closed it without merging."
        assert "is done" in await fleet.orders(sora, "/signalbox promote prod")
        assert fleet.states("prod") == [["queued", "inactive"], ["queued"]]
        (shipment,) = await fleet.ledger.shipments.written("shop-prod")
        history = await fleet.ledger.shipments.history(world.shop.database_id, "prod")
        assert [each.deployment for each in history if each.is_written] == [shipment.deployment]


async def test_what_nobody_wants_does_not_come_by_itself(tmp_path: Path) -> None:
    async with a_fleet(tmp_path, of_dev("write: pull_request"), QUICK) as fleet:
        world, first = fleet.world, await developed(fleet, "first")
        await fleet.push_image(first, "10:00", 1)
        (older,) = world.hub.world.pulls_of(fleet.gitops)
        await world.hub.pulls.close(older, by=world.mina)
        await world.settled()
        await fleet.push_image("unrelated", "10:30", 2)
        assert fleet.states("dev") == [["queued", "inactive"]]
        await fleet.push_image(await developed(fleet, "second"), "11:00", 3)
        await fleet.push_image(await developed(fleet, "third"), "12:00", 4)
        # D1: what a newer one overtook cannot be merged late.
        assert [each.is_open for each in world.hub.world.pulls_of(fleet.gitops)] == [False, False, True]
        assert fleet.states("dev")[1:] == [["queued", "inactive"], ["queued"]]
        assert descriptions(fleet, "dev")[1][-1] == "A newer image is there already, or on its way."
        # Who thinks better of it may: they open the closed one again.
        await world.hub.pulls.reopen(older, by=world.mina)
        await world.hub.pulls.merge(older, by=world.mina)
        await world.settled()
        await fleet.says("shop-dev", first)
        assert fleet.states("dev")[0] == ["queued", "inactive", "in_progress", "success"]


# A batch


async def test_news_that_come_while_a_batch_is_told_are_heard(tmp_path: Path) -> None:
    names = [f"registry.example.com/acme/{name}" for name in ("web", "worker")]
    async with a_fleet(tmp_path, RULEBOOK.replace(f"[{IMAGE}]", str(names)), QUICK) as fleet:
        files = {f"apps/shop-dev/{name[-3:]}.yaml": MANIFEST.format(image=name) for name in names}
        await fleet.clone.commit("two", files)
        await fleet.clone.push("main")
        tag, telling, hearing = await developed(fleet, "both"), Hold(), Hold()
        path = "/repos/acme/shop/deployments/*/statuses"
        for each in (telling, hearing):
            fleet.world.hub.faults.next("POST", path, held_back(each))
        events = [pushed(f"acme/{name}", tag, f"1{at}:00", at) for at, name in enumerate(("web", "worker"))]
        writing = asyncio.create_task(fleet.tell("registry", {"events": events}))
        await telling.reached.wait()
        said = status(await fleet.head(), *(f"{name}:{tag}" for name in names))
        news = asyncio.create_task(argo(fleet, "shop-dev", said))
        await hearing.reached.wait()
        hearing.released.set()
        telling.released.set()
        await asyncio.gather(writing, news)
        assert [states.count("success") for states in fleet.states("dev")] == [1, 1]
        assert await fleet.ledger.shipments.written("shop-dev") == ()


async def test_a_repository_that_the_app_cannot_reach_is_told_of(fleet: Fleet) -> None:
    fleet.world.hub.faults.next("GET", "/repos/acme/gitops/installation", faults.refuse(404))
    await fleet.push_image(await developed(fleet, "first"), "10:00")
    assert fleet.states("dev") == [["failure"]]
    (told,) = descriptions(fleet, "dev")[0]
    assert told.startswith("acme/gitops cannot be written: ")
