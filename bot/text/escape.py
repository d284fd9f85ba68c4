"""Quote other people's text at the edge, so that it shows and does nothing else (R17)."""

import re

# Controls, line and paragraph separators, lone surrogates, the marks that turn the direction of text, and
# characters that show nothing at all (soft hyphen, joiners, fillers, variation selectors, tags).
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_BACKTICKS = re.compile("`+")


def plain(text: str) -> str:
    """Return `text` on one line, with what would hide or reorder it replaced."""
    return _HIDDEN.sub(_REPLACEMENT, text)


def code_span(text: str) -> str:
    """Return a Markdown code span that shows `text` and cannot be left: no mention, link or HTML gets out."""
    shown = plain(text)
    fence = "`" * (_longest_run(shown) + 1)
    padding = " " if not shown.strip(" ") or shown[0] in " `" or shown[-1] in " `" else ""
    return f"{fence}{padding}{shown}{padding}{fence}"


def cell(markdown: str) -> str:
    """Return Markdown that stays within one cell of a table.

    A backslash would escape a pipe unless another one stood before it, so the pipe itself gives way.
    """
    return markdown.replace("|", "\N{BROKEN BAR}")


def shortened(text: str, limit: int) -> str:
    """Return at most `limit` characters of `text`, showing where it was cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def code_block(lines: tuple[str, ...], language: str = "") -> str:
    """Return a fenced Markdown block that shows `lines` and cannot be closed by them."""
    shown = [plain(line) for line in lines]
    fence = "`" * max(3, *(_longest_run(line) + 1 for line in shown))
    return "\n".join([f"{fence}{language}", *shown, fence])


def _longest_run(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)
