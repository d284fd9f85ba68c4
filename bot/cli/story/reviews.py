"""The second act: review levels, approvals, and what commands are for."""

from typing import Final

from bot.cli.stage import APPROVALS, REVIEW, Stage, arrives
from bot.cli.story.step import Step
from bot.message import say
from bot.rules import RULEBOOK_PATH

_TWO: Final = "preset: git-flow\nlanguage: en\napprovals: {release: {count: 2}}\n"
_OVERRIDE: Final = '/signalbox override rulebook "it is mended tomorrow"'


async def _two_approvals(stage: Stage) -> bool:
    await stage.clone.git("switch", "--quiet", "main")
    rulebook = {RULEBOOK_PATH: _TWO}
    await stage.clone.commit("chore: two approve a release", rulebook)
    await stage.push("main")
    return await _approvals(stage, None, "0 of 2 approvals")


async def _approvals(stage: Stage, conclusion: str | None, title: str) -> bool:
    said = await arrives(lambda: (run := stage.check(6, APPROVALS)) is not None and title == run.title)
    return said and await stage.concluded(6, conclusion, APPROVALS)


async def _must(stage: Stage) -> bool:
    await stage.hub.reviews.comment(
        stage.pull(2), by=stage.jiho, path="login.py", line=1, body="P1: this lets everybody in"
    )
    labelled = await arrives(lambda: stage.labels(2) == ["P1"])
    return labelled and await stage.concluded(2, "FAILURE", REVIEW)


async def _done(stage: Stage) -> bool:
    for thread in list(stage.hub.world.threads.values()):
        await stage.hub.reviews.resolve(thread, by=stage.mina)
    await stage.hub.reviews.submit(stage.pull(2), by=stage.jiho, state="APPROVED")
    return await stage.concluded(2, "SUCCESS", REVIEW) and await arrives(lambda: not stage.labels(2))


async def _contradiction(stage: Stage) -> bool:
    body = "P1: search finds nothing"
    review = await stage.hub.reviews.submit(stage.pull(3), by=stage.jiho, state="APPROVED", body=body)
    told = await arrives(lambda: "@jiho" in stage.comment(3))
    await stage.hub.reviews.edit(review, "P3: search is slow", by=stage.jiho)
    return told and await arrives(lambda: "@jiho" not in stage.comment(3))


async def _first_approval(stage: Stage) -> bool:
    await stage.hub.reviews.submit(stage.pull(6), by=stage.jiho, state="APPROVED")
    return await _approvals(stage, None, "1 of 2 approvals")


async def _second_approval(stage: Stage) -> bool:
    await stage.hub.reviews.submit(stage.pull(6), by=stage.sora, state="APPROVED")
    return await _approvals(stage, "SUCCESS", "2 of 2 approvals")


async def _refused_override(stage: Stage) -> bool:
    await stage.hub.comments.write(stage.pull(7), by=stage.mina, body=_OVERRIDE)
    told = await arrives(lambda: "@mina" in stage.comment(7))
    return told and await stage.concluded(7, "FAILURE")


async def _override(stage: Stage) -> bool:
    await stage.hub.comments.write(stage.pull(7), by=stage.sora, body=_OVERRIDE)
    return await stage.concluded(7, "NEUTRAL")


STEPS: Final = (
    Step(
        say("Jiho reviews feat/login, and writes P1 on a line."),
        say("signalbox / review fails and lists it, and the pull request is labelled P1"),
        _must,
        2,
        REVIEW,
    ),
    Step(
        say("Mina resolves the thread, and Jiho approves."),
        say("the review check passes, and the label is gone"),
        _done,
        2,
        REVIEW,
    ),
    Step(
        say("Jiho approves feat/search with a P1 in his words; then he makes it a P3."),
        say("he is told once, kindly, that the two do not go together; then the comment is cleared"),
        _contradiction,
        3,
        REVIEW,
    ),
    Step(
        say("Mina asks for two approvals of a release in the rulebook."),
        say("signalbox / approvals waits on the release"),
        _two_approvals,
        6,
        APPROVALS,
    ),
    Step(
        say("Jiho approves the release."),
        say("it waits for one more"),
        _first_approval,
        6,
        APPROVALS,
    ),
    Step(
        say("Sora approves the release too."),
        say("all who must have approved, and every other check has passed"),
        _second_approval,
        6,
        APPROVALS,
    ),
    Step(
        say("Mina, who does not maintain the repository, overrides the check of the broken rulebook."),
        say("refused, with the reason in the one comment"),
        _refused_override,
        7,
    ),
    Step(
        say("Sora, who does, overrides it with a reason."),
        say("the check is neutral, and says who let it pass and why"),
        _override,
        7,
    ),
)
