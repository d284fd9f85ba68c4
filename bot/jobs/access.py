"""`access/<repository id>`: other people may write; what stands on who may is looked at."""

from bot.engine import Question
from bot.github.connection import GitHub
from bot.github.finder import Finder
from bot.jobs.fanout import FanOut
from bot.rules import needs
from bot.rules.rulebook import Rulebook
from bot.webhooks.questions import AboutAccess


class AccessJob:
    """Asks about the open pull requests that people approve, or hold by a level (R13)."""

    def __init__(self, github: GitHub, finder: Finder, fan_out: FanOut) -> None:
        self._github, self._finder, self._fan_out = github, finder, fan_out

    async def answer(self, question: Question) -> str:
        """Raise a question for each; the outcome is "asked", or "nobody waits"."""
        about = AboutAccess.of(question)
        connection = self._github.installation(about.installation)
        pulls = await self._finder.open_pulls(connection, about.repository)
        reading, found = pulls.reading, pulls.found
        if not isinstance(reading, Rulebook):
            return "nobody waits"
        waiting = [each for each in found if needs.access(reading, each.pull)]
        await self._fan_out.pulls(about, waiting)
        return "asked" if waiting else "nobody waits"
