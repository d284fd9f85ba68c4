"""`commit/<repository id>/<oid>`: an event named a commit; its open pull requests are looked at again."""

from bot.engine import Question
from bot.github.connection import GitHub
from bot.github.gather import Gatherer
from bot.jobs.ask import Ask
from bot.webhooks.questions import AboutCommit


class CommitJob:
    """Asks about every open pull request of a commit."""

    def __init__(self, github: GitHub, gatherer: Gatherer, ask: Ask) -> None:
        self._github, self._gatherer, self._ask = github, gatherer, ask

    async def answer(self, question: Question) -> str:
        """Raise a question for each; the outcome is "asked"."""
        about = AboutCommit.of(question)
        connection = self._github.installation(about.installation)
        pulls = await self._gatherer.pulls_of(connection, about.repository, about.head)
        await self._ask(*(about.pull(pull.number, pull.head, pull.compare).question for pull in pulls))
        return "asked"
