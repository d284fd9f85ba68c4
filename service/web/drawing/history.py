"""What happened on the lines of a repository, as the ledger tells it: what the line map draws.

A line is a branch: the permanent ones, and those of releases and hotfixes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain
from typing import Final

from service.ledger.lines import Lines
from service.ledger.pulls import PullRequest
from service.ledger.releases import Release, StepState
from service.ledger.repositories import KnownRepository

# How the bot names the steps that bring a release back into a branch.
_BACK: Final = "back-merge "
_BACK_PULL: Final = "back-merge-pull "
# What a branch is that releases are made on.
_RELEASING: Final = frozenset({"release", "hotfix"})


@dataclass(frozen=True, slots=True)
class Line:
    """A branch: `kind` is "main", "develop", "release" or "hotfix".

    `origin` names the line that it left, None for a permanent one; `lives` says whether it goes on to this
    day; `heads` are the open pull requests that bring it somewhere.
    """

    name: str
    kind: str
    origin: str | None = None
    lives: bool = True
    heads: tuple[PullRequest, ...] = ()


class Kind(StrEnum):
    """What happened."""

    OPENED = "opened"  # the line's first pull request
    MERGED = "merged"
    TAGGED = "tagged"  # merged, or pushed, and released


@dataclass(frozen=True, slots=True)
class Event:
    """What happened on a line. `joins` names the line that arrived; `release` has the tag.

    Of a tag without a pull request the ledger may not know the line; `guessed` says that it does not.
    """

    at: datetime
    kind: Kind
    line: str
    pull: PullRequest | None = None
    release: Release | None = None
    joins: str | None = None
    guessed: bool = False  # that it was on this line


@dataclass(frozen=True, slots=True)
class BackMerge:
    """A release on its way to a line; `came_at` is None while that is owed."""

    release: Release
    target: str
    came_at: datetime | None


@dataclass(frozen=True, slots=True)
class History:
    """The lines by name, permanent ones first; the events, oldest first; what came back, or must."""

    lines: Mapping[str, Line]
    events: tuple[Event, ...]
    back: tuple[BackMerge, ...]

    @property
    def owed(self) -> tuple[BackMerge, ...]:
        """What must still be brought back."""
        return tuple(each for each in self.back if each.came_at is None)


def tell(known: KnownRepository, facts: Lines) -> History:
    """Tell the history of a repository."""
    back = tuple(chain.from_iterable(map(_back_merges, facts.releases)))
    lines = _Lines(known, facts, back)
    return History(lines.found, tuple(sorted(_events(lines, facts), key=_order)), back)


class _Lines:
    """The lines of a repository, found one after another."""

    def __init__(self, known: KnownRepository, facts: Lines, back: tuple[BackMerge, ...]) -> None:
        self.main, self._develop = known.main or known.default_branch, known.develop
        self.found = {self.main: Line(self.main, "main")}
        if self._develop:
            self.found[self._develop] = Line(self._develop, "develop")
        for pull in (*facts.merged, *facts.open):
            if pull.role is not None and pull.head not in self.found:
                self._find(self.base(pull), "release")
                self.found[pull.head] = self._of(pull, facts)
            elif pull.base_kind in _RELEASING:
                self._find(pull.base, pull.base_kind)
        for each in back:
            if each.came_at is None:
                self._find(each.target, "release")

    def base(self, pull: PullRequest) -> str:
        """The name of the line that a pull request goes to."""
        if pull.base_kind == "main":
            return self.main
        return self._develop or pull.base if pull.base_kind == "develop" else pull.base

    def tagged(self, release: Release, facts: Lines) -> str | None:
        """The line with the commit that a tag names, as far as pull requests have brought it there."""
        brought = {pull.merge_commit: self.base(pull) for pull in facts.merged}
        headed = {pull.head_commit: pull.head for pull in (*facts.merged, *facts.open)}
        found = brought.get(release.commit) or headed.get(release.commit)
        return found if found in self.found else None

    def _of(self, pull: PullRequest, facts: Lines) -> Line:
        """The line that a release or a hotfix brings; on a trunk a release lives on."""
        heads = tuple(each for each in facts.open if each.head == pull.head)
        is_release = pull.role == "release"
        origin = self._develop or self.main if is_release else self.base(pull)
        lives = bool(heads) or (is_release and self._develop is None)
        return Line(pull.head, pull.role or "release", origin, lives, heads)

    def _find(self, name: str, kind: str) -> None:
        if name not in self.found:
            self.found[name] = Line(name, kind, self._develop or self.main)


def _events(lines: _Lines, facts: Lines) -> Iterator[Event]:
    released = {release.pull: release for release in facts.releases if release.pull is not None}
    for pull in facts.merged:
        if pull.merged_at is not None and (base := lines.base(pull)) in lines.found:
            release = released.pop(pull.number, None)
            kind = Kind.TAGGED if release else Kind.MERGED
            joins = pull.head if pull.role else None
            yield Event(pull.merged_at, kind, base, pull, release, joins)
    for release in facts.releases:
        if release.pull is None or release.pull in released:
            line = lines.tagged(release, facts)
            at = line or lines.main
            yield Event(release.begun_at, Kind.TAGGED, at, release=release, guessed=line is None)
    first: dict[str, PullRequest] = {}
    for pull in sorted((*facts.merged, *facts.open), key=lambda pull: pull.opened_at):
        if pull.role is not None:
            first.setdefault(pull.head, pull)
    for name, pull in first.items():
        yield Event(pull.opened_at, Kind.OPENED, name, pull)


def _order(event: Event) -> tuple[datetime, bool, int]:
    return event.at, event.kind is not Kind.OPENED, event.pull.number if event.pull else 0


def _back_merges(release: Release) -> Iterator[BackMerge]:
    """Where a release came back to, and where it must: a pull request that was opened is not merged yet."""
    steps = {step.name: step for step in release.steps}
    prefixes = (_BACK, _BACK_PULL)
    targets = dict.fromkeys(
        name.removeprefix(prefix) for name in steps for prefix in prefixes if name.startswith(prefix)
    )
    for target in targets:
        step = steps.get(_BACK + target)
        done = step.at if step and step.state is StepState.DONE else release.finished_at
        yield BackMerge(release, target, done)
