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
        "Close the `<!--` you opened.\nP1: this leaks", "`<!--` here\nP1: a\nand `-->` there",
        "the \\` character\nP1: a and another \\`", "\\<!-- shown\nP1: a", "P1: a <!-->",
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
        "a <!--\nP1: never closed", "`a\\`\n`P1: a` b`\nP1: c`",
        "<pre>\nP1: rename\n</pre>", "~~P1: rename~~", "| P1: | rename |",
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


class Work:
    """What it takes to read a text, in what can be counted on any machine: calls, and characters folded."""

    def __init__(self, text: str) -> None:
        self.calls = self.folded = 0
        sys.setprofile(self._called)
        try:
            marks(text, NAMES)
        finally:
            sys.setprofile(None)

    def _called(self, frame: FrameType, event: str, _argument: Any) -> None:
        self.calls += event in {"call", "c_call"}
        if event == "call" and frame.f_code.co_name == "_folded":
            self.folded += len(frame.f_locals["text"])


PIECES = (
    "P1: a\n", "a\n", "\n", "-\n", "#\n", "=\n", "<a\n", "\\", "`", "``` ", "> ", ">\n", "- ", "<!-- ",
    "* a\n", "> - a\n", "[", "**", "\t", "```\n", "> " * 20 + "a\n", "- " * 20 + "a\n", "  - a\n\n",
)  # fmt: skip


def repeated(piece: str, size: int) -> str:
    return "P1: a\n" + piece * ((size - 6) // len(piece))


@pytest.mark.parametrize("piece", PIECES)
def test_a_text_takes_work_by_its_length(piece: str) -> None:
    short, long = Work(repeated(piece, 4_000)), Work(repeated(piece, 16_000))
    assert long.calls <= 4.4 * short.calls + 400  # something for what is done once
    assert long.calls <= 16 * 16_000


def test_the_longest_text_that_github_takes_is_no_worse() -> None:
    assert (
        Work(repeated("P1: a\n", 64 * 1024)).calls <= 4.4 * Work(repeated("P1: a\n", 16 * 1024)).calls + 400
    )


def test_lazy_lines_after_deep_quotations_are_looked_at_once() -> None:
    hostile = "P1: x\n\n" + "> " * 20 + "a\n" + "a\n" * 32_000
    assert Work(hostile).calls <= 3 * len(hostile)


def test_blank_lines_in_deep_lists_are_looked_at_once() -> None:
    hostile = "- " * 20 + "P1: x\n" + "\n" * 65_000
    assert Work(hostile).calls <= 1_000


def test_no_more_than_the_start_of_a_line_is_folded() -> None:
    accents = "\N{COMBINING ACUTE ACCENT}\N{COMBINING GRAVE ACCENT BELOW}" * 32_000
    assert Work(f"P1: {accents}").folded < 200
    assert marks(f"P1: {accents}", NAMES) == ("P1",)


@settings(max_examples=10)
@given(st.lists(st.sampled_from([*PIECES, "a", "-->", "`a` ", "P2: b"]), min_size=1, max_size=6))
def test_no_mixture_takes_more_than_its_length(pieces: list[str]) -> None:
    piece = "".join(pieces)
    assert Work(repeated(piece, 16_000)).calls <= 4.6 * Work(repeated(piece, 4_000)).calls + 400
