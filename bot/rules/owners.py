"""Who owns the files that a pull request changes, by CODEOWNERS.

Source: "About code owners", docs.github.com. The last line that fits a path has it, a line that GitHub
cannot read is skipped, and owners by e-mail address are not told apart from anybody else here.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from codeowners import CodeOwners

# GitHub knows neither a negation nor a class of characters here, and skips such lines.
_SKIPPED = re.compile(r"\s*(?:!|[^\s#]*\[)")
_REMARK = re.compile(r"(?:^|\s)#.*")


@dataclass(frozen=True, slots=True)
class Owned:
    """Changed files with the same owners: logins, and teams as `owner/team`. `first` is one of the files."""

    owners: tuple[str, ...]
    first: str
    count: int


@dataclass(frozen=True, slots=True)
class Ownership:
    """Every set of owners that a change touches; `addresses` are the lines' e-mail addresses, ignored."""

    owned: tuple[Owned, ...]
    addresses: tuple[str, ...] = ()


def ownership(text: str, paths: Sequence[str]) -> Ownership:
    """Return who owns what of `paths`; a file that no line fits, or a line without owners, is nobody's."""
    parsed = _parsed(text)
    files: dict[tuple[str, ...], list[str]] = {}
    addresses: dict[str, None] = {}
    for path in paths:
        owners = parsed.of(path)
        addresses |= {owner: None for kind, owner in owners if kind == "EMAIL"}
        names = tuple(sorted({owner.removeprefix("@") for kind, owner in owners if kind != "EMAIL"}))
        if names:
            files.setdefault(names, []).append(path)
    owned = (Owned(names, found[0], len(found)) for names, found in files.items())
    return Ownership(tuple(owned), tuple(addresses))


@lru_cache(maxsize=32)
def _parsed(text: str) -> CodeOwners:
    return CodeOwners("\n".join(_lines(text)))


def _lines(text: str) -> Iterator[str]:
    """The lines as the parser wants them: without remarks, and without what GitHub skips."""
    for line in text.splitlines():
        if not _SKIPPED.match(line):
            yield _REMARK.sub("", line)
