"""`cleanup/<repository id>/<number>`: the images of a merged branch go, as far as nothing speaks for them.

Each of them has an entry in the audit: what became of it and why, or what would, where nothing is deleted.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from bot.delivery.built import Branch, built_from
from bot.delivery.cleanup import Deployed, Fate, Verdict, Version, condemned
from bot.delivery.image import normalised, parse
from bot.engine import Question
from bot.errors import GiveUp
from bot.github.connection import GitHub, InstallationConnection
from bot.github.merged import MergedPull, read_commits, read_merged
from bot.github.rulebooks import Rulebooks
from bot.jobs.carry import ACTOR
from bot.jobs.recorder import Recorder
from bot.registries.registries import Registries
from bot.registries.registry import Declined, Registry
from bot.rules.branches import kind_of
from bot.rules.models import Rulebook
from bot.rules.rulebook import DEFAULT
from bot.text.cleanup import declined, why
from bot.webhooks.questions import AboutCleanup
from service.ledger.audit import Filter
from service.ledger.deployments import Deployment
from service.ledger.repository import Repository
from service.ledger.store import Ledger

logger = logging.getLogger(__name__)

_KEEP: Final = "keep image"
_DONE: Final = {Fate.DELETED: "delete image", Fate.UNTAGGED: "untag image", Fate.KEPT: _KEEP}
_TALKED_OF: Final = {
    Fate.DELETED: "would delete image", Fate.UNTAGGED: "would untag image", Fate.KEPT: _KEEP
}  # fmt: skip
_LONGEST_SUBJECT: Final = 255  # of the ledger


@dataclass(frozen=True, slots=True)
class _Merge:
    """What was merged, and where its images are looked for."""

    repository: Repository
    number: int
    rulebook: Rulebook
    branch: Branch


class CleanupJob:
    """Deletes the images of merged branches, or says which it would."""

    def __init__(self, github: GitHub, rulebooks: Rulebooks, ledger: Ledger, registries: Registries) -> None:
        self._github, self._rulebooks, self._ledger = github, rulebooks, ledger
        self._registries, self._recorder = registries, Recorder(ledger)

    async def answer(self, question: Question) -> str:
        """Gather, decide, apply; the outcome is "cleaned up", "talked of", "refused" or "nothing to do"."""
        about = AboutCleanup.of(question)
        known = self._rulebooks.known(about.repository)
        if isinstance(known, Rulebook) and not self._cleans(known, about.head):
            return "nothing to do"  # most merges: no request is spent on them
        connection = self._github.installation(about.installation)
        merge = await self._merge(connection, about)
        if merge is None:
            return "nothing to do"
        names = [*map(normalised, merge.rulebook.delivery.images)]
        if not names:
            names += await self._registries.linked(merge.repository.name, about.repository_id)
        outcome = "cleaned up" if self._registries.deletes else "talked of"
        for name in dict.fromkeys(names):
            try:
                await self._clean_up(merge, name)
            except GiveUp as refusal:  # the other repositories may be open
                logger.warning("the images of %s are not looked at: %s", name, refusal)
                outcome = "refused"
        return outcome

    def _cleans(self, rulebook: Rulebook, head: str) -> bool:
        """Whether the images of a branch are to go, as far as anybody says where they are."""
        wanted = kind_of(rulebook, head) in rulebook.images.delete_merged
        return wanted and (bool(rulebook.delivery.images) or self._registries.say_what_is_built)

    async def _merge(self, connection: InstallationConnection, about: AboutCleanup) -> _Merge | None:
        merged = await read_merged(connection, self._rulebooks, about.repository, about.number)
        rulebook = merged.reading if merged else None
        # Without a rulebook Signalbox only advises: it changes nothing.
        if merged is None or not isinstance(rulebook, Rulebook) or rulebook is DEFAULT:
            return None
        if merged.pull.from_fork or not self._cleans(rulebook, merged.pull.head):
            return None
        commits = await read_commits(connection, about.repository, about.number)
        place = Repository(about.repository_id, merged.full_name)
        return _Merge(place, about.number, rulebook, _branch(merged, commits))

    async def _clean_up(self, merge: _Merge, name: str) -> None:
        registry = self._registries.of(name)
        if registry is None:
            raise GiveUp("no registry that is known lets Signalbox in there")
        stays = set[str]()
        while refused := await self._round(merge, registry, name, stays):
            stays.add(refused)  # and all that it holds with it: the rest is judged again

    async def _round(
        self, merge: _Merge, registry: Registry, name: str, stays: Collection[str]
    ) -> str | None:
        """Look once, and do what is decided, up to what the registry does not let go: its digest."""
        keep = merge.rulebook.images.keep
        versions = await registry.versions(name)
        found = built_from(versions, merge.branch)
        images = {digest: tags for digest, tags in found.items() if digest not in stays}
        # What runs is read last: it may be deployed while the registry is read.
        recent = await self._ledger.deployments.recent(max(keep, 1)) if images else ()
        deployed = [_deployed(each, name) for each in recent]

        verdicts = condemned(versions, images, deployed, keep, untags=registry.untags)

        for verdict in verdicts:
            if refused := await self._carry_out(merge, registry, name, verdict):
                return refused.digest
        return None

    async def _carry_out(
        self, merge: _Merge, registry: Registry, name: str, verdict: Verdict
    ) -> Version | None:
        """Do what was decided; what the registry does not let go is returned.

        The audit knows of it first: nothing goes that it does not tell of.
        """
        deletes, language, version = self._registries.deletes, merge.rulebook.language, verdict.version
        action = (_DONE if deletes else _TALKED_OF)[verdict.fate]
        reason = why(verdict, merge.branch.name, merge.number, language)
        await self._record(merge, action, name, version, reason)
        if not deletes:
            return None
        going = (version, *verdict.parts) if verdict.fate is Fate.DELETED else ()
        try:
            if verdict.fate is Fate.UNTAGGED:
                await registry.untag(name, verdict.tags)
            for version in going:
                await registry.delete(name, version)
        except Declined as refusal:
            await self._record(merge, _KEEP, name, version, declined(str(refusal), language))
            return version
        return None

    async def _record(self, merge: _Merge, action: str, name: str, version: Version, reason: str) -> None:
        """Keep an entry in the audit, unless it has it already."""
        subject, place = f"{name}@{version.digest}"[-_LONGEST_SUBJECT:], merge.repository
        same = Filter(repository_id=place.id, actor=ACTOR, action=action, subject=subject)
        known = await self._ledger.audit.entries(same)
        if all(entry.why != reason for entry in known.entries):
            await self._recorder.act(place, ACTOR, action, subject, reason, f"#{merge.number}")


def _branch(merged: MergedPull, commits: frozenset[str]) -> Branch:
    """The merged branch, and what is its own: where another branch stands, the commit is that one's too."""
    pull = merged.pull
    others = {name: tip for name, tip in merged.branches.items() if (name, tip) != (pull.head, pull.head_oid)}
    return Branch(pull.head, commits - {merged.commit, *others.values()}, frozenset(others))


def _deployed(found: Deployment, name: str) -> Deployed:
    """What a deployment brought; a tag says something only in the repository that is judged."""
    image = parse(found.image) if found.image else None
    return Deployed(
        where=f"{found.repository.name} {found.environment}",
        commit=found.commit,
        digest=image.digest if image else None,
        tag=image.tag if image and image.repository == name else None,
    )
