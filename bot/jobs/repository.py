"""`repository/<repository id>`: every answer may be another now; its open pull requests are looked at."""

from bot.engine import Question
from bot.github.connection import GitHub
from bot.github.finder import Finder
from bot.jobs.fanout import FanOut
from bot.webhooks.questions import AboutRepository


class RepositoryJob:
    """Asks about every open pull request of a repository."""

    def __init__(self, github: GitHub, finder: Finder, fan_out: FanOut) -> None:
        self._github, self._finder, self._fan_out = github, finder, fan_out

    async def answer(self, question: Question) -> str:
        """Raise a question for each; the outcome is "asked"."""
        about = AboutRepository.of(question)
        connection = self._github.installation(about.installation)
        _, found = await self._finder.open_pulls(connection, about.repository)
        await self._fan_out.pulls(about, found)
        return "asked"
