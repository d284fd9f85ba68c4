"""`button/…`: somebody pressed a button on a check; a machine mends what it offered to mend."""

import logging
from typing import Final

from bot.engine import Question
from bot.github.connection import GitHub, InstallationConnection, Missing
from bot.github.gather import Gatherer
from bot.github.nodes import Target
from bot.github.publish import retarget, write
from bot.jobs.pull import decide
from bot.jobs.subject import Ask, ButtonSubject, pull_question, read
from bot.rules.verdict import Action

logger = logging.getLogger(__name__)

# GitHub's `permission` folds the finer roles into these (REST: Get repository permissions for a user).
_MAY_WRITE: Final = frozenset({"admin", "write"})


class ButtonJob:
    """Does what a button of a check offers, for those who may."""

    def __init__(self, github: GitHub, gatherer: Gatherer, ask: Ask) -> None:
        self._github, self._gatherer, self._ask = github, gatherer, ask

    async def answer(self, question: Question) -> str:
        """Do it if the presser may and it is still right; else say "refused" or "nothing to mend"."""
        subject = read(question, ButtonSubject)
        action, _, number = subject.identifier.partition(":")
        if action != Action.RETARGET or not number.isdigit():
            return "unknown button"
        connection = self._github.installation(subject.installation)

        # Asked for now, at the moment of the act: the button was drawn for everybody, perhaps days ago.
        if not await _may_write(connection, subject.full_name, subject.login):
            logger.warning(
                "button refused: %s may not write to %s", subject.login, subject.full_name,
                extra={"repository": subject.full_name, "number": int(number)},
            )  # fmt: skip
            return "refused"
        target = Target(subject.repository, int(number), subject.head, subject.head)
        gathered = await self._gatherer.pull(connection, target)
        verdicts = [verdict for verdict in decide(gathered) if verdict.number == int(number)]
        buttons = [judged.finding.button for verdict in verdicts for judged in verdict.judged]
        button = next((b for b in buttons if b is not None and b.action is Action.RETARGET), None)
        if button is None:
            return "nothing to mend"
        await write(connection, [retarget(gathered.pull, button.target)])

        await self._ask(pull_question(subject, target))
        return "retargeted"


async def _may_write(connection: InstallationConnection, full_name: str, login: str) -> bool:
    owner, _, name = full_name.partition("/")
    path = "/repos/{owner}/{repo}/collaborators/{login}/permission"
    try:
        answer = await connection.read(path, owner=owner, repo=name, login=login)
    except Missing:
        return False
    return answer["permission"] in _MAY_WRITE
