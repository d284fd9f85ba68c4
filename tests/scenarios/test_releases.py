"""A merged release: tagged, published, merged back and cleaned up, on real git histories."""

from pathlib import Path

import pytest
from support.ledger import acts, recorded
from support.world import RELEASE, World, a_world

from bot.localhub import faults
from bot.localhub.model import PullRequest, Release
from bot.localhub.pulls import MergeMethod
from bot.webhooks.questions import AboutRelease

WRITES = [
    ("POST", "/repos/*/git/tags"),
    ("POST", "/repos/*/git/refs"),
    ("POST", "/repos/*/releases"),
    ("POST", "/repos/*/merges"),
    ("POST", "/graphql"),
]


async def a_release(world: World, branch: str = "release-v1.2.0", start: str = "develop") -> PullRequest:
    await world.begin(branch, start, {f"{branch.replace('/', '-')}.txt": "out"})
    return await world.open(branch, "main")


async def merged(
    world: World, pull: PullRequest, method: MergeMethod = "merge", *, delete_branch: bool = False
) -> PullRequest:
    """Merge a pull request, and wait for what the bot does."""
    hub, now = world.hub, world.pull(pull.number)
    pull = await hub.pulls.merge(now, by=world.mina, method=method, delete_branch=delete_branch)
    await world.settled()
    return pull


async def again(world: World, pull: PullRequest) -> None:
    """Ask about a release once more."""
    about = AboutRelease(
        installation=next(iter(world.hub.world.installations)),
        repository=world.shop.id,
        repository_id=world.shop.database_id,
        full_name="acme/shop",
        number=pull.number,
    )
    await world.engine.ask(about.question)
    await world.settled()


async def git(world: World, *arguments: str) -> str:
    """What git says in the repository at the hub."""
    return (await world.hub.world.git(world.shop).run(*arguments)).decode().strip()


async def refs(world: World) -> dict[str, str]:
    """The tags and branches at the hub, and what they point at."""
    lines = (await git(world, "for-each-ref", "--format=%(refname) %(objectname)")).splitlines()
    return {name: oid for name, _, oid in (line.partition(" ") for line in lines) if "/pull/" not in name}


async def contains(world: World, branch: str, commit: str) -> bool:
    return branch in (await git(world, "branch", "--contains", commit, "--format=%(refname:short)")).split()


def published(world: World) -> list[Release]:
    return world.hub.world.releases_of(world.shop)


async def is_complete(world: World, pull: PullRequest, tag: str = "v1.2.0") -> bool:
    """Whether a release is all done: tagged once, published once, merged back, and its branch gone."""
    commit = world.pull(pull.number).merge_commit
    assert commit
    there = await refs(world)
    return (
        await git(world, "rev-parse", f"{tag}^{{commit}}") == commit
        and [release.tag_name for release in published(world)].count(tag) == 1
        and await contains(world, "develop", commit)
        and f"refs/heads/{pull.head_ref_name}" not in there
    )


async def test_a_merged_release_is_tagged_published_merged_back_and_cleaned_up(world: World) -> None:
    pull = await merged(world, await a_release(world))
    assert await is_complete(world, pull)
    assert await git(world, "cat-file", "-t", "v1.2.0") == "tag"
    assert not published(world)[0].is_draft
    assert world.comments(pull) == []


async def test_a_whole_release_costs_at_most_14_requests_and_none_that_writes_when_run_again(
    world: World,
) -> None:
    pull = await a_release(world)
    before = len(world.operations())
    await merged(world, pull)
    assert len(world.operations()) - before <= 14
    before, there = len(world.operations()), await refs(world)
    await again(world, pull)
    assert set(world.operations()[before:]) <= {"Merged", "Tags", "Placed", "Standing"}
    assert await refs(world) == there


async def test_commits_that_say_the_version_are_read_once_for_that_and_the_notes(tmp_path: Path) -> None:
    async with a_world(tmp_path, rulebook="preset: git-flow\nversions: {source: commits}\n") as world:
        await world.clone.git("tag", "v1.1.0", "main")
        await world.push("v1.1.0")
        pull = await a_release(world, "hotfix/price", "main")
        assert await is_complete(world, await merged(world, pull), "v1.1.1")
        assert world.operations().count("Brought") == 1


