"""What the ledger knows after a day of work, so that the control room can show it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.world import World

from service.ledger.database import Database
from service.ledger.store import Ledger


@pytest.fixture
async def ledger(world: World, tmp_path: Path) -> AsyncIterator[Ledger]:
    """The ledger of the bot that runs."""
    await world.settled()
    database = Database(f"sqlite:///{tmp_path / 'data' / 'ledger.sqlite'}")
    await database.open(upgrade=True)
    yield Ledger(database)
    await database.close()


async def test_a_release_and_its_deployment_can_be_looked_up(world: World, ledger: Ledger) -> None:
    hub, mina, jiho = world.hub, world.mina, world.person("jiho")
    await world.begin("release-v1.2.0", "develop")
    opened = await world.open("release-v1.2.0", "main")
    shop = await ledger.repositories.locate("acme/shop")
    assert shop is not None
    assert (shop.main, shop.develop, shop.rulebook, shop.preset) == ("main", "develop", "own", "git-flow")
    assert [(place.name, place.after) for place in shop.environments] == [
        ("local", None), ("dev", None), ("test", "dev"), ("stage", "test"), ("prod", "stage"),
    ]  # fmt: skip
    pull = await ledger.pulls.of(shop.repository.id, opened.number)
    assert pull is not None
    assert (pull.kind, pull.base_kind, pull.role, pull.state) == ("release", "main", "release", "open")
    assert pull.conclusions["branch"] == "success"
    await hub.reviews.submit(opened, by=jiho, state="CHANGES_REQUESTED", body="P1: mind the tax")
    await world.settled()
    asked = await ledger.pulls.of(shop.repository.id, opened.number)
    assert asked is not None
    assert (asked.levels, asked.approved_at) == ((("P1", 1),), None)
    await hub.reviews.submit(opened, by=jiho, state="APPROVED")
    await world.settled()
    approved = await ledger.pulls.of(shop.repository.id, opened.number)
    assert approved is not None
    assert (approved.levels, approved.approved_at is not None) == ((), True)
    merged = await hub.pulls.merge(world.pull(opened.number), by=mina)
    await world.settled()
    kept = await ledger.pulls.of(shop.repository.id, opened.number)
    assert kept is not None
    assert (kept.state, kept.merge_commit) == ("merged", merged.merge_commit)
    assert kept.conclusions == approved.conclusions
    (release,) = (await ledger.releases.page(shop.repository.id)).releases
    assert (release.lacking, release.notes is not None) == ((), True)
    deployment = await hub.deployments.create(world.shop, "v1.2.0", by=mina, environment="prod")
    hub.deployments.say(deployment, "in_progress", by=mina)
    hub.deployments.say(deployment, "success", by=mina, environment_url="https://shop.example.com")
    await world.settled()
    prod = (await ledger.board.of(shop))[-1].state
    assert prod.running is not None
    assert (prod.running.ref, prod.running.commit) == ("v1.2.0", merged.merge_commit)
    assert (prod.running.by, prod.running.url) == ("mina", "https://shop.example.com")
    lines = await ledger.lines.of(shop.repository.id, datetime.now(UTC) - timedelta(days=1))
    assert [each.number for each in lines.merged] == [opened.number]
    assert [each.tag for each in lines.releases] == ["v1.2.0"]


async def test_a_repository_that_left_the_installation_is_gone(world: World, ledger: Ledger) -> None:
    await world.begin("feat/login", "develop")
    await world.open("feat/login", "develop")
    assert await ledger.repositories.locate("acme/shop")
    hub = world.hub
    hub.installations.suspend(next(iter(hub.world.installations.values())))
    await world.settled()
    assert await ledger.repositories.locate("acme/shop") is None
