"""The versions that pull requests have claimed, so that two cannot become the same one (V8)."""

from dataclasses import replace

from bot.github.assemble import Assembled
from bot.github.gather import Gathered
from bot.rules.claim import Claim, applies, claim
from bot.rules.facts import Facts, ReleaseFacts
from bot.rules.rulebook import DEFAULT, Reading, Rulebook
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

        Whoever comes first has it; the rule tells the other, and proposes the next free one. What a merge has
        is settled when it is tagged, and what is not to become a version frees its own once it is recorded.
        """
        asked, rulebook = gathered.asked, gathered.reading
        if gathered.described.state == "merged" or not isinstance(rulebook, Rulebook):
            return gathered
        if asked is None or asked.facts.release is None:
            return gathered
        taken = {each.version: each.pull for each in await self._reservations.of(about.repository_id)}
        wanted = _wanted(_knowing(asked, asked.facts.release, taken), rulebook)
        for version, number in list(taken.items()):
            if number == about.number and version != wanted:
                await self._reservations.release(about.repository_id, version, number)
                del taken[version]
        if wanted is not None and wanted not in taken:
            place = Repository(about.repository_id, about.full_name)
            taken[wanted] = (await self._reservations.reserve(place, wanted, about.number)).pull
        return replace(gathered, asked=_knowing(asked, asked.facts.release, taken))

    async def give_up(self, about: AboutRepository, number: int) -> None:
        """Free what a pull request had reserved of which no version comes."""
        await self._reservations.free(about.repository_id, number)


def claims_nothing(reading: Reading, state: str, facts: Facts | None) -> bool:
    """Whether a pull request, in that state ("open"), is to become no version: then it has none, either."""
    needs_none = facts is None or facts.release is None
    return needs_none and state != "merged" and isinstance(reading, Rulebook)


def _wanted(asked: Assembled, rulebook: Rulebook) -> str | None:
    """The version to reserve; None where no version would come, or nothing says which."""
    if rulebook is DEFAULT:  # without a rulebook nothing is claimed
        return None
    facts = asked.facts
    # Whoever may read a repository may open a pull request from a fork: that claims nothing yet (R9).
    if facts.release is None or facts.pull.from_fork or not applies(rulebook, facts.pull):
        return None
    found = claim(facts, facts.release, rulebook)
    return str(bare(found.version)) if isinstance(found, Claim) else None


def _knowing(asked: Assembled, release: ReleaseFacts, taken: dict[str, int]) -> Assembled:
    """A pull request judged with what is reserved."""
    return replace(asked, facts=replace(asked.facts, release=replace(release, reservations=dict(taken))))
