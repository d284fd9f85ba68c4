"""The versions that pull requests have claimed, so that two cannot become the same one (V8)."""

from dataclasses import replace

from bot.github.assemble import Assembled
from bot.github.gather import Gathered
from bot.rules.claim import Claim, applies, claim
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

        Whoever comes first has it; the rule tells the other, and proposes the next free one. What is closed,
        or would not become a version any more, has none; what a merge has is settled when it is tagged.
        """
        rulebook = gathered.reading
        if gathered.described.state == "merged" or not isinstance(rulebook, Rulebook):
            return gathered
        taken = {each.version: each.pull for each in await self._reservations.of(about.repository_id)}
        asked = _knowing(gathered.asked, taken)
        wanted = _wanted(asked, rulebook)
        for version, number in list(taken.items()):
            if number == about.number and version != wanted:
                await self._reservations.release(about.repository_id, version, number)
                del taken[version]
        if wanted is not None and wanted not in taken:
            place = Repository(about.repository_id, about.full_name)
            taken[wanted] = (await self._reservations.reserve(place, wanted, about.number)).pull
        return replace(gathered, asked=_knowing(asked, taken))

    async def give_up(self, about: AboutRepository, number: int) -> None:
        """Free what a pull request had reserved of which no version comes."""
        for each in await self._reservations.of(about.repository_id):
            if each.pull == number:
                await self._reservations.release(about.repository_id, each.version, number)


def _wanted(asked: Assembled | None, rulebook: Rulebook) -> str | None:
    """The version to reserve; None where no version would come, or nothing says which."""
    if asked is None or rulebook is DEFAULT:  # without a rulebook nothing is claimed
        return None
    facts = asked.facts
    # Whoever may read a repository may open a pull request from a fork: that claims nothing yet (R9).
    if facts.release is None or facts.pull.from_fork or not applies(rulebook, facts.pull):
        return None
    found = claim(facts, facts.release, rulebook)
    return str(bare(found.version)) if isinstance(found, Claim) else None


def _knowing(asked: Assembled | None, taken: dict[str, int]) -> Assembled | None:
    """A pull request judged with what is reserved."""
    if asked is None or asked.facts.release is None:
        return asked
    facts, release = asked.facts, asked.facts.release
    return replace(asked, facts=replace(facts, release=replace(release, reservations=dict(taken))))