async def test_what_is_no_release_is_left_alone(world: World) -> None:
    await world.begin("feat/login", "develop")
    await merged(world, await world.open("feat/login", "develop"))
    assert not [name for name in await refs(world) if name.startswith("refs/tags/")]
    assert published(world) == []


async def test_without_a_rulebook_nothing_is_done(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        pull = await merged(world, await a_release(world))
        assert published(world) == []
        assert f"refs/heads/{pull.head_ref_name}" in await refs(world)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("method", "path"), WRITES, ids=lambda part: part.rsplit("/", 2)[-1])
async def test_v3_cut_off_at_any_step_it_converges_without_a_duplicate(
    impatient: World, method: str, path: str, after: bool
) -> None:
    world = impatient
    pull = await a_release(world)
    operation = "Publish" if path == "/graphql" else None
    world.hub.faults.next(method, path, faults.drop(after=after), operation=operation)
    await merged(world, pull)
    assert await is_complete(world, pull)
    assert world.comments(pull) == []


@pytest.mark.parametrize("at", ["develop", "develop:README.md"], ids=["commit", "file"])
async def test_v1_a_tag_on_something_else_stops_it_and_nothing_is_changed(
    world: World, tmp_path: Path, at: str
) -> None:
    pull = await a_release(world)
    await world.clone.git("tag", "v1.2.0", at)
    await world.push("v1.2.0")
    there = await refs(world)
    pull = await merged(world, pull)
    now = await refs(world)
    assert {name: oid for name, oid in now.items() if name != "refs/heads/main"} == {
        name: oid for name, oid in there.items() if name != "refs/heads/main"
    }
    assert published(world) == []
    (told,) = world.comments(pull)
    assert "v1.2.0" in told
    assert "never moved" in told
    (step,) = (await recorded(tmp_path, world.shop.database_id, "1.2.0")).steps
    assert (step.name, step.state) == ("stop", "failed")
    assert "never moved" in step.detail["why"]["en"]


async def test_v1_a_tag_of_that_version_in_another_spelling_stops_it_too(world: World) -> None:
    pull = await a_release(world)
    await world.clone.git("tag", "1.2.0", "develop")
    await world.push("1.2.0")
    await merged(world, pull)
    assert "refs/tags/v1.2.0" not in await refs(world)
    assert "never moved" in world.comments(pull)[0]


async def test_v2_v13_lightweight_tags_and_other_spellings_are_read(world: World) -> None:
    await world.clone.git("tag", "v1.1.0", "main")
    await world.push("v1.1.0")
    pull = await merged(world, await a_release(world, "release/v1.2.0"))
    assert await is_complete(world, pull)


async def test_v4_a_squashed_release_still_arrives(world: World) -> None:
    pull = await merged(world, await a_release(world), "squash")
    commit = world.pull(pull.number).merge_commit
    assert commit == await git(world, "rev-parse", "v1.2.0^{commit}")
    assert await contains(world, "develop", commit)


async def test_v12_a_branch_that_is_deleted_on_merge_is_not_needed(world: World) -> None:
    pull = await merged(world, await a_release(world), delete_branch=True)
    assert await is_complete(world, pull)


async def a_conflict(world: World) -> PullRequest:
    """A release whose file says something else than develop, by now."""
    await world.begin("release-v1.2.0", "develop", {"VERSION": "1.2.0\n"})
    pull = await world.open("release-v1.2.0", "main")
    await world.clone.git("switch", "--quiet", "develop")
    await world.clone.commit("go on", {"VERSION": "1.3.0-dev\n"})
    await world.push("develop")
    return pull


