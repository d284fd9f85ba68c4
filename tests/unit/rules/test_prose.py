"""Which lines of a Markdown text are prose, held to CommonMark as markdown-it reads it."""

from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.rules.prose import lines

# Blocks alone, and no link references.
BLOCKS = MarkdownIt("zero", {"html": True})
BLOCKS.core.ruler.enableOnly(["normalize", "block"])
BLOCKS.block.ruler.enableOnly(
    ["blockquote", "code", "fence", "heading", "hr", "html_block", "lheading", "list", "paragraph"]
)
SPANS = MarkdownIt("zero", {"html": True}).enable(["backticks", "escape", "html_inline", "newline"])


def spaced(line: str) -> str:
    return " ".join(line.split())


def read_by_markdown_it(text: str) -> list[str]:
    """The lines of paragraphs and headings that stand in no quotation."""
    quotations, found = 0, list[str]()
    for token in BLOCKS.parse(text):
        quotations += {"blockquote_open": 1, "blockquote_close": -1}.get(token.type, 0)
        if token.type == "inline" and not quotations:
            found += map(spaced, token.content.split("\n"))
    return found


CONTAINERS = st.lists(st.sampled_from(["", "> ", ">", "- ", "* ", "+", "1. ", "2) ", " ", "  "]), max_size=3)
LEAVES = st.sampled_from([
    "a", "b c", "", "P1: x", "# h", "## h ##", "#x", "#", "~~~", "~~~ py", "~~~~ x", "---", "===", "- - -",
    "***", "=", "--", "<div>", "</div>", "<x y='1'>", "<b>t</b>", "<!-- c", "d -->", "<!-- e -->", "<pre>",
    "</pre>", "<?x", "?>", "<!X y>", "1.", "-", "*", "+", "3. z", "    code", "\tcode", "      more",
])  # fmt: skip
LINES = st.tuples(CONTAINERS.map("".join), LEAVES).map("".join)


@settings(max_examples=400)
@given(st.lists(LINES, max_size=12))
def test_blocks_are_those_that_markdown_it_finds(written: list[str]) -> None:
    text = "\n".join(written)
    expanded = text.expandtabs(4).split("\n")
    # Where markdown-it leaves CommonMark: text that is indented like code, and goes on lazily.
    after = pairwise(expanded)
    assume(not any(line.startswith(" " * 4) and before.strip(" >") for before, line in after))
    assume(not any(mark + " " * 4 in line for line in expanded for mark in "-+*.)>"))
    expected = read_by_markdown_it(text)
    assume("<!--" not in "".join(expected))  # within a line that is for the next test
    assert list(map(spaced, lines(text))) == expected


PIECES = st.sampled_from(["`", "``", "\\", "\\`", "a", " ", "<!-- b -->", "<b>", "\n"])


@settings(max_examples=400)
@given(st.lists(PIECES, max_size=16))
def test_code_spans_and_comments_are_those_that_markdown_it_finds(pieces: list[str]) -> None:
    # Each line begins with a word of its own, which code or a comment swallows or does not.
    words = "".join(pieces).split("\n")
    text = "\n".join(f"w{number} {line}w" for number, line in enumerate(words))
    (paragraph,) = [token for token in SPANS.parse(text) if token.type == "inline"]
    shown = "".join(
        {"softbreak": "\n", "hardbreak": "\n"}.get(token.type, token.content.replace("\n", " "))
        for token in paragraph.children or ()
    )
    expected = [line.split()[0] for line in shown.split("\n")]
    assert [line.split()[0] for line in lines(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("a\r\nb\rc\nd", ["a", "b", "c", "d"]),
        ("- a\n\n      code\n  b", ["a", "b"]),
        ("-\n\n  a", ["a"]),  # an item that begins with two blank lines is over
        ("-\n\n      a", []),
        ("-     code\n\n  a", ["a"]),
        ("-    a\n\t# lazy", ["a", "# lazy"]),
        ("> a\n    lazy\n\n    code", []),
        ("1. a\n   - b\n     c\nlazy\n\nd", ["a", "b", "c", "lazy", "d"]),
        ("a\n2. b\n1. c", ["a", "2. b", "c"]),
        ("```a`\nb", ["```a`", "b"]),
        ("  ````\n  a\n  ```\n  ````\nb", ["b"]),
        ("- ```\n  a\nb", ["b"]),
        ("# a #\n# b#\n#\n###", ["a", "b#", "", ""]),
        ("<details>\na\n\nb", ["b"]),
        ("a\n<x>\nb", ["a", "<x>", "b"]),
        ("a\n\n\n\n \n\t\nb", ["a", "b"]),
        ("- " * 30 + "a", ["- " * 10 + "a"]),
    ],
)
def test_the_lines_that_are_prose(text: str, expected: list[str]) -> None:
    assert [line.strip() for line in lines(text)] == expected
