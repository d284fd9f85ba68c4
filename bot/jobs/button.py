"""`button/…`: somebody pressed a button on a check; a machine mends what it offered to mend."""

import asyncio
import logging

from semver import Version

from bot.engine import Question
from bot.errors import GiveUp
from bot.github.assemble import Assembled
from bot.github.connection import GitHub, InstallationConnection
from bot.github.gather import Gathered, Gatherer
from bot.github.nodes import Target
from bot.github.people import role
from bot.github.publish import comment_writes, retarget, write
from bot.github.releasing import Repository, bump_headline, commit_files
from bot.github.versions import read_files
from bot.jobs.ask import Ask
from bot.jobs.onward import OnwardButton
from bot.jobs.recorder import Recorder
from bot.jobs.reservations import Reservations
from bot.message import Message, say
from bot.rules.checks import judge, language_of
from bot.rules.commands import OF_ENVIRONMENT, Verb
from bot.rules.decision import decide
from bot.rules.facts import Role
from bot.rules.files import mended
from bot.rules.models import Language
from bot.rules.rulebook import Reading, Rulebook
from bot.rules.verdict import Action
from bot.text.comment import Press, comment, press_refused
from bot.text.render import render
from bot.webhooks.questions import AboutButton, AboutPull
from service.ledger.repository import Repository as Place

logger = logging.getLogger(__name__)


class ButtonJob:
    """Does what a button of a check offers, for those who may."""

    def __init__(
        self,
        github: GitHub,
        gatherer: Gatherer,
        reservations: Reservations,
        recorder: Recorder,
        ask: Ask,
        onward: OnwardButton,
    ) -> None:
        self._github, self._gatherer, self._reservations = github, gatherer, reservations
        self._recorder, self._ask, self._onward = recorder, ask, onward

    async def answer(self, question: Question) -> str:
        """Do it if the presser may and it is still right; the outcome says what became of it."""
        about = AboutButton.of(question)
        if about.identifier in OF_ENVIRONMENT:
            return await self._onward.press(about, Verb(about.identifier))
        action, _, number = about.identifier.partition(":")
        if action not in list(Action) or not number.isdecimal():
            return "unknown button"
        target = Target(about.repository, int(number), about.head, about.head)
        pull = about.pull(target.number, target.head, target.compare)
        outcome = "asked" if action == Action.RECHECK else await self._mended(about, pull, Action(action))
        if outcome in {"retargeted", "asked"}:
            # To look again needs no permission: it changes nothing that GitHub does not say.
            await self._ask(pull.question)
        return outcome

    async def _mended(self, about: AboutButton, pull: AboutPull, action: Action) -> str:
        connection = self._github.installation(about.installation)
        # Asked for now, at the moment of the act: the button was drawn for everybody, perhaps days ago.
        may = await role(connection, about.full_name, about.login) >= Role.WRITE
        target = Target(about.repository, pull.number, pull.head, pull.compare)
        gathered = await self._gatherer.pull(connection, target)
        if not may:
            reason = say("This needs the permission {role}, or more.", role="write")
            return await _refused(connection, about, gathered, action, reason)
        gathered = await self._reservations.reserved(pull, gathered)
        # In a thread: large files take a while to parse.
        wanted = await asyncio.to_thread(_offered, gathered.asked, gathered.reading, action)
        if gathered.asked is None or wanted is None:
            return "nothing to mend"
        try:
            if action is Action.RETARGET:
                await write(connection, [retarget(gathered.asked.id, wanted)])
                outcome, why = "retargeted", f"into {wanted}"
            else:
                if not await _bumped(connection, about, gathered, wanted):
                    return "nothing to mend"
                outcome, why = "bumped", f"to {wanted}"
        except GiveUp as error:  # another pull request has that head and base already, say
            reason = say("GitHub refuses it: {why}", why=str(error))
            return await _refused(connection, about, gathered, action, reason)
        place, subject = Place(about.repository_id, about.full_name), f"#{pull.number}"
        await self._recorder.act(place, about.login, str(action), subject, why, "check button")
        return outcome


async def _bumped(
    connection: InstallationConnection, about: AboutButton, gathered: Gathered, version: str
) -> bool:
    """Write the version into its files, in one commit on the head that was judged; whether there are any."""
    if gathered.asked is None or not isinstance(gathered.reading, Rulebook):
        return False
    rulebook, head = gathered.reading, gathered.head
    texts = await read_files(connection, about.repository, head, rulebook, exact=True)
    edits = await asyncio.to_thread(mended, rulebook, texts, Version.parse(version))
    repository = Repository.of(connection, about.repository, about.full_name)
    if edits:
        branch = gathered.asked.facts.pull.head
        await commit_files(repository, branch, head, bump_headline(version), edits)
    return bool(edits)


def _offered(asked: Assembled | None, reading: Reading, action: Action) -> str | None:
    """What the button of a check would do now: the right base, the version; None when it is not offered."""
    verdicts = judge(asked.facts, reading) if asked else ()
    buttons = [judged.finding.button for verdict in verdicts for judged in verdict.judged]
    return next((each.target for each in buttons if each and each.action is action), None)


async def _refused(
    connection: InstallationConnection,
    about: AboutButton,
    gathered: Gathered,
    action: Action,
    reason: Message,
) -> str:
    """Tell whoever pressed it, in the one comment: GitHub has no answer to a button."""
    logger.warning(
        "button refused: %s",
        render(reason, Language.EN),
        extra={"repository": about.full_name, "login": about.login},
    )
    asked, language = gathered.asked, language_of(gathered.reading)
    if asked is not None:
        decision = await asyncio.to_thread(decide, asked.facts, gathered.reading)
        standing = asked.comment.trusted if asked.comment else None
        press = Press(about.login, action, gathered.head, reason)
        body = comment(decision, press_refused(standing, press, language), language, gathered.head)
        await write(connection, comment_writes(asked.id, asked.comment, body))
    return "refused"
