"""Which of the images that registries tell of are deployed, and which are left alone."""

from pathlib import Path

import pytest
from support.fleet import (
    DIGEST,
    IMAGE,
    MANIFEST,
    RULEBOOK,
    Fleet,
    a_fleet,
    commit_of,
    developed,
    pushed,
)  # fmt: skip
from support.world import QUICK

from bot.localhub.faults import refuse

WORKER = "registry.example.com/acme/worker"
BOTH = RULEBOOK.replace(f"[{IMAGE}]", f"[{IMAGE}, {WORKER}]")
AT_ONCE = RULEBOOK.replace(", deploy: manual", "")


async def tag_main(fleet: Fleet, *tags: str) -> None:
    """Push tags at the tip of main."""
    for tag in tags:
        await fleet.world.clone.git("tag", "--annotate", tag, "main", "--message", tag)
        await fleet.world.push(tag)
    await fleet.world.settled()


async def test_a_pre_release_and_a_variant_do_not_go_to_production(tmp_path: Path) -> None:
    async with a_fleet(tmp_path, AT_ONCE, QUICK) as fleet:
        await tag_main(fleet, "v1.4.0-rc.1", "v1.1.0-alpine", "v1.0.0")
        await fleet.push_image("v1.4.0-rc.1", "10:05", 4)
        await fleet.push_image("v1.1.0-alpine", "10:06", 5)
        assert fleet.deployments("prod") == []
        await fleet.push_image("v1.0.0", "10:00", 1)
        assert await fleet.written("prod") == "v1.0.0"


async def test_d1_a_patch_of_an_older_line_is_older_however_tags_are_spelt(tmp_path: Path) -> None:
    rulebook = AT_ONCE + "versions: {tag: 'shop-{version}'}\n"
    async with a_fleet(tmp_path, rulebook, QUICK) as fleet:
        await tag_main(fleet, "shop-2.0.0", "shop-1.0.1")
        await fleet.push_image("shop-2.0.0", "10:00", 1)
        await fleet.push_image("shop-1.0.1", "11:00", 2)
        assert await fleet.written("prod") == "shop-2.0.0"
        assert len(fleet.deployments("prod")) == 1
        git = fleet.world.hub.world.git(fleet.gitops)
        # D5: a tag that is a version is not one that moves.
        assert b"moves" not in await git.run("log", "-1", "--format=%B", await fleet.head())


async def test_an_image_whose_pushes_cannot_be_read_is_looked_at_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_fleet(tmp_path, RULEBOOK, QUICK) as fleet:
        tag = f"develop-{await commit_of(fleet, 'develop')}"
        refused = refuse(403, "Resource not accessible by integration")
        fleet.world.hub.faults.next("GET", "/repos/acme/shop/activity", refused)
        await fleet.push_image(tag, "10:00")
        assert fleet.deployments("dev") == []
        assert "the pushes of acme/shop cannot be read" in caplog.text
        await fleet.push_image("v9.0.0", "09:00", 5)
        assert await fleet.written("dev") == tag


async def test_what_could_not_be_written_is_tried_again_only_by_its_own_push(tmp_path: Path) -> None:
    async with a_fleet(tmp_path, BOTH, QUICK) as fleet:
        tag = await developed(fleet, "first")
        worker = pushed("acme/worker", tag, "09:00", 77)
        await fleet.tell("registry", {"events": [worker]})
        await fleet.push_image(tag, "10:00", 1)
        await fleet.push_image(await developed(fleet, "second"), "11:00", 2)

        def tried() -> list[list[str]]:
            carried = zip(fleet.deployments("dev"), fleet.states("dev"), strict=True)
            return [states for each, states in carried if WORKER in str(each.payload)]

        # No manifest holds it, which another image does not change.
        assert tried() == [["failure"]]
        await fleet.clone.git("pull", "--quiet", "--rebase", "origin", "main")
        await fleet.clone.commit("worker", {"apps/shop-dev/worker.yaml": MANIFEST.format(image=WORKER)})
        await fleet.clone.push("main")
        await fleet.tell("registry", {"events": [{**worker, "timestamp": "2026-01-02T12:00:00Z"}]})
        assert tried() == [["failure"], ["in_progress"]]
        assert DIGEST.format(77) in str(fleet.deployments("dev")[-1].payload)


async def test_an_image_is_one_read_and_one_write_of_the_gitops_repository_however_many_files(
    tmp_path: Path,
) -> None:
    async with a_fleet(tmp_path, RULEBOOK, QUICK) as fleet:
        await fleet.clone.commit("worker", {"apps/shop-dev/worker.yaml": MANIFEST.format(image=IMAGE)})
        await fleet.clone.push("main")
        await fleet.push_image(f"develop-{await commit_of(fleet, 'develop')}", "10:00", 1)
        tag = await developed(fleet, "more")
        await fleet.world.settled()
        before = len(fleet.world.operations())
        await fleet.push_image(tag, "11:00", 2)
        asked = [each for each in fleet.world.operations()[before:] if "/repos/acme/shop/" not in each]
        # The rulebook is the shop's, and a push makes the bot look for the pull requests that it concerns.
        assert asked == ["RulebookOf", "Manifests", "Publish", "Pulls"]
        git = fleet.world.hub.world.git(fleet.gitops)
        changed = await git.run("show", "--format=", "--name-only", await fleet.head())
        assert changed.decode().splitlines() == ["apps/shop-dev/web/web.yaml", "apps/shop-dev/worker.yaml"]
        assert len(await fleet.log()) == 4
