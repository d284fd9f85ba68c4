"""Review levels: what reviewers write, and what becomes of the check, the label and the one comment."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from support.world import REVIEW, World, a_world

from bot.localhub.discussion import PullRequestReview
from bot.localhub.model import Account, PullRequest

FILE = "feat/login.txt"


async def a_pull(world: World, *, branch: str = "feat/login") -> PullRequest:
    await world.begin(branch, "develop")
    return await world.open(branch, "develop")


async def reviewed(
    world: World, pull: PullRequest, by: Account, state: str, body: str = "", *lines: str
) -> PullRequestReview:
    """Review a pull request with comments on its first file, and wait for what the bot says."""
    comments = [(FILE, 1, line) for line in lines]
    review = await world.hub.reviews.submit(pull, by=by, state=state, body=body, comments=comments)
    await world.settled()
    return review


def stands(world: World, pull: PullRequest) -> tuple[str | None, set[str]]:
    """What the review check concludes, and the labels."""
    return world.check(pull, REVIEW).conclusion, world.labels(pull)


async def test_a_p1_in_a_thread_holds_until_it_is_resolved(world: World) -> None:
    jiho, pull = world.person("jiho"), await a_pull(world)
    await reviewed(world, pull, jiho, "COMMENTED", "", "**P1** this lets everybody in")
    assert stands(world, pull) == ("FAILURE", {"P1"})
    run = world.check(pull, REVIEW)
    (thread,) = world.hub.world.threads.values()
    for told in ("P1", "jiho", FILE, "#discussion_r"):
        assert told in f"{run.summary}{run.text}"
    await world.hub.reviews.resolve(thread, by=world.mina)
    await world.settled()
    assert stands(world, pull) == ("SUCCESS", set())
    await world.hub.reviews.unresolve(thread, by=world.mina)
    await world.settled()
    assert stands(world, pull) == ("FAILURE", {"P1"})


async def approve(world: World, review: PullRequestReview, by: Account) -> None:
    await world.hub.reviews.submit(world.pull(review.pull), by=by, state="APPROVED")


async def dismiss(world: World, review: PullRequestReview, by: Account) -> None:
    await world.hub.reviews.dismiss(review, by=by)


async def edit(world: World, review: PullRequestReview, by: Account) -> None:
    await world.hub.reviews.edit(review, "this lets everybody in", by=by)


@pytest.mark.parametrize("mend", [approve, dismiss, edit])
async def test_r6_r7_what_clears_a_level_in_a_review(
    world: World, mend: Callable[[World, PullRequestReview, Account], Awaitable[None]]
) -> None:
    jiho, pull = world.person("jiho"), await a_pull(world)
    review = await reviewed(world, pull, jiho, "CHANGES_REQUESTED", "P1: this lets everybody in")
    assert stands(world, pull) == ("FAILURE", {"P1"})
    await mend(world, review, jiho)
    await world.settled()
    assert stands(world, pull) == ("SUCCESS", set())


@pytest.mark.parametrize("mend", [approve, dismiss])
async def test_r6_what_clears_a_level_in_a_thread_that_nobody_resolves(
    world: World, mend: Callable[[World, PullRequestReview, Account], Awaitable[None]]
) -> None:
    jiho, pull = world.person("jiho"), await a_pull(world)
    review = await reviewed(world, pull, jiho, "CHANGES_REQUESTED", "see below", "P1: this lets everybody in")
    await reviewed(world, pull, jiho, "COMMENTED", "by the way, nice tests")
    assert stands(world, pull) == ("FAILURE", {"P1"})
    await mend(world, review, jiho)
    await world.settled()
    assert stands(world, pull) == ("SUCCESS", set())


async def test_r7_a_comment_edited_or_deleted_changes_its_level(world: World) -> None:
    jiho, pull = world.person("jiho"), await a_pull(world)
    await reviewed(world, pull, jiho, "COMMENTED", "", "P1: no", "P2: hm")
    first, second = world.hub.world.review_comments.values()
    await world.hub.reviews.edit_comment(first, "P3: well", by=jiho)
    await world.settled()
    assert stands(world, pull) == ("SUCCESS", {"P2"})
    await world.hub.reviews.delete_comment(second, by=jiho)
    await world.settled()
    assert stands(world, pull) == ("SUCCESS", {"P3"})


async def test_r12_who_may_not_write_holds_nothing_and_is_shown(world: World) -> None:
    noor, pull = world.person("noor", "read"), await a_pull(world)
    await reviewed(world, pull, noor, "COMMENTED", "P1: I want it blue")
    assert stands(world, pull) == ("SUCCESS", set())
    run = world.check(pull, REVIEW)
    assert "noor" in f"{run.summary}{run.text}"


async def test_r13_a_level_goes_with_the_permission_of_its_author(world: World) -> None:
    jiho, pull = world.person("jiho"), await a_pull(world)
    await reviewed(world, pull, jiho, "CHANGES_REQUESTED", "P1: no")
    assert stands(world, pull) == ("FAILURE", {"P1"})
    world.hub.allow(world.shop, jiho, "read")
    await world.settled()
    assert stands(world, pull) == ("SUCCESS", set())


async def test_r8_a_deleted_reviewer_holds_nothing(world: World) -> None:
    jiho, pull = world.person("jiho"), await a_pull(world)
    await reviewed(world, pull, jiho, "CHANGES_REQUESTED", "P1: no")
    world.hub.delete_account(jiho)
    await world.hub.comments.write(pull, by=world.mina, body="/signalbox recheck")
    await world.settled()
    assert stands(world, pull) == ("SUCCESS", set())


async def test_the_label_is_made_with_its_colour(world: World) -> None:
    jiho, pull = world.person("jiho"), await a_pull(world)
    await reviewed(world, pull, jiho, "COMMENTED", "P2: rename it")
    (label,) = world.hub.world.labels.values()
    assert (label.name, label.color, label.description) == ("P2", "fbca04", "Review level: should be done")


async def test_a_label_that_is_there_is_adopted_and_others_are_left_alone(world: World) -> None:
    jiho, pull = world.person("jiho"), await a_pull(world)
    ours = await world.hub.labels.create(world.shop, "p1", by=jiho, color="123456")
    await world.hub.labels.create(world.shop, "good first issue", by=jiho)
    await world.hub.labels.add(pull, "good first issue", by=jiho)
    review = await reviewed(world, pull, jiho, "CHANGES_REQUESTED", "P1: no")
    assert world.labels(pull) == {"p1", "good first issue"}
    assert world.hub.world.labels[ours.database_id].color == "123456"
    await world.hub.reviews.dismiss(review, by=jiho)
    await world.settled()
    assert world.labels(pull) == {"good first issue"}


async def test_r16_a_label_that_others_take_away_comes_back(world: World) -> None:
    jiho, pull = world.person("jiho"), await a_pull(world)
    await reviewed(world, pull, jiho, "CHANGES_REQUESTED", "P1: no")
    await world.hub.labels.remove(world.pull(pull.number), "P1", by=world.mina)
    await world.settled()
    assert world.labels(pull) == {"P1"}


async def test_r16_its_own_labels_and_comments_raise_no_question(world: World) -> None:
    jiho, pull = world.person("jiho"), await a_pull(world)
    before = world.operations()
    await reviewed(world, pull, jiho, "APPROVED", "P1: this lets everybody in")
    # One label has to be looked for, and made, before it can be put on.
    assert world.operations()[len(before) :] == ["Pull", "Label", "Publish", "Publish"]


async def test_a_level_and_a_state_that_do_not_go_together_are_pointed_out_once(world: World) -> None:
    jiho, pull = world.person("jiho"), await a_pull(world)
    review = await reviewed(world, pull, jiho, "APPROVED", "P1: this lets everybody in")
    (told,) = world.comments(pull)
    assert "@jiho" in told
    await reviewed(world, pull, world.mina, "COMMENTED", "we will see")
    assert world.comments(pull) == [told]
    edits = [d for d in world.hub.webhooks.deliveries.values() if d.notice.event == "issue_comment"]
    assert [delivery.notice.action for delivery in edits] == ["created"]
    await world.hub.reviews.edit(review, "P3: this could be shorter", by=jiho)
    await world.settled()
    (mended,) = world.comments(pull)
    assert "@jiho" not in mended


async def test_lower_levels_are_neutral_where_the_rulebook_says_so(tmp_path: Path) -> None:
    rulebook = "preset: git-flow\nreviews: {lower: neutral}\n"
    async with a_world(tmp_path, rulebook=rulebook) as world:
        jiho, pull = world.person("jiho"), await a_pull(world)
        await reviewed(world, pull, jiho, "COMMENTED", "P2: rename it")
        assert stands(world, pull) == ("NEUTRAL", {"P2"})


async def test_a_team_may_have_levels_of_its_own(tmp_path: Path) -> None:
    levels = """preset: git-flow
