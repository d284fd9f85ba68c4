"""Lists are cut into pages, and put together again."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.localhub.graphql.connections import ExcessivePagination, InvalidCursor, MissingBoundaries, page


@given(st.lists(st.integers(), max_size=250), st.integers(1, 100))
def test_following_every_page_gives_the_list(items: list[int], size: int) -> None:
    found: list[int] = []
    after, more = None, True
    while more:
        one = page("items", items, size, after)
        assert one.total_count == len(items)
        assert one.page_info.has_previous_page == bool(found)
        found += one.nodes
        after, more = one.page_info.end_cursor, one.page_info.has_next_page
    assert found == items


@given(st.text())
def test_a_made_up_cursor_is_refused_or_understood(cursor: str) -> None:
    with suppress(InvalidCursor):
        assert page("items", [1], 1, cursor).total_count == 1


@pytest.mark.parametrize("first", [0, -1, 101])
def test_a_page_has_at_most_a_hundred(first: int) -> None:
    with pytest.raises(ExcessivePagination):
        page("items", [], first, None)


def test_a_page_has_a_size() -> None:
    with pytest.raises(MissingBoundaries):
        page("items", [], None, None)
