"""Whoever may read a repository may fork it, and name branches as we do: that steers nothing (R9)."""

from pathlib import Path

import pytest
from scenarios.test_releases import a_release, contains, is_complete, merged
from support.world import RELEASE, World, a_world

from bot.localhub.model import PullRequest


async def from_a_fork(world: World, branch: str, base: str) -> PullRequest:
    """Noor's pull request from a branch of that name in her fork."""
    noor = world.hub.person("noor")
    fork = await world.hub.repositories.fork(world.shop, noor)
    await world.clone.git("switch", "--quiet", "--create", "noors", base)
    await world.clone.commit("mine", {"mine.txt": "mine\n"})
    await world.clone.git("push", "--quiet", str(world.hub.clone_path(fork)), f"HEAD:refs/heads/{branch}")
    await world.hub.repositories.sync(fork, noor)
    pull = await world.hub.pulls.open(world.shop, head=f"noor:{branch}", base=base, by=noor)
    await world.settled()
    return pull


@pytest.mark.parametrize("fate", ["open", "closed", "merged"])
async def test_r9_a_forks_pull_request_does_not_pass_for_a_back_merge(world: World, fate: str) -> None:
    named_alike = await from_a_fork(world, "signalbox/back-merge-v1.2.0", "develop")
    if fate == "closed":
        await world.hub.pulls.close(named_alike, by=world.mina)
    if fate == "merged":
        await merged(world, named_alike)
    pull = await merged(world, await a_release(world))
    assert await is_complete(world, pull)
    assert world.comments(pull) == []


async def test_r9_a_forks_pull_request_does_not_pass_for_the_one_that_brings_a_fix(tmp_path: Path) -> None:
    async with a_world(tmp_path, rulebook="preset: trunk\n", branches=("main",)) as world:
        await world.begin("release/1.2.0", "main")
        await from_a_fork(world, "signalbox/forward-2", "main")
        await world.begin("fix/price", "release/1.2.0")
        fix = await merged(world, await world.open("fix/price", "release/1.2.0"))
        opened = world.pull(fix.number + 1)
        assert (opened.head_ref_name, opened.is_cross_repository) == ("signalbox/forward-2", False)
        assert not await contains(world, "main", str(fix.merge_commit))


async def test_r9_a_forks_pull_request_reserves_no_version(world: World) -> None:
    await from_a_fork(world, "release-v1.2.0", "main")
    pull = await a_release(world)
    assert world.check(pull, RELEASE).conclusion != "FAILURE"


async def test_r9_a_forks_pull_request_that_is_closed_asks_after_no_fix(world: World) -> None:
    named_alike = await from_a_fork(world, "signalbox/forward-99", "develop")
    await world.hub.pulls.close(named_alike, by=world.mina)
    await world.settled()
    assert "Merged" not in world.operations()
