"""`repository/<repository id>`: every answer may be another now; its open pull requests are looked at."""

from datetime import UTC, datetime, timedelta
from typing import Final

from bot.engine import Question
from bot.github.connection import GitHub
from bot.github.gather import Gatherer
from bot.jobs.subject import Ask, RepositorySubject, pull_question, read

# GitHub wants at least a second between writes on behalf of one installation ("Best practices for
# using the REST API"); spread out like this, fresh events are not kept waiting either.
PACE: Final = timedelta(seconds=1)


class RepositoryJob:
    """Asks about every open pull request of a repository, at a pace that GitHub allows."""

    def __init__(self, github: GitHub, gatherer: Gatherer, ask: Ask) -> None:
        self._github, self._gatherer, self._ask = github, gatherer, ask

    async def answer(self, question: Question) -> str:
        """Raise a question for each; the outcome is "asked"."""
        subject = read(question, RepositorySubject)
        connection = self._github.installation(subject.installation)
        now = datetime.now(UTC)
        pulls = await self._gatherer.open_pulls(connection, subject.repository)
        for place, pull in enumerate(pulls):
            await self._ask(pull_question(subject, pull), not_before=now + place * PACE)
        return "asked"
