"""How versions follow one another (semver.org, 2.0.0), on each line of history by itself.

A line is what a commit contains: a patch of an old line follows the greatest version in *its* history,
whatever has been released elsewhere since (V7). Versions here carry no build part, which has no precedence.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from enum import IntEnum

from semver import Version


class Step(IntEnum):
    """What a version is raised by, the smallest first."""

    PATCH = 1
    MINOR = 2
    MAJOR = 3

    @property
    def word(self) -> str:
        """The word that labels and commands have for it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Others:
    """The versions of a collection but a version's own, without a copy: there may be thousands of either."""

    taken: Container[Version]
    version: Version

    def __contains__(self, version: object) -> bool:
        """Say whether a version is one of the others; numbers that are final are asked for."""
        return version != self.version.finalize_version() and version in self.taken


def bare(version: Version) -> Version:
    """Return the version without its build part."""
    return version.replace(build=None)


def raised(version: Version, step: Step) -> Version:
    """Return the version a step up."""
    match step:
        case Step.MAJOR:
            return version.bump_major()
        case Step.MINOR:
            return version.bump_minor()
        case _:
            return version.bump_patch()


def next_version(previous: Version, step: Step, taken: Container[Version] = frozenset()) -> Version:
    """Return the first version after `previous`, in steps of one size, that is not taken."""
    found = raised(previous.finalize_version(), step)
    while found in taken:
        found = raised(found, step)
    return found


def last_final(versions: Iterable[Version]) -> Version | None:
    """Return the greatest version that is no pre-release; None where there is none."""
    return max((version for version in versions if not version.prerelease), default=None)


def successors(contained: Iterable[Version], taken: Container[Version] = frozenset()) -> tuple[Version, ...]:
    """Return the versions that may follow those of a line, the smallest first; none for an empty line.

    `taken` are those of all lines: a number that another line has is skipped.
    """
    line = tuple(contained)
    if not line:
        return ()
    greatest, final = max(line), last_final(line)
    found = [] if final is None else [next_version(final, step, taken) for step in Step]
    above = tuple(version for version in found if version > greatest)
    return above or (_finished(greatest, taken),)


def _finished(prerelease: Version, taken: Container[Version]) -> Version:
    """The final version of a pre-release, or the next that is not taken."""
    final = prerelease.finalize_version()
    return next_version(final, Step.PATCH, taken) if final in taken else final


def follows(version: Version, contained: Iterable[Version], taken: Container[Version] = frozenset()) -> bool:
    """Say whether `version` may come next on a line; on an empty one, any version may.

    A pre-release may come next where its final version may, and where it is greater than what is there.
    """
    line, final = tuple(contained), version.finalize_version()
    if not line or version <= max(line):
        return not line
    # Nearly every version is the plain next one, which needs no search.
    return final in successors(line) or final in successors(line, Others(taken, version))


def step_between(previous: Version, version: Version) -> Step:
    """Return by what `version` is above `previous`."""
    if version.major != previous.major:
        return Step.MAJOR
    return Step.MINOR if version.minor != previous.minor else Step.PATCH


def step_of(version: Version) -> Step:
    """Return what a version is by its own numbers: 2.0.0 a major, 1.3.0 a minor, 1.2.1 a patch."""
    if version.patch:
        return Step.PATCH
    return Step.MINOR if version.minor else Step.MAJOR


def demanded(step: Step, previous: Version) -> Step:
    """Return the least step for a change of that size: before 1.0.0 nothing is stable.

    There a MINOR may break, and a PATCH may add (semver.org, 2.0.0: item 4, and what the field does with it).
    """
    return step if previous.major else Step(max(step - 1, Step.PATCH))


def latest(version: Version, released: Iterable[Version]) -> bool:
    """Say whether a release is the latest (`make_latest`, V9): no patch of an old line, no pre-release."""
    final = last_final(released)
    return not version.prerelease and (final is None or version >= final)
