"""Levels as people write them, and what only looks like one."""

import sys
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.marks import marks

NAMES = ("P1", "P2", "P3")


@pytest.mark.parametrize(
    "text",
    [
        "P1: rename this", "P1 - rename this", "P1 — rename this", "P1- rename this", "P1 : rename this",
        "[P1] rename this", "(P1) rename this", "**P1** rename this", "__P1__ rename this", "*P1* rename",
        "**P1:** rename this", "**P1: rename this**", "**[P1]** rename this", "***P1*** rename this",
        "p1. rename this", "P1) rename this", "p1: rename this", "P1:rename this", "P1:", "P1", "  P1: a",
        "P1：이름을 바꿔 주세요", "［P1］ 이름을 바꿔 주세요",
        "（P1） 이름", "【P1】 이름", "「P1」 이름", "Ｐ１： 이름",
        "[P1]: rename this", "[P1](https://example.com/levels) rename this",
        "- P1: rename this", "1. P1: rename this", "- [ ] P1: rename this", "* **P1** rename this",
        "### P1: rename this", "P1\n---\nrename this", "First a word.\nP1: rename this",
        "First a word.\r\nP1: rename this", "<details>\n\nP1: rename this\n\n</details>",
        "> somebody said\n\nP1: rename this", "a `lone tick\nP1: rename this", "``a ` b\nP1: rename this",
        "```py\nx = 1\n```\nP1: rename this", "a <!-- note -->\nP1: rename this",
    ],
)  # fmt: skip
def test_a_mark_is_found(text: str) -> None:
    assert marks(text, NAMES) == ("P1",)


@pytest.mark.parametrize(
    "text",
    [
        "", "HTTP1: a protocol", "P10: ten", "P1.5 is a version", "P1-related work", "P1 is fine",
        "P1, P2 and P3",
        "a word P1: rename", "`P1: rename`", "`P1`: rename", "```\nP1: rename\n```", "~~~\nP1: rename\n~~~",
        "```\nP1: never closed", "    P1: rename", "- a\n\n      P1: rename", "> P1: rename",
        "> somebody said\nP1: still the quotation, lazily", "> - P1: rename", "- > P1: rename",
        "`a\nP1: b`", "``a ` b\nP1: c``",
        "<!-- P1: rename -->", "<!--\nP1: rename\n-->", "a <!--\nP1: b\n-->",
        "a <!--\nP1: never closed", "<pre>\nP1: rename\n</pre>", "~~P1: rename~~", "| P1: | rename |",
        "[P1 rename", "[P1: rename]", "(P1, P2)", "\\[P1\\] rename", "https://example.com/P1:",
        "P\n1: rename", "P 1: rename", "\x00P1: rename",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_mark_is_none(text: str) -> None:
    assert marks(text, NAMES) == ()


def test_each_level_is_named_once_in_the_order_of_the_text() -> None:
    assert marks("P3: a\nP1: b\nP3: c\n\nP2 - d", NAMES) == ("P3", "P1", "P2")


def test_levels_have_the_names_that_the_rulebook_gives_them() -> None:
    names = ("Must", "Must not", "필수", "c++", "P1", "P10")
    for name in names:
        assert marks(f"{name.upper()}: rename", names) == (name,)
        assert marks(f"[{name}] rename", names) == (name,)
    assert marks("Must not - rename\nP10: ten\nP1: one", names) == ("Must not", "P10", "P1")


@given(st.text(max_size=400), st.sets(st.text(min_size=1, max_size=8).filter(str.strip), max_size=5))
def test_any_text_is_taken(text: str, names: set[str]) -> None:
    found = marks(text, names)
    assert set(found) <= names
    assert len(set(found)) == len(found)


PROSE = st.text(st.characters(exclude_characters="`<>\r\n", exclude_categories=("Cs", "Cc", "Zl", "Zp")))


@given(
    PROSE, st.sampled_from(NAMES), st.sampled_from(["{}: ", "[{}] ", "({}) ", "**{}** ", "{} - ", "{}： "])
)
def test_a_mark_survives_whatever_follows_it(rest: str, name: str, form: str) -> None:
    assert marks(form.format(name) + "x" + rest, NAMES)[:1] == (name,)


@given(st.lists(PROSE, max_size=6), st.sampled_from(["```", "~~~~"]))
def test_nothing_in_a_fence_is_a_mark(lines: list[str], fence: str) -> None:
    inside = "\n".join(f"P1: {line}" for line in lines)
    assert marks(f"{fence}\n{inside}\n{fence}\n", NAMES) == ()


@given(st.lists(PROSE, min_size=1, max_size=6))
def test_nothing_quoted_is_a_mark(lines: list[str]) -> None:
    assert marks("\n".join(f"> P1: {line}" for line in lines), NAMES) == ()


def calls(text: str) -> int:
    """How many calls it takes to read a text: work that can be counted, on any machine."""
    count = 0

    def called(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(called)
    try:
        marks(text, NAMES)
    finally:
        sys.setprofile(None)
    return count


PIECES = ("P1: a\n", "`", "``` ", "> ", "- ", "<!-- ", "* a\n", "> - a\n", "[", "**", "\t", "=\n", "```\n")


def repeated(piece: str, size: int) -> str:
    return "P1: a\n" + piece * ((size - 6) // len(piece))


@pytest.mark.parametrize("piece", PIECES)
def test_a_text_four_times_as_long_takes_no_more_than_four_times_the_work(piece: str) -> None:
    # Something for what is done once.
    assert calls(repeated(piece, 16_000)) <= 4.4 * calls(repeated(piece, 4_000)) + 400


def test_the_longest_text_that_github_takes_is_no_worse() -> None:
    assert calls(repeated("P1: a\n", 64 * 1024)) <= 4.4 * calls(repeated("P1: a\n", 16 * 1024)) + 400


@settings(max_examples=10, deadline=None)
@given(st.lists(st.sampled_from([*PIECES, "a", "\n", "-->", "`a` ", "P2: b"]), min_size=1, max_size=6))
def test_no_mixture_takes_more_than_its_length(pieces: list[str]) -> None:
    piece = "".join(pieces)
    assert calls(repeated(piece, 16_000)) <= 4.6 * calls(repeated(piece, 4_000)) + 400
