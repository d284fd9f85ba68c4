"""`repository/<repository id>`: every answer may be another now; its open pull requests are looked at."""

from bot.engine import Question
from bot.github.connection import GitHub
from bot.github.finder import Finder
from bot.jobs.fanout import FanOut
from bot.jobs.known import record_repository
from bot.webhooks.questions import AboutRepository
from service.ledger.store import Ledger


class RepositoryJob:
    """Keeps what a repository is, and asks about every open pull request of it."""

    def __init__(self, github: GitHub, finder: Finder, ledger: Ledger, fan_out: FanOut) -> None:
        self._github, self._finder = github, finder
        self._ledger, self._fan_out = ledger, fan_out

    async def answer(self, question: Question) -> str:
        """Raise a question for each; the outcome is "asked"."""
        about = AboutRepository.of(question)
        connection = self._github.installation(about.installation)
        pulls = await self._finder.open_pulls(connection, about.repository)
        await record_repository(self._ledger, about.installation, pulls.home, pulls.reading)
        await self._fan_out.pulls(about, pulls.found)
        return "asked"
