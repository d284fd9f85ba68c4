"""The lines of a Markdown text that are the writer's own prose: no code, no quotation, no comment in HTML.

Source: CommonMark 0.31, "Blocks and inlines" and "A parsing strategy", without references for links: a line
`[P1]: text` is meant as it stands. Every line is looked at once, and lists and quotations are followed to a
bounded depth, so the work is linear in the text, whatever is written there.
"""

import re
import sys
from collections.abc import Iterator
from typing import Final

from markdown_it.rules_block.html_block import HTML_SEQUENCES

_DEEPEST: Final = 20  # lists and quotations in each other; what begins deeper is text like any other
_QUOTATION: Final = 0  # stands among the widths of list items, which are 2 and more

_BLANKS: Final = re.compile(r"\n(?:[ \t]*\n){2,}")
_PLAIN: Final = re.compile(r" {0,3}[^ >#`~<*_+=0-9-]")
_BLANK: Final = re.compile(" *$")
_QUOTED: Final = re.compile(" {0,3}> ?")
_UNDERLINE: Final = re.compile(" {0,3}(?:=+|-+) *$")
_START: Final = re.compile(
    r"""
    (?P<blank>\ *$) | (?P<indented>\ {4}) | \ {0,3} (?:
      (?P<quote>>\ ?)
    | (?P<heading>\#{1,6}(?=\ |$))
    | (?P<fence>`{3,}(?=[^`]*$)|~{3,})
    | (?P<html><(?=[A-Za-z/!?]))
    | (?P<rule>(?P<sign>[-*_])(?:\ *(?P=sign)){2,}\ *$)
    | (?P<item>(?:[-+*]|(?P<number>[0-9]{1,9})[.)])(?=\ |$))
    )
    """,
    re.VERBOSE,
)
_CODE: Final = 4  # spaces before a line that is code, where that begins nothing else
# What is a block by itself on its line.
_ALONE: Final = frozenset({"blank", "heading", "rule"})
_TICKS: Final = re.compile("`+")
_INLINE: Final = re.compile(r"\\[!-/:-@\[-`{-~]|(?P<ticks>`+)|<!--")
_NOWHERE: Final = (sys.maxsize, sys.maxsize)


def lines(text: str) -> tuple[str, ...]:
    """Return the lines of `text` that are prose, without what makes lists and headings of them.

    Tabs in them are spaces. Any text is taken.
    """
    blocks = _Blocks()
    # Blank lines after a blank one change nothing, and are the only ones that cost more than their length.
    for line in _BLANKS.sub("\n\n", text.replace("\r\n", "\n").replace("\r", "\n")).split("\n"):
        blocks.take(line.expandtabs(4))
    blocks.leave(0)
    return tuple(blocks.prose)


class _Blocks:
    """The blocks that are open after a line, and the prose of those that are closed."""

    def __init__(self) -> None:
        self.prose: list[str] = []
        # Quotations and list items, the outermost first; of an item, by how much its content is indented.
        self.containers: list[int] = []
        self.is_bare = False  # the innermost is an item in which nothing stands yet
        self.paragraph: list[str] = []
        self.verbatim: str | re.Pattern[str] | None = None  # what ends a fence, or HTML

    def take(self, line: str) -> None:
        """Look at the next line."""
        # What begins nothing goes on with a paragraph, whatever that is in.
        if _PLAIN.match(line) and self.verbatim is None and (self.paragraph or not self.containers):
            self.paragraph.append(line)
            return
        kept, place = self._kept(line)
        continues = kept == len(self.containers)
        if continues and self.verbatim is not None:
            if _is_end(self.verbatim, line[place:]):
                self.verbatim = None
        elif continues and self.paragraph and _UNDERLINE.match(line, place):
            self.leave(kept)
        else:
            self._begin(line, place, kept)

    def leave(self, kept: int) -> None:
        """Close the paragraph or the verbatim block that is open, and all but `kept` containers."""
        if self.paragraph:
            if _QUOTATION not in self.containers:
                self.prose += _outside(self.paragraph)
            self.paragraph = []
        self.verbatim = None
        del self.containers[kept:]

    def _kept(self, line: str) -> tuple[int, int]:
        """How many of the containers a line is in, and where in it their content begins."""
        place = 0
        for depth, width in enumerate(self.containers):
            if width == _QUOTATION:
                if not (quoted := _QUOTED.match(line, place)):
                    return depth, place
                place = quoted.end()
            elif line.startswith(" " * width, place):
                place += width
            elif not _BLANK.match(line, place) or (self.is_bare and depth == len(self.containers) - 1):
                return depth, place
        return len(self.containers), place

    def _begin(self, line: str, place: int, kept: int) -> None:
        """Open the containers that begin at `place` of a line in `kept` of them, then what is in those."""
        is_item = False
        while (start := _START.match(line, place)) and kept < _DEEPEST:
            interrupts = bool(self.paragraph) and kept == len(self.containers)
            is_quoted = start.lastgroup == "quote"
            if not is_quoted and not _is_item(start, interrupts):
                break
            self.leave(kept)
            width = _QUOTATION if is_quoted else _width(start, place)
            self.containers.append(width)
            is_item, kept, place = not is_quoted, kept + 1, start.end() if is_quoted else place + width
        kind = start and start.lastgroup
        self.is_bare = is_item and kind == "blank"
        self._hold(line[place:], kind, kept)

    def _hold(self, rest: str, kind: str | None, kept: int) -> None:
        """Take the rest of a line, in `kept` containers; `kind` is what begins there."""
        closing, is_paragraph = None, bool(self.paragraph)
        if kind in {"fence", "html"}:
            closing = _closing(rest, kind, is_paragraph=is_paragraph)
        is_code = kind == "indented" and not is_paragraph
        if closing is None and not is_code and kind not in _ALONE:
            if not is_paragraph:  # else it goes on, even where the signs of its containers are missing
                self.leave(kept)
            self.paragraph.append(rest)
            return
        self.leave(kept)
        if kind == "heading" and _QUOTATION not in self.containers:
            self.prose.append(_heading(rest))
        elif isinstance(closing, str) or (closing and not _is_end(closing, rest)):
            self.verbatim = closing


