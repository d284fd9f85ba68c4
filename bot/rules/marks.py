"""Find the review levels that a text is marked with: `P1: …`, `[P1]`, `**P1**` at the start of a line.

What the text shows as code or as a quotation is somebody else's words and marks nothing (CommonMark 0.31,
"Blocks and inlines"). The work is linear in the text, whatever is written there.
"""

import re
from collections import deque
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import chain
from unicodedata import normalize

from markdown_it import MarkdownIt

# A mark and what stands before it; a line's start is looked at no further.
_LONGEST_MARK = 120
_BACKTICKS = re.compile("`+")
_COMMENT = re.compile("<!--.*?(?:-->|\\Z)", re.DOTALL)

# Blocks alone, and no link references: `[P1]: text` is meant as a mark.
_BLOCKS = MarkdownIt("zero", {"html": True})
_BLOCKS.core.ruler.enableOnly(["normalize", "block"])
_BLOCKS.block.ruler.enableOnly(
    ["blockquote", "code", "fence", "heading", "hr", "html_block", "lheading", "list", "paragraph"]
)


def marks(text: str, names: Collection[str]) -> tuple[str, ...]:
    """Return those of `names` that stand as a mark in `text`, each once, in the order of the text.

    Case does not matter, nor whether letters and punctuation are of full width. Any text is taken.
    """
    spelled = {_folded(name): name for name in names}
    if not any(name in _folded(text) for name in spelled):
        return ()
    pattern = _pattern(tuple(sorted(spelled)))
    found = (pattern.match(_folded(line[:_LONGEST_MARK])) for line in lines(text))
    return tuple(dict.fromkeys(spelled[match["name"]] for match in found if match))


def lines(text: str) -> Iterator[str]:
    """Yield the lines that are the writer's own prose: no code, no quotation, no comment in HTML."""
    quoted = 0
    for token in _BLOCKS.parse(text):
        if token.type == "blockquote_open":
            quoted += 1
        elif token.type == "blockquote_close":
            quoted -= 1
        elif token.type == "inline" and not quoted:
            yield from _outside(token.content)


def _outside(content: str) -> Iterator[str]:
    """Yield the lines of a paragraph that do not begin within a code span or a comment."""
    comments = (match.span() for match in _COMMENT.finditer(content))
    hidden = deque(sorted(chain(_code_spans(content), comments)))
    start = hidden_until = 0
    for line in content.split("\n"):
        while hidden and hidden[0][0] < start:
            hidden_until = max(hidden_until, hidden.popleft()[1])
        if hidden_until <= start:
            yield line
        start += len(line) + 1


def _code_spans(content: str) -> Iterator[tuple[int, int]]:
    """Yield where code spans begin and end: a run of backticks ends at the next one of its length."""
    runs = [match.span() for match in _BACKTICKS.finditer(content)]
    # By length, the places in `runs`, the last one first.
    places: dict[int, list[int]] = {}
    for place in reversed(range(len(runs))):
        begin, end = runs[place]
        places.setdefault(end - begin, []).append(place)
    place = 0
    while place < len(runs):
        begin, end = runs[place]
        alike = places[end - begin]
        while alike and alike[-1] <= place:
            alike.pop()
        if alike:
            place = alike[-1]
            yield begin, runs[place][1]
        place += 1


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
