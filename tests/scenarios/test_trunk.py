"""On a trunk releases live on, and what is fixed in one of them has to reach main too."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shlex import split

import pytest
from scenarios.test_releases import again, contains, git, merged, refs
from support.ledger import acts
from support.world import RELEASE as CHECK
from support.world import World, a_world

from bot.engine import Policy, Tuning
from bot.localhub import faults
from bot.localhub.model import PullRequest
from bot.localhub.pulls import MergeMethod

RELEASE = "release/1.2.0"
FORWARD = "signalbox/forward-1"
BEFORE = (datetime.now(UTC) - timedelta(hours=1)).isoformat()


@pytest.fixture
async def trunk(tmp_path: Path) -> AsyncIterator[World]:
    """A team on a trunk with one release, whose main has gone on."""
    tuning = Tuning(spacing=0.1, policy=Policy(attempts=4, base=0.2, cap=0.5))
    async with a_world(tmp_path, rulebook="preset: trunk\n", branches=("main",), tuning=tuning) as world:
        await world.begin(RELEASE, "main", {"price.txt": "one\n"})
        await world.clone.git("switch", "--quiet", "main")
        await world.clone.commit("go on", {"shop.txt": "open\n"}, at=BEFORE)
        await world.push("main")
        await world.settled()
        yield world


async def fixed(
    world: World, files: dict[str, str] | None = None, method: MergeMethod = "merge"
) -> PullRequest:
    """Merge a fix of two commits into the release."""
    await world.begin("fix/price", RELEASE, files or {"fix.txt": "one"})
    await world.clone.commit("and more of it", {"more.txt": "more"})
    await world.push("fix/price")
    return await merged(world, await world.open("fix/price", RELEASE), method)


def opened(world: World) -> list[PullRequest]:
    """The pull requests that the bot opened."""
    bot = world.hub.world.app.bot
    return [pull for pull in world.hub.world.pulls.values() if pull.author == bot]


async def picked(world: World, *revisions: str) -> None:
    """Merge what was picked from a release into main, by a pull request."""
    await world.clone.git("fetch", "--quiet", "origin")
    await world.clone.branch("fix/price-in-main", "origin/main")
    await world.clone.git("cherry-pick", "--mainline", "1", *revisions)
    await world.push("fix/price-in-main")
    await merged(world, await world.open("fix/price-in-main", "main"))


async def test_a_fix_of_a_release_is_brought_to_main_by_a_pull_request(trunk: World, tmp_path: Path) -> None:
    world, before = trunk, await refs(trunk)
    pull = await fixed(world)
    (forward,) = opened(world)
    assert (forward.head_ref_name, forward.base_ref_name) == (FORWARD, "main")
    assert "git merge" not in forward.body
    (told,) = world.comments(pull)
    assert f"#{forward.number} into `main`" in told
    assert (await refs(world))["refs/heads/main"] == before["refs/heads/main"]

    await merged(world, forward)
    assert pull.merge_commit
    assert await contains(world, "main", pull.merge_commit)
    (told,) = world.comments(pull)
    assert f"#{pull.number} has reached `main`" in told
    assert len(opened(world)) == 1
    (act,) = [act for act in await acts(tmp_path) if act.action == "forward"]
    assert (act.actor, act.subject, act.why, act.origin) == (
        "signalbox[bot]",
        f"#{pull.number}",
        pull.title,
        f"#{forward.number}",
    )


async def test_asked_again_it_writes_nothing(trunk: World) -> None:
    pull = await fixed(trunk)
    before, there = len(trunk.operations()), await refs(trunk)
    await again(trunk, pull)
    assert trunk.operations()[before:] == ["Merged", "Fix", "Recent"]
    assert await refs(trunk) == there


async def test_files_that_both_have_changed_are_named_with_the_commands(trunk: World) -> None:
    await trunk.clone.git("switch", "--quiet", "main")
    await trunk.clone.commit("another price", {"price.txt": "three\n"}, at=BEFORE)
    await trunk.push("main")
    pull = await fixed(trunk, {"price.txt": "two\n"})
    (forward,) = opened(trunk)
    assert "- `price.txt`" in forward.body
    assert f"git switch {FORWARD}" in forward.body
    assert "git merge origin/main" in forward.body
    assert f"git cherry-pick --mainline 1 {pull.merge_commit}" in forward.body


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
async def test_the_commands_bring_the_fix_alone(trunk: World, method: MergeMethod) -> None:
    pull = await fixed(trunk, method=method)
    (forward,) = opened(trunk)
    (commands,) = re.findall(r"```sh\n(.*?)```", forward.body, re.DOTALL)
    for line in commands.splitlines():
        if not line.startswith("#"):
            await trunk.clone.git(*split(line.removesuffix(" &&"))[1:])
    await trunk.hub.repositories.sync(trunk.shop, trunk.mina)
    await merged(trunk, await trunk.open("fix/price-in-main", "main"))
    (told,) = trunk.comments(pull)
    assert f"#{pull.number} has reached `main`" in told
    assert await git(trunk, "show", "main:fix.txt") == "one"
    assert await git(trunk, "show", "main:more.txt") == "more"


@pytest.mark.parametrize("method", ["merge", "squash"])
async def test_a_fix_that_was_picked_has_arrived(trunk: World, method: MergeMethod) -> None:
    pull = await fixed(trunk, method=method)
    assert pull.merge_commit
    await picked(trunk, pull.merge_commit)
    (told,) = trunk.comments(pull)
    assert f"#{pull.number} has reached `main`" in told


async def test_a_fix_whose_commits_were_picked_one_by_one_has_arrived(trunk: World) -> None:
    pull = await fixed(trunk)
    await picked(trunk, "fix/price~1", "fix/price")
    (told,) = trunk.comments(pull)
    assert f"#{pull.number} has reached `main`" in told


async def test_a_fix_of_which_a_part_was_picked_has_not_arrived(trunk: World) -> None:
    pull = await fixed(trunk)
    await picked(trunk, "fix/price~1")
    (told,) = trunk.comments(pull)
    assert "not reached" in told


async def test_a_fix_that_main_had_first_needs_nothing(trunk: World) -> None:
    await trunk.begin("fix/price-in-main", "main", {"fix.txt": "one"})
    await merged(trunk, await trunk.open("fix/price-in-main", "main"))
    await trunk.clone.branch("fix/price", RELEASE)
    await trunk.clone.git("cherry-pick", "fix/price-in-main")
    await trunk.push("fix/price")
    pull = await merged(trunk, await trunk.open("fix/price", RELEASE))
    assert opened(trunk) == []
    assert trunk.comments(pull) == []


async def test_a_forward_that_is_declined_is_told_and_not_opened_again(trunk: World) -> None:
    pull = await fixed(trunk)
    (forward,) = opened(trunk)
    await trunk.hub.pulls.close(forward, by=trunk.mina)
    await trunk.settled()
    (told,) = trunk.comments(pull)
    assert "closed without a merge" in told
    assert len(opened(trunk)) == 1


async def test_a_fix_that_goes_into_main_is_not_watched(trunk: World) -> None:
    await trunk.begin("fix/price", "main")
    pull = await merged(trunk, await trunk.open("fix/price", "main"))
    assert opened(trunk) == []
    assert trunk.comments(pull) == []


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("path", "operation"),
    [("/repos/*/git/refs", None), ("/graphql", "Publish")],
    ids=["branch", "pull request"],
)
async def test_g6_cut_off_at_any_step_it_converges_without_a_duplicate(
    trunk: World, path: str, operation: str | None, after: bool
) -> None:
    await trunk.begin("fix/price", RELEASE)
    pull = await trunk.open("fix/price", RELEASE)
    trunk.hub.faults.next("POST", path, faults.drop(after=after), operation=operation)
    pull = await merged(trunk, pull)
    (forward,) = opened(trunk)
    (told,) = trunk.comments(pull)
    assert f"#{forward.number} into `main`" in told


async def test_a_pull_request_that_github_refuses_is_told(trunk: World) -> None:
    await trunk.begin("fix/price", RELEASE)
    pull = await trunk.open("fix/price", RELEASE)
    trunk.hub.faults.next("POST", "/repos/*/git/refs", faults.refuse(403, "no branch of yours"))
    pull = await merged(trunk, pull)
    assert opened(trunk) == []
    (told,) = trunk.comments(pull)
    assert "no branch of yours" in told


async def test_v7_a_tag_that_comes_or_goes_is_seen_by_open_releases_and_costs_features_nothing(
    trunk: World,
) -> None:
    await trunk.clone.branch("feature/login", "main")
    await trunk.clone.commit("log in", {"login.txt": "in"})
    await trunk.push("feature/login")
    await trunk.open("feature/login", "main")
    release = await trunk.open(RELEASE, "main")
    assert trunk.check(release, CHECK).conclusion == "NEUTRAL"

    before = len(trunk.operations())
    await trunk.clone.git("tag", "v1.2.0", "main")
    await trunk.push("v1.2.0")
    await trunk.settled()
    assert trunk.check(release, CHECK).conclusion == "FAILURE"
    assert trunk.operations()[before:].count("Pull") == 1
    await trunk.push(":v1.2.0")
    await trunk.settled()
    assert trunk.check(release, CHECK).conclusion == "NEUTRAL"

    before = len(trunk.operations())
    await trunk.clone.git("tag", "nightly", "main")
    await trunk.push("nightly")
    await trunk.settled()
    assert trunk.operations()[before:] == []