async def test_v5_a_conflict_becomes_a_pull_request_that_names_the_files(
    world: World, tmp_path: Path
) -> None:
    pull = await a_conflict(world)
    develop = (await refs(world))["refs/heads/develop"]
    pull = await merged(world, pull)
    opened = world.hub.world.pulls[world.shop.database_id, pull.number + 1]
    assert (opened.head_ref_name, opened.base_ref_name) == ("signalbox/back-merge-v1.2.0", "develop")
    assert "`VERSION`" in opened.body
    assert "git merge origin/develop" in opened.body
    there = await refs(world)
    assert there["refs/heads/develop"] == develop
    assert "refs/heads/release-v1.2.0" in there
    (told,) = world.comments(pull)
    assert f"#{opened.number}" in told
    record = await recorded(tmp_path, world.shop.database_id, "1.2.0")
    assert {step.name: step.state for step in record.steps} == {
        "tag": "done",
        "release": "done",
        "back-merge develop": "waiting",
        "back-merge-pull develop": "done",
    }
    detail = next(step.detail for step in record.steps if step.name == "back-merge develop")
    assert (detail["branch"], detail["number"], detail["files"]) == ("develop", opened.number, ["VERSION"])
    assert f"#{opened.number}" in detail["why"]["en"]
    assert "back-merge develop" not in [act.action for act in await acts(tmp_path)]

    await world.clone.git("fetch", "--quiet", "origin")
    await world.clone.git("switch", "--quiet", "-c", "solve", "origin/signalbox/back-merge-v1.2.0")
    await world.clone.git("merge", "--quiet", "-X", "theirs", "--no-edit", "origin/develop")
    await world.push("solve:signalbox/back-merge-v1.2.0")
    await world.settled()
    await merged(world, opened)
    assert await is_complete(world, pull)
    (told,) = world.comments(pull)
    assert "complete" in told
    record = await recorded(tmp_path, world.shop.database_id, "1.2.0")
    assert {step.state for step in record.steps} == {"done"}
    assert record.finished_at is not None


async def test_r11_the_one_comment_is_found_behind_a_hundred_others(world: World) -> None:
    pull = await a_conflict(world)
    url, world.hub.webhooks.url = world.hub.webhooks.url, None
    for number in range(100):
        await world.hub.comments.write(pull, by=world.mina, body=f"comment {number}")
    world.hub.webhooks.url = url
    pull = await merged(world, pull)
    await again(world, pull)
    assert len(world.comments(pull)) == 1


@pytest.mark.parametrize("operation", [None, "Publish"], ids=["merge", "delete"])
@pytest.mark.parametrize("said", ["Resource not accessible by integration", "Repository was archived"])
async def test_what_the_app_cannot_do_at_all_is_no_rule_of_a_branch(
    world: World, operation: str | None, said: str
) -> None:
    pull = await a_release(world)
    path = "/graphql" if operation else "/repos/*/merges"
    fault = faults.graphql_error("FORBIDDEN", said) if operation else faults.refuse(403, said)
    world.hub.faults.next("POST", path, fault, operation=operation)
    pull = await merged(world, pull)
    (told,) = world.comments(pull)
    assert said in told
    assert (world.shop.database_id, pull.number + 1) not in world.hub.world.pulls


async def test_v5_a_file_that_one_side_has_renamed_is_named(world: World) -> None:
    lines = [f"line {number}\n" for number in range(30)]

    def text(line: str) -> str:
        return "".join([*lines, line])

    await world.clone.git("switch", "--quiet", "develop")
    await world.clone.commit("shop", {"old.txt": text("begin\n")})
    await world.push("develop")
    await world.begin("release-v1.2.0", "develop", {"old.txt": text("release\n")})
    pull = await world.open("release-v1.2.0", "main")
    await world.clone.git("switch", "--quiet", "develop")
    await world.clone.git("mv", "old.txt", "new.txt")
    await world.clone.commit("rename", {"new.txt": text("develop\n")})
    await world.push("develop")
    await merged(world, pull)
    opened = world.hub.world.pulls[world.shop.database_id, pull.number + 1]
    assert [line for line in opened.body.splitlines() if line.startswith("- ")] == ["- `old.txt`"]


async def test_v5_a_file_that_both_sides_have_alike_is_not_named(world: World) -> None:
    await world.clone.git("tag", "v1.1.0", "main")
    await world.push("v1.1.0")
    hotfix = await a_release(world, "hotfix/price", "main")
    pull = await a_conflict(world)
    await merged(world, hotfix)
    await merged(world, pull)
    opened = world.hub.world.pulls[world.shop.database_id, pull.number + 1]
    assert [line for line in opened.body.splitlines() if line.startswith("- ")] == ["- `VERSION`"]


