"""What a release brings, from the pull requests that were merged since the last, grouped for readers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.message import Link
from bot.rules.branches import kind_of, permanent
from bot.rules.claim import is_release
from bot.rules.conventional import parse
from bot.rules.facts import Author
from bot.rules.models import Rulebook


class Group(StrEnum):
    """What a change is to whoever uses the software, in the order of the notes."""

    BREAKING = "breaking"
    FEATURE = "feature"
    FIX = "fix"
    OTHER = "other"


# The words that labels, conventional titles, branches and kinds have for it.
_WORDS: Final = {
    **dict.fromkeys(("semver:major", "breaking", "breaking change", "breaking-change"), Group.BREAKING),
    **dict.fromkeys(("semver:minor", "feat", "feature", "features", "enhancement"), Group.FEATURE),
    **dict.fromkeys(("bug", "fix", "fixes", "bugfix", "hotfix"), Group.FIX),
    **dict.fromkeys(("refact", "refactor", "chore", "docs", "ci", "build", "test", "perf"), Group.OTHER),
}
_BACK_MERGES: Final = "signalbox/"


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged pull request: `head` is the branch that it came from, and who wrote it."""

    number: int
    title: str
    author: Author
    head: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Notes:
    """What the notes of a release say; `compare` shows all commits, `most` is how many were read at most.

    `most` is None where that was all of them.
    """

    groups: tuple[tuple[Group, tuple[Merged, ...]], ...]
    compare: Link | None = None
    most: int | None = None


def notes(
    rulebook: Rulebook, merged: Iterable[Merged], compare: Link | None = None, most: int | None = None
) -> Notes:
    """Group pull requests, in the order of their numbers, but those that only move a release along."""
    told = sorted(
        {each.number: each for each in merged if not _is_carrier(rulebook, each.head)}.values(),
        key=lambda each: each.number,
    )
    grouped = {group: tuple(each for each in told if group_of(rulebook, each) is group) for group in Group}
    return Notes(tuple((group, members) for group, members in grouped.items() if members), compare, most)


def group_of(rulebook: Rulebook, pull: Merged) -> Group:
    """Say what a pull request is: by its labels, else by its title, its branch, and the kind of that."""
    found = [_WORDS[label.casefold()] for label in pull.labels if label.casefold() in _WORDS]
    title = parse(pull.title)
    if Group.BREAKING in found or (title and title.breaking):
        return Group.BREAKING
    if found:
        return min(found, key=list(Group).index)
    if title:
        return _WORDS.get(title.type, Group.OTHER)
    word = re.split(r"[/_-]", pull.head, maxsplit=1)[0].casefold()
    return _WORDS.get(word) or _WORDS.get(kind_of(rulebook, pull.head) or "", Group.OTHER)


def _is_carrier(rulebook: Rulebook, head: str) -> bool:
    """Say whether a pull request brought nothing of its own: a release, a permanent branch, a back-merge."""
    kind = kind_of(rulebook, head)
    release = kind is not None and is_release(rulebook, kind)
    return permanent(rulebook, head) is not None or head.startswith(_BACK_MERGES) or release
