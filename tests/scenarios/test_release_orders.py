"""Commands that cut releases and hotfixes, and the button that writes the version, on real git histories."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.ledger import acts
from support.world import RELEASE, World, a_world

from bot.engine import Policy, Tuning
from bot.localhub import faults
from bot.localhub.discussion import Issue, IssueComment
from bot.localhub.model import Account, PullRequest
from bot.rules.verdict import Action
from bot.webhooks.questions import AboutOrders

FILES = "preset: git-flow\nversions: {files: [{path: pyproject.toml}]}\n"
PYPROJECT = '# ours\r\n[project]\r\nversion = "1.0.0"  # the version\r\n'


async def an_issue(world: World) -> Issue:
    return await world.hub.issues.open(world.shop, title="The next release", by=world.mina)


async def says(world: World, subject: Issue | PullRequest, by: Account, body: str) -> IssueComment:
    """Comment on something, and wait for what the bot does."""
    comment = await world.hub.comments.write(subject, by=by, body=body)
    await world.settled()
    return comment


def reactions(world: World, comment: IssueComment) -> list[str]:
    """What the bot thinks of a comment, by its reactions."""
    now = world.hub.world.issue_comments[comment.database_id]
    return [str(content) for account, content in now.reactions if account == world.hub.world.app.bot]


def answers(world: World, subject: Issue | PullRequest) -> list[str]:
    """What the bot says on something."""
    written = world.hub.world.issue_comments.values()
    bot = world.hub.world.app.bot
    return [each.body for each in written if (each.pull, each.author) == (subject.number, bot)]


def opened(world: World) -> list[PullRequest]:
    """The pull requests that the bot opened."""
    bot = world.hub.world.app.bot
    return [pull for pull in world.hub.world.pulls.values() if pull.author == bot]


async def git(world: World, *arguments: str) -> str:
    """What git says in the repository at the hub."""
    return (await world.hub.world.git(world.shop).run(*arguments)).decode()


async def tip(world: World, branch: str) -> str | None:
    return (await world.hub.world.git(world.shop).refs()).get(f"refs/heads/{branch}")


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[World]:
    """A team on git-flow at 1.0.0, whose version stands in a file."""
    tuning = Tuning(spacing=0.1, policy=Policy(attempts=4, base=0.2, cap=0.5))
    async with a_world(tmp_path, rulebook=FILES, tuning=tuning) as world:
        await world.clone.git("switch", "--quiet", "main")
        await world.clone.commit("carry a version", {"pyproject.toml": PYPROJECT})
        await world.clone.git("tag", "v1.0.0")
        await world.clone.git("switch", "--quiet", "develop")
        await world.clone.merge("main")
        await world.clone.commit("feat: a cart", {"cart.txt": "empty"})
        await world.clone.push("main", "develop", "v1.0.0")
        await world.hub.repositories.sync(world.shop, world.mina)
        await world.settled()
        world.person("sora", "maintain")
        yield world


def sora(world: World) -> Account:
    return world.hub.person("sora")


async def test_a_release_is_cut_bumped_and_opened(shop: World, tmp_path: Path) -> None:
    issue = await an_issue(shop)
    comment = await says(shop, issue, sora(shop), "It is time.\n\n/signalbox release 1.1.0")
    assert reactions(shop, comment) == ["THUMBS_UP"]
    (pull,) = opened(shop)
    assert (pull.head_ref_name, pull.base_ref_name, pull.title) == ("release-v1.1.0", "main", "Release 1.1.0")
    assert not pull.is_draft
    for words in ("- [ ] Merge it with a merge commit", "`v1.1.0`", "back into `develop`", "is deleted"):
        assert words in pull.body
    (told,) = answers(shop, issue)
    assert "@sora" in told
    assert "`/signalbox release 1.1.0` is done" in told
    assert f"#{pull.number}" in told
    assert await git(shop, "show", "release-v1.1.0:pyproject.toml") == PYPROJECT.replace("1.0.0", "1.1.0")
    assert await git(shop, "rev-list", "--count", "develop..release-v1.1.0") == "1\n"
    assert shop.check(pull).conclusion == "SUCCESS"
    run = shop.check(pull, RELEASE)
    assert run.conclusion in {"SUCCESS", "NEUTRAL"}, run.text
    (act,) = [act for act in await acts(tmp_path) if act.action == "release"]
    assert (act.actor, act.subject, act.why, act.origin) == (
        "sora",
        "release-v1.1.0",
        "/signalbox release 1.1.0",
        "comment",
    )


@pytest.mark.parametrize(
    ("said", "branch"),
    [
        ("", "release-v1.1.0"),  # develop has a feature
        ("patch", "release-v1.0.1"),
        ("minor", "release-v1.1.0"),
        ("major", "release-v2.0.0"),
        ("v1.1.0", "release-v1.1.0"),
    ],
)
async def test_the_version_may_be_left_to_the_history(shop: World, said: str, branch: str) -> None:
    await says(shop, await an_issue(shop), sora(shop), f"/signalbox release {said}")
    assert [pull.head_ref_name for pull in opened(shop)] == [branch]


async def test_what_was_reverted_says_nothing_of_the_version(shop: World) -> None:
    await shop.clone.git("switch", "--quiet", "develop")
    await shop.clone.git("revert", "--no-edit", "HEAD")
    await shop.push("develop")
    await says(shop, await an_issue(shop), sora(shop), "/signalbox release")
    assert [pull.head_ref_name for pull in opened(shop)] == ["release-v1.0.1"]


async def test_a_branch_that_github_does_not_see_yet_is_looked_at_again(shop: World) -> None:
    unseen = faults.graphql_error("UNPROCESSABLE", "Head sha can't be blank, Head ref must be a branch")
    shop.hub.faults.next("POST", "/graphql", faults.slow(0), operation="Publish")
    shop.hub.faults.next("POST", "/graphql", unseen, operation="Publish")
    issue = await an_issue(shop)
    comment = await says(shop, issue, sora(shop), "/signalbox release minor")
    assert reactions(shop, comment) == ["THUMBS_UP"]
    assert len(opened(shop)) == 1


async def test_what_is_there_is_found_and_never_doubled(shop: World) -> None:
    issue = await an_issue(shop)
    await says(shop, issue, sora(shop), "/signalbox release minor")
    await says(shop, await an_issue(shop), sora(shop), "/signalbox release minor")
    await says(shop, issue, sora(shop), "/signalbox release 1.1.0")
    (pull,) = opened(shop)
    assert f"#{pull.number} brings `release-v1.1.0` into `main` already" in answers(shop, issue)[-1]


async def test_v13_a_branch_of_another_spelling_is_gone_on_from(shop: World) -> None:
    await shop.begin("release/v1.1.0", "develop")
    await says(shop, await an_issue(shop), sora(shop), "/signalbox release 1.1.0")
    (pull,) = opened(shop)
    assert pull.head_ref_name == "release/v1.1.0"
    assert "1.1.0" in await git(shop, "show", "release/v1.1.0:pyproject.toml")
    assert await tip(shop, "release-v1.1.0") is None


async def test_what_cannot_be_done_is_refused_with_the_reason(shop: World) -> None:
    for body, reason in (
        ("/signalbox release 1.2.0", "leaves a gap"),
        ("/signalbox release 1.0.0", "v1.0.0"),
        ("/signalbox release soon", "Expected a version"),
        ("/signalbox release 1.1.0-rc.1", "release-v{version}"),
        ("/signalbox relaese 1.1.0", "did you mean"),
        ("/signalbox recheck", "open pull request"),
        ("/signalbox hotfix", "/signalbox hotfix NAME"),
        ("/signalbox hotfix a b", "found `a b`"),
        ("/signalbox retry", "merged pull request"),
    ):
        issue = await an_issue(shop)
        comment = await says(shop, issue, sora(shop), body)
        assert reactions(shop, comment) == ["THUMBS_DOWN"], body
        (told,) = answers(shop, issue)
        assert "@sora" in told, body
        assert reason in told, body
        assert opened(shop) == [], body


async def test_who_may_not_is_refused(shop: World, tmp_path: Path) -> None:
    issue = await an_issue(shop)
    noor = shop.person("noor", "read")
    for person, body in ((shop.mina, "release 1.1.0"), (noor, "hotfix price"), (noor, "retry")):
        assert reactions(shop, await says(shop, issue, person, f"/signalbox {body}")) == ["THUMBS_DOWN"]
    assert "`maintain`" in answers(shop, issue)[0]
    assert "`write`" in answers(shop, issue)[1]
    assert opened(shop) == []
    assert await acts(tmp_path) == []


async def test_r7_words_of_somebody_else_command_nothing(shop: World) -> None:
    issue = await an_issue(shop)
    comment = await says(shop, issue, sora(shop), "soon")
    await shop.hub.comments.edit(comment, "/signalbox release 1.1.0", by=shop.mina)
    await shop.settled()
    assert reactions(shop, comment) == ["THUMBS_DOWN"]
    assert opened(shop) == []


async def test_r17_an_order_is_quoted(shop: World) -> None:
    issue = await an_issue(shop)
    await says(shop, issue, sora(shop), "/signalbox release @acme/all <!-- signalbox order x done -->")
    (told,) = answers(shop, issue)
    first, rest = told.split("\n", 1)
    assert first.endswith("refused -->")
    assert "`/signalbox release @acme/all <!-- signalbox order x done -->`" in rest


async def test_an_order_on_an_open_pull_request_is_answered_once(shop: World) -> None:
    await shop.begin("feat/login", "develop")
    pull = await shop.open("feat/login", "develop")
    right = await says(shop, pull, sora(shop), "/signalbox release 1.1.0")
    wrong = await says(shop, pull, sora(shop), "/signalbox relaese 1.1.0")
    assert (reactions(shop, right), reactions(shop, wrong)) == (["THUMBS_UP"], ["THUMBS_DOWN"])
    assert [told.count("was not done") for told in answers(shop, pull)] == [0, 1]
    assert len(opened(shop)) == 1


async def again(world: World, subject: Issue | PullRequest) -> None:
    """Ask about the orders on something once more."""
    about = AboutOrders(
        installation=next(iter(world.hub.world.installations)),
        repository=world.shop.id,
        repository_id=world.shop.database_id,
        full_name="acme/shop",
        number=subject.number,
    )
    await world.engine.ask(about.question)
    await world.settled()


async def test_what_is_answered_costs_one_request_and_no_write(shop: World) -> None:
    issue = await an_issue(shop)
    await says(shop, issue, sora(shop), "/signalbox release 1.1.0")
    before = len(shop.operations())
    await again(shop, issue)
    assert shop.operations()[before:] == ["Orders"]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", ["branch", "commit", "pull", "answer"])
async def test_cut_off_at_any_step_it_converges_without_a_duplicate(
    shop: World, tmp_path: Path, step: str, after: bool
) -> None:
    if step == "branch":
        shop.hub.faults.next("POST", "/repos/*/git/refs", faults.drop(after=after))
    else:
        earlier = ("commit", "pull", "answer").index(step)
        if earlier:
            shop.hub.faults.next("POST", "/graphql", faults.slow(0), operation="Publish", times=earlier)
        shop.hub.faults.next("POST", "/graphql", faults.drop(after=after), operation="Publish")
    issue = await an_issue(shop)
    comment = await says(shop, issue, sora(shop), "/signalbox release minor")
    assert reactions(shop, comment) == ["THUMBS_UP"]
    assert [pull.head_ref_name for pull in opened(shop)] == ["release-v1.1.0"]
    assert len(answers(shop, issue)) == 1
    assert await git(shop, "rev-list", "--count", "develop..release-v1.1.0") == "1\n"
    assert [act.action for act in await acts(tmp_path)] == ["release"]


async def test_an_answer_without_its_reaction_is_only_marked(shop: World) -> None:
    issue = await an_issue(shop)
    comment = await says(shop, issue, sora(shop), "/signalbox release 1.1.0")
    now = shop.hub.world.issue_comments[comment.database_id]
    shop.hub.world.issue_comments[comment.database_id] = replace(now, reactions=frozenset())
    await again(shop, issue)
    assert reactions(shop, comment) == ["THUMBS_UP"]
    assert len(answers(shop, issue)) == 1


async def test_a_hotfix_with_a_version_is_a_draft_with_its_files_bumped(shop: World) -> None:
    await says(shop, await an_issue(shop), shop.mina, "/signalbox hotfix 1.0.1")
    (pull,) = opened(shop)
    assert (pull.head_ref_name, pull.base_ref_name, pull.is_draft) == ("hotfix/1.0.1", "main", True)
    assert shop.check(pull).conclusion == "SUCCESS"
    assert "- [ ] Commit the fix to `hotfix/1.0.1`" in pull.body
    assert await git(shop, "show", "hotfix/1.0.1:pyproject.toml") == PYPROJECT.replace("1.0.0", "1.0.1")
    assert await git(shop, "rev-list", "--count", "main..hotfix/1.0.1") == "1\n"


async def test_a_hotfix_by_name_begins_empty_and_is_opened_when_it_is_not(shop: World) -> None:
    issue = await an_issue(shop)
    comment = await says(shop, issue, shop.mina, "/signalbox hotfix price")
    assert reactions(shop, comment) == ["THUMBS_UP"]
    assert opened(shop) == []
    assert await tip(shop, "hotfix/price") == await tip(shop, "main")
    (told,) = answers(shop, issue)
    assert "git switch hotfix/price" in told
    assert "`/signalbox hotfix price` again" in told
    await shop.clone.git("fetch", "--quiet", "origin")
    await shop.clone.git("switch", "--quiet", "hotfix/price")
    await shop.clone.commit("fix: the price", {"price.txt": "1"})
    await shop.push("hotfix/price")
    await says(shop, issue, shop.mina, "/signalbox hotfix price")
    (pull,) = opened(shop)
    assert (pull.head_ref_name, pull.is_draft) == ("hotfix/price", False)
    assert "the version that `signalbox / release` shows" in pull.body


async def test_a_release_of_a_trunk_comes_from_main_and_lives_on(tmp_path: Path) -> None:
    rulebook = "preset: trunk\nlanguage: ko\nversions: {files: [{path: pyproject.toml}]}\n"
    async with a_world(tmp_path, rulebook=rulebook, branches=("main",)) as world:
        await world.clone.commit("feat: begin", {"pyproject.toml": PYPROJECT})
        await world.push("main")
        issue, sora = await an_issue(world), world.person("sora", "maintain")
        await says(world, issue, sora, "/signalbox release")
        (pull,) = opened(world)
        assert (pull.head_ref_name, pull.base_ref_name) == ("release/0.1.0", "main")
        assert "사람" in pull.body
        assert "develop" not in pull.body
        await says(world, issue, sora, "/signalbox hotfix price")
        assert "THUMBS_DOWN" in reactions(world, [*world.hub.world.issue_comments.values()][-2])


async def test_without_a_rulebook_nothing_is_cut(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        issue = await an_issue(world)
        await says(world, issue, world.person("sora", "maintain"), "/signalbox release 1.1.0")
        assert ".github/signalbox.yml" in answers(world, issue)[0]
        assert opened(world) == []


async def test_what_github_refuses_is_told(shop: World) -> None:
    shop.hub.faults.next("POST", "/repos/*/git/refs", faults.refuse(422, "Repository rule violations found"))
    issue = await an_issue(shop)
    comment = await says(shop, issue, sora(shop), "/signalbox release 1.1.0")
    assert reactions(shop, comment) == ["THUMBS_DOWN"]
    assert "Repository rule violations found" in answers(shop, issue)[0]


async def test_a_repository_without_drafts_gets_a_pull_request_all_the_same(shop: World) -> None:
    unsupported = faults.graphql_error(
        "UNPROCESSABLE", "Draft pull requests are not supported in this repository."
    )
    shop.hub.faults.next("POST", "/graphql", faults.slow(0), operation="Publish")
    shop.hub.faults.next("POST", "/graphql", unsupported, operation="Publish")
    await says(shop, await an_issue(shop), shop.mina, "/signalbox hotfix 1.0.1")
    (pull,) = opened(shop)
    assert not pull.is_draft


async def test_a_release_that_stopped_is_tried_again(impatient: World, tmp_path: Path) -> None:
    world = impatient
    await world.begin("release-v1.2.0", "develop")
    pull = await world.open("release-v1.2.0", "main")
    await world.clone.git("tag", "v1.2.0", "develop")
    await world.push("v1.2.0")
    pull = await world.hub.pulls.merge(world.pull(pull.number), by=world.mina)
    await world.settled()
    (told,) = answers(world, pull)
    assert "/signalbox retry" in told
    await world.push(":refs/tags/v1.2.0")
    comment = await says(world, pull, world.mina, "/signalbox retry")
    assert reactions(world, comment) == ["THUMBS_UP"]
    assert "v1.2.0" in await git(world, "tag", "--points-at", str(pull.merge_commit))
    (told,) = answers(world, pull)
    assert "complete" in told
    assert ("mina", "retry", f"#{pull.number}") in [
        (act.actor, act.action, act.subject) for act in await acts(tmp_path)
    ]


async def test_what_is_about_an_open_pull_request_is_refused_once_it_is_merged(world: World) -> None:
    await world.begin("feat/login", "develop")
    pull = await world.open("feat/login", "develop")
    pull = await world.hub.pulls.merge(pull, by=world.mina)
    await world.settled()
    for body in ("/signalbox recheck", "/signalbox retry"):
        assert reactions(world, await says(world, pull, world.mina, body)) == ["THUMBS_DOWN"]
    assert "open pull request" in answers(world, pull)[0]


# The button that writes the version.


async def a_release(world: World, branch: str = "release-v1.1.0", start: str = "develop") -> PullRequest:
    await world.begin(branch, start)
    return await world.open(branch, "main")


async def press(world: World, pull: PullRequest, by: Account) -> None:
    await world.hub.checks.press(world.check(pull, RELEASE), f"{Action.BUMP}:{pull.number}", by=by)
    await world.settled()


async def test_the_button_writes_the_version_and_no_other_byte(shop: World, tmp_path: Path) -> None:
    pull = await a_release(shop)
    run = shop.check(pull, RELEASE)
    assert run.conclusion == "FAILURE"
    assert f"bump:{pull.number}" in [action.identifier for action in run.actions]
    await press(shop, pull, shop.mina)
    assert shop.check(pull, RELEASE).conclusion in {"SUCCESS", "NEUTRAL"}
    assert await git(shop, "show", "release-v1.1.0:pyproject.toml") == PYPROJECT.replace("1.0.0", "1.1.0")
    changed = await git(shop, "diff", "--name-only", "release-v1.1.0~1", "release-v1.1.0")
    assert changed == "pyproject.toml\n"
    assert [(act.actor, act.action, act.subject, act.origin) for act in await acts(tmp_path)] == [
        ("mina", "bump", f"#{pull.number}", "check button")
    ]


async def test_the_button_writes_the_version_that_was_reserved(shop: World) -> None:
    await a_release(shop, "hotfix/price", "main")
    second = await a_release(shop, "hotfix/tax", "main")
    await press(shop, second, shop.mina)
    assert '"1.0.2"' in await git(shop, "show", "hotfix/tax:pyproject.toml")


async def test_the_button_is_for_those_who_may_write(shop: World) -> None:
    pull = await a_release(shop)
    before = await tip(shop, "release-v1.1.0")
    await press(shop, pull, shop.person("noor", "read"))
    assert await tip(shop, "release-v1.1.0") == before


async def test_a_button_that_is_pressed_twice_writes_once(shop: World) -> None:
    pull = await a_release(shop)
    run = shop.check(pull, RELEASE)
    for _ in range(2):
        await shop.hub.checks.press(run, f"{Action.BUMP}:{pull.number}", by=shop.mina)
        await shop.settled()
    assert await git(shop, "rev-list", "--count", "develop..release-v1.1.0") == "2\n"


async def test_a_lost_race_reads_again(shop: World) -> None:
    pull = await a_release(shop)
    stale = faults.graphql_error("STALE_DATA", "Expected branch to point to another commit")
    shop.hub.faults.next("POST", "/graphql", stale, operation="Publish")
    await press(shop, pull, shop.mina)
    assert '"1.1.0"' in await git(shop, "show", "release-v1.1.0:pyproject.toml")