async def test_a_pull_request_that_github_refuses_is_told_and_tried_again_when_asked(world: World) -> None:
    pull = await a_conflict(world)
    refused = faults.graphql_error("UNPROCESSABLE", "Pull requests are disabled")
    world.hub.faults.next("POST", "/graphql", refused, operation="Publish")
    pull = await merged(world, pull)
    (told,) = world.comments(pull)
    assert "Pull requests are disabled" in told
    await world.hub.comments.write(pull, by=world.mina, body="/signalbox retry")
    await world.settled()
    assert world.hub.world.pulls[world.shop.database_id, pull.number + 1].base_ref_name == "develop"
    (told,) = world.comments(pull)
    assert "Pull requests are disabled" not in told


async def test_a_back_merge_that_is_declined_is_waited_for(world: World) -> None:
    pull = await merged(world, await a_conflict(world))
    opened = world.hub.world.pulls[world.shop.database_id, pull.number + 1]
    await world.hub.pulls.close(opened, by=world.mina)
    await world.settled()
    (told,) = world.comments(pull)
    assert "without a merge" in told
    assert "refs/heads/release-v1.2.0" in await refs(world)


async def test_v6_a_branch_that_takes_no_direct_merge_gets_a_pull_request(world: World) -> None:
    world.hub.protect(world.shop, "develop", reviewed=True)
    pull = await merged(world, await a_release(world))
    opened = world.hub.world.pulls[world.shop.database_id, pull.number + 1]
    assert "no direct merge" in opened.body
    await merged(world, opened)
    assert await is_complete(world, pull)
    assert "refs/heads/signalbox/back-merge-v1.2.0" not in await refs(world)


async def test_v8_a_hotfix_reaches_develop_and_the_open_release(world: World) -> None:
    await merged(world, await a_release(world))
    await world.clone.git("fetch", "--quiet", "origin")
    await world.clone.git("branch", "--force", "main", "origin/main")
    await world.clone.git("branch", "--force", "develop", "origin/develop")
    await a_release(world, "release-v1.3.0")
    hotfix = await merged(world, await a_release(world, "hotfix/price", "main"))
    assert await is_complete(world, hotfix, "v1.2.1")
    assert hotfix.merge_commit
    assert await contains(world, "release-v1.3.0", hotfix.merge_commit)


async def test_v9_only_the_greatest_version_is_the_latest(world: World) -> None:
    await world.begin("next", "main", {"next.txt": "next"})
    await world.clone.git("tag", "v2.0.0")
    await world.push("v2.0.0")
    newest = await world.hub.releases.create(world.shop, "v2.0.0", by=world.mina)
    pull = await merged(world, await a_release(world))
    assert await is_complete(world, pull)
    assert world.hub.world.latest[world.shop.database_id] == newest.database_id


async def test_v9_a_greater_version_that_is_tagged_meanwhile_stays_the_latest(world: World) -> None:
    pull = await a_release(world)
    hold = faults.Hold()
    world.hub.faults.next("POST", "/repos/*/git/refs", faults.hold(hold))
    await world.hub.pulls.merge(world.pull(pull.number), by=world.mina)
    await hold.reached.wait()
    await world.begin("next", "main", {"next.txt": "next"})
    await world.clone.git("tag", "v2.0.0")
    await world.push("v2.0.0")
    newest = await world.hub.releases.create(world.shop, "v2.0.0", by=world.mina)
    hold.released.set()
    await world.settled()
    assert await is_complete(world, pull)
    assert world.hub.world.latest[world.shop.database_id] == newest.database_id


async def test_v10_its_own_tag_raises_no_question(world: World) -> None:
    pull = await merged(world, await a_release(world))
    assert await is_complete(world, pull)
    assert world.operations().count("Merged") == 1


async def test_v11_a_draft_is_published_as_it_is_worded(world: World) -> None:
    pull = await a_release(world)
    await world.hub.releases.create(
        world.shop, "v1.2.0", by=world.mina, is_draft=True, description="our own words"
    )
    await merged(world, pull)
    (release,) = published(world)
    assert (release.is_draft, release.description) == (False, "our own words")
    assert await is_complete(world, pull)


async def test_r9_a_branch_that_went_on_is_kept(world: World) -> None:
    pull = await a_release(world)
    url, world.hub.webhooks.url = world.hub.webhooks.url, None
    pull = await world.hub.pulls.merge(world.pull(pull.number), by=world.mina)
    await world.clone.git("switch", "--quiet", "release-v1.2.0")
    await world.clone.commit("more", {"more.txt": "more"})
    await world.push("release-v1.2.0")
    world.hub.webhooks.url = url
    await again(world, pull)
    assert "refs/heads/release-v1.2.0" in await refs(world)
    assert [release.tag_name for release in published(world)] == ["v1.2.0"]


