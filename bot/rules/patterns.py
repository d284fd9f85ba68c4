"""Match branch names against the patterns of a rulebook, in time linear in the name.

A pattern is literal text with wildcards: `*` is any text within one path segment, `**` any text at any
depth, `{version}` a strict semantic version (semver.org, 2.0.0). Case matters, as it does to git.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from semver import Version

VERSION = "{version}"

# What git forbids anywhere in the name of a branch (git-check-ref-format(1)); `*` is forbidden there too.
FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?\[\\*]|\.\.|@\{|//|/\.|^[./-]|\.lock(?=/|$)|[./]$|^@$")
_PARTS = re.compile(r"\*+|[^*]")


def is_legal(name: str) -> bool:
    """Say whether git would take `name` as a branch."""
    return bool(name) and FORBIDDEN.search(name) is None


def strict_version(text: str) -> Version | None:
    """Read a semantic version as the standard spells it; None for leading zeros, signs or foreign digits."""
    if not text.isascii():
        return None
    try:
        return Version.parse(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern.

    Wildcards are run as an automaton with one bit for each position in the pattern, so no name can make
    it slow: `steps[c]` are the positions that the character `c` leads on from, `within` those of `*`
    and `across` those of `**`, where any (further) character may stay.
    """

    text: str
    steps: dict[str, int]
    within: int
    across: int
    end: int

    @property
    def prefix(self) -> str:
        """The literal text before the first wildcard."""
        return re.split(r"\*|\{version\}", self.text, maxsplit=1)[0]

    @property
    def has_version(self) -> bool:
        """Say whether names of this pattern carry a version."""
        return VERSION in self.text

    def fits(self, name: str) -> bool:
        """Say whether `name` is of this pattern. A name with an empty path segment never is."""
        if "" in name.split("/"):
            return False
        if self.has_version:
            return self.version(name) is not None
        return self._run(name)

    def version(self, name: str) -> Version | None:
        """Read the version that `name` carries where the pattern has `{version}`; None if it does not fit."""
        before, _, after = self.text.partition(VERSION)
        middle = name.removeprefix(before).removesuffix(after)
        return strict_version(middle) if before + middle + after == name else None

    def _run(self, name: str) -> bool:
        stars = self.within | self.across
        states = 1 | (1 & stars) << 1
        for character in name:
            staying = self.across if character == "/" else stars
            states = (states & self.steps.get(character, 0)) << 1 | states & staying
            states |= (states & stars) << 1  # a wildcard may also end here
        return bool(states & self.end)


@lru_cache(maxsize=4096)
def compiled(text: str) -> Pattern:
    """Compile the pattern `text`, once for each text."""
    parts = _PARTS.findall(text)
    steps: dict[str, int] = {}
    within = across = 0
    for position, part in enumerate(parts):
        bit = 1 << position
        if part == "*":
            within |= bit
        elif part.startswith("*"):
            across |= bit
        else:
            steps[part] = steps.get(part, 0) | bit
    return Pattern(text, steps, within, across, 1 << len(parts))
