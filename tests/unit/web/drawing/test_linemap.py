"""The line map: what is told of a repository, and where it is drawn."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from typing import Any, Final

import pytest
from support.room import SHOP, known

from service.ledger.lines import Lines
from service.ledger.pulls import PullRequest
from service.ledger.releases import Release, Step, StepState
from service.web.drawing.history import History, Kind, tell
from service.web.drawing.linemap import LONGEST_NAME, Drawing, draw

START: Final = datetime(2026, 11, 1, tzinfo=UTC)
MAIN: Final = {"base": "main", "base_kind": "main"}
RELEASE: Final = {"kind": "release", "role": "release", **MAIN}
HOTFIX: Final = {"kind": "hotfix", "role": "hotfix", **MAIN}


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def pull(number: int, opened: float, merged: float | None, head: str = "feat/x", **other: Any) -> PullRequest:
    whole = PullRequest(
        SHOP, number, "A title", "", "mina", head, "a" * 40, "feature", "develop", "develop", None,
        False, "open" if merged is None else "merged", {}, (), at(opened),
        merged_at=None if merged is None else at(merged),
    )  # fmt: skip
    return replace(whole, **other)


def release(number: int | None, begun: float, finished: bool = True, **steps: StepState) -> Release:
    """A release of a pull request; underscores in the names of steps stand for what a keyword cannot hold."""
    told = tuple(
        Step(name.replace("__", "-").replace("_", " "), state, {}, at(begun), at(begun))
        for name, state in steps.items()
    )
    return Release(
        number or 99, SHOP, f"1.0.{number}", f"v1.0.{number}", "b" * 40, number, at(begun),
        at(begun) if finished else None, steps=told,
    )  # fmt: skip


DONE, WAITING = StepState.DONE, StepState.WAITING
# Feature, release, hotfix that is owed to develop, and the next release, open.
FLOW: Final = Lines(
    merged=(
        pull(4, 40, 50, "hotfix/slow", **HOTFIX),
        pull(2, 20, 30, "release-v1.0.2", **RELEASE),
        pull(1, 0, 10),
    ),
    open=(pull(5, 60, None, "release-v1.1.0", **RELEASE),),
    releases=(
        release(4, 50, finished=False, back__merge__pull_develop=DONE, back__merge_develop=WAITING),
        release(2, 30, back__merge_develop=DONE),
    ),
)
TRUNK: Final = Lines(
    merged=(
        pull(3, 30, 40, "fix/a", kind="fix", role="hotfix", base="release/1.0", base_kind="release"),
        pull(2, 10, 20, "release/1.0", **RELEASE),
    ),
    open=(),
    releases=(release(2, 20),),
)


def trunk() -> History:
    return tell(known(SHOP, develop=None), TRUNK)


def test_lines_are_told_from_who_brings_what_where() -> None:
    history = tell(known(SHOP), FLOW)
    assert {name: (line.kind, line.origin, line.lives) for name, line in history.lines.items()} == {
        "main": ("main", None, True), "develop": ("develop", None, True),
        "hotfix/slow": ("hotfix", "main", False), "release-v1.0.2": ("release", "develop", False),
        "release-v1.1.0": ("release", "develop", True),
    }  # fmt: skip
    assert [(event.kind.value, event.line) for event in history.events] == [
        ("merged", "develop"), ("opened", "release-v1.0.2"), ("tagged", "main"),
        ("opened", "hotfix/slow"), ("tagged", "main"), ("opened", "release-v1.1.0"),
    ]  # fmt: skip
    assert [(each.release.tag, each.target) for each in history.owed] == [("v1.0.4", "develop")]


def test_on_a_trunk_a_release_lives_on_and_takes_fixes() -> None:
    history = trunk()
    assert {name: (line.kind, line.origin, line.lives) for name, line in history.lines.items()} == {
        "main": ("main", None, True), "release/1.0": ("release", "main", True),
        "fix/a": ("hotfix", "release/1.0", False),
    }  # fmt: skip
    assert [event.line for event in history.events if event.joins == "fix/a"] == ["release/1.0"]


@pytest.mark.parametrize(
    ("steps", "finished", "owed"),
    [
        ({"back__merge_develop": DONE}, False, []),
        ({"back__merge_develop": StepState.FAILED}, False, ["develop"]),
        ({"back__merge__pull_develop": DONE}, False, ["develop"]),
        ({"back__merge__pull_develop": DONE}, True, []),
        ({"back__merge_develop": DONE, "back__merge_release__2": WAITING}, False, ["release-2"]),
        ({"tag": DONE}, False, []),
    ],
)
def test_what_is_owed(steps: Mapping[str, StepState], finished: bool, owed: list[str]) -> None:
    history = tell(known(SHOP), Lines((), (), (release(9, 1, finished, **steps),)))
    assert [each.target for each in history.owed] == owed
    assert set(owed) <= set(history.lines)


def test_a_release_without_a_known_pull_request_is_a_tag_on_main() -> None:
    history = tell(known(SHOP, main=None), Lines((), (), (release(None, 1), release(8, 2))))
    assert [(event.line, event.kind, event.pull, event.guessed) for event in history.events] == [
        ("main", Kind.TAGGED, None, True)
    ] * 2


@pytest.mark.parametrize(
    ("commit", "line", "guessed"),
    [("c", "release/1.0", False), ("d", "release/2.0", False), ("e", "main", True)],
)
def test_a_tag_without_a_pull_request_is_on_the_line_that_has_its_commit(
    commit: str, line: str, guessed: bool
) -> None:
    fix = replace(TRUNK.merged[0], merge_commit="c" * 40)
    head = pull(5, 50, None, "release/2.0", **(RELEASE | {"head_commit": "d" * 40}))
    tagged = replace(release(None, 60), commit=commit * 40)
    history = tell(known(SHOP, develop=None), Lines((fix, TRUNK.merged[1]), (head,), (tagged,)))
    (event,) = [each for each in history.events if each.release]
    assert (event.line, event.guessed) == (line, guessed)


def test_merges_into_branches_of_other_kinds_have_no_line() -> None:
    stacked = pull(1, 0, 1, base="feat/below", base_kind="feature")
    early = pull(2, 0, 2, base="release-v2", base_kind="release")
    history = tell(known(SHOP), Lines((stacked, early), (), ()))
    assert [event.pull and event.pull.number for event in history.events] == [2]
    assert history.lines["release-v2"].lives


def test_time_goes_to_the_right_and_every_event_has_its_place() -> None:
    drawing = draw(tell(known(SHOP), FLOW))
    by_age = [station.x for station in sorted(drawing.stations, key=lambda each: each.event.at)]
    assert all(before < after for before, after in pairwise(by_age))
    assert [(each.label, each.kind) for each in drawing.stations] == [
        ("#1", "develop"), ("v1.0.2", "main"), ("v1.0.4", "main")
    ]  # fmt: skip
    assert [(head.pull.number, head.kind) for head in drawing.heads] == [(5, "release")]
    assert [day.at.day for day in drawing.days] == [1, 2, 3]
    assert drawing.left_out == 0
    assert fits(drawing)


def fits(drawing: Drawing) -> bool:
    """Whether everything is inside the drawing, and no two stations or names are on one another."""
    points = [point for track in drawing.tracks for point in track.points]
    for placed in (drawing.stations, drawing.heads, drawing.labels):
        points += [(each.x, each.y) for each in placed]
    inside = all(0 <= x <= drawing.width and 0 <= y <= drawing.height for x, y in points)
    apart = all(a.y != b.y or abs(a.x - b.x) > 30 for a, b in combinations(drawing.labels, 2))
    return inside and apart and len({(each.x, each.y) for each in drawing.stations}) == len(drawing.stations)


@pytest.mark.parametrize("history", [tell(known(SHOP), FLOW), trunk()])
def test_tracks_are_straight_or_turn_by_45_degrees(history: History) -> None:
    for track in draw(history).tracks:
        for (x, y), (to_x, to_y) in pairwise(track.points):
            assert x == to_x or y == to_y or abs(to_x - x) == abs(to_y - y)
            assert to_x >= x


def test_what_came_back_is_solid_track_and_what_is_owed_is_broken() -> None:
    drawing = draw(tell(known(SHOP), FLOW))
    back = [track for track in drawing.tracks if track.kind == "main" and len(track.points) > 2]
    develop = next(label for label in drawing.labels if label.whole == "develop")
    for track, tag in zip(sorted(back, key=lambda track: track.points), ("v1.0.2", "v1.0.4"), strict=True):
        station = next(station for station in drawing.stations if station.label == tag)
        assert track.points[0] == (station.x, station.y)
        assert track.points[-1][1] == develop.y - 4
        assert (track.owed is not None) == (tag == "v1.0.4")


def test_what_comes_back_into_a_release_arrives_before_that_ends() -> None:
    fix = release(1, 20, back__merge_develop=DONE, back__merge_release__v2=DONE)
    merged = (
        pull(2, 5, 30, "release-v2", **RELEASE),
        pull(1, 10, 20, "hotfix/1", **HOTFIX),
    )
    drawing = draw(tell(known(SHOP), Lines(merged, (), (fix,))))
    (row,) = {label.y - 18 for label in drawing.labels if label.whole == "release-v2"}
    (arrival,) = [track.points[-1] for track in drawing.tracks if track.points[-1][1] == row]
    (ends,) = [track for track in drawing.tracks if track.kind == "release"]
    assert arrival[0] <= max(x for x, y in ends.points if y == row)


def test_what_came_back_later_arrives_later() -> None:
    late = release(2, 30, back__merge_develop=DONE)
    late = replace(late, steps=tuple(replace(step, at=at(55)) for step in late.steps))
    drawing = draw(tell(known(SHOP), replace(FLOW, releases=(late,))))
    (track,) = [track for track in drawing.tracks if track.kind == "main" and len(track.points) > 2]
    # It leaves after the merge of the hotfix at 50, the last event before.
    assert track.points[0][0] == next(station.x for station in drawing.stations if station.label == "#4")


def test_a_line_leaves_its_origin_and_joins_its_base() -> None:
    drawing = draw(trunk())
    rows = {label.whole: label.y - 4 for label in drawing.labels if label.whole != "fix/a"}
    (fix,) = [track for track in drawing.tracks if track.kind == "hotfix"]
    assert fix.points[0][1] == fix.points[-1][1] == rows["release/1.0"]
    joined = next(station for station in drawing.stations if station.label == "#3")
    assert fix.points[-1] == (joined.x, joined.y)
    releases = [track for track in drawing.tracks if track.kind == "release"]
    assert {track.points[0][1] for track in releases} == {rows["main"]}
    assert {track.points[-1][1] for track in releases} == {rows["main"], rows["release/1.0"]}


def test_lines_that_do_not_meet_share_a_row_and_others_do_not() -> None:
    merged = tuple(pull(n, 10 * n, 10 * n + 5, f"hotfix/{n}", **HOTFIX) for n in (1, 2))
    assert heights(merged) == 1
    overlapping = tuple(pull(n, 10 + n, 30 + n, f"hotfix/{n}", **HOTFIX) for n in (1, 2))
    assert heights(overlapping) == 2


def heights(merged: tuple[PullRequest, ...]) -> int:
    drawing = draw(tell(known(SHOP), Lines(merged, (), ())))
    assert fits(drawing)
    return len({label.y for label in drawing.labels if label.kind == "hotfix"})


def test_the_newest_events_are_drawn_and_an_old_debt() -> None:
    many = tuple(pull(100 + n, 100 + n, 101 + n) for n in range(60))
    drawing = draw(tell(known(SHOP), replace(FLOW, merged=(*many, *FLOW.merged))), most=10)
    assert next(station.label for station in drawing.stations) == "v1.0.4"
    assert len(drawing.events) == 11
    assert drawing.left_out == 66 - 11
    assert [event.at for event in drawing.events] == sorted((e.at for e in drawing.events), reverse=True)
    # The open release began before what is drawn, so its line comes in from the edge.
    line = next(track for track in drawing.tracks if track.kind == "release")
    assert line.points[0][0] == 0
    assert fits(drawing)


def test_long_names_are_shortened_by_how_wide_they_are() -> None:
    wide = replace(FLOW.open[0], head="릴리스" * 20)
    drawing = draw(tell(known(SHOP), replace(FLOW, open=(wide,))))
    label = next(label for label in drawing.labels if label.whole == wide.head)
    assert label.text.removeprefix("#5 ") == "릴리스" * 3 + "릴…"
    assert len(label.text) < LONGEST_NAME


def test_a_repository_without_a_past_has_its_permanent_lines() -> None:
    drawing = draw(tell(known(SHOP), Lines((), (), ())))
    assert [label.text for label in drawing.labels] == ["main", "develop"]
    assert (drawing.events, drawing.stations) == ((), ())
