"""`queue/<repository id>/<oid>`: a merge queue waits for the checks of a commit (R14).

What such a commit holds are pull requests, so it is judged by them: by every one that the queue has put into
it, the strictest of which counts. When the queue has gone on meanwhile, the one that it was made for is
judged, so that no check that may be required is ever missing.
"""

import asyncio

from bot.engine import Question
from bot.github.connection import GitHub, InstallationConnection
from bot.github.finder import Finder
from bot.github.gather import Gatherer
from bot.github.nodes import Target
from bot.github.publish import check_writes, write
from bot.jobs.ask import Ask
from bot.jobs.pull import outputs, room
from bot.jobs.reservations import Reservations
from bot.rules.checks import CHECKS, judge
from bot.rules.verdict import Verdict
from bot.webhooks.questions import AboutQueue


class QueueJob:
    """Reports every check on the head of a merge group."""

    def __init__(
        self,
        github: GitHub,
        finder: Finder,
        gatherer: Gatherer,
        reservations: Reservations,
        ask: Ask,
        public_url: str | None,
    ) -> None:
        self._public_url = public_url
        self._github, self._finder, self._gatherer = github, finder, gatherer
        self._reservations, self._ask = reservations, ask

    async def answer(self, question: Question) -> str:
        """Gather, decide, apply; the outcome is "published" or "unchanged"."""
        about = AboutQueue.of(question)
        connection = self._github.installation(about.installation)

        reading, published = await self._gatherer.checks(connection, about.repository, about.head)
        group = await self._finder.queued(connection, about.repository, about.branch, about.head)
        verdicts: list[Verdict] = []
        for target in group.held or [Target(about.repository, about.number)]:
            verdicts += await self._judged(connection, about, target)
        if not verdicts:  # all of them are merged or closed
            verdicts = [Verdict(check.name, about.number, judged=()) for check in CHECKS]
        runs = outputs(reading, verdicts, room(self._public_url, about.full_name))
        writes = check_writes(about.repository, about.head, runs, published)
        await write(connection, writes)
        if published and writes and group.behind:  # it holds what has just been judged anew
            behind = about.queue(group.behind.number, group.behind.head, about.branch)
            await self._ask(behind.question)
        return "published" if writes else "unchanged"

    async def _judged(
        self, connection: InstallationConnection, about: AboutQueue, target: Target
    ) -> tuple[Verdict, ...]:
        gathered = await self._gatherer.pull(connection, target)
        pull = about.pull(target.number, target.head, target.compare)
        gathered = await self._reservations.reserved(pull, gathered)
        if gathered.asked is None:
            return ()
        return await asyncio.to_thread(judge, gathered.asked.facts, gathered.reading)
