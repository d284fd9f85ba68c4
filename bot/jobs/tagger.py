"""Make a version of a commit that no release or hotfix brought, by the steps of every release."""

from dataclasses import replace

from semver import Version

from bot.github.connection import InstallationConnection
from bot.github.main import MainRead, holds
from bot.github.merged import Contents, read_standing
from bot.github.releasing import Repository
from bot.github.tags import Ends, read_tags
from bot.jobs.carry import Carrier, Released, carry
from bot.releases.mainline import Arrival, untagged, version_of, was_tagged
from bot.releases.plan import BranchState, State
from bot.releases.steps import CreateTag, Plan, Stop
from bot.rules.claim import last_tag, tagged
from bot.rules.facts import ReleaseFacts
from bot.rules.succession import latest
from bot.rules.tags import tag_of
from bot.rules.verdict import Finding
from bot.webhooks.questions import AboutMain
from service.ledger.releases import Beginning, Release, StepState
from service.ledger.repository import Repository as Place
from service.ledger.store import Ledger


class Tagger:
    """Begins and carries such versions of one main; the ledger remembers those that were cut off."""

    def __init__(
        self, ledger: Ledger, connection: InstallationConnection, about: AboutMain, read: MainRead
    ) -> None:
        self._ledger, self._connection, self._about, self.read = ledger, connection, about, read
        self._contents = Contents(connection, about.repository)
        self._known: dict[str, ReleaseFacts] = {}

    async def begun(self) -> tuple[Release, ...]:
        """Return those of which something is left to do, the oldest first."""
        unfinished = await self._ledger.releases.unfinished(self._about.repository_id)
        return tuple(each for each in unfinished if each.pull is None)

    async def begin(self, arrival: Arrival) -> Release:
        """Choose the version of a commit, and begin it."""
        rulebook, facts = self.read.rulebook, await self._facts(arrival.oid)
        if rulebook.versions.source == "commits":
            brought = await self._contents.of(arrival.oid, last_tag(facts))
            facts = replace(facts, changes=brought.changes, whole=brought.whole)
        place = Place(self._about.repository_id, self.read.full_name)
        while True:
            version = version_of(rulebook, facts, self.read.labels)
            beginning = Beginning(place, str(version), tag_of(rulebook, version), arrival.oid)
            record = await self._ledger.releases.begin(beginning)
            if record.commit == arrival.oid:
                return record
            # Another commit was to have that number, or had it until its tag was deleted (V11).
            facts = replace(facts, reservations={**facts.reservations, record.version: record.pull or 0})

    async def is_given_up(self, record: Release) -> bool:
        """Give up a version whose commit main has lost, or whose tag another commit has; say whether it is.

        The number is not used again.
        """
        connection, repository = self._connection, self._about.repository
        if not await holds(connection, repository, self.read.main, record.commit):
            why = f"{self.read.main.name} does not have {record.commit} any more"
        else:
            facts = await self._facts(record.commit)
            found = _target(facts, record.tag)
            if found in {None, record.commit}:
                return False
            why = f"{record.tag} is on {found}"
        step = CreateTag(record.tag, record.commit)
        await self._ledger.releases.step(record, step.name, StepState.FAILED, {"why": why})
        await self._ledger.releases.finish(record)
        return True

    async def go_on(self, record: Release) -> tuple[Plan, Finding]:
        """Carry it as far as it goes; what is left, and what the check of its commit has to say."""
        connection, repository = self._connection, self._about.repository
        facts = await self._facts(record.commit)
        version = Version.parse(record.version)
        message = f"{record.tag}\n\n{record.commit} came to {self.read.main.name} without a release."
        standing = await read_standing(connection, repository, record.commit, record.tag, {})
        state = State(
            tag=record.tag,
            commit=record.commit,
            branch="",
            tagged=_target(facts, record.tag),
            latest=latest(version, tagged(facts)),
            release=standing.state,
            release_id=standing.release,
            branch_state=BranchState.KEPT,
        )
        released = Released(self.read.rulebook, version, facts, message)
        place = Repository.of(connection, repository, self.read.full_name)
        planned, _ = await carry(Carrier(place, released, self._contents), self._ledger, record, state)
        stops = [step.reason for step in planned.steps if isinstance(step, Stop)]
        return planned, untagged(stops[0]) if stops else was_tagged(record.tag)

    async def _facts(self, commit: str) -> ReleaseFacts:
        """What the version of a commit goes by, read once: the tags that are made here are not of it."""
        if commit not in self._known:
            reserved = await self._ledger.reservations.of(self._about.repository_id)
            repository, ends = self._about.repository, Ends(commit, commit)
            self._known[commit] = ReleaseFacts(
                tags=await read_tags(self._connection, repository, self.read.rulebook, ends),
                reservations={each.version: each.pull for each in reserved},
                merge_commit=commit,
            )
        return self._known[commit]


def _target(facts: ReleaseFacts, name: str) -> str | None:
    """The commit (an oid) that a tag of this name is on; None where there is none."""
    return next((tag.target for tag in facts.tags if tag.name == name), None)
