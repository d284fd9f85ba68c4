"""`pull/<repository id>/<number>`: what must stand on a pull request, brought up to date."""

import asyncio
import logging
from collections.abc import Sequence

from bot.engine import Question
from bot.errors import GiveUp, SignalboxError
from bot.github.assemble import Assembled
from bot.github.budget import calmly
from bot.github.connection import GitHub, InstallationConnection
from bot.github.gather import Gathered, Gatherer
from bot.github.labels import Labels
from bot.github.nodes import Target
from bot.github.publish import (
    Write,
    check_writes,
    comment_writes,
    label_writes,
    reaction_writes,
    write,
)
from bot.jobs.ask import Ask
from bot.jobs.recorder import Record, Recorder
from bot.jobs.reservations import Reservations
from bot.rules.checks import judge, language_of
from bot.rules.decision import Decision, decide
from bot.rules.rulebook import Reading
from bot.rules.verdict import Verdict
from bot.text.check import CheckOutput, check_run
from bot.text.comment import comment
from bot.webhooks.questions import AboutPull
from service.ledger.repository import Repository as Place

logger = logging.getLogger(__name__)


class PullJob:
    """Answers what must stand on a pull request: its checks, its labels, its one comment, its reactions."""

    def __init__(
        self,
        github: GitHub,
        gatherer: Gatherer,
        reservations: Reservations,
        recorder: Recorder,
        ask: Ask,
        public_url: str | None,
    ) -> None:
        self._public_url = public_url
        self._github, self._gatherer, self._reservations = github, gatherer, reservations
        self._recorder, self._ask = recorder, ask
        self._labels = Labels()

    async def answer(self, question: Question) -> str:
        """Gather, decide, apply; the outcome is "unchanged", "published", or "closed"."""
        about = AboutPull.of(question)
        with calmly(about.calm):
            return await self._answer(about)

    async def _answer(self, about: AboutPull) -> str:
        connection = self._github.installation(about.installation)

        target = Target(about.repository, about.number, about.head, about.compare)
        gathered = await self._gatherer.pull(connection, target, about.before)
        gathered = await self._reservations.reserved(about, gathered)
        # In a thread: what people wrote may take a while to read.
        decision, verdicts = await asyncio.to_thread(decide_head, gathered)
        runs = outputs(gathered.reading, verdicts, room(self._public_url, about.full_name))
        writes = await self._apply(connection, gathered, decision, runs)

        await self._ask(
            *(about.pull(left.number, left.head, left.compare).question for left in gathered.left)
        )
        if writes and gathered.asked and gathered.asked.queued:  # its merge group is judged by it
            pull = gathered.asked.facts.pull
            await self._ask(about.queue(pull.number, gathered.asked.queued, pull.base).question)
        await self._record(about, gathered, decision, verdicts, len(writes))
        if not verdicts:
            return "closed"
        return "published" if writes else "unchanged"

    async def _apply(
        self,
        connection: InstallationConnection,
        gathered: Gathered,
        decision: Decision | None,
        runs: Sequence[CheckOutput],
    ) -> list[Write]:
        """Write what differs, in one request, and return it."""
        writes = check_writes(gathered.repository, gathered.head, runs, gathered.published)
        if decision is not None and gathered.asked is not None:
            language = language_of(gathered.reading)
            standing = gathered.asked.comment
            body = comment(decision, standing.trusted if standing else None, language, gathered.head)
            writes += await self._label_writes(connection, gathered, gathered.asked, decision)
            writes += comment_writes(gathered.asked.id, standing, body)
            # Last, for what is marked as answered is not answered again.
            writes += reaction_writes(decision.answers)
        try:
            await write(connection, writes)
        except SignalboxError:
            self._labels.forget(gathered.repository)
            raise
        return writes

    async def _record(
        self,
        about: AboutPull,
        gathered: Gathered,
        decision: Decision | None,
        verdicts: tuple[Verdict, ...],
        writes: int,
    ) -> None:
        place = Place(gathered.home.id, gathered.home.full_name)
        facts = gathered.asked.facts if gathered.asked else None
        await self._recorder.record(
            Record(
                about.installation,
                gathered.home,
                gathered.described,
                gathered.reading,
                facts,
                decision.outstanding if decision else None,
                verdicts,
                writes,
            )
        )
        for answer in decision.answers if decision else ():
            if given := answer.override:
                subject = f"#{given.number} {given.rule}"
                await self._recorder.act(place, given.by, "override", subject, given.reason, "comment")

    async def _label_writes(
        self,
        connection: InstallationConnection,
        gathered: Gathered,
        asked: Assembled,
        decision: Decision,
    ) -> list[Write]:
        labelling, language = decision.labelling, language_of(gathered.reading)
        try:
            ids = await self._labels.ids(connection, gathered.repository, labelling.add, language)
        except GiveUp as error:
            # The checks matter more than a label that GitHub does not let us make.
            logger.warning("no label: %s", error, extra={"repository": asked.facts.repository})
            ids = {}
        removed = [asked.labels[name] for name in labelling.remove]
        return label_writes(asked.id, list(ids.values()), removed)


def decide_head(gathered: Gathered) -> tuple[Decision | None, tuple[Verdict, ...]]:
    """Decide about the pull request that was asked about, and judge every one that shares its head."""
    decision = decide(gathered.asked.facts, gathered.reading) if gathered.asked else None
    others = [verdict for other in gathered.others for verdict in judge(other.facts, gathered.reading)]
    return decision, (*(decision.verdicts if decision else ()), *others)


def room(public_url: str | None, full_name: str) -> str | None:
    """The page of a repository in the control room; None where nobody is told where that is."""
    return public_url and f"{public_url}/{full_name}"


def outputs(reading: Reading, verdicts: Sequence[Verdict], room: str | None) -> list[CheckOutput]:
    """Say the verdicts: one check run a check, for the head, where the strictest counts (R3)."""
    checks = dict.fromkeys(verdict.check for verdict in verdicts)
    return [
        check_run([verdict for verdict in verdicts if verdict.check == check], language_of(reading), room)
        for check in checks
    ]
