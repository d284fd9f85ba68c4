"""`commit/<repository id>/<oid>`: an event named a commit; its open pull requests are looked at again."""

from bot.engine import Question
from bot.github.connection import GitHub
from bot.github.gather import Gatherer
from bot.jobs.subject import Ask, CommitSubject, pull_question, read


class CommitJob:
    """Asks about every open pull request of a commit."""

    def __init__(self, github: GitHub, gatherer: Gatherer, ask: Ask) -> None:
        self._github, self._gatherer, self._ask = github, gatherer, ask

    async def answer(self, question: Question) -> str:
        """Raise a question for each; the outcome is "asked"."""
        subject = read(question, CommitSubject)
        connection = self._github.installation(subject.installation)
        pulls = await self._gatherer.pulls_of(connection, subject.repository, subject.head)
        await self._ask(*(pull_question(subject, pull) for pull in pulls))
        return "asked"
