"""`commit/<repository id>/<oid>`: an event named a commit; its open pull requests are looked at again."""

from bot.engine import Question
from bot.github.connection import GitHub
from bot.github.finder import Finder
from bot.jobs.ask import Ask
from bot.webhooks.questions import AboutCommit


class CommitJob:
    """Asks about every open pull request of a commit."""

    def __init__(self, github: GitHub, finder: Finder, ask: Ask) -> None:
        self._github, self._finder, self._ask = github, finder, ask

    async def answer(self, question: Question) -> str:
        """Raise a question for each; the outcome is "asked"."""
        about = AboutCommit.of(question)
        connection = self._github.installation(about.installation)
        _, found = await self._finder.of_commit(connection, about.repository, about.head)
        targets = [each.target for each in found]
        await self._ask(*(about.pull(each.number, each.head, each.compare).question for each in targets))
        return "asked"
