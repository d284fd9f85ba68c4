"""Guess the name that a misnamed branch was meant to have."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from bot.rules.branches import kind_of
from bot.rules.models import Rulebook
from bot.rules.patterns import FORBIDDEN, VERSION, Pattern, compiled, strict_version

_WORD = re.compile(r"([^\W\d_]*)[\W_]*(.*)", re.DOTALL)
_VERSION = re.compile(r"\d[0-9A-Za-z.+-]*")
_LEADING_ZEROS = re.compile(r"(?<![0-9A-Za-z])0+(?=[0-9])")
_EXAMPLE = "1.2.0"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The pattern that was meant, and the whole name where it is sure (else None, with an `example`)."""

    pattern: str
    name: str | None
    example: str


def suggest(rulebook: Rulebook, head: str) -> Suggestion:
    """Find the nearest pattern by its first word (`feature/login` is a `feat/*`), else the first kind's."""
    word, rest = _words(head)
    pattern, distance = _nearest(rulebook, word.lower())
    if distance > len(word) // 3 or not word:
        pattern, rest = compiled(next(iter(rulebook.kinds.values())).names[0]), head
    if pattern.has_version:
        name, example = _with_version(pattern, rest)
    else:
        name, example = _with_text(pattern, rest), _with_text(pattern, "name") or pattern.text
    sure = name is not None and name != head and kind_of(rulebook, name) is not None
    return Suggestion(pattern.text, name if sure else None, example)


def _words(head: str) -> tuple[str, str]:
    """Part a name into its first word and what follows the separator."""
    match = _WORD.match(head)
    return (match[1], match[2]) if match else ("", head)


def _nearest(rulebook: Rulebook, word: str) -> tuple[Pattern, int]:
    """The pattern whose first word is nearest to `word`, with the distance in edits."""
    candidates = [(compiled(pattern), _distance(word, known)) for known, pattern in _known(rulebook)]
    return min(candidates, key=lambda candidate: candidate[1])


def _known(rulebook: Rulebook) -> Iterator[tuple[str, str]]:
    """Every first word that a name may have, and every kind's own name, with the pattern it leads to."""
    for kind, body in rulebook.kinds.items():
        for pattern in body.names:
            yield _words(compiled(pattern).prefix)[0].lower(), pattern
        yield kind.lower(), body.names[0]


def _distance(word: str, known: str) -> int:
    """Edits between two words; a word that holds the other at an end (`bugfix`, `refactor`) is near it."""
    shorter, longer = sorted((word, known), key=len)
    if len(shorter) > 2 and (longer.startswith(shorter) or longer.endswith(shorter)):  # noqa: PLR2004
        return 0 if word == known else 1
    return OSA.distance(word, known)


def _with_version(pattern: Pattern, rest: str) -> tuple[str | None, str]:
    """Fill in the version that `rest` holds; an unwhole one (`1.2`) is only good for an example."""
    found = _VERSION.search(rest)
    # A leading zero is a slip that leaves no doubt: 1.02.0 was meant to be 1.2.0.
    version = strict_version(_LEADING_ZEROS.sub("", found[0])) if found else None
    if version:
        return pattern.text.replace(VERSION, str(version)), pattern.text.replace(
            VERSION, str(version.finalize_version())
        )
    numbers = [str(int(number[:9])) for number in re.findall("[0-9]+", rest)][:3]
    example = ".".join([*numbers, "0", "0", "0"][:3]) if numbers else _EXAMPLE
    return None, pattern.text.replace(VERSION, example)


def _with_text(pattern: Pattern, rest: str) -> str | None:
    """Fill the wildcard with `rest` in git's alphabet; None where nothing is left of it."""
    parts = [_legal(part) for part in rest.split("/")]
    deep = "**" in pattern.text
    filling = ("/" if deep else "-").join(part for part in parts if part)
    if not filling:
        return None
    return re.sub(r"\*+", lambda _: filling, pattern.text, count=1).replace("*", "x")


def _legal(part: str) -> str:
    """Make one path segment that git takes, of any text."""
    legal = FORBIDDEN.sub("-", part.removesuffix(".lock"))
    return FORBIDDEN.sub("", re.sub("-{2,}", "-", legal).strip("-."))
