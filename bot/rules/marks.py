"""Find the review levels that a text is marked with: `P1: …`, `[P1]`, `**P1**` at the start of a line."""

import re
from collections.abc import Collection
from functools import lru_cache
from unicodedata import normalize

from bot.rules.prose import lines

__all__ = ["lines", "marks"]

# A mark and what stands before it; no more is folded, which for a run of accents takes its square in time.
_LONGEST_MARK = 120


def marks(text: str, names: Collection[str]) -> tuple[str, ...]:
    """Return those of `names` that stand as a mark in `text`, each once, in the order of the text.

    Case does not matter, nor whether letters and punctuation are of full width. Any text is taken.
    """
    spelled = {_folded(name): name for name in names}
    if not spelled:
        return ()
    pattern = _pattern(tuple(sorted(spelled)))
    found = (pattern.match(_folded(line[:_LONGEST_MARK])) for line in lines(text))
    return tuple(dict.fromkeys(spelled[match["name"]] for match in found if match))


def _folded(text: str) -> str:
    return normalize("NFKC", text).casefold()


@lru_cache(maxsize=64)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """The mark at the start of a folded line: in brackets, emphasised, followed by a sign, or alone."""
    name = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.compile(
        rf"""
        \s* (?: \[[\ x]\]\s+ )? (?P<emphasis> \*{{1,3}} | _{{1,3}} )?
        (?P<open> [\[(【「『] )? \s* (?P<name>{name})
        (?(open) \s* [\])】」』]
        | (?: \s*: | \s*[.\-–—]?\s*(?P=emphasis) | (?: \s*[-–—] | [.)] )(?=\s|$) | \s*$ ) )
        """,
        re.VERBOSE,
    )
