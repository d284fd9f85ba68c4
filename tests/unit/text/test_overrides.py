"""Overrides survive where they are kept, and nothing else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.facts import Override
from bot.text.overrides import recalled, remembered

TEXT = st.text(st.characters(codec="utf-8"), max_size=80)
OVERRIDES = st.lists(
    st.builds(Override, rule=TEXT, number=st.integers(0, 2**40), base=TEXT, by=TEXT, reason=TEXT), max_size=4
)


@given(OVERRIDES, TEXT)
def test_what_is_remembered_is_recalled_after_any_text(overrides: list[Override], text: str) -> None:
    assert recalled(f"{text}{remembered(overrides)}\n") == tuple(overrides)


@given(OVERRIDES.filter(bool))
def test_what_is_remembered_is_one_line_that_cannot_be_left(overrides: list[Override]) -> None:
    line = remembered(overrides).strip()
    assert "\n" not in line
    assert line.count("-->") == 1
    assert line.endswith("-->")


@pytest.mark.parametrize(
    "summary",
    [
        "",
        "a summary",
        "<!-- signalbox overrides [] -->\nand more",
        "x <!-- signalbox overrides [] -->",
        "<!-- signalbox overrides nonsense -->",
        "<!-- signalbox overrides {} -->",
        '<!-- signalbox overrides [{"rule": "base"}] -->',
        "<!-- signalbox overrides [1] -->",
        "<!-- signalbox overrides null -->",
    ],
)
def test_anything_else_is_no_override(summary: str) -> None:
    assert recalled(summary) == ()
