"""Pages of a list, as GitHub cuts them: a hundred at most, and never without saying how many."""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.localhub.refusals import Refused

MOST_A_PAGE = 100

T = TypeVar("T")


class ExcessivePagination(Refused):
    """More than a hundred at once."""

    type = "EXCESSIVE_PAGINATION"


class MissingBoundaries(Refused):
    """A list without `first`."""

    type = "MISSING_PAGINATION_BOUNDARIES"


class InvalidCursor(Refused):
    """An `after` that no page ended with."""

    type = "INVALID_CURSOR_ARGUMENTS"


@dataclass(frozen=True, slots=True)
class PageInfo:
    """GraphQL's `PageInfo`."""

    start_cursor: str | None
    end_cursor: str | None
    has_next_page: bool
    has_previous_page: bool


@dataclass(frozen=True, slots=True)
class Connection:
    """One page of a list."""

    nodes: Sequence[Any]
    page_info: PageInfo
    total_count: int


def bounds(name: str, first: int | None, after: str | None) -> tuple[int, int]:
    """Where the page begins and how long it is; refuses what GitHub refuses. `name` is the list's."""
    if first is None:
        raise MissingBoundaries(
            f"You must provide a `first` or `last` value to properly paginate the `{name}`."
        )
    if not 1 <= first <= MOST_A_PAGE:
        raise ExcessivePagination(
            f"Requesting {first} records on the `{name}` connection exceeds the `first` limit of 100 records."
        )
    return (0 if after is None else _position(after)), first


def connection(nodes: Sequence[Any], start: int, total: int) -> Connection:
    """The page that begins at `start` of a list of `total`."""
    end = start + len(nodes)
    opening, closing = (_cursor(start + 1), _cursor(end)) if nodes else (None, None)
    return Connection(nodes, PageInfo(opening, closing, end < total, start > 0), total)


def page(name: str, items: Sequence[Any], first: int | None, after: str | None) -> Connection:
    """The page of a list that is at hand in whole."""
    start, size = bounds(name, first, after)
    return connection(items[start : start + size], start, len(items))


def ordered(
    items: Iterable[T], order_by: Mapping[str, str] | None, orders: Mapping[str, Callable[[T], Any]]
) -> list[T]:
    """A list in the order that is asked for: a `field` of `orders` and a `direction`; as it is for None."""
    if order_by is None:
        return list(items)
    return sorted(items, key=orders[order_by["field"]], reverse=order_by["direction"] == "DESC")


def _cursor(position: int) -> str:
    return base64.b64encode(f"cursor:{position}".encode()).decode()


def _position(cursor: str) -> int:
    try:
        word, _, digits = base64.b64decode(cursor, validate=True).decode().partition(":")
        if word == "cursor":
            return int(digits)
    except (binascii.Error, ValueError):
        pass
    raise InvalidCursor(f"`{cursor}` does not appear to be a valid cursor.")
