"""Where a release is merged back to, and whether its branch goes when all is done."""

from collections.abc import Iterable, Set

from semver import Version

from bot.rules.branches import kind_of, permanent
from bot.rules.claim import is_release, named_version
from bot.rules.models import Rulebook
from bot.rules.succession import bare


def targets_of(
    rulebook: Rulebook, version: Version, branch: str, branches: Iterable[str], released: Set[Version]
) -> tuple[str, ...]:
    """Name the branches that must get a version: develop, then open releases of its line or a newer one (V8).

    `branch` is the one that was merged, `branches` are all, `released` the versions that have a tag.
    """
    names = sorted(set(branches) - {branch})
    develop = [name for name in names if permanent(rulebook, name) == "develop"]
    lines = []
    for name in names:
        named = named_version(rulebook, name) if _is_of_release(rulebook, name) else None
        if named and bare(named) not in released and _line(named) >= _line(version):
            lines.append((named, name))
    return (*develop, *(name for _, name in sorted(lines)))


def lives_on(rulebook: Rulebook, branch: str) -> bool:
    """Say whether a branch stays after its merge: on a trunk, a release is what stage and prod run."""
    return rulebook.branches.develop is None and _is_of_release(rulebook, branch)


def _is_of_release(rulebook: Rulebook, branch: str) -> bool:
    kind = kind_of(rulebook, branch)
    return kind is not None and is_release(rulebook, kind)


def _line(version: Version) -> tuple[int, int]:
    return version.major, version.minor
