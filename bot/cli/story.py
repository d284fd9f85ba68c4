"""The demo's story: what people do, and what they expect Signalbox to answer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from bot.cli.stage import APPROVALS, BRANCH, REVIEW, Stage, arrives
from bot.message import Message, say
from bot.rules import RULEBOOK_PATH
from bot.rules.verdict import Action

_RULEBOOK: Final = "preset: git-flow\nlanguage: {language}\n"
_TWO: Final = "approvals: {release: {count: 2}}\n"
_OVERRIDE: Final = '/signalbox override rulebook "it is mended tomorrow"'


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens: who does what, what is expected, and an act that says whether it came so.

    `pull` is the number of the pull request whose `check` is then worth a look.
    """

    does: Message
    expects: Message
    act: Callable[[Stage], Awaitable[bool]]
    pull: int
    check: str = BRANCH


async def _misnamed(stage: Stage) -> bool:
    await stage.begin("feature/login", "develop", "feat: log in", {"login.py": "def login(): ...\n"})
    await stage.open("feature/login", "develop", "Log in")
    return await stage.concluded(1, "NEUTRAL")


async def _rulebook(stage: Stage) -> bool:
    await stage.clone.git("switch", "--quiet", "main")
    await stage.clone.commit("chore: write the rulebook", {RULEBOOK_PATH: "preset: git-flow\n"})
    await stage.push("main")
    return await stage.concluded(1, "FAILURE")


async def _renamed(stage: Stage) -> bool:
    await stage.type_commands(1)
    await stage.open("feat/login", "develop", "Log in")
    return await stage.concluded(2, "SUCCESS")


async def _wrong_base(stage: Stage) -> bool:
    await stage.begin("feat/search", "develop", "feat: search", {"search.py": "def search(): ...\n"})
    await stage.open("feat/search", "main", "Search")
    return await stage.concluded(3, "FAILURE")


async def _stranger_presses(stage: Stage) -> bool:
    if (run := stage.check(3)) is None:
        return False
    await stage.hub.checks.press(run, f"{Action.RETARGET}:3", by=stage.noor)
    asked = await arrives(lambda: any("/collaborators/noor/" in each.path for each in stage.hub.requests))
    return asked and stage.pull(3).base_ref_name == "main"


async def _retargeted(stage: Stage) -> bool:
    if (run := stage.check(3)) is None:
        return False
    await stage.hub.checks.press(run, f"{Action.RETARGET}:3", by=stage.mina)
    return await stage.concluded(3, "SUCCESS") and stage.pull(3).base_ref_name == "develop"


async def _leak(stage: Stage) -> bool:
    await stage.begin("hotfix/price", "develop", "fix: the price", {"price.py": "price = 1\n"})
    await stage.open("hotfix/price", "main", "The price is wrong")
    return await stage.concluded(4, "FAILURE")


async def _leak_mended(stage: Stage) -> bool:
    await stage.type_commands(4)
    return await stage.concluded(4, "SUCCESS")


async def _wrong_version(stage: Stage) -> bool:
    await stage.begin("release-v1.02.0", "develop", "chore: release", {"VERSION": "1.02.0\n"})
    await stage.open("release-v1.02.0", "main", "Release 1.02.0")
    return await stage.concluded(5, "FAILURE")


async def _release(stage: Stage) -> bool:
    await stage.begin("release-v1.2.0", "develop", "chore: release", {"VERSION": "1.2.0\n"})
    await stage.open("release-v1.2.0", "main", "Release 1.2.0")
    return await stage.concluded(6, "SUCCESS")


async def _broken_rulebook(stage: Stage) -> bool:
    await stage.begin(
        "fix/rulebook", "develop", "chore: our kinds", {RULEBOOK_PATH: "preset: git-flow\nkindes: {}\n"}
    )
    await stage.open("fix/rulebook", "develop", "Our own kinds")
    return await stage.concluded(7, "FAILURE")


async def _korean(stage: Stage) -> bool:
    return await _speaks(stage, "ko", "살펴볼 규칙")


async def _english(stage: Stage) -> bool:
    return await _speaks(stage, "en", "Look at")


async def _speaks(stage: Stage, language: str, words: str) -> bool:
    await stage.clone.git("switch", "--quiet", "main")
    rulebook = {RULEBOOK_PATH: _RULEBOOK.format(language=language)}
    await stage.clone.commit(f"chore: checks in {language}", rulebook)
    await stage.push("main")
    return await arrives(lambda: (run := stage.check(7)) is not None and words in (run.title or ""))


async def _two_approvals(stage: Stage) -> bool:
    await stage.clone.git("switch", "--quiet", "main")
    rulebook = {RULEBOOK_PATH: _RULEBOOK.format(language="en") + _TWO}
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


STORY: Final = (
    Step(
        say("The App is installed; no rulebook is written yet. Mina opens feature/login into develop."),
        say("advice only: without a rulebook nothing is blocked"),
        _misnamed,
        1,
    ),
    Step(
        say("Mina writes the rulebook on main: preset git-flow."),
        say("the open pull request is judged again, and refused: the name should be feat/login"),
        _rulebook,
        1,
    ),
    Step(
        say("Mina types the commands that the check shows, and opens feat/login."),
        say("it passes"),
        _renamed,
        2,
    ),
    Step(
        say("Mina opens feat/search into main."),
        say("refused: a feature goes into develop; a button offers to change the base"),
        _wrong_base,
        3,
    ),
    Step(
        say("Noor, who may only read, presses the button."),
        say("nothing changes: who presses is asked of GitHub at that moment"),
        _stranger_presses,
        3,
    ),
    Step(
        say("Mina presses the button."),
        say("the base is now develop, and the check passes"),
        _retargeted,
        3,
    ),
    Step(
        say("Mina cuts hotfix/price from develop by mistake, and opens it into main."),
        say("refused: it would carry unreleased commits of develop into production, and names them"),
        _leak,
        4,
    ),
    Step(
        say("Mina types the commands that the check shows."),
        say("the hotfix now stands on main with its own commit alone, and passes"),
        _leak_mended,
        4,
    ),
    Step(
        say("Mina opens release-v1.02.0 into main."),
        say("refused: 1.02.0 is not a semantic version; the nearest name is release-v1.2.0"),
        _wrong_version,
        5,
    ),
    Step(
        say("Mina opens release-v1.2.0 into main."),
        say("it passes"),
        _release,
        6,
    ),
    Step(
        say("Mina proposes a rulebook with a key that does not exist."),
        say("refused, with line, column and the nearest key; the rulebook in force stays"),
        _broken_rulebook,
        7,
    ),
    Step(
        say("Mina asks for Korean in the rulebook."),
        say("the checks of all open pull requests speak Korean"),
        _korean,
        7,
    ),
    Step(
        say("And back to English."),
        say("they speak English again"),
        _english,
        7,
    ),
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