def _is_item(start: re.Match[str], interrupts: bool) -> bool:
    """Whether an item of a list begins; in a paragraph only one that says something, and numbered 1."""
    if start.lastgroup != "item" or not interrupts:
        return start.lastgroup == "item"
    return int(start["number"] or 1) == 1 and not _BLANK.match(start.string, start.end())


def _width(item: re.Match[str], place: int) -> int:
    """By how much what is in an item is indented, whose container's content begins at `place`."""
    rest = item.string[item.end() :]
    spaces = len(rest) - len(rest.lstrip(" "))
    is_text = spaces < len(rest) and spaces <= _CODE
    return item.end() - place + (spaces if is_text else 1)


def _closing(rest: str, kind: str | None, *, is_paragraph: bool) -> str | re.Pattern[str] | None:
    """Return what ends the code or HTML that begins on a line; None for a tag that is only text."""
    text = rest.lstrip(" ")
    if kind == "fence":
        return text[: len(text) - len(text.lstrip(text[0]))]
    for opening, closing, may_interrupt in HTML_SEQUENCES:
        if opening.search(text) and (may_interrupt or not is_paragraph):
            return closing
    return None


def _is_end(closing: str | re.Pattern[str], line: str) -> bool:
    """Whether a line is the last of a block of code, whose fence `closing` was, or of HTML."""
    text = line.strip(" ")
    if isinstance(closing, re.Pattern):
        return closing.search(text) is not None
    return text.startswith(closing) and not text.strip(closing[0]) and not line.startswith(" " * _CODE)


def _heading(line: str) -> str:
    """Return the text of a heading, without the signs before and after it."""
    text = line.strip(" ").lstrip("#").strip(" ")
    bare = text.rstrip("#")
    return bare.rstrip(" ") if not bare or bare.endswith(" ") else text


def _outside(paragraph: list[str]) -> Iterator[str]:
    """Yield the lines of a paragraph that do not begin within a code span or a comment."""
    hidden = _hidden("\n".join(paragraph))
    start, (begin, end) = 0, next(hidden, _NOWHERE)
    for line in paragraph:
        while end <= start:
            begin, end = next(hidden, _NOWHERE)
        if start <= begin:
            yield line
        start += len(line) + 1


def _hidden(content: str) -> Iterator[tuple[int, int]]:
    """Yield where code spans and comments begin and end, in their order; a comment may lack its end."""
    # Where runs of backticks end, by their length, the last one first.
    runs: dict[int, list[int]] = {}
    for run in reversed(list(_TICKS.finditer(content))):
        runs.setdefault(len(run[0]), []).append(run.end())
    place = 0
    while sign := _INLINE.search(content, place):
        begin, place = sign.span()
        if sign[0] == "<!--":
            end = content.find("-->", begin + 2)
            place = len(content) if end < 0 else end + 3
            yield begin, place
        elif sign["ticks"]:
            alike = runs.get(len(sign[0]), [])
            while alike and alike[-1] <= place:
                alike.pop()
            if alike:
                place = alike[-1]
                yield begin, place
