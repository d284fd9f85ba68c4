"""The first act: branches, their bases, and the rulebook that they are held to."""

from typing import Final

from bot.cli.stage import Stage, arrives
from bot.cli.story.step import Step
from bot.message import say
from bot.rules import RULEBOOK_PATH
from bot.rules.verdict import Action

_RULEBOOK: Final = "preset: git-flow\nlanguage: {language}\n"


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


STEPS: Final = (
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
)
