"""Which tags are versions, and what the tag of a version is called."""

from semver import Version

from bot.rules.models import Rulebook
from bot.rules.patterns import VERSION, compiled, strict_version
from bot.rules.succession import bare


def tag_of(rulebook: Rulebook, version: Version) -> str:
    """Return the name of the tag of a version."""
    return rulebook.versions.tag.replace(VERSION, str(version))


def version_of_tag(rulebook: Rulebook, name: str) -> Version | None:
    """Read a tag as the rulebook spells tags, or as most do: `v1.2.0`, `1.2.0`; None for all others.

    The build part is left out: it makes no other version.
    """
    found = compiled(rulebook.versions.tag).version(name) or strict_version(name.removeprefix("v"))
    return None if found is None else bare(found)
