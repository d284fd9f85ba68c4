"""Who owns the files that a pull request changes, by CODEOWNERS.

Source: "About code owners", docs.github.com. The last line that fits a path has it, a line that GitHub
cannot read is skipped, and owners by e-mail address are not told apart from anybody else here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

# GitHub knows neither a negation nor a class of characters here, and skips such lines.
_SKIPPED = re.compile(r"\s*(?:!|[^\s#]*\[)")
_REMARK = re.compile(r"(?:^|\s)#.*")
_WORD = re.compile(r"(?:\\.|\S)+")  # a space after a backslash does not end a word
_PART = re.compile(r"(?P<stars>\*+)|(?P<one>\?)|\\?(?P<letter>.)")
_ANY = "(?:[^/]++/)*?"  # directories, as few as will do


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


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of CODEOWNERS: the paths that it fits, and whom it names."""

    pattern: re.Pattern[str]
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


_NOBODYS = _Line(re.compile(""))


def ownership(text: str, paths: Sequence[str]) -> Ownership:
    """Return who owns what of `paths`; a file that no line fits, or a line without owners, is nobody's."""
    lines = _lines(text)
    files: dict[tuple[str, ...], list[str]] = {}
    addresses: dict[str, None] = {}
    for path in paths:
        line = next((line for line in lines if line.pattern.match(path)), _NOBODYS)
        addresses |= dict.fromkeys(line.addresses)
        if line.names:
            files.setdefault(line.names, []).append(path)
    owned = (Owned(names, found[0], len(found)) for names, found in files.items())
    return Ownership(tuple(owned), tuple(addresses))


@lru_cache(maxsize=32)
def _lines(text: str) -> tuple[_Line, ...]:
    """The lines that GitHub reads, the last one, which counts first, first."""
    found = list[_Line]()
    for line in text.splitlines():
        if not _SKIPPED.match(line) and (words := _WORD.findall(_REMARK.sub("", line))):
            pattern, *owners = words
            names = {owner[1:] for owner in owners if owner.startswith("@") and owner != "@"}
            addresses = tuple(owner for owner in owners if "@" in owner[1:-1] and owner[0] != "@")
            found.append(_Line(_compiled(pattern), tuple(sorted(names)), addresses))
    return tuple(reversed(found))


def _compiled(pattern: str) -> re.Pattern[str]:
    """Return the expression that matches the beginning of every path that a pattern fits.

    What stands between two wildcards is looked for once, at its first place: what fits after a later one fits
    after the first. So no path takes more than the product of its length and the pattern's.
    """
    segments = pattern.strip("/").split("/")
    if "/" not in pattern[:-1]:
        segments.insert(0, "**")
    if segments[-1] == "**":
        segments[-1] = "*"  # something must be there, and whatever is in it
    blocks = [""]
    for segment in segments:
        if segment == "**":
            blocks.append("")
        else:
            blocks[-1] += f"{_segment(segment)}/"
    anchored, *deep = blocks[0], *filter(None, blocks[1:])
    *middle, last = deep or [anchored]
    before = anchored + "".join(f"(?>{_ANY}{block})" for block in middle) + _ANY if deep else ""
    end = "/" if pattern.endswith("/") else r"\Z" if pattern.endswith("/*") else r"(?:/|\Z)"
    return re.compile(before + last.removesuffix("/") + end)


def _segment(pattern: str) -> str:
    """Return the expression of one segment of a path, which a slash or the end follows."""
    pieces = [""]
    for part in _PART.finditer(pattern):
        if part["stars"]:
            pieces.append("")
        else:
            pieces[-1] += "[^/]" if part["one"] else re.escape(part["letter"])
    first, *others = pieces
    middle = "".join(f"(?>[^/]*?{piece})" for piece in others[:-1])
    return first + middle + "".join(f"[^/]*{piece}" for piece in others[-1:])