async def test_r9_what_is_pushed_while_the_branch_is_deleted_is_kept(world: World) -> None:
    pull = await a_release(world)
    hold = faults.Hold()
    world.hub.faults.next("POST", "/repos/*/merges", faults.hold(hold))
    await world.hub.pulls.merge(world.pull(pull.number), by=world.mina)
    await hold.reached.wait()
    await world.clone.git("switch", "--quiet", "release-v1.2.0")
    await world.clone.commit("more", {"more.txt": "more"})
    await world.push("release-v1.2.0")
    hold.released.set()
    await world.settled()
    assert "refs/heads/release-v1.2.0" in await refs(world)
    assert world.comments(pull) == []


async def test_v11_a_tag_that_may_not_be_made_stops_it_until_it_may(world: World) -> None:
    burnt, name = world.hub.world.burnt_tags, (world.shop.database_id, "v1.2.0")
    burnt.add(name)
    pull = await merged(world, await a_release(world))
    (told,) = world.comments(pull)
    assert "creations being restricted" in told
    assert pull.merge_commit
    assert not await contains(world, "develop", pull.merge_commit)
    burnt.discard(name)
    await again(world, pull)
    assert await is_complete(world, pull)
    (told,) = world.comments(pull)
    assert "is complete" in told


async def test_a_branch_that_may_not_be_deleted_stays_and_holds_nothing(world: World) -> None:
    pull = await a_release(world)
    world.hub.protect(world.shop, "release-v1.2.0")
    pull = await merged(world, pull)
    assert pull.merge_commit
    assert await contains(world, "develop", pull.merge_commit)
    assert {"refs/tags/v1.2.0", "refs/heads/release-v1.2.0"} <= (await refs(world)).keys()
    assert world.comments(pull) == []


async def test_the_notes_name_what_was_merged(world: World) -> None:
    await world.clone.git("tag", "v1.1.0", "main")
    await world.push("v1.1.0")
    await world.begin("feat/login", "develop")
    await merged(
        world,
        await world.hub.pulls.open(
            world.shop, head="feat/login", base="develop", by=world.mina, title="feat: log in <b>@all</b>"
        ),
    )
    await world.clone.git("fetch", "--quiet", "origin")
    await merged(world, await a_release(world, start="origin/develop"))
    (release,) = published(world)
    text = str(release.description)
    assert "log in" in text
    assert "@mina" in text
    assert "`feat: log in <b>@all</b>`" in text
    assert "/acme/shop/compare/v1.1.0...v1.2.0)" in text


async def test_v8_two_hotfixes_cannot_claim_one_version(world: World) -> None:
    await world.clone.git("tag", "v1.1.0", "main")
    await world.push("v1.1.0")
    first = await a_release(world, "hotfix/price", "main")
    second = await a_release(world, "hotfix/tax", "main")
    assert "1.1.1" in str(world.check(first, RELEASE).title)
    assert "1.1.2" in str(world.check(second, RELEASE).title)
    third = await a_release(world, "hotfix/1.1.1", "main")
    assert world.check(third, RELEASE).conclusion == "FAILURE"
    await world.hub.pulls.close(first, by=world.mina)
    await world.settled()
    await world.hub.comments.write(third, by=world.mina, body="/signalbox recheck")
    await world.settled()
    assert world.check(third, RELEASE).conclusion in {"SUCCESS", "NEUTRAL"}
    third = await merged(world, third)
    assert await is_complete(world, third, "v1.1.1")
    second = await merged(world, second)
    assert await is_complete(world, second, "v1.1.2")


async def test_v8_a_hotfix_that_another_has_overtaken_gets_the_next_number(world: World) -> None:
    await world.clone.git("tag", "v1.1.0", "main")
    await world.push("v1.1.0")
    first = await a_release(world, "hotfix/price", "main")
    second = await a_release(world, "hotfix/tax", "main")
    second = await merged(world, second)
    first = await merged(world, first)
    assert await is_complete(world, second, "v1.1.2")
    assert await is_complete(world, first, "v1.1.3")


