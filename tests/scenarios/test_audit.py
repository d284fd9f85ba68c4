"""`signalbox audit OWNER/REPO`: GitHub tells what a clone tells, and what pull requests say besides."""

import json
from pathlib import Path
from typing import Any

import pytest
from scenarios.test_commands import typed
from scenarios.test_releases import a_release, merged
from support.world import World, a_world

from bot.localhub.pulls import MergeMethod


async def audited(world: World, tmp_path: Path, what: str, *options: str) -> dict[str, Any]:
    """What the audit of a repository says, by its name on the hub or by a path."""
    environ = world.hub.environment(tmp_path / "data")
    code, out, error = await typed("audit", what, "--json", *options, environ=environ)
    assert code == 0, error
    found: dict[str, Any] = json.loads(out)
    return found


async def a_past(world: World, method: MergeMethod = "merge") -> None:
    """A history with a release, a misnamed branch, a lightweight tag off main, a tag's and a tree's."""
    await merged(world, await a_release(world), method)
    await world.begin("feature/cart", "develop")
    await world.clone.git("tag", "v9.0.0", "feature/cart")
    await world.clone.git("tag", "--annotate", "nightly", "main", "--message", "nightly")
    await world.clone.git("tag", "--annotate", "again", "nightly", "--message", "again")
    await world.push("v9.0.0")
    await world.push("nightly")
    await world.push("again")
    await world.clone.git("tag", "tree", "main^{tree}")
    await world.push("tree")
    await world.settled()


async def test_github_tells_what_a_clone_tells(world: World, tmp_path: Path) -> None:
    await a_past(world)
    before = len(world.operations())
    told = await audited(world, tmp_path, "acme/shop")
    assert told == await audited(world, tmp_path, str(world.hub.clone_path(world.shop)))
    assert told["counts"]["lightweight-tag"] == told["counts"]["misnamed-branch"] == 1
    assert told["counts"]["tag-off-main"] == 1
    assert set(world.operations()[before:]) == {
        "GET /repos/acme/shop/installation",
        *("Repository", "Branches", "Tags", "Lineage", "Sources"),
    }


async def test_a_squash_is_known_by_its_pull_request(world: World, tmp_path: Path) -> None:
    await world.begin("release-v1.2.0", "develop", {"out.txt": "out"})
    await world.hub.pulls.open(
        world.shop, head="release-v1.2.0", base="main", by=world.mina, title="All that is new"
    )
    await world.settled()
    await merged(world, world.pull(1), "squash")
    told = await audited(world, tmp_path, "acme/shop")
    assert told["counts"]["squash-merged"] == 1


async def test_a_rulebook_that_is_named_counts(world: World, tmp_path: Path) -> None:
    await a_past(world)
    trunk = tmp_path / "trunk.yml"
    trunk.write_text("preset: trunk\n", "utf-8")
    told = await audited(world, tmp_path, "acme/shop", "--rulebook", str(trunk))
    misnamed = [each["subject"] for each in told["found"] if each["fault"] == "misnamed-branch"]
    assert misnamed == ["develop", "release-v1.2.0"]


async def test_without_a_rulebook_main_is_what_the_repository_calls_it(tmp_path: Path) -> None:
    async with a_world(tmp_path, branches=("main",)) as world:
        assert (await audited(world, tmp_path, "acme/shop"))["commits"] == 1


@pytest.mark.parametrize("name", ["acme/nowhere", "nobody/shop", "acme/shop/more"])
async def test_what_is_not_there_is_refused_clearly(world: World, tmp_path: Path, name: str) -> None:
    code, out, error = await typed("audit", name, environ=world.hub.environment(tmp_path / "data"))
    assert (code, out) == (2, "")
    assert error.startswith("signalbox: ")
    assert "Traceback" not in error
