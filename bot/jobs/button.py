"""`button/…`: somebody pressed a button on a check; a machine mends what it offered to mend."""

import logging

from bot.engine import Question
from bot.errors import GiveUp
from bot.github.assemble import Assembled
from bot.github.connection import GitHub
from bot.github.gather import Gatherer
from bot.github.nodes import Target
from bot.github.people import role
from bot.github.publish import retarget, write
from bot.jobs.ask import Ask
from bot.jobs.recorder import Recorder
from bot.rules.checks import judge
from bot.rules.facts import Role
from bot.rules.rulebook import Reading
from bot.rules.verdict import Action
from bot.webhooks.questions import AboutButton
from service.ledger.repository import Repository as Place

logger = logging.getLogger(__name__)


class ButtonJob:
    """Does what a button of a check offers, for those who may."""

    def __init__(self, github: GitHub, gatherer: Gatherer, recorder: Recorder, ask: Ask) -> None:
        self._github, self._gatherer, self._recorder, self._ask = github, gatherer, recorder, ask

    async def answer(self, question: Question) -> str:
        """Do it if the presser may and it is still right; the outcome says what became of it."""
        about = AboutButton.of(question)
        action, _, number = about.identifier.partition(":")
        if action not in list(Action) or not number.isdecimal():
            return "unknown button"
        target = Target(about.repository, int(number), about.head, about.head)
        outcome = await self._retarget(about, target) if action == Action.RETARGET else "asked"
        if outcome in {"retargeted", "asked"}:
            # To look again needs no permission: it changes nothing that GitHub does not say.
            await self._ask(about.pull(target.number, target.head, target.compare).question)
        return outcome

    async def _retarget(self, about: AboutButton, target: Target) -> str:
        connection = self._github.installation(about.installation)
        # Asked for now, at the moment of the act: the button was drawn for everybody, perhaps days ago.
        if await role(connection, about.full_name, about.login) < Role.WRITE:
            return _refused(about, target.number, f"{about.login} may not write")
        gathered = await self._gatherer.pull(connection, target)
        base = _right_base(gathered.asked, gathered.reading)
        if gathered.asked is None or base is None:
            return "nothing to mend"
        try:
            await write(connection, [retarget(gathered.asked.id, base)])
        except GiveUp as error:  # another pull request has that head and base already, say
            return _refused(about, target.number, str(error))
        place, subject = Place(about.repository_id, about.full_name), f"#{target.number}"
        await self._recorder.act(place, about.login, "retarget", subject, f"into {base}", "check button")
        return "retargeted"


def _right_base(asked: Assembled | None, reading: Reading) -> str | None:
    """The base that the check of a pull request offers now; None when there is nothing to change."""
    verdicts = judge(asked.facts, reading) if asked else ()
    buttons = [judged.finding.button for verdict in verdicts for judged in verdict.judged]
    return next((each.target for each in buttons if each and each.action is Action.RETARGET), None)


def _refused(about: AboutButton, number: int, reason: str) -> str:
    logger.warning(
        "button refused: %s", reason, extra={"repository": about.full_name, "number": number}
    )  # fmt: skip
    return "refused"
