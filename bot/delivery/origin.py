"""What an image was built from, and which environments that feeds."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final

from semver import Version

from bot.delivery.image import Image, commit_of
from bot.rules.branches import kind_of, permanent
from bot.rules.claim import named_version
from bot.rules.models import Rulebook
from bot.rules.tags import version_of_tag

TAG: Final = "tag"


def tagged(rulebook: Rulebook, image: Image) -> Version | None:
    """Read the version that the tag of an image is; what ends in a commit only comes after one."""
    return None if image.tag is None or commit_of(image.tag) else version_of_tag(rulebook, image.tag)


def sources(rulebook: Rulebook, image: Image, branches: Collection[str]) -> frozenset[str]:
    """Name what an image comes from, as `from` of an environment has it.

    `branches` are those that stood at its commit when it was pushed: whatever holds the commit by now came
    later, and its own image is on its way. An image that has the tag of a version is a version's and nothing
    else's: the branch that it was built on has images of its own. A pre-release (`1.4.0-rc.1`) comes from
    nothing, and so does a variant, which looks the same (`1.4.0-alpine`), unless versions may be one.
    """
    if (found := tagged(rulebook, image)) is not None:
        return frozenset({TAG} if found.prerelease is None or _prereleases(rulebook) else ())
    return frozenset(
        filter(None, (permanent(rulebook, each) or kind_of(rulebook, each) for each in branches))
    )


def versioned(rulebook: Rulebook, image: Image) -> Image:
    """The same image, with the version that its tag is where the rulebook spells tags so."""
    return replace(image, version=tagged(rulebook, image))


def version(rulebook: Rulebook, image: Image, branches: Collection[str]) -> Version | None:
    """Read the version that an image is of: from its tag, else from the name of the branch it came from."""
    if found := tagged(rulebook, image):
        return found
    return next(filter(None, (named_version(rulebook, each) for each in branches)), None)


def fed(rulebook: Rulebook, from_: Collection[str]) -> Iterator[str]:
    """Name the environments that one of these sources feeds, in their order."""
    return (name for name, each in rulebook.environments.items() if each.source in from_)


def _prereleases(rulebook: Rulebook) -> bool:
    """Whether a version may be a pre-release, by any kind of branch that carries one."""
    return any(kind.prereleases for kind in rulebook.kinds.values())
