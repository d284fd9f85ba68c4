"""`button/…`: somebody pressed a button on a check; a machine mends what it offered to mend."""

import logging
from typing import Final

from bot.engine import Question
from bot.errors import GiveUp
from bot.github.connection import GitHub, InstallationConnection
from bot.github.gather import Gathered, Gatherer
from bot.github.nodes import Target
from bot.github.publish import retarget, write
from bot.jobs.ask import Ask
from bot.jobs.pull import decide
from bot.rules.verdict import Action
from bot.webhooks.questions import AboutButton

logger = logging.getLogger(__name__)

# GitHub's `permission` folds the finer roles into these (REST: Get repository permissions for a user).
_MAY_WRITE: Final = frozenset({"admin", "write"})


class ButtonJob:
    """Does what a button of a check offers, for those who may."""

    def __init__(self, github: GitHub, gatherer: Gatherer, ask: Ask) -> None:
        self._github, self._gatherer, self._ask = github, gatherer, ask

    async def answer(self, question: Question) -> str:
        """Do it if the presser may and it is still right; the outcome says what became of it."""
        about = AboutButton.of(question)
        action, _, number = about.identifier.partition(":")
        if action != Action.RETARGET or not number.isdecimal():
            return "unknown button"
        connection = self._github.installation(about.installation)

        # Asked for now, at the moment of the act: the button was drawn for everybody, perhaps days ago.
        if not await _may_write(connection, about):
            _tell(about, int(number), f"{about.login} may not write")
            return "refused"
        target = Target(about.repository, int(number), about.head, about.head)
        gathered = await self._gatherer.pull(connection, target)
        base = _right_base(gathered, int(number))
        if base is None:
            return "nothing to mend"
        try:
            await write(connection, [retarget(gathered.pull, base)])
        except GiveUp as error:  # another pull request has that head and base already, say
            _tell(about, int(number), str(error))
            return "refused"

        await self._ask(about.pull(target.number, target.head, target.compare).question)
        return "retargeted"


def _right_base(gathered: Gathered, number: int) -> str | None:
    """The base that the check of a pull request offers now; None when there is nothing to change."""
    judged = [each for verdict in decide(gathered) if verdict.number == number for each in verdict.judged]
    buttons = [each.finding.button for each in judged]
    return next((each.target for each in buttons if each and each.action is Action.RETARGET), None)


def _tell(about: AboutButton, number: int, reason: str) -> None:
    logger.warning(
        "button refused: %s", reason, extra={"repository": about.full_name, "number": number}
    )  # fmt: skip


async def _may_write(connection: InstallationConnection, about: AboutButton) -> bool:
    owner, _, name = about.full_name.partition("/")
    path = "/repos/{owner}/{repo}/collaborators/{login}/permission"
    try:
        answer = await connection.read(path, owner=owner, repo=name, login=about.login)
    except GiveUp:  # what cannot be read is no permission
        return False
    return answer["permission"] in _MAY_WRITE