levels:
  P1: null
  P2: null
  P3: null
  blocker: {meaning: stop, state: request_changes, colour: b60205, blocks: true}
  major: {meaning: mend it, state: request_changes, colour: d93f0b, blocks: true}
  minor: {meaning: look at it, state: comment, colour: fbca04}
  nit: {meaning: taste, state: approve, colour: c5def5}
  praise: {meaning: well done, state: approve, colour: 0e8a16}
labels: {kinds: true}
"""
    async with a_world(tmp_path, rulebook=levels) as world:
        jiho, pull = world.person("jiho"), await a_pull(world)
        await reviewed(world, pull, jiho, "COMMENTED", "praise: neat\nmajor: no test", "P1: not ours")
        assert stands(world, pull) == ("FAILURE", {"major", "feature"})


async def test_a_review_costs_two_requests_and_one_when_nothing_changes(world: World) -> None:
    jiho, pull = world.person("jiho"), await a_pull(world)
    await reviewed(world, pull, jiho, "COMMENTED", "P2: rename it")
    before = world.operations()
    # The label exists and is known by now.
    await reviewed(world, pull, jiho, "CHANGES_REQUESTED", "P2: rename it\nP2: and this")
    changed = world.operations()[len(before) :]
    await reviewed(world, pull, world.mina, "COMMENTED", "thank you")
    unchanged = world.operations()[len(before) + len(changed) :]
    assert (changed, unchanged) == (["Pull", "Publish"], ["Pull"])


async def test_r11_350_threads_and_120_reviews_are_read_whole(world: World) -> None:
    jiho, pull = world.person("jiho"), await a_pull(world)
    url, world.hub.webhooks.url = world.hub.webhooks.url, None
    for number in range(120):
        lines = 3 if number < 110 else 2
        comments = [(FILE, 1, f"P2: point {number}.{line}") for line in range(lines)]
        await world.hub.reviews.submit(pull, by=jiho, state="COMMENTED", comments=comments)
    world.hub.webhooks.url = url
    assert (len(world.hub.world.threads), len(world.hub.world.reviews)) == (350, 120)
    before = world.operations()
    await reviewed(world, pull, jiho, "CHANGES_REQUESTED", "P1: too much at once")
    asked = world.operations()[len(before) :]
    assert [each for each in asked if each != "Label"] == ["Pull", *["Conversation"] * 3, *["Publish"] * 2]
    run = world.check(pull, REVIEW)
    assert stands(world, pull) == ("FAILURE", {"P1"})
    assert run.title == "Outstanding: 1 × P1, 350 × P2"
    assert all(f"#discussion_r{each}" in str(run.text) for each in world.hub.world.review_comments)


async def test_a_text_of_two_levels_is_kept_in_the_ledger_as_its_gravest(world: World) -> None:
    jiho, pull = world.person("jiho"), await a_pull(world)
    await reviewed(world, pull, jiho, "CHANGES_REQUESTED", "P3: a word\nP1: a hole\nP2: a wish")
    assert stands(world, pull) == ("FAILURE", {"P1"})
    await world.hub.comments.write(pull, by=world.mina, body="/signalbox recheck")
    await world.settled()
    assert (await world.engine.counts()).parked == 0
