"""The versions that pull requests have claimed, so that two cannot become the same one (V8)."""

from dataclasses import replace

from bot.github.assemble import Assembled
from bot.github.gather import Gathered
from bot.rules.claim import Claim, claim
from bot.rules.rulebook import DEFAULT, Rulebook
from bot.rules.succession import bare
from bot.webhooks.questions import AboutPull, AboutRepository
from service.ledger.repository import Repository
from service.ledger.store import Ledger


class Reservations:
    """Reserves, for an open pull request, the version that its merge would make."""

    def __init__(self, ledger: Ledger) -> None:
        self._reservations = ledger.reservations

    async def reserved(self, about: AboutPull, gathered: Gathered) -> Gathered:
        """Return what was gathered, with who has which version, after reserving this one's.

        Whoever comes first has it; the rule tells the other, and proposes the next free one. Without a
        rulebook nothing is claimed.
        """
        asked, rulebook = gathered.asked, gathered.reading
        if asked is None or asked.facts.release is None or not isinstance(rulebook, Rulebook):
            return gathered
        taken = {each.version: each.pull for each in await self._reservations.of(about.repository_id)}
        asked = _knowing(asked, taken)
        if rulebook is DEFAULT or asked.facts.release is None:
            return replace(gathered, asked=asked)
        found = claim(asked.facts, asked.facts.release, rulebook)
        # Whoever may read a repository may open a pull request from a fork: that claims nothing yet (R9).
        claimed = found.version if isinstance(found, Claim) and not asked.facts.pull.from_fork else None
        wanted = str(bare(claimed)) if claimed else None
        for version, number in list(taken.items()):
            if number == about.number and version != wanted:
                await self._reservations.release(about.repository_id, version, number)
                del taken[version]
        if wanted is not None and wanted not in taken:
            place = Repository(about.repository_id, about.full_name)
            taken[wanted] = (await self._reservations.reserve(place, wanted, about.number)).pull
        return replace(gathered, asked=_knowing(asked, taken))

    async def give_up(self, about: AboutRepository, number: int) -> None:
        """Free what a pull request had reserved that was closed without a merge."""
        for each in await self._reservations.of(about.repository_id):
            if each.pull == number:
                await self._reservations.release(about.repository_id, each.version, number)


def _knowing(asked: Assembled, taken: dict[str, int]) -> Assembled:
    """A pull request judged with what is reserved."""
    facts = asked.facts
    if facts.release is None:
        return asked
    return replace(asked, facts=replace(facts, release=replace(facts.release, reservations=dict(taken))))
