"""The line map: a history laid out as a railway draws its lines, as numbers in pixels.

Every event has a column of its own, time goes to the right. Permanent lines are the first and the last row,
with the lines of releases and hotfixes between them; tracks leave and join at 45 degrees.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from service.ledger.pulls import PullRequest
from service.web.drawing.history import BackMerge, Event, History, Kind, Line

MOST_EVENTS: Final = 40
LONGEST_NAME: Final = 22  # in widths of a Latin letter
LONGEST_TAG: Final = 14
_TOP: Final = 62  # of the first row: dates and the names of tags are above it
_ROW: Final = 52
_LEFT: Final = 16
_END: Final = 62  # of track after the last event
_NARROWEST: Final = 66  # of a column: a date must fit, and the bends of its neighbours
_BEND: Final = 16
_LETTER: Final = 6.8  # how wide a letter of the map's type is, about
_APART: Final = 14

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Track:
    """A piece of track through some points; `kind` is that of its line; what is `owed` is broken."""

    points: tuple[Point, ...]
    kind: str
    owed: BackMerge | None = None


@dataclass(frozen=True, slots=True)
class Station:
    """A merge or a tag, with the middle of its label above or below it."""

    x: int
    y: int
    kind: str
    label: str
    label_y: int
    event: Event


@dataclass(frozen=True, slots=True)
class Head:
    """The open pull request at the end of a line."""

    x: int
    y: int
    kind: str
    pull: PullRequest


@dataclass(frozen=True, slots=True)
class Label:
    """Text beside a track, beginning at `x`; `whole` is what was shortened."""

    x: int
    y: int
    text: str
    whole: str
    kind: str


@dataclass(frozen=True, slots=True)
class Day:
    """Where a day begins."""

    x: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Drawing:
    """The map; `events` are those that are drawn, newest first, `left_out` how many older ones are not."""

    width: int
    height: int
    tracks: tuple[Track, ...]
    stations: tuple[Station, ...]
    heads: tuple[Head, ...]
    labels: tuple[Label, ...]
    days: tuple[Day, ...]
    events: tuple[Event, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class _Span:
    """From where to where a line is drawn; `leaves` and `arrives` say whether its ends are in sight."""

    line: Line
    begins: int
    ends: int
    leaves: bool
    arrives: bool


@dataclass(frozen=True, slots=True)
class _Grid:
    """The column of each event, the row of each line, and the right end of what goes on."""

    events: Sequence[Event]
    columns: Sequence[int]
    rows: Mapping[str, int]
    right: int

    @property
    def height(self) -> int:
        """Down to below the last row and its labels."""
        return max(self.rows.values()) + 34


def draw(history: History, most: int = MOST_EVENTS) -> Drawing:
    """Lay out the newest `most` events, and tags that are owed somewhere, however old."""
    events = _shown(history, most)
    columns = _columns(events)
    right = (columns[-1] if columns else _LEFT) + _END
    spans = _spans(history, events, columns, right)
    grid = _Grid(events, columns, _rows(history, spans), right)
    labels = tuple(_names(history, spans, grid))
    return Drawing(
        width=max(label.x + _width(label.text) for label in labels) + 16,
        height=grid.height,
        tracks=(*_back_tracks(history, grid), *_line_tracks(spans, grid), *_permanent(history, grid)),
        stations=tuple(_stations(history, grid)),
        heads=tuple(_heads(spans, grid)),
        labels=labels,
        days=tuple(_days(events, columns)),
        events=tuple(reversed(events)),
        left_out=len(history.events) - len(events),
    )


def _shown(history: History, most: int) -> tuple[Event, ...]:
    owed = {each.release.id for each in history.owed}
    newest = {id(event) for event in history.events[-most:]}
    return tuple(
        event
        for event in history.events
        if id(event) in newest or (event.release and event.release.id in owed)
    )


def _columns(events: Sequence[Event]) -> list[int]:
    """The middle of each event's column, as wide as its label wants."""
    widths = [max(_NARROWEST, _width(_label(event)) + _APART) for event in events]
    found = [_LEFT + _NARROWEST // 2] if events else []
    for before, after in pairwise(widths):
        found.append(found[-1] + (before + after) // 2)
    return found


def _spans(history: History, events: Sequence[Event], columns: Sequence[int], right: int) -> list[_Span]:
    """The lines between the permanent ones that are in sight."""
    shown = {id(event) for event in events}
    found = []
    for line in history.lines.values():
        if line.origin is None:
            continue
        about = [event for event in history.events if line.name in {event.line, event.joins}]
        here = [x for event, x in zip(events, columns, strict=True) if line.name in {event.line, event.joins}]
        if not here and not line.lives:
            continue
        whole = bool(about) and id(about[0]) in shown
        begins = here[0] if whole else 0
        found.append(_Span(line, begins, right if line.lives else here[-1], whole, not line.lives))
    return sorted(found, key=lambda span: (span.begins, span.ends))


def _rows(history: History, spans: Sequence[_Span]) -> dict[str, int]:
    """The height of each line: where two can share a row without touching, they do."""
    permanent = [line.name for line in history.lines.values() if line.origin is None]
    found, y = {permanent[0]: _TOP}, _TOP
    # Hotfixes come from main, releases from develop; on a trunk, fixes are made on releases.
    for kind in ("hotfix", "release") if len(permanent) > 1 else ("release", "hotfix"):
        taken: list[int] = []  # by row, the end of what is in it
        for span in (each for each in spans if each.line.kind == kind):
            begins = span.begins - 2 * _BEND
            row = next((row for row, end in enumerate(taken) if end + _APART < begins), len(taken))
            taken[row : row + 1] = [max(span.ends, span.begins + _width(_name(span.line)))]
            found[span.line.name] = y + _ROW * (row + 1)
        y += _ROW * len(taken)
    return found | dict.fromkeys(permanent[1:], y + _ROW)


def _permanent(history: History, grid: _Grid) -> list[Track]:
    return [
        Track(((0, grid.rows[line.name]), (grid.right, grid.rows[line.name])), line.kind)
        for line in history.lines.values()
        if line.origin is None
    ]


def _line_tracks(spans: Sequence[_Span], grid: _Grid) -> list[Track]:
    """Each line from where it left to where it goes on or joined, and every time that it joined before."""
    found = []
    for span in spans:
        line, y = span.line, grid.rows[span.line.name]
        joined = [
            (x, grid.rows[event.line])
            for event, x in zip(grid.events, grid.columns, strict=True)
            if event.joins == line.name and event.line in grid.rows
        ]
        start: tuple[Point, ...] = ((span.begins, y),)
        if span.leaves and line.origin is not None and line.origin in grid.rows:
            start = _bend((span.begins - 2 * _BEND, grid.rows[line.origin]), (span.begins, y))
        ends = [*joined] if span.arrives else [*joined, None]
        for end in ends:
            stop = ((span.ends, y),) if end is None else _bend((end[0] - 2 * _BEND, y), end)
            found.append(Track((*start, *stop), line.kind))
    return found


def _back_tracks(history: History, grid: _Grid) -> list[Track]:
    """Solid where a release came back, leaving after the last event before; broken where it is owed."""
    found, leaving = [], dict.fromkeys(range(len(grid.events)), 0)
    tagged = {event.release.id: column for column, event in enumerate(grid.events) if event.release}
    # Permanent lines come last: they go on past whatever arrives late, others may end with the next event.
    for each in sorted(history.back, key=lambda each: _is_permanent(history, each.target)):
        tag = tagged.get(each.release.id)
        if tag is None or each.target not in grid.rows:
            continue
        column = tag
        while each.came_at and column + 1 < len(grid.events) and grid.events[column + 1].at < each.came_at:
            column += 1
        x = grid.columns[column] + 8 * leaving[column]
        leaving[column] += 1
        line = grid.events[tag].line
        track = _bend((x, grid.rows[line]), (x + 2 * _BEND, grid.rows[each.target]))
        found.append(Track(track, history.lines[line].kind, each if each.came_at is None else None))
    return found


def _is_permanent(history: History, name: str) -> bool:
    line = history.lines.get(name)
    return line is not None and line.origin is None


def _bend(start: Point, end: Point) -> tuple[Point, ...]:
    """Off one row at 45 degrees, straight to the other one, and onto it at 45 degrees."""
    (x, y), down = start, 1 if end[1] > start[1] else -1
    return start, (x + _BEND, y + down * _BEND), (x + _BEND, end[1] - down * _BEND), end


def _stations(history: History, grid: _Grid) -> Iterator[Station]:
    for event, x in zip(grid.events, grid.columns, strict=True):
        if event.kind is Kind.OPENED or event.line not in grid.rows:
            continue
        line, y = history.lines[event.line], grid.rows[event.line]
        above = event.kind is Kind.TAGGED or line.origin is not None
        yield Station(x, y, line.kind, _label(event), y - 16 if above else y + 21, event)


def _heads(spans: Sequence[_Span], grid: _Grid) -> list[Head]:
    return [
        Head(grid.right, grid.rows[span.line.name], span.line.kind, span.line.heads[0])
        for span in spans
        if span.line.heads
    ]


def _names(history: History, spans: Sequence[_Span], grid: _Grid) -> Iterator[Label]:
    """The name of each line: after its end where it goes on, else below its beginning."""
    for line in history.lines.values():
        if line.origin is None:
            yield Label(grid.right + 16, grid.rows[line.name] + 4, _name(line), line.name, line.kind)
    for span in spans:
        line, y = span.line, grid.rows[span.line.name]
        x, y = (grid.right + 16, y + 4) if line.lives else (span.begins, y + 18)
        yield Label(x, y, _name(line), line.name, line.kind)


def _days(events: Sequence[Event], columns: Sequence[int]) -> list[Day]:
    found: list[Day] = []
    for event, x in zip(events, columns, strict=True):
        if not found or found[-1].at.date() != event.at.date():
            found.append(Day(x, event.at))
    return found


def _name(line: Line) -> str:
    number = f"#{line.heads[0].number} " if line.heads else ""
    return number + _shortened(line.name, LONGEST_NAME)


def _label(event: Event) -> str:
    if event.release:
        return _shortened(event.release.tag, LONGEST_TAG)
    return f"#{event.pull.number}" if event.pull and event.kind is Kind.MERGED else ""


def _shortened(text: str, most: int) -> str:
    """The text, or its beginning and an ellipsis, in at most `most` widths of a Latin letter."""
    if _letters(text) <= most:
        return text
    kept = text
    while _letters(kept) > most - 1:
        kept = kept[:-1]
    return f"{kept}…"


def _letters(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _width(text: str) -> int:
    return round(_letters(text) * _LETTER)
