"""Ask about many at a pace that GitHub allows, so that whoever waits for an answer is never behind them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.github.finder import Found
from bot.jobs.ask import Ask
from bot.webhooks.questions import AboutRepository

# GitHub wants at least a second between writes on behalf of one installation ("Best practices for
# using the REST API").
PACE: Final = timedelta(seconds=1)


class FanOut:
    """Asks about one after another, for each installation at one pace however many fan-outs there are."""

    def __init__(self, ask: Ask, pace: timedelta = PACE) -> None:
        self._ask, self._pace = ask, pace
        self._free: dict[int, datetime] = {}

    async def pulls(self, about: AboutRepository, found: Iterable[Found]) -> None:
        """Ask about pull requests of a repository; nobody waits for these answers."""
        for each in found:
            target = each.target
            pull = about.pull(target.number, target.head, target.compare, calm=True)
            await self._ask(pull.question, not_before=self._next(about.installation))

    async def repositories(self, abouts: Iterable[AboutRepository]) -> None:
        """Ask about repositories, each of which is going to ask about its pull requests."""
        for about in abouts:
            await self._ask(about.question, not_before=self._next(about.installation))

    def _next(self, installation: int) -> datetime:
        """The next free moment of an installation."""
        now = datetime.now(UTC)
        moment = max(now, self._free.get(installation, now))
        self._free[installation] = moment + self._pace
        return moment
