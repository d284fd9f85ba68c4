"""Make a version of a commit that no release or hotfix brought, by the steps of every release."""

from dataclasses import replace

from semver import Version

from bot.errors import GiveUp
from bot.github.connection import InstallationConnection
from bot.github.main import MainRead
from bot.github.merged import read_brought, read_standing
from bot.github.releasing import Repository
from bot.github.tags import Ends, read_tags
from bot.jobs.carry import Carrier, Released, carry
from bot.releases.mainline import Arrival, untagged, version_of, was_tagged
from bot.releases.plan import BranchState, State
from bot.releases.steps import Plan, Stop
from bot.rules.claim import last_tag, tagged
from bot.rules.facts import ReleaseFacts
from bot.rules.models import Rulebook
from bot.rules.succession import latest
from bot.rules.tags import tag_of
from bot.rules.verdict import Finding
from bot.webhooks.questions import AboutMain
from service.ledger.releases import Beginning, Release
from service.ledger.repository import Repository as Place
from service.ledger.store import Ledger


class Tagger:
    """Begins and carries such versions; the ledger remembers those that were cut off."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def begun(self, about: AboutMain) -> tuple[Release, ...]:
        """Return those of which something is left to do, the oldest first."""
        unfinished = await self._ledger.releases.unfinished(about.repository_id)
        return tuple(each for each in unfinished if each.pull is None)

    async def begin(
        self, connection: InstallationConnection, about: AboutMain, read: MainRead, arrival: Arrival
    ) -> Release:
        """Choose the version of a commit, and begin it. Raises `GiveUp` where another commit has begun it."""
        facts = await self._facts(connection, about, read.rulebook, arrival.oid)
        if read.rulebook.versions.source == "commits":
            brought = await read_brought(connection, about.repository, arrival.oid, last_tag(facts))
            facts = replace(facts, changes=brought.changes, whole=brought.whole)
        version = version_of(read.rulebook, facts, read.labels)
        place = Place(about.repository_id, read.full_name)
        tag = tag_of(read.rulebook, version)
        record = await self._ledger.releases.begin(Beginning(place, str(version), tag, arrival.oid))
        if record.commit != arrival.oid:
            raise GiveUp(f"{tag} was begun on {record.commit}, and cannot be {arrival.oid} too")
        return record

    async def go_on(
        self, connection: InstallationConnection, about: AboutMain, read: MainRead, record: Release
    ) -> tuple[Plan, Finding]:
        """Carry it as far as it goes; what is left, and what the check of its commit has to say."""
        facts = await self._facts(connection, about, read.rulebook, record.commit)
        version = Version.parse(record.version)
        message = f"{record.tag}\n\n{record.commit} came to {read.main.name} without a release."
        standing = await read_standing(connection, about.repository, record.commit, record.tag, {})
        state = State(
            tag=record.tag,
            commit=record.commit,
            branch="",
            tagged=next((tag.target for tag in facts.tags if tag.name == record.tag), None),
            latest=latest(version, tagged(facts)),
            release=standing.state,
            release_id=standing.release,
            branch_state=BranchState.KEPT,
        )
        repository = Repository.of(connection, about.repository, read.full_name)
        carrier = Carrier(repository, Released(read.rulebook, version, facts, message))
        planned, _ = await carry(carrier, self._ledger, record, state)
        stops = [step.reason for step in planned.steps if isinstance(step, Stop)]
        return planned, untagged(stops[0]) if stops else was_tagged(record.tag)

    async def _facts(
        self, connection: InstallationConnection, about: AboutMain, rulebook: Rulebook, commit: str
    ) -> ReleaseFacts:
        reserved = await self._ledger.reservations.of(about.repository_id)
        return ReleaseFacts(
            tags=await read_tags(connection, about.repository, rulebook, Ends(commit, commit)),
            reservations={each.version: each.pull for each in reserved},
            merge_commit=commit,
        )