async def test_v8_a_named_version_that_another_has_overtaken_stops(world: World, tmp_path: Path) -> None:
    await world.clone.git("tag", "v1.1.0", "main")
    await world.push("v1.1.0")
    first = await a_release(world, "hotfix/1.1.1", "main")
    await merged(world, await a_release(world, "hotfix/tax", "main"))
    first = await merged(world, first)
    assert "refs/tags/v1.1.1" not in await refs(world)
    assert "1.1.2" in world.comments(first)[0]
    (step,) = (await recorded(tmp_path, world.shop.database_id, f"#{first.number}")).steps
    assert (step.name, step.state) == ("stop", "failed")


async def test_v8_a_claim_ends_with_the_rule(world: World) -> None:
    first = await a_release(world)
    await world.hub.pulls.edit(first, by=world.mina, base="develop")
    await world.settled()
    assert world.check(await a_release(world, "release/v1.2.0"), RELEASE).conclusion != "FAILURE"


async def test_v8_a_version_that_github_refuses_is_free_for_another(world: World, tmp_path: Path) -> None:
    world.hub.faults.next("POST", "/repos/*/git/tags", faults.refuse(403, "no tag of yours"))
    first = await merged(world, await a_release(world))
    await world.clone.git("fetch", "--quiet", "origin")
    second = await a_release(world, "release/v1.2.0", "origin/main")
    assert world.check(second, RELEASE).conclusion != "FAILURE"
    second = await merged(world, second)
    assert await is_complete(world, second)
    record = await recorded(tmp_path, world.shop.database_id, "1.2.0")
    assert (record.pull, record.commit) == (second.number, second.merge_commit)
    await again(world, first)
    assert await is_complete(world, second)
    assert "never moved" in world.comments(first)[0]


async def test_v14_files_that_carry_another_version_are_named_before_the_merge(tmp_path: Path) -> None:
    rulebook = "preset: git-flow\nversions: {files: [{path: pyproject.toml}]}\n"
    async with a_world(tmp_path, rulebook=rulebook) as world:
        await world.begin("release-v1.2.0", "develop", {"pyproject.toml": '[project]\nversion = "1.1.0"\n'})
        run = world.check(await world.open("release-v1.2.0", "main"), RELEASE)
        assert run.conclusion == "FAILURE"
        assert "pyproject.toml" in f"{run.summary}{run.text}"


async def test_v4_a_repository_that_only_squashes_is_told_before_the_merge(world: World) -> None:
    world.hub.repositories.allow_merges(world.shop, "squash")
    run = world.check(await a_release(world), RELEASE)
    assert run.conclusion == "FAILURE"
    assert "merge commits" in f"{run.summary}{run.text}"


async def test_v4_a_ruleset_that_only_squashes_is_told_before_the_merge_and_costs_no_request(
    world: World,
) -> None:
    await a_release(world, "hotfix/tax", "main")
    without = len(world.operations())
    world.hub.protect(world.shop, "main", ruleset=True, reviewed=True, methods=["squash"])
    run = world.check(await a_release(world, "hotfix/price", "main"), RELEASE)
    assert run.conclusion == "FAILURE"
    assert "ruleset" in f"{run.summary}{run.text}"
    assert "gh repo edit" not in f"{run.summary}{run.text}"
    assert len(world.operations()) == 2 * without


async def test_v1_a_version_that_is_tagged_is_refused_before_the_merge(world: World) -> None:
    await world.clone.git("tag", "v1.2.0", "main")
    await world.push("v1.2.0")
    run = world.check(await a_release(world), RELEASE)
    assert run.conclusion == "FAILURE"
    assert "v1.2.0" in f"{run.summary}{run.text}"


async def test_v7_a_gap_is_named(world: World) -> None:
    await world.clone.git("tag", "v1.2.0", "main")
    await world.push("v1.2.0")
    run = world.check(await a_release(world, "release-v1.4.0"), RELEASE)
    assert run.conclusion == "FAILURE"
    assert "1.3.0" in f"{run.summary}{run.text}"


async def test_what_is_no_release_is_told_that_the_check_does_not_apply(world: World) -> None:
    await world.begin("feat/login", "develop")
    run = world.check(await world.open("feat/login", "develop"), RELEASE)
    assert (run.conclusion, run.title) == ("SUCCESS", "Does not apply")
