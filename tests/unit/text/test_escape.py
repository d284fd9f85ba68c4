import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.message import say
from bot.rules.models import Language
from bot.text.escape import cell, code_block, code_span, plain, shortened
from bot.text.render import Markup, render

HOSTILE = st.text(max_size=60) | st.text("`|\\<!->@#[]() \n\t*_~:/a", max_size=40)
PARSER = MarkdownIt("commonmark").enable("table")


def inline(markdown: str) -> list[Token]:
    """The inline tokens of Markdown that must be one paragraph."""
    tokens = PARSER.parse(markdown)
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    return tokens[1].children or []


@given(HOSTILE)
def test_a_value_is_one_code_span_whatever_it_holds(text: str) -> None:
    before, span, after = inline(f"See {code_span(text)} here")
    assert (before.type, span.type, after.type) == ("text", "code_inline", "text")
    assert span.content.strip(" ") == plain(text).strip(" ")


@given(HOSTILE)
def test_a_value_at_the_start_of_a_line_opens_no_block(text: str) -> None:
    assert [token.type for token in inline(code_span(text) + " here")] == ["code_inline", "text"]


@given(HOSTILE)
def test_a_value_stays_in_its_cell(text: str) -> None:
    table = f"| a | b |\n|---|---|\n| {cell(code_span(text))} | end |\n"
    cells = [token for token in PARSER.parse(table) if token.type == "inline"]
    assert len(cells) == 4
    assert cells[-1].content == "end"
    assert [child.type for child in cells[2].children or []] == ["code_inline"]


@given(st.lists(HOSTILE, min_size=1, max_size=4))
def test_commands_stay_in_their_block(lines: list[str]) -> None:
    markdown = "before\n\n" + code_block(tuple(lines), "sh") + "\n\nafter"
    fences = [token for token in PARSER.parse(markdown) if token.level == 0 and token.type == "fence"]
    (fence,) = fences
    assert fence.content == "".join(f"{plain(line)}\n" for line in lines)
    assert PARSER.parse(markdown)[-2].content == "after"


@pytest.mark.parametrize(
    "text", ["", " ", "`", "``", "` `", " a ", "@team", "<!-- x -->", "<b>", "[a](b)", "#1"]
)
def test_odd_values_are_shown_and_do_nothing(text: str) -> None:
    (span,) = inline(code_span(text))
    assert span.type == "code_inline"


@given(st.text())
def test_plain_text_stays_on_its_line_and_turns_no_direction(text: str) -> None:
    shown = plain(text)
    assert len(shown) == len(text)
    assert len(shown.splitlines()) <= 1
    assert not set(shown) & set("\x00\x1b\u202e\u2066\u200f\u061c\u200b\ufeff")
    shown.encode()


def test_shortened_says_that_it_was_cut() -> None:
    assert (shortened("abcd", 4), shortened("abcde", 4)) == ("abcd", "abc…")


# Rendering.


def test_fields_are_filled_in_each_language_and_markup() -> None:
    message = say("Change the base of the pull request to {base}.", base="a`b")
    assert render(message, Language.EN) == "Change the base of the pull request to a`b."
    assert "a`b" in render(message, Language.KO)
    assert "``a`b``" in render(message, Language.KO, Markup.MARKDOWN)


def test_values_may_be_messages_numbers_and_lists() -> None:
    message = say("x {one} {many} {count}", one=say("kept"), many=("a", say("advice")), count=3)
    assert render(message, Language.EN) == "x kept a, advice 3"
    assert "지켰습니다" in render(message, Language.KO)


def test_a_value_with_braces_is_not_filled_again() -> None:
    assert render(say("{a} {b}", a="{b}", b="x"), Language.EN) == "{b} x"


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        render(say("{a}"), Language.EN)


def test_long_values_and_lists_are_cut() -> None:
    assert len(render(say("{a}", a="x" * 10_000), Language.EN)) == 255
    assert render(say("{a}", a=("x",) * 100), Language.EN).endswith("x, …")


@given(HOSTILE)
def test_a_message_in_markdown_shows_nothing_but_text_and_code(value: str) -> None:
    message = say(
        "Expected a name that fits one of {patterns}; found {branch}.", patterns=(value, value), branch=value
    )
    for language in Language:
        types = {token.type for token in inline(render(message, language, Markup.MARKDOWN))}
        assert types == {"text", "code_inline"}
