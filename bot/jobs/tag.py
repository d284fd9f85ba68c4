"""`tag/<repository id>/<tag>`: a tag was made or deleted; what is to become a version is looked at."""

from bot.engine import Question
from bot.github.connection import GitHub
from bot.github.finder import Finder
from bot.jobs.ask import Ask
from bot.jobs.fanout import FanOut
from bot.rules import needs
from bot.rules.rulebook import Rulebook
from bot.rules.tags import version_of_tag
from bot.webhooks.questions import AboutDelivery, AboutTag
from service.ledger.store import Ledger


class TagJob:
    """Asks about all that waits for a version.

    That are the open pull requests of releases and hotfixes, whose version goes by the tags (V7), and images
    that were pushed before the tag of their version was.
    """

    def __init__(self, github: GitHub, finder: Finder, ledger: Ledger, fan_out: FanOut, ask: Ask) -> None:
        self._github, self._finder, self._ledger = github, finder, ledger
        self._fan_out, self._ask = fan_out, ask

    async def answer(self, question: Question) -> str:
        """Raise a question for each; the outcome is "asked", "no version" or "nobody waits"."""
        about = AboutTag.of(question)
        known = self._finder.rulebooks.known(about.repository)
        if isinstance(known, Rulebook) and version_of_tag(known, about.tag) is None:
            return "no version"  # no request is spent on it
        connection = self._github.installation(about.installation)
        pulls = await self._finder.open_pulls(connection, about.repository)
        reading, found = pulls.reading, pulls.found
        if not isinstance(reading, Rulebook) or version_of_tag(reading, about.tag) is None:
            return "nobody waits"
        waiting = [each for each in found if needs.release(reading, each.pull)]
        await self._fan_out.pulls(about, waiting)
        home = await self._ledger.repositories.locate(about.full_name)
        delivers = home is not None and home.delivers
        if delivers:
            await self._ask(about.about(AboutDelivery).question)
        return "asked" if waiting or delivers else "nobody waits"
