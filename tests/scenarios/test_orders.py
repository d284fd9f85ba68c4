"""Commands in comments: who may give them, what they do, and how they are answered."""

from pathlib import Path

import pytest
from support.world import APPROVALS, World, a_world

from bot.localhub.discussion import IssueComment
from bot.localhub.model import Account, PullRequest

OVERRIDE = '/signalbox override naming "the client has it in a script"'


async def a_misnamed(world: World) -> PullRequest:
    await world.begin("feature/login", "develop")
    return await world.open("feature/login", "develop")


async def says(world: World, pull: PullRequest, by: Account, body: str) -> IssueComment:
    """Comment on a pull request, and wait for what the bot does."""
    comment = await world.hub.comments.write(world.pull(pull.number), by=by, body=body)
    await world.settled()
    return comment


def reactions(world: World, comment: IssueComment) -> list[str]:
    """What the bot thinks of a comment, by its reactions."""
    now = world.hub.world.issue_comments[comment.database_id]
    return [str(content) for account, content in now.reactions if account == world.hub.world.app.bot]


async def test_recheck_looks_again_and_is_acknowledged(world: World) -> None:
    pull = await a_misnamed(world)
    before = world.operations()
    comment = await says(world, pull, world.mina, "Please:\n/signalbox recheck")
    assert reactions(world, comment) == ["THUMBS_UP"]
    assert "Pull" in world.operations()[len(before) :]
    assert world.comments(pull) == []


async def test_a_comment_that_commands_nothing_costs_nothing(world: World) -> None:
    pull = await a_misnamed(world)
    before = world.operations()
    await says(world, pull, world.mina, "Looks good to me.")
    assert world.operations() == before


async def test_an_order_that_is_answered_is_not_answered_again(world: World) -> None:
    pull = await a_misnamed(world)
    comment = await says(world, pull, world.mina, "/signalbox recheck")
    before = world.operations()
    await says(world, pull, world.mina, "it does not hear /signalbox")
    assert reactions(world, comment) == ["THUMBS_UP"]
    assert world.operations()[len(before) :] == ["Head", "Pull"]


async def test_explain_keeps_every_rule_in_the_one_comment(world: World) -> None:
    pull = await a_misnamed(world)
    comment = await says(world, pull, world.mina, "/signalbox explain")
    assert reactions(world, comment) == ["THUMBS_UP"]
    (told,) = world.comments(pull)
    for name in ("naming", "levels", "approvals"):
        assert name in told
    await says(world, pull, world.mina, "/signalbox recheck")
    assert len(world.comments(pull)) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('/signalbox override namin "x"', "naming"),
        ("/signalbox override naming", "reason"),
        ('/signalbox overide naming "x"', "override"),
        ("/signalbox", "recheck"),
        ('/signalbox override levels "x"', "nothing to override"),
    ],
)
async def test_what_cannot_be_done_is_refused_with_the_reason(world: World, body: str, reason: str) -> None:
    sora, pull = world.person("sora", "maintain"), await a_misnamed(world)
    comment = await says(world, pull, sora, body)
    assert reactions(world, comment) == ["THUMBS_DOWN"]
    (told,) = world.comments(pull)
    assert "@sora" in told
    assert reason in told
    assert world.check(pull).conclusion == "FAILURE"


async def test_who_may_not_is_refused_at_the_moment_of_the_act(world: World) -> None:
    sora, noor = world.person("sora", "maintain"), world.person("noor", "read")
    pull = await a_misnamed(world)
    for person in (noor, world.mina):
        assert reactions(world, await says(world, pull, person, OVERRIDE)) == ["THUMBS_DOWN"]
    assert reactions(world, await says(world, pull, noor, "/signalbox recheck")) == ["THUMBS_DOWN"]
    world.hub.allow(world.shop, sora, "write")
    assert reactions(world, await says(world, pull, sora, OVERRIDE)) == ["THUMBS_DOWN"]
    assert world.check(pull).conclusion == "FAILURE"


async def test_a_maintainer_overrides_until_the_next_push(world: World) -> None:
    sora, pull = world.person("sora", "maintain"), await a_misnamed(world)
    comment = await says(world, pull, sora, OVERRIDE)
    assert reactions(world, comment) == ["THUMBS_UP"]
    run = world.check(pull)
    assert run.conclusion == "NEUTRAL"
    assert "sora" in f"{run.summary}{run.text}"
    assert "the client has it in a script" in f"{run.summary}{run.text}"
    await says(world, pull, world.mina, "/signalbox recheck")
    assert world.check(pull).conclusion == "NEUTRAL"
    await world.clone.commit("more", {"more.txt": "more"})
    await world.push("feature/login")
    await world.settled()
    assert world.check(pull).conclusion == "FAILURE"
    await says(world, pull, world.mina, "/signalbox recheck")
    assert world.check(pull).conclusion == "FAILURE"


async def test_r2_an_override_is_void_when_the_base_changes(world: World) -> None:
    sora, pull = world.person("sora", "maintain"), await a_misnamed(world)
    await says(world, pull, sora, OVERRIDE)
    assert world.check(pull).conclusion == "NEUTRAL"
    await world.hub.pulls.edit(pull, base="main", by=world.mina)
    await world.settled()
    assert world.check(pull).conclusion == "FAILURE"
    await world.hub.pulls.edit(pull, base="develop", by=world.mina)
    await world.settled()
    assert world.check(pull).conclusion == "FAILURE"


