"""`release/<repository id>/<number>`: a merged release is tagged, published, merged back and cleaned up.

Every run reads how far it has come and does what is left; nothing is done by memory. So a run may be cut off
between any two steps.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from semver import Version

from bot.engine import Question
from bot.github.connection import GitHub, InstallationConnection
from bot.github.merged import Contents, MergedPull, read_merged, read_standing
from bot.github.publish import comment_writes, write
from bot.github.releasing import Repository
from bot.github.rulebooks import Rulebooks
from bot.github.tags import Ends, read_tags
from bot.github.versions import read_files
from bot.jobs.ask import Ask
from bot.jobs.carry import Carrier, Released, carry, stop
from bot.jobs.forward import Forwarder
from bot.jobs.reservations import Reservations
from bot.releases.plan import BranchState, State, Target, back_merge_head
from bot.releases.steps import DeleteBranch, Plan, Stop
from bot.releases.targets import lives_on, targets_of
from bot.releases.watch import fix_of, is_watched
from bot.rules.claim import Unclaimed, applies, claim, last_tag, may_be, named_version, tagged
from bot.rules.facts import Facts, ReleaseFacts
from bot.rules.rulebook import DEFAULT, Rulebook
from bot.rules.succession import bare, latest
from bot.rules.verdict import Enforcement
from bot.rules.version_files import read
from bot.rules.versions import RULE, refusal
from bot.text.release import release_comment
from bot.webhooks.questions import OWN_BRANCHES, AboutRelease
from service.ledger.releases import Beginning, Release
from service.ledger.repository import Repository as Place
from service.ledger.store import Ledger


class ReleaseJob:
    """Carries a merged release to its end, or as far as it goes without a person."""

    def __init__(self, github: GitHub, rulebooks: Rulebooks, ledger: Ledger, ask: Ask) -> None:
        self._github, self._rulebooks, self._ledger, self._ask = github, rulebooks, ledger, ask
        self._reservations, self._forwarder = Reservations(ledger), Forwarder(ledger)

    async def answer(self, question: Question) -> str:
        """Gather, decide, apply; the outcome is "no release", "complete" or "waits"."""
        about = AboutRelease.of(question)
        if about.head.startswith(OWN_BRANCHES) and not about.from_fork:
            return await self._go_on(about)
        if not about.merged:
            await self._reservations.give_up(about, about.number)
            return "no release"
        known = self._rulebooks.known(about.repository)
        if isinstance(known, Rulebook) and about.head and not _matters(known, about.head, about.base):
            return "no release"  # most merges: no request is spent on them
        connection = self._github.installation(about.installation)

        merged = await read_merged(connection, self._rulebooks, about.repository, about.number)
        rulebook = merged.reading if merged else None
        # Without a rulebook Signalbox only advises: it changes nothing.
        if merged is None or not isinstance(rulebook, Rulebook) or rulebook is DEFAULT:
            return "no release"
        if is_watched(rulebook, merged.pull.head, merged.pull.base):
            planned, body = await self._forwarder.bring(connection, about, merged, rulebook)
        elif applies(rulebook, merged.pull):
            planned, body = await self._release(connection, about, merged, rulebook)
        else:  # retargeted at the last moment, it claims nothing any more
            await self._reservations.give_up(about, about.number)
            return "no release"
        await write(connection, comment_writes(merged.id, merged.comment, body))
        return "complete" if planned.is_complete else "waits"

    async def _release(
        self,
        connection: InstallationConnection,
        about: AboutRelease,
        merged: MergedPull,
        rulebook: Rulebook,
    ) -> tuple[Plan, str | None]:
        """Carry a release as far as it goes; what is left, and what its one comment has to say."""
        contents = Contents(connection, about.repository)
        facts = await self._facts(contents, about, merged, rulebook)
        version = _version(merged, rulebook, facts)
        if isinstance(version, Stop):
            planned, tag = Plan((version,)), f"#{about.number}"
            place = Place(about.repository_id, merged.full_name)
            await stop(self._ledger.releases, await self._unnamed(place, merged), version)
            await self._reservations.give_up(about, about.number)
        else:
            released = Released(rulebook, version, facts, _message(merged))
            tag = released.tag
            planned = await self._carried(contents, about, merged, released)
        standing = merged.comment.trusted if merged.comment else None
        if rulebook.versions.unversioned == "tag":  # what came to main since then waits for this version
            await self._ask(about.main(merged.pull.base).question)
        return planned, release_comment(tag, planned, standing, rulebook.language)

    async def _go_on(self, about: AboutRelease) -> str:
        """A pull request of our own is closed: what waits for such a one is looked at again."""
        if (fix := fix_of(about.head)) is not None:
            await self._ask(about.release(fix).question)
            return "asked"
        unfinished = await self._ledger.releases.unfinished(about.repository_id)
        for release in unfinished:
            if release.pull is not None:
                await self._ask(about.release(release.pull).question)
        return "asked" if unfinished else "no release"

    async def _facts(
        self, contents: Contents, about: AboutRelease, merged: MergedPull, rulebook: Rulebook
    ) -> ReleaseFacts:
        connection = contents.connection
        ends = Ends(merged.before, merged.pull.head_oid)
        tags = await read_tags(connection, about.repository, rulebook, ends)
        reserved = await self._ledger.reservations.of(about.repository_id)
        facts = ReleaseFacts(
            tags=tags,
            files=await read_files(connection, about.repository, merged.commit, rulebook),
            reservations={each.version: each.pull for each in reserved},
            merge_commit=merged.commit,
        )
        if rulebook.versions.source != "commits":
            return facts
        brought = await contents.of(merged.commit, last_tag(facts))
        return replace(facts, changes=brought.changes, whole=brought.whole)

    async def _carried(
        self, contents: Contents, about: AboutRelease, merged: MergedPull, released: Released
    ) -> Plan:
        """Do every step that can be done, one after another, and return what is left."""
        place = Place(about.repository_id, merged.full_name)
        record = await self._ledger.releases.begin(
            Beginning(place, str(released.version), released.tag, merged.commit, about.number)
        )
        if record.pull != about.number:  # which made that version, so that this one cannot
            record = await self._unnamed(place, merged)
        repository = Repository.of(contents.connection, about.repository, merged.full_name)
        carrier = Carrier(repository, released, contents)
        state = await _state(contents.connection, about, merged, released)
        planned, state = await carry(carrier, self._ledger, record, state)
        if state.tagged == merged.commit:
            await self._ledger.reservations.confirm(place, str(released.version), about.number)
        else:  # nobody knows whether it ever comes, and others may need that version
            await self._reservations.give_up(about, about.number)
        return planned

    async def _unnamed(self, place: Place, merged: MergedPull) -> Release:
        """The record of a merge that has no version, by the number of its pull request."""
        name = f"#{merged.pull.number}"
        return await self._ledger.releases.begin(
            Beginning(place, name, name, merged.commit, merged.pull.number)
        )


def _matters(rulebook: Rulebook, head: str, base: str) -> bool:
    """Whether anything follows from merging one branch into another."""
    return may_be(rulebook, head, base) or is_watched(rulebook, head, base)


def _message(merged: MergedPull) -> str:
    """What the tag of a release says."""
    pull = merged.pull
    return f"{merged.title}\n\n#{pull.number} merged {pull.head} into {pull.base}."


def _version(merged: MergedPull, rulebook: Rulebook, facts: ReleaseFacts) -> Version | Stop:
    """The version of a merge: the one that its tag has, that was reserved for it, or that it claims.

    All is judged again, for others may have been merged since the check. A number that nobody has named makes
    way for the next free one; a named one that is required to be right stops.
    """
    judged = Facts(merged.full_name, merged.pull, labels=merged.labels, release=facts)
    named = named_version(rulebook, merged.pull.head) is not None
    here = [tag.version for tag in facts.tags if tag.target == merged.commit]
    mine = [version for version, number in facts.reservations.items() if number == merged.pull.number]
    if not named and here:
        return max(here)
    found = claim(judged, facts, rulebook)
    if isinstance(found, Unclaimed):
        return Stop(found.reason)
    if not named and mine:
        reserved = replace(found, version=Version.parse(mine[0]))
        return (found if refusal(judged, facts, reserved) else reserved).version
    is_required = rulebook.enforcement(RULE, from_fork=merged.pull.from_fork) is Enforcement.REQUIRED
    is_tagged = any(tag.version == bare(found.version) for tag in facts.tags)  # the plan tells where
    refused = refusal(judged, facts, found) if is_required and not is_tagged else None
    return Stop(refused.reason) if refused else found.version


async def _state(
    connection: InstallationConnection, about: AboutRelease, merged: MergedPull, released: Released
) -> State:
    """How far a release has come."""
    rulebook, version = released.rulebook, released.version
    versions = tagged(released.facts) | {version}
    branches = targets_of(rulebook, version, merged.pull.head, merged.branches, versions)
    heads = {
        branch: back_merge_head(released.tag, branch if position else None)
        for position, branch in enumerate(branches)
    }
    standing = await read_standing(connection, about.repository, merged.commit, released.tag, heads)
    return State(
        tag=released.tag,
        commit=merged.commit,
        branch=merged.pull.head,
        tagged=released.there.target if released.there else None,
        latest=latest(version, versions),
        prerelease=version.prerelease is not None,
        release=standing.state,
        release_id=standing.release,
        targets=standing.targets,
        branch_state=_branch_state(merged, rulebook),
        tip=merged.pull.head_oid,
        spent=tuple(_spent(merged, heads, standing.targets)),
        stale=tuple(await asyncio.to_thread(_stale, released)),  # large files take a while to parse
    )


def _branch_state(merged: MergedPull, rulebook: Rulebook) -> BranchState:
    """What becomes of the merged branch; a fork's is not ours, and one that went on is somebody's (R9)."""
    pull = merged.pull
    if pull.from_fork or lives_on(rulebook, pull.head):
        return BranchState.KEPT
    if pull.head not in merged.branches:
        return BranchState.GONE
    return BranchState.EXISTS if merged.branches[pull.head] == pull.head_oid else BranchState.KEPT


def _spent(merged: MergedPull, heads: Mapping[str, str], targets: Iterable[Target]) -> Iterator[DeleteBranch]:
    """The branches of back-merges that have arrived and did not go on since."""
    for target in targets:
        head = heads[target.branch]
        if target.arrived and merged.branches.get(head) == target.arrived:
            yield DeleteBranch(head, target.arrived)


def _stale(released: Released) -> list[str]:
    """The version files that carry another version."""
    return [
        file.path
        for file in released.rulebook.versions.files
        if (text := released.facts.files.get(file.path)) is None
        or str(read(text, file.path, file.pattern)) != str(released.version)
    ]
