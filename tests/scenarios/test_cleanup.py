"""A feature is merged, and its images go: talked of first, and never one that is needed (D11)."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from scenarios.test_releases import merged
from support.ledger import acts, ledger_of
from support.world import World, a_world

from bot.localhub import Hub, faults
from bot.localhub.model import PullRequest
from bot.localhub.packages import PackageVersion
from bot.webhooks.questions import AboutCleanup
from service.clock import utc_now
from service.ledger.deployments import Deployment
from service.ledger.repository import Repository

RULEBOOK = "preset: trunk\nimages: {keep: 1}\n"
BRANCH = "feature/login"


def opened(folder: Path, rulebook: str = RULEBOOK, **more: str) -> AbstractAsyncContextManager[World]:
    """A team on a trunk whose bot may read its packages, and delete them."""

    def settings(hub: Hub) -> dict[str, str]:
        token = hub.signins.personal(hub.person("mina"), "read:packages", "delete:packages")
        return {"GITHUB_PACKAGES_TOKEN": token, **more}

    return a_world(folder, rulebook=rulebook, branches=("main",), settings=settings)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """One that deletes."""
    async with opened(tmp_path, SIGNALBOX_DELETE_IMAGES="true") as made:
        made.hub.allow(made.shop, made.mina, "admin")
        yield made


@dataclass
class Images:
    """What was built while a feature was worked on."""

    index: PackageVersion
    parts: tuple[PackageVersion, ...]
    shared: PackageVersion
    deployed: PackageVersion
    newest: PackageVersion


async def worked(world: World) -> PullRequest:
    """A pull request of a feature with two commits."""
    await world.begin(BRANCH, "main")
    await world.clone.commit("and more of it", {"more.txt": "more"})
    await world.push(BRANCH)
    return await world.open(BRANCH, "main")


async def built(world: World, pull: PullRequest) -> Images:
    """Build each commit of the feature for two platforms, and main."""
    (older,) = (await world.clone.git("rev-parse", f"{BRANCH}~1")).split()
    an_hour_ago = utc_now() - timedelta(hours=1)
    push = partial(world.hub.packages.push, world.shop, "shop")
    parts = tuple(push(at=an_hour_ago) for _ in range(2))
    return Images(
        index=push("feature-login", f"sha-{older[:7]}", children=parts, at=an_hour_ago),
        parts=parts,
        shared=push(f"feature-login-{pull.head_ref_oid[:12]}", "v0.9.0", at=an_hour_ago),
        deployed=push(f"local-{pull.head_ref_oid[:12]}", at=an_hour_ago),
        newest=push("main-0123abc"),
    )


async def deploy(world: World, folder: Path, version: PackageVersion) -> None:
    """Let another repository run an image."""
    now = utc_now()
    image = f"{world.hub.url.removeprefix('http://')}/acme/shop@{version.digest}"
    async with ledger_of(folder) as ledger:
        await ledger.deployments.record(
            Deployment(
                Repository(99, "acme/tools"), 1, "local", "deploy", "main", "f" * 40, image, "mina", "",
                "success", now, now, now,
            )
        )  # fmt: skip


async def told(folder: Path) -> dict[str, tuple[str, str]]:
    """What the audit says of each image, by its digest: the act and the reason."""
    found = [each for each in await acts(folder) if each.action.endswith("image")]
    assert {(each.actor, each.origin) for each in found} <= {("signalbox[bot]", "#1")}
    assert len({each.subject for each in found}) == len(found)
    return {each.subject.rpartition("@")[2]: (each.action, each.why) for each in found}


def left(world: World) -> set[str]:
    return {each.digest for each in world.hub.packages.versions.values()}


async def asked_again(world: World, pull: PullRequest) -> None:
    """Ask about the merge once more."""
    about = AboutCleanup(
        installation=next(iter(world.hub.world.installations)),
        repository=world.shop.id,
        repository_id=world.shop.database_id,
        full_name="acme/shop",
        number=pull.number,
        head=BRANCH,
    )
    await world.engine.ask(about.question)
    await world.settled()


async def test_d11_images_of_a_merged_feature_go_but_for_those_that_are_needed(
    world: World, tmp_path: Path
) -> None:
    pull = await worked(world)
    images = await built(world, pull)
    await deploy(world, tmp_path, images.deployed)
    before = left(world)
    await merged(world, pull)
    assert before - left(world) == {images.index.digest, *(part.digest for part in images.parts)}
    entries = await told(tmp_path)
    assert {digest: act for digest, (act, _) in entries.items()} == {
        images.index.digest: "delete image",
        images.shared.digest: "keep image",
        images.deployed.digest: "keep image",
    }
    assert "Built from feature/login, which #1 merged." in entries[images.index.digest][1]
    assert "Parts that go with it: 2." in entries[images.index.digest][1]
    assert "It has other tags too: v0.9.0." in entries[images.shared.digest][1]
    assert "It is deployed: acme/tools local." in entries[images.deployed.digest][1]
    await asked_again(world, pull)
    assert await told(tmp_path) == entries


async def test_unless_it_is_asked_for_nothing_goes(tmp_path: Path) -> None:
    async with opened(tmp_path) as world:
        pull = await worked(world)
        images = await built(world, pull)
        before = left(world)
        await merged(world, pull)
        await asked_again(world, pull)
        assert left(world) == before
        acts_of = {digest: act for digest, (act, _) in (await told(tmp_path)).items()}
        assert acts_of == {
            images.index.digest: "would delete image",
            images.shared.digest: "keep image",
            images.deployed.digest: "would delete image",
        }


async def test_a_deployment_that_names_no_image_keeps_those_of_its_commit(
    world: World, tmp_path: Path
) -> None:
    pull = await worked(world)
    images = await built(world, pull)
    await world.hub.deployments.create(world.shop, pull.head_ref_oid, by=world.mina, environment="local")
    await world.settled()
    await merged(world, pull)
    act, why = (await told(tmp_path))[images.deployed.digest]
    assert (act, "It is deployed: acme/shop local." in why) == ("keep image", True)


async def test_what_the_registry_does_not_let_go_stays_and_is_told(world: World, tmp_path: Path) -> None:
    pull = await worked(world)
    images = await built(world, pull)
    world.hub.allow(world.shop, world.mina, "write")
    before = left(world)
    await merged(world, pull)
    assert left(world) == before
    whys = [each.why for each in await acts(tmp_path) if each.subject.endswith(images.index.digest)]
    assert len(whys) == 2
    assert "The registry does not delete it" in whys[1]
    assert "admin" in whys[1]


async def test_d11_a_part_stays_with_an_image_that_the_registry_does_not_let_go(
    world: World, tmp_path: Path
) -> None:
    pull = await worked(world)
    push = partial(world.hub.packages.push, world.shop, "shop")
    at = utc_now() - timedelta(hours=1)
    part = push(at=at)
    tags = (f"{one}-{pull.head_ref_oid[:7]}" for one in ("arm", "amd"))
    images = [push(tag, children=[part], at=at) for tag in tags]
    push("main-0123abc")
    refused, goes = sorted(images, key=lambda image: image.digest)
    path = f"/orgs/acme/packages/container/shop/versions/{refused.database_id}"
    world.hub.faults.next("DELETE", path, faults.refuse(422, "not this one"))
    await merged(world, pull)
    assert {part.digest, refused.digest} <= left(world)
    assert goes.digest not in left(world)
    assert [each.action for each in await acts(tmp_path) if each.subject.endswith(refused.digest)] == [
        "delete image", "keep image",
    ]  # fmt: skip


async def test_d11_a_registry_that_shows_nothing_loses_nothing(world: World, tmp_path: Path) -> None:
    pull = await worked(world)
    images = await built(world, pull)
    world.hub.registry.closed = True
    before = left(world)
    await merged(world, pull)
    assert left(world) == before
    act, why = (await told(tmp_path))[images.index.digest]
    assert act == "keep image"
    assert "cannot be read" in why


@pytest.mark.parametrize(
    "images", ["images: {delete_merged: []}", "delivery: {images: [registry.example.com/shop]}"]
)
async def test_without_a_wish_or_a_registry_that_is_known_nothing_is_looked_at(
    tmp_path: Path, images: str
) -> None:
    async with opened(tmp_path, f"preset: trunk\n{images}\n") as world:
        pull = await worked(world)
        await built(world, pull)
        await merged(world, pull)
        assert world.hub.registry.pulls == 0
        assert await told(tmp_path) == {}
