"""`base/<repository id>/<branch>`: a branch moved; what is judged by it, or waits for it, is looked at."""

from bot.engine import Question
from bot.github.connection import GitHub
from bot.github.finder import Finder
from bot.jobs.ask import Ask
from bot.jobs.fanout import FanOut
from bot.releases.mainline import is_kept
from bot.releases.watch import fix_of
from bot.rules import needs
from bot.rules.rulebook import Rulebook
from bot.webhooks.questions import AboutBase


class BaseJob:
    """Asks about the open pull requests that go into a branch, or whose ancestry it is compared with.

    Where it is main, it is also asked how it moved, and whether it has the fixes now that it shall get.
    """

    def __init__(self, github: GitHub, finder: Finder, fan_out: FanOut, ask: Ask) -> None:
        self._github, self._finder, self._fan_out, self._ask = github, finder, fan_out, ask

    async def answer(self, question: Question) -> str:
        """Raise a question for each; the outcome is "asked", or "nobody waits"."""
        about = AboutBase.of(question)
        known = self._finder.rulebooks.known(about.repository)
        if isinstance(known, Rulebook) and not needs.may_be_base(known, about.branch):
            return "nobody waits"  # most pushes: no request is spent on them
        connection = self._github.installation(about.installation)
        pulls = await self._finder.open_pulls(connection, about.repository)
        reading, found = pulls.reading, pulls.found
        if not isinstance(reading, Rulebook):
            return "nobody waits"
        waiting = [each for each in found if needs.line(reading, each.pull, about.branch)]
        if is_kept(reading, about.branch):
            await self._ask(about.main(about.branch).question)
        fixes = [fix_of(each.pull.head) for each in found if each.pull.base == about.branch]
        await self._ask(*(about.release(number).question for number in fixes if number is not None))
        await self._fan_out.pulls(about, waiting)
        return "asked" if waiting else "nobody waits"
