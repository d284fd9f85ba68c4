"""The history of a repository as it was read, and what its commits contain."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from semver import Version

from bot.rules.facts import Change, Commit
from bot.rules.history import first_parents
from bot.rules.models import Rulebook
from bot.rules.tags import version_of_tag


@dataclass(frozen=True, slots=True)
class PastCommit(Commit):
    """A commit with what its message says after the first line."""

    body: str = ""

    @property
    def is_merge(self) -> bool:
        """Whether it has more than one parent."""
        return len(self.parents) > 1


@dataclass(frozen=True, slots=True)
class Source:
    """What a merge brought. `owner` is whose repository it came from, "" where that is not told."""

    branch: str
    owner: str = ""


@dataclass(frozen=True, slots=True)
class TagRef:
    """A tag, and the commit (an oid) that it leads to in the end; "" where that is something else."""

    name: str
    target: str
    annotated: bool


@dataclass(frozen=True, slots=True)
class VersionTag(TagRef):
    """A tag that is a version."""

    version: Version


@dataclass(frozen=True)
class Past:
    """All commits by oid, the tips of the branches by name, the tags, and what pull requests say of merges.

    `sources` are by the oid of the commit that brought each to its base; empty where only git was read.

    A commit that is not there (a shallow clone's, a damaged repository's) is where history ends. A set of
    versions is an int, here, with a bit for each of `versions` in their order: so the greatest is the highest
    bit, and what thousands of commits contain is found in one walk.
    """

    rulebook: Rulebook
    commits: Mapping[str, PastCommit]
    branches: Mapping[str, str]
    tags: tuple[TagRef, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)

    @cached_property
    def order(self) -> Mapping[str, int]:
        """The place of every commit in an order in which each comes after all of its parents."""
        return {oid: place for place, oid in enumerate(_ordered(self.commits))}

    @cached_property
    def versions(self) -> tuple[VersionTag, ...]:
        """The tags that are versions, of commits that are there, in the order of semver."""
        found = []
        for tag in self.tags:
            version = version_of_tag(self.rulebook, tag.name)
            if version is not None and tag.target in self.order:
                found.append(VersionTag(tag.name, tag.target, tag.annotated, version))
        return tuple(sorted(found, key=lambda tag: (tag.version, self.order[tag.target], tag.name)))

    @cached_property
    def unread(self) -> tuple[str, ...]:
        """The names of all other tags, and of those on no commit that is there."""
        return tuple(tag.name for tag in self.tags if tag.name not in self._ranks)

    def held(self, oid: str) -> int:
        """Return the versions that a commit contains, its own ones too."""
        return self._held.get(oid, 0)

    def before(self, tag: VersionTag) -> int:
        """Return the versions that were there when a tag was given: on its own commit, the lower ones."""
        rank = self._ranks[tag.name]
        return self.held(tag.target) & ~(self._given[tag.target] >> rank << rank)

    def has(self, oid: str, tag: VersionTag) -> bool:
        """Say whether a commit contains a version."""
        return bool(self.held(oid) >> self._ranks[tag.name] & 1)

    def greatest(self, versions: int) -> VersionTag | None:
        """Return the greatest of some versions."""
        return self.versions[versions.bit_length() - 1] if versions else None

    @cached_property
    def finals(self) -> int:
        """The versions that are no pre-releases."""
        return sum(1 << rank for rank, tag in enumerate(self.versions) if not tag.version.prerelease)

    def since(self, oid: str, versions: int) -> tuple[Change, ...]:
        """Return what a commit has that none of some versions has, newest first."""
        found: set[str] = set()
        waiting = [oid]
        while waiting:
            here = waiting.pop()
            if here in self.commits and here not in found and not self._holders[here] & versions:
                found.add(here)
                waiting += self.commits[here].parents
        newest = (self.commits[each] for each in sorted(found, key=self.order.__getitem__, reverse=True))
        return tuple(Change(each.oid, each.headline, each.body) for each in newest)

    def ancestors(self, oids: Iterable[str]) -> set[str]:
        """Return the commits and all that they have behind them."""
        found: set[str] = set()
        waiting = list(oids)
        while waiting:
            oid = waiting.pop()
            if oid in self.commits and oid not in found:
                found.add(oid)
                waiting += self.commits[oid].parents
        return found

    def spine(self, branch: str) -> list[PastCommit]:
        """Return the first parents of a branch from its tip, newest first."""
        return [self.commits[each.oid] for each in first_parents(self.commits, self.branches[branch])]

    def permanent(self, word: str) -> str | None:
        """Name the permanent branch `word` (main, develop) as it is here; None where it is not."""
        names = self.rulebook.branches.main if word == "main" else self.rulebook.branches.develop
        return next((name for name in names or () if name in self.branches), None)

    def line(self, word: str) -> set[str]:
        """Return every commit of a permanent branch; none where there is no such branch."""
        name = self.permanent(word)
        return set() if name is None else self.ancestors([self.branches[name]])

    @cached_property
    def _ranks(self) -> Mapping[str, int]:
        """The place of each version among all, by the name of its tag."""
        return {tag.name: rank for rank, tag in enumerate(self.versions)}

    @cached_property
    def _given(self) -> Mapping[str, int]:
        """For each tagged commit, its own versions."""
        given: dict[str, int] = {}
        for rank, tag in enumerate(self.versions):
            given[tag.target] = given.get(tag.target, 0) | 1 << rank
        return given

    @cached_property
    def _held(self) -> Mapping[str, int]:
        """For each commit, the versions that it contains."""
        held: dict[str, int] = {}
        for oid in self.order:
            held[oid] = self._given.get(oid, 0)
            for parent in self.commits[oid].parents:
                held[oid] |= held.get(parent, 0)
        return held

    @cached_property
    def _holders(self) -> Mapping[str, int]:
        """For each commit, the versions that contain it."""
        holders = {oid: self._given.get(oid, 0) for oid in self.order}
        for oid in reversed(holders):
            for parent in self.commits[oid].parents:
                if parent in holders:
                    holders[parent] |= holders[oid]
        return holders


def _ordered(commits: Mapping[str, PastCommit]) -> Iterator[str]:
    """Walk from every commit to its parents first, without recursion: history is long."""
    done: set[str] = set()
    for start in commits:
        waiting = [start]
        while waiting:
            oid = waiting[-1]
            missing = [each for each in commits[oid].parents if each in commits and each not in done]
            if missing:
                waiting += missing
                continue
            waiting.pop()
            if oid not in done:
                done.add(oid)
                yield oid