async def test_r16_a_command_of_a_bot_is_refused(world: World) -> None:
    robot, pull = world.hub.bot("robot"), await a_misnamed(world)
    world.hub.allow(world.shop, robot, "admin")
    await says(world, pull, robot, OVERRIDE)
    assert world.check(pull).conclusion == "FAILURE"


async def test_r17_a_reason_is_quoted(world: World) -> None:
    sora, pull = world.person("sora", "maintain"), await a_misnamed(world)
    await says(world, pull, sora, '/signalbox override naming "@acme/all <!-- signalbox --> <b>x</b>"')
    run = world.check(pull)
    assert run.conclusion == "NEUTRAL"
    unquoted = f"{run.summary}{run.text}".replace("`@acme/all <!-- signalbox --> <b>x</b>`", "")
    assert "<b>" not in unquoted
    assert "@acme/all" not in unquoted


async def test_commands_in_quotes_and_code_are_none(world: World) -> None:
    pull = await a_misnamed(world)
    for body in ("> /signalbox recheck", "```\n/signalbox recheck\n```", "`/signalbox recheck`"):
        assert reactions(world, await says(world, pull, world.mina, body)) == []


async def test_the_button_looks_again(world: World) -> None:
    pull = await a_misnamed(world)
    before = world.operations().count("Pull")
    await world.hub.checks.press(world.check(pull), f"recheck:{pull.number}", by=world.mina)
    await world.settled()
    assert world.operations().count("Pull") == before + 1


async def test_its_own_comment_in_other_hands_is_written_again(world: World) -> None:
    sora, pull = world.person("sora", "maintain"), await a_misnamed(world)
    await says(world, pull, sora, "/signalbox explain")
    (told,) = world.comments(pull)
    ours = next(each for each in world.hub.world.issue_comments.values() if each.body == told)
    await world.hub.comments.edit(ours, f"{told}\n\nall is well", by=sora)
    await world.settled()
    assert world.comments(pull) == [told]


async def test_r7_a_comment_that_somebody_else_wrote_into_commands_nothing(world: World) -> None:
    sora, pull = world.person("sora", "maintain"), await a_misnamed(world)
    comment = await says(world, pull, sora, "I will look at it")
    await world.hub.comments.edit(comment, OVERRIDE, by=world.mina)
    await world.settled()
    assert world.check(pull).conclusion == "FAILURE"
    assert reactions(world, comment) == ["THUMBS_DOWN"]


async def test_an_override_of_what_waits_counts(world: World) -> None:
    sora = world.person("sora", "maintain")
    await world.begin("release-v1.2.0", "develop")
    pull = await world.open("release-v1.2.0", "main")
    assert world.check(pull, APPROVALS).status == "IN_PROGRESS"
    await says(world, pull, sora, '/signalbox override approvals "nobody is there today"')
    assert world.check(pull, APPROVALS).conclusion == "NEUTRAL"


async def test_r2_an_override_is_for_the_base_that_was_seen(world: World) -> None:
    sora, pull = world.person("sora", "maintain"), await a_misnamed(world)
    url, world.hub.webhooks.url = world.hub.webhooks.url, None
    comment = await world.hub.comments.write(pull, by=sora, body=OVERRIDE)
    await world.hub.pulls.edit(pull, base="main", by=world.mina)
    await world.hub.pulls.edit(pull, base="develop", by=world.mina)
    world.hub.webhooks.url = url
    await says(world, pull, world.mina, "/signalbox recheck")
    assert reactions(world, comment) == ["THUMBS_DOWN"]
    assert world.check(pull).conclusion == "FAILURE"


async def test_a_rulebook_that_is_broken_can_be_overridden(tmp_path: Path) -> None:
    async with a_world(tmp_path, rulebook="preset: gitflow\n") as world:
        sora = world.person("sora", "maintain")
        await world.begin("feat/login", "develop")
        pull = await world.open("feat/login", "develop")
        assert world.check(pull).conclusion == "FAILURE"
        comment = await says(world, pull, sora, '/signalbox override rulebook "it is mended tomorrow"')
        assert reactions(world, comment) == ["THUMBS_UP"]
        assert world.check(pull).conclusion == "NEUTRAL"
        await says(world, pull, world.mina, "/signalbox recheck")
        assert world.check(pull).conclusion == "NEUTRAL"


async def test_r17_nothing_that_others_wrote_into_its_comment_is_kept(world: World) -> None:
    noor, pull = world.person("noor", "read"), await a_misnamed(world)
    refused = await says(world, pull, noor, OVERRIDE)
    (told,) = world.comments(pull)
    ours = next(each for each in world.hub.world.issue_comments.values() if each.body == told)
    injected = f"{told}\n- @acme/all merge this <!-- refused {refused.id} -->"
    await world.hub.comments.edit(ours, injected, by=world.mina)
    await world.settled()
    assert "@acme/all" not in "".join(world.comments(pull))


async def test_many_commands_of_one_person_cost_one_question_about_them(world: World) -> None:
    noor, pull = world.person("noor", "read"), await a_misnamed(world)
    before = world.operations()
    url, world.hub.webhooks.url = world.hub.webhooks.url, None
    for _ in range(5):
        await world.hub.comments.write(pull, by=noor, body=OVERRIDE)
    world.hub.webhooks.url = url
    await says(world, pull, noor, "/signalbox\trecheck")
    asked = world.operations()[len(before) :]
    assert len([each for each in asked if each.endswith("/noor/permission")]) == 1
    (told,) = world.comments(pull)
    assert told.count("was not done") == 1
