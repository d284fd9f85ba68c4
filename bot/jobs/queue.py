"""`queue/<repository id>/<oid>`: a merge queue waits for the checks of a commit (R14).

What it merges was judged on its pull request, where the check can be required; on the queue's own commit
every check reports, so that none of them keeps the queue waiting for ever.
"""

from bot.engine import Question
from bot.github.connection import GitHub
from bot.github.gather import Gatherer
from bot.github.publish import check_writes, write
from bot.rules.checks import CHECKS, language_of
from bot.rules.verdict import Verdict
from bot.text.check import check_run
from bot.webhooks.questions import AboutQueue


class QueueJob:
    """Reports every check on the head of a merge group."""

    def __init__(self, github: GitHub, gatherer: Gatherer) -> None:
        self._github, self._gatherer = github, gatherer

    async def answer(self, question: Question) -> str:
        """Gather, decide, apply; the outcome is "published" or "unchanged"."""
        about = AboutQueue.of(question)
        connection = self._github.installation(about.installation)
        reading, published = await self._gatherer.queue(connection, about.repository, about.head)
        language = language_of(reading)
        outputs = [check_run([Verdict(check.name, number=0, judged=())], language) for check in CHECKS]
        writes = check_writes(about.repository, about.head, outputs, published)
        await write(connection, writes)
        return "published" if writes else "unchanged"
