"""Make a version of a commit that no release or hotfix brought, by the steps of every release."""

from dataclasses import replace

from semver import Version

from bot.errors import GiveUp
from bot.github.connection import InstallationConnection
from bot.github.main import MainRead
from bot.github.merged import Contents, read_standing
from bot.github.releasing import Repository
from bot.github.tags import Ends, read_tags
from bot.jobs.carry import Carrier, Released, carry
from bot.releases.mainline import Arrival, untagged, version_of, was_tagged
from bot.releases.plan import BranchState, State
from bot.releases.steps import Plan, Stop
from bot.rules.claim import last_tag, tagged
from bot.rules.facts import ReleaseFacts
from bot.rules.succession import latest
from bot.rules.tags import tag_of
from bot.rules.verdict import Finding
from bot.webhooks.questions import AboutMain
from service.ledger.releases import Beginning, Release
from service.ledger.repository import Repository as Place
from service.ledger.store import Ledger


class Tagger:
    """Begins and carries such versions of one main; the ledger remembers those that were cut off."""

    def __init__(
        self, ledger: Ledger, connection: InstallationConnection, about: AboutMain, read: MainRead
    ) -> None:
        self._ledger, self._connection, self._about, self._read = ledger, connection, about, read
        self._contents = Contents(connection, about.repository)

    async def begun(self) -> tuple[Release, ...]:
        """Return those of which something is left to do, the oldest first."""
        unfinished = await self._ledger.releases.unfinished(self._about.repository_id)
        return tuple(each for each in unfinished if each.pull is None)

    async def begin(self, arrival: Arrival) -> Release:
        """Choose the version of a commit, and begin it. Raises `GiveUp` where another commit has begun it."""
        rulebook, facts = self._read.rulebook, await self._facts(arrival.oid)
        if rulebook.versions.source == "commits":
            brought = await self._contents.of(arrival.oid, last_tag(facts))
            facts = replace(facts, changes=brought.changes, whole=brought.whole)
        version = version_of(rulebook, facts, self._read.labels)
        place = Place(self._about.repository_id, self._read.full_name)
        tag = tag_of(rulebook, version)
        record = await self._ledger.releases.begin(Beginning(place, str(version), tag, arrival.oid))
        if record.commit != arrival.oid:
            raise GiveUp(f"{tag} was begun on {record.commit}, and cannot be {arrival.oid} too")
        return record

    async def go_on(self, record: Release) -> tuple[Plan, Finding]:
        """Carry it as far as it goes; what is left, and what the check of its commit has to say."""
        connection, repository = self._connection, self._about.repository
        facts = await self._facts(record.commit)
        version = Version.parse(record.version)
        message = f"{record.tag}\n\n{record.commit} came to {self._read.main.name} without a release."
        standing = await read_standing(connection, repository, record.commit, record.tag, {})
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
        released = Released(self._read.rulebook, version, facts, message)
        place = Repository.of(connection, repository, self._read.full_name)
        planned, _ = await carry(Carrier(place, released, self._contents), self._ledger, record, state)
        stops = [step.reason for step in planned.steps if isinstance(step, Stop)]
        return planned, untagged(stops[0]) if stops else was_tagged(record.tag)

    async def _facts(self, commit: str) -> ReleaseFacts:
        reserved = await self._ledger.reservations.of(self._about.repository_id)
        ends = Ends(commit, commit)
        return ReleaseFacts(
            tags=await read_tags(self._connection, self._about.repository, self._read.rulebook, ends),
            reservations={each.version: each.pull for each in reserved},
            merge_commit=commit,
        )
