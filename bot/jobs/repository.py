"""`repository/<repository id>`: every answer may be another now; its open pull requests are looked at."""

from datetime import UTC, datetime, timedelta
from typing import Final

from bot.engine import Question
from bot.github.connection import GitHub
from bot.github.gather import Gatherer
from bot.jobs.ask import Ask
from bot.webhooks.questions import AboutRepository

# GitHub wants at least a second between writes on behalf of one installation ("Best practices for
# using the REST API"); spread out like this, fresh events are not kept waiting either.
PACE: Final = timedelta(seconds=1)


class RepositoryJob:
    """Asks about every open pull request of a repository, at a pace that GitHub allows."""

    def __init__(self, github: GitHub, gatherer: Gatherer, ask: Ask) -> None:
        self._github, self._gatherer, self._ask = github, gatherer, ask

    async def answer(self, question: Question) -> str:
        """Raise a question for each; the outcome is "asked"."""
        about = AboutRepository.of(question)
        connection = self._github.installation(about.installation)
        now = datetime.now(UTC)
        pulls = await self._gatherer.open_pulls(connection, about.repository)
        for place, pull in enumerate(pulls):
            asked = about.pull(pull.number, pull.head, pull.compare).question
            await self._ask(asked, not_before=now + place * PACE)
        return "asked"
