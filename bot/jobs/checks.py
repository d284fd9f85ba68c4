"""`checks/<repository id>/<oid>`: checks of others changed; whoever waits for them is asked about."""

from typing import Final

from bot.engine import Question
from bot.github.connection import GitHub
from bot.github.finder import Finder
from bot.jobs.ask import Ask
from bot.rules import needs
from bot.rules.facts import Actor, Author, Pull
from bot.rules.rulebook import Reading, Rulebook
from bot.webhooks.questions import AboutChecks

# Seconds: a rule that begins to wait elsewhere must not miss what it waits for.
_FRESH: Final = 60
_ANYBODY: Final = Author("ghost", Actor.GHOST)


class ChecksJob:
    """Asks about the pull requests of a commit for which a rule waits for the checks of others."""

    def __init__(self, github: GitHub, finder: Finder, ask: Ask) -> None:
        self._github, self._finder, self._ask = github, finder, ask

    async def answer(self, question: Question) -> str:
        """Raise a question for each; the outcome is "asked", or "nobody waits"."""
        about = AboutChecks.of(question)
        known = self._finder.rulebooks.known(about.repository, within=_FRESH)
        if known is not None and about.refs and not any(_waits(known, pull) for pull in _named(about)):
            return "nobody waits"  # the usual case: no request is spent on it
        connection = self._github.installation(about.installation)
        reading, found = await self._finder.of_commit(connection, about.repository, about.head)
        waiting = [each.target for each in found if _waits(reading, each.pull)]
        await self._ask(*(about.pull(each.number, each.head, each.compare).question for each in waiting))
        return "asked" if waiting else "nobody waits"


def _named(about: AboutChecks) -> list[Pull]:
    """The pull requests that the check named, as far as a rule has to know them to say whether it waits."""
    return [Pull(0, head, about.head, base, _ANYBODY) for head, base in about.refs]


def _waits(reading: Reading, pull: Pull) -> bool:
    return isinstance(reading, Rulebook) and needs.checks(reading, pull)
