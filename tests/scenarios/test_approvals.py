"""Approvals: who must approve what, and everything that can change whether they have."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from support.world import APPROVALS, World, a_world

from bot.localhub.discussion import PullRequestReview
from bot.localhub.model import Account, PullRequest

TWO = "preset: git-flow\napprovals: {release: {count: 2}}\n"


async def a_release(world: World) -> PullRequest:
    await world.begin("release-v1.2.0", "develop")
    return await world.open("release-v1.2.0", "main")


async def says(world: World, pull: PullRequest, by: Account, state: str = "APPROVED") -> PullRequestReview:
    """Review a pull request, and wait for what the bot says."""
    body = "" if state == "APPROVED" else "hm"
    review = await world.hub.reviews.submit(world.pull(pull.number), by=by, state=state, body=body)
    await world.settled()
    return review


def stands(world: World, pull: PullRequest) -> tuple[str, str | None]:
    """The state and the conclusion of the approvals check."""
    run = world.check(pull, APPROVALS)
    return run.status, run.conclusion


def told(world: World, pull: PullRequest) -> str:
    """All that the approvals check says."""
    run = world.check(pull, APPROVALS)
    return f"{run.title}\n{run.summary}\n{run.text}"


WAITING = ("IN_PROGRESS", None)
PASSED = ("COMPLETED", "SUCCESS")
FAILED = ("COMPLETED", "FAILURE")


@asynccontextmanager
async def two_wanted(folder: Path, more: str = "") -> AsyncIterator[tuple[World, Account, Account]]:
    """A team whose releases want two approvals, and two who may give them."""
    async with a_world(folder, rulebook=TWO + more) as world:
        yield world, world.person("jiho"), world.person("sora")


async def test_a_release_waits_for_its_two_approvals(tmp_path: Path) -> None:
    async with two_wanted(tmp_path) as (world, jiho, sora):
        pull = await a_release(world)
        assert stands(world, pull) == WAITING
        await says(world, pull, jiho)
        assert stands(world, pull) == WAITING
        assert "1 of 2" in told(world, pull)
        await says(world, pull, sora)
        assert stands(world, pull) == PASSED
        assert "jiho" in told(world, pull)
        assert "sora" in told(world, pull)


async def test_a_feature_needs_none_in_git_flow(world: World) -> None:
    await world.begin("feat/login", "develop")
    pull = await world.open("feat/login", "develop")
    assert stands(world, pull) == PASSED


async def test_r5_a_push_makes_an_approval_stale_by_its_commit(world: World) -> None:
    jiho, pull = world.person("jiho"), await a_release(world)
    await says(world, pull, jiho)
    assert stands(world, pull) == PASSED
    await world.clone.commit("more", {"more.txt": "more"})
    await world.push("release-v1.2.0")
    await world.settled()
    assert stands(world, pull) == WAITING
    await says(world, pull, jiho)
    assert stands(world, pull) == PASSED


async def test_r6_a_comment_changes_no_opinion_and_a_dismissal_revives_none(world: World) -> None:
    jiho, pull = world.person("jiho"), await a_release(world)
    await says(world, pull, jiho)
    await says(world, pull, jiho, "COMMENTED")
    assert stands(world, pull) == PASSED
    request = await says(world, pull, jiho, "CHANGES_REQUESTED")
    assert stands(world, pull) == FAILED
    await world.hub.reviews.dismiss(request, by=world.mina)
    await world.settled()
    assert stands(world, pull) == WAITING


async def test_r8_a_bot_never_approves(world: World) -> None:
    robot, pull = world.hub.bot("robot"), await a_release(world)
    await says(world, pull, robot)
    assert stands(world, pull) == WAITING


async def test_r13_whoever_may_write_no_more_has_not_approved(world: World) -> None:
    jiho, pull = world.person("jiho"), await a_release(world)
    await says(world, pull, jiho)
    world.hub.allow(world.shop, jiho, "read")
    await world.settled()
    assert stands(world, pull) == WAITING
    world.hub.allow(world.shop, jiho, "write")
    await world.settled()
    assert stands(world, pull) == PASSED


async def test_r13_whoever_leaves_the_organisation_has_not_approved(world: World) -> None:
    jiho, pull = world.person("jiho"), await a_release(world)
    await says(world, pull, jiho)
    world.hub.teams.remove_member(world.shop.owner, jiho, by=world.mina)
    await world.settled()
    assert stands(world, pull) == WAITING


async def test_r13_a_team_is_who_is_in_it_now(tmp_path: Path) -> None:
    rulebook = "preset: git-flow\napprovals: {release: {by: [acme/leads]}}\n"
    async with a_world(tmp_path, rulebook=rulebook) as world:
        jiho = world.person("jiho")
        leads = world.hub.teams.create(world.shop.owner, "leads")
        pull = await a_release(world)
        await says(world, pull, jiho)
        assert stands(world, pull) == WAITING
        assert "acme/leads" in told(world, pull)
        world.hub.teams.join(leads, jiho, by=world.mina)
        await world.settled()
        assert stands(world, pull) == PASSED
        world.hub.teams.leave(leads, jiho, by=world.mina)
        await world.settled()
        assert stands(world, pull) == WAITING


async def test_every_other_check_has_to_pass(world: World) -> None:
    jiho, pull = world.person("jiho"), await a_release(world)
    await says(world, pull, jiho)
    head = pull.head_ref_oid
    await world.hub.checks.report(world.shop, head, "build", status="IN_PROGRESS")
    await world.settled()
    assert stands(world, pull) == WAITING
    assert "build" in told(world, pull)
    await world.hub.checks.report(world.shop, head, "build", conclusion="FAILURE")
    await world.settled()
    assert stands(world, pull) == FAILED
    await world.hub.checks.report(world.shop, head, "build", conclusion="SUCCESS")
    await world.settled()
    assert stands(world, pull) == PASSED
    for state, expected in (("PENDING", WAITING), ("ERROR", FAILED), ("SUCCESS", PASSED)):
        await world.hub.statuses.set(world.shop, head, "ci/lint", state, by=world.mina)
        await world.settled()
        assert stands(world, pull) == expected


async def test_a_required_check_that_is_missing_is_named(world: World) -> None:
    jiho = world.person("jiho")
    world.hub.protect(world.shop, "main", checks=["build", "signalbox / branch"])
    pull = await a_release(world)
    await says(world, pull, jiho)
    assert stands(world, pull) == WAITING
    assert "`build`" in told(world, pull)
    await world.hub.checks.report(world.shop, pull.head_ref_oid, "build", conclusion="SKIPPED")
    await world.settled()
    assert stands(world, pull) == PASSED


async def test_r4_a_status_of_the_same_name_stands_for_nothing(world: World) -> None:
    jiho, mina = world.person("jiho"), world.mina
    await world.begin("release-v1.02.0", "develop")
    pull = await world.open("release-v1.02.0", "main")
    for name in ("branch", "review", "approvals"):
        await world.hub.statuses.set(world.shop, pull.head_ref_oid, f"signalbox / {name}", "SUCCESS", by=mina)
    await says(world, pull, jiho)
    assert world.check(pull).conclusion == "FAILURE"
    assert world.check(pull).app == world.hub.app


async def test_a_check_that_nobody_waits_for_costs_at_most_one_request(world: World) -> None:
    await world.begin("feat/login", "develop")
    pull = await world.open("feat/login", "develop")
    before = world.operations()
    await world.hub.checks.report(world.shop, pull.head_ref_oid, "build", conclusion="FAILURE")
    await world.settled()
    assert len(world.operations()) - len(before) <= 1
    assert world.operations().count("Pull") == 1


async def test_an_owner_of_each_file_has_to_approve(tmp_path: Path) -> None:
    rulebook = "preset: git-flow\napprovals: {release: {code_owners: true}}\n"
    async with a_world(tmp_path, rulebook=rulebook) as world:
        jiho, sora = world.person("jiho"), world.person("sora")
        await world.begin("owners", "main", {"CODEOWNERS": "* @jiho\n*.py @sora old@example.com\n"})
        await world.push("owners:main")
        await world.begin("release-v1.2.0", "develop", {"shop.py": "1", "VERSION": "1.2.0\n"})
        pull = await world.open("release-v1.2.0", "main")
        await says(world, pull, jiho)
        assert stands(world, pull) == WAITING
        assert "shop.py" in told(world, pull)
        assert "old@example.com" in told(world, pull)
        await says(world, pull, sora)
        assert stands(world, pull) == PASSED


async def test_owners_that_change_on_the_base_are_read_again(tmp_path: Path) -> None:
    rulebook = "preset: git-flow\napprovals: {release: {code_owners: true}}\n"
    async with a_world(tmp_path, rulebook=rulebook) as world:
        jiho, pull = world.person("jiho"), await a_release(world)
        await says(world, pull, jiho)
        assert stands(world, pull) == PASSED
        await world.begin("owners", "main", {"CODEOWNERS": "* @sora\n"})
        await world.push("owners:main")
        await world.settled()
        assert stands(world, pull) == WAITING


async def test_whoever_pushed_last_does_not_approve_where_the_rulebook_says_so(tmp_path: Path) -> None:
    rulebook = "preset: git-flow\napprovals: {release: {last_pusher: false}}\n"
    async with a_world(tmp_path, rulebook=rulebook) as world:
        jiho, sora = world.person("jiho"), world.person("sora")
        pull = await a_release(world)
        await world.clone.commit("more", {"more.txt": "more"})
        await world.clone.push("release-v1.2.0")
        await world.hub.repositories.sync(world.shop, jiho)
        await says(world, pull, jiho)
        assert stands(world, pull) == WAITING
        await says(world, pull, sora)
        assert stands(world, pull) == PASSED


async def test_trunk_advises_on_main_and_requires_on_a_release(tmp_path: Path) -> None:
    async with a_world(tmp_path, rulebook="preset: trunk\n", branches=("main",)) as world:
        jiho = world.person("jiho")
        await world.begin("feature/login", "main")
        feature = await world.open("feature/login", "main")
        assert stands(world, feature) == ("COMPLETED", "NEUTRAL")
        await world.clone.branch("release/1.2.0", "main")
        await world.push("release/1.2.0")
        await world.begin("fix/price", "release/1.2.0")
        fix = await world.open("fix/price", "release/1.2.0")
        assert stands(world, fix) == WAITING
        await says(world, fix, jiho)
        assert stands(world, fix) == PASSED


async def test_r2_another_base_wants_other_approvals(world: World) -> None:
    await world.clone.branch("release-v1.2.0", "develop")
    await world.push("release-v1.2.0")
    await world.begin("feat/login", "develop")
    pull = await world.open("feat/login", "develop")
    assert stands(world, pull) == PASSED
    await world.hub.pulls.edit(pull, base="release-v1.2.0", by=world.mina)
    await world.settled()
    assert "0 of 1" in told(world, pull)
    assert stands(world, pull) == FAILED  # for the branch check fails, on which it waits


async def test_a_draft_that_is_ready_is_looked_at(world: World) -> None:
    await world.begin("release-v1.2.0", "develop")
    pull = await world.hub.pulls.open(
        world.shop, head="release-v1.2.0", base="main", by=world.mina, draft=True
    )
    await world.settled()
    before = world.operations().count("Pull")
    await world.hub.pulls.ready(pull, by=world.mina)
    await world.settled()
    assert world.operations().count("Pull") == before + 1


async def test_r14_its_own_checks_may_all_be_required(world: World) -> None:
    jiho = world.person("jiho")
    names = [f"signalbox / {name}" for name in ("branch", "review", "approvals")]
    world.hub.protect(world.shop, "main", checks=names, ruleset=True)
    pull = await a_release(world)
    await says(world, pull, jiho)
    assert stands(world, pull) == PASSED
