"""What reaches main by other ways than releases and hotfixes: told of, or tagged, on real git histories."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from scenarios.test_releases import a_release, git, merged, published, refs
from support.ledger import acts
from support.world import RELEASE, World, a_world

from bot.engine import Policy, Tuning
from bot.localhub import faults
from bot.localhub.model import CheckRun
from bot.webhooks.questions import AboutRepository

# Long enough ago that nobody waits for the pull request of such a commit.
BEFORE = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
TAG = "preset: git-flow\nversions: {unversioned: tag}\n"


async def audited(folder: Path) -> list[tuple[str, str, str, str, str]]:
    """Who did what, on what, why, and from where, the oldest first."""
    return [(act.actor, act.action, act.subject, act.why, act.origin) for act in await acts(folder)]


@pytest.fixture
async def tagging(tmp_path: Path) -> AsyncIterator[World]:
    """A team whose main becomes a version however it moves, and a queue that asks again soon."""
    tuning = Tuning(spacing=0.1, policy=Policy(attempts=4, base=0.2, cap=0.5))
    async with a_world(tmp_path, rulebook=TAG, tuning=tuning) as made:
        yield made


async def pushed(world: World, message: str = "mend it in place", **files: str) -> str:
    """Commit to main and push that, past every pull request; the commit."""
    await world.clone.git("switch", "--quiet", "main")
    commit = await world.clone.commit(message, files or {"price.txt": message}, at=BEFORE)
    await world.push("main")
    await world.settled()
    return commit


async def tagged(world: World, tag: str, commit: str = "main") -> None:
    """Push an annotated tag, as a person does."""
    await world.clone.git("tag", "--annotate", tag, commit, "--message", tag)
    await world.push(tag)
    await world.settled()


async def asked_again(world: World) -> list[str]:
    """Ask about main once more; the requests that it cost."""
    before = len(world.operations())
    about = AboutRepository(
        installation=next(iter(world.hub.world.installations)),
        repository=world.shop.id,
        repository_id=world.shop.database_id,
        full_name="acme/shop",
    )
    await world.engine.ask(about.main("main").question)
    await world.settled()
    return world.operations()[before:]


def told(world: World, commit: str) -> CheckRun | None:
    """The check of a commit on main, where it has one."""
    runs = [run for run in world.hub.world.runs.values() if run.head_oid == commit]
    assert [run.name for run in runs] in ([], ["signalbox / main"])
    return runs[0] if runs else None


async def test_a_direct_push_is_told_of_once(world: World, tmp_path: Path) -> None:
    await tagged(world, "v1.1.0")
    commit = await pushed(world)
    check = told(world, commit)
    assert check is not None
    assert (check.conclusion, check.title) == ("NEUTRAL", "A direct push")
    assert f"git tag --annotate v1.1.1 {commit}" in str(check.text)
    assert "`mina`" in str(check.text)
    assert await asked_again(world) == ["Main"]
    assert [run.head_oid for run in world.hub.world.runs.values()] == [commit]
    assert await audited(tmp_path) == [("mina", "unversioned", commit, "mend it in place", "push")]
    assert {act.repository.name for act in await acts(tmp_path) if act.repository} == {"acme/shop"}


async def test_r3_what_is_told_of_a_commit_and_a_pull_request_with_that_head_stand_side_by_side(
    world: World,
) -> None:
    commit = await pushed(world)
    pull = await world.open("main", "develop")
    assert pull.head_ref_oid == commit
    expected = {"signalbox / main": "A direct push", RELEASE: "Does not apply"}

    def titles() -> dict[str, str | None]:
        runs = [run for run in world.hub.world.runs.values() if run.name in expected]
        assert len(runs) == len(expected)
        return {run.name: run.title for run in runs}

    assert titles() == expected
    await world.hub.comments.write(pull, by=world.mina, body="/signalbox recheck")
    await asked_again(world)
    assert titles() == expected


async def test_what_is_pushed_together_is_told_of_one_by_one_but_not_the_first_commit(world: World) -> None:
    await world.clone.git("switch", "--quiet", "main")
    first = await world.clone.commit("one", {"a.txt": "1"}, at=BEFORE)
    second = await pushed(world, "two")
    assert {run.head_oid for run in world.hub.world.runs.values()} == {first, second}


async def test_a_feature_that_was_merged_into_main_is_told_of_by_its_number(
    world: World, tmp_path: Path
) -> None:
    await world.begin("feat/login", "main")
    pull = await merged(world, await world.open("feat/login", "main"))
    assert pull.merge_commit
    check = told(world, pull.merge_commit)
    assert check is not None
    assert f"#{pull.number}" in str(check.title)
    assert "`feat/login`" in str(check.text)
    headline = await git(world, "log", "-1", "--format=%s", pull.merge_commit)
    told_of = ("mina", "unversioned", pull.merge_commit, headline, f"#{pull.number}")
    assert await audited(tmp_path) == [told_of]


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
async def test_a_release_is_not_told_of_however_it_is_merged(world: World, method: str) -> None:
    pull = await merged(world, await a_release(world), method)  # type: ignore[arg-type]
    assert pull.merge_commit
    assert told(world, pull.merge_commit) is None
    assert await asked_again(world) == ["Main"]


async def test_what_a_version_holds_is_not_told_of(world: World) -> None:
    url, world.hub.webhooks.url = world.hub.webhooks.url, None
    commit = await pushed(world)
    await tagged(world, "v1.1.0")
    world.hub.webhooks.url = url
    assert await asked_again(world) == ["Main"]
    assert told(world, commit) is None


async def test_a_commit_of_this_moment_is_given_the_time_to_be_listed_with_its_pull_request(
    world: World,
) -> None:
    await world.clone.git("switch", "--quiet", "main")
    commit = await world.clone.commit("now", {"now.txt": "now"})
    await world.push("main")
    await world.settled()
    assert told(world, commit) is not None
    # On a machine that was busy for those seconds, the first look is late enough.
    assert world.operations().count("Main") <= 2


async def test_other_branches_cost_no_request(world: World) -> None:
    await world.begin("feat/login", "develop")
    await world.settled()
    await world.clone.commit("more", {"more.txt": "more"})
    await world.push("feat/login")
    await world.clone.git("switch", "--quiet", "develop")
    await world.clone.commit("more", {"more.txt": "more"})
    await world.push("develop")
    await world.settled()
    assert "Main" not in world.operations()


@pytest.mark.parametrize("rulebook", [None, "preset: git-flow\nversions: {unversioned: off}\n"])
async def test_nobody_is_told_who_did_not_ask(tmp_path: Path, rulebook: str | None) -> None:
    async with a_world(tmp_path, rulebook=rulebook) as world:
        commit = await pushed(world)
        assert told(world, commit) is None
        assert "Main" not in world.operations()


async def test_a_push_that_brings_a_rulebook_is_looked_at_too(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        commit = await pushed(world, **{".github/signalbox.yml": "preset: git-flow\n"})
        assert told(world, commit) is not None


async def test_a_trunk_is_told_of_direct_pushes_alone(tmp_path: Path) -> None:
    async with a_world(tmp_path, rulebook="preset: trunk\n", branches=("main",)) as world:
        await world.begin("feature/login", "main")
        pull = await merged(world, await world.open("feature/login", "main"))
        assert pull.merge_commit
        assert told(world, pull.merge_commit) is None
        await world.clone.git("pull", "--quiet", "origin", "main:main")
        commit = await pushed(world)
        check = told(world, commit)
        assert check is not None
        assert "git tag" not in str(check.text)


async def test_in_the_language_of_the_rulebook(tmp_path: Path) -> None:
    async with a_world(tmp_path, rulebook="preset: git-flow\nlanguage: ko\n") as world:
        check = told(world, await pushed(world))
        assert check is not None
        assert "푸시" in str(check.title)


async def test_main_is_tagged_where_the_rulebook_wants_that(tagging: World, tmp_path: Path) -> None:
    world = tagging
    await tagged(world, "v1.1.0")
    commit = await pushed(world)
    assert await git(world, "rev-parse", "v1.1.1^{commit}") == commit
    assert await git(world, "cat-file", "-t", "v1.1.1") == "tag"
    assert [release.tag_name for release in published(world)] == ["v1.1.1"]
    assert told(world, commit) is None
    there = await refs(world)
    assert await asked_again(world) == ["Main"]
    assert await refs(world) == there
    assert await audited(tmp_path) == [
        ("mina", "unversioned", commit, "mend it in place", "push"),
        ("signalbox[bot]", "tag", "v1.1.1", f"Tag {commit[:12]} as v1.1.1.", "push"),
        ("signalbox[bot]", "release", "v1.1.1", "Publish the release v1.1.1.", "push"),
    ]


async def test_the_first_version_of_all(tagging: World) -> None:
    commit = await pushed(tagging)
    assert await git(tagging, "rev-parse", "v0.1.0^{commit}") == commit


async def test_commits_say_the_version_where_they_are_asked(tmp_path: Path) -> None:
    rulebook = "preset: git-flow\nversions: {unversioned: tag, source: commits}\n"
    async with a_world(tmp_path, rulebook=rulebook) as world:
        await tagged(world, "v1.1.0")
        commit = await pushed(world, "feat: a price")
        assert await git(world, "rev-parse", "v1.2.0^{commit}") == commit
        assert world.operations().count("Brought") == 1


async def test_labels_say_the_version_where_they_are_asked(tmp_path: Path) -> None:
    rulebook = "preset: git-flow\nversions: {unversioned: tag, source: labels}\n"
    async with a_world(tmp_path, rulebook=rulebook) as world:
        await tagged(world, "v1.1.0")
        await world.begin("feat/login", "main")
        pull = await world.open("feat/login", "main")
        label = await world.hub.labels.create(world.shop, "semver:major", by=world.mina, color="aa0000")
        await world.hub.labels.attach(pull, [label], by=world.mina)
        pull = await merged(world, pull)
        assert await git(world, "rev-parse", "v2.0.0^{commit}") == pull.merge_commit


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("path", ["git/tags", "git/refs", "releases"])
async def test_v3_cut_off_at_any_step_it_converges_without_a_duplicate(
    tagging: World, path: str, after: bool
) -> None:
    world = tagging
    world.hub.faults.next("POST", f"/repos/*/{path}", faults.drop(after=after))
    commit = await pushed(world)
    assert await git(world, "rev-parse", "v0.1.0^{commit}") == commit
    assert [release.tag_name for release in published(world)] == ["v0.1.0"]
    assert [name for name in await refs(world) if "/tags/" in name] == ["refs/tags/v0.1.0"]


def refused_once(world: World) -> None:
    """Let GitHub refuse the next tag."""
    world.hub.faults.next("POST", "/repos/*/git/tags", faults.refuse(403, "no tag of yours"))


async def test_v1_a_tag_that_another_made_meanwhile_is_never_moved(tagging: World) -> None:
    world = tagging
    refused_once(world)
    commit = await pushed(world)
    check = told(world, commit)
    assert check is not None
    assert (check.conclusion, check.title) == ("NEUTRAL", "Not tagged")
    assert "no tag of yours" in str(check.text)

    await tagged(world, "v0.1.0", "develop")
    there = await refs(world)
    await asked_again(world)
    check = told(world, commit)
    assert check is not None
    assert (check.conclusion, check.title) == ("SUCCESS", "Tagged as v0.1.1")
    assert (await refs(world)).items() >= there.items()


async def test_the_next_push_first_tags_what_was_refused(tagging: World) -> None:
    world = tagging
    refused_once(world)
    first = await pushed(world, "one")
    second = await pushed(world, "two")
    assert await git(world, "rev-parse", "v0.1.0^{commit}", "v0.1.1^{commit}") == f"{first}\n{second}"


async def test_while_github_refuses_no_other_version_is_begun(tagging: World, tmp_path: Path) -> None:
    world = tagging
    refused_once(world)
    first = await pushed(world, "one")
    refused_once(world)
    second = await pushed(world, "two")
    assert told(world, second) is None
    assert [act.subject for act in await acts(tmp_path)] == [first]
    await asked_again(world)
    assert await git(world, "rev-parse", "v0.1.0^{commit}", "v0.1.1^{commit}") == f"{first}\n{second}"


async def test_v11_a_number_whose_tag_was_deleted_is_not_used_again(tagging: World) -> None:
    world = tagging
    await pushed(world, "one")
    await git(world, "tag", "--delete", "v0.1.0")
    await world.hub.repositories.sync(world.shop, world.mina)
    await world.settled()
    second = await pushed(world, "two")
    assert await git(world, "rev-parse", "v0.1.1^{commit}") == second


async def test_what_a_push_by_force_took_from_main_is_not_tagged(tagging: World) -> None:
    world = tagging
    await tagged(world, "v1.1.0")
    refused_once(world)
    lost = await pushed(world, "one")
    await world.clone.git("reset", "--quiet", "--hard", "HEAD~1")
    await world.push("main", "--force")
    await world.settled()
    second = await pushed(world, "two")
    assert lost not in (await refs(world)).values()
    assert await git(world, "rev-parse", "v1.1.2^{commit}") == second
    assert "refs/tags/v1.1.1" not in await refs(world)
    assert await asked_again(world) == ["Main"]


async def test_what_was_refused_is_tagged_when_github_lets_it(tagging: World) -> None:
    world = tagging
    world.hub.faults.next("POST", "/repos/*/releases", faults.refuse(403, "no release of yours"))
    commit = await pushed(world)
    check = told(world, commit)
    assert check is not None
    assert "no release of yours" in str(check.text)
    await asked_again(world)
    check = told(world, commit)
    assert check is not None
    assert (check.conclusion, check.title) == ("SUCCESS", "Tagged as v0.1.0")
    assert [release.tag_name for release in published(world)] == ["v0.1.0"]


async def test_a_release_below_goes_first(tagging: World) -> None:
    world = tagging
    await tagged(world, "v1.1.0")
    world.hub.faults.next("POST", "/repos/*/git/tags", faults.drop(after=False))
    release = await merged(world, await a_release(world))
    assert await git(world, "rev-parse", "v1.2.0^{commit}") == release.merge_commit
    await world.clone.git("pull", "--quiet", "origin", "main:main")
    commit = await pushed(world)
    assert await git(world, "rev-parse", "v1.2.1^{commit}") == commit
