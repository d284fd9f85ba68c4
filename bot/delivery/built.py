"""Which images of a registry were built from a branch: those that bear its name, or one of its commits."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.delivery.cleanup import Version
from bot.delivery.image import commit_of, digits_of

_NO_TAG: Final = re.compile(r"[^A-Za-z0-9_.-]", re.ASCII)
# What parts a name from the commit behind it; `git describe` writes a g before the commit.
_JOINT: Final = re.compile(r"(?:[-_.]g?|^g)\Z")


@dataclass(frozen=True, slots=True)
class Branch:
    """A merged branch: its name, the commits that are its own (40 hexadecimal digits or more).

    `others` are the names of branches that stand: an image that bears such a name is theirs.
    """

    name: str
    commits: Collection[str]
    others: Collection[str] = ()


def built_from(versions: Iterable[Version], branch: Branch) -> Mapping[str, tuple[str, ...]]:
    """Find the images of a branch: their digests, each with those of its tags that are the branch's.

    An image without any tag is found by the commit that its manifest names, unless it is a part of another.
    """
    versions = tuple(versions)
    others = frozenset(map(tag_name, branch.others))
    parts = {child for version in versions for child in version.children or ()}
    found = {}
    for version in versions:
        tags = tuple(tag for tag in version.tags if _is_of(tag, branch, others))
        is_part = version.digest in parts or version.subject is not None
        untagged = not version.tags and not is_part and version.revision in branch.commits
        if tags or untagged:
            found[version.digest] = tags
    return found


def tag_name(branch: str) -> str:
    """Spell the name of a branch as tags of images do: `feat/login` is `feat-login`."""
    return _NO_TAG.sub("-", branch).lower()


def _is_of(tag: str, branch: Branch, others: Collection[str]) -> bool:
    digits = digits_of(tag)  # alone they may be a date, but not where a commit of the branch begins so
    own = digits is not None and any(each.startswith(digits) for each in branch.commits)
    commit = digits if own else commit_of(tag)
    name = tag if commit is None else _JOINT.sub("", tag.removesuffix(commit))
    if name.lower() in others:
        return False
    return own or name.lower() == tag_name(branch.name)
