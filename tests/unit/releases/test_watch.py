from dataclasses import replace
from datetime import timedelta

import pytest
from unit.rules.releases import EPOCH, rulebook

from bot.releases.plan import Target, TargetState
from bot.releases.steps import OpenBackMerge
from bot.releases.watch import Fix, fix_of, forward_head, is_same_change, is_watched, picks, watch
from bot.rules.facts import Commit

TRUNK = rulebook("preset: trunk")


def fix(state: TargetState, *files: str) -> Fix:
    return Fix(12, "release/1.2.0", "a" * 40, Target("main", state, files, 13))


@pytest.mark.parametrize(
    ("head", "base", "watched"),
    [
        ("fix/x", "release/1.2.0", True),
        ("fix/x", "main", False),
        ("feature/x", "release/1.2.0", True),
        ("release/1.2.0", "main", False),
        ("release/1.2.0", "release/1.3.0", False),
        ("whatever", "release/1.2.0", False),
        ("fix/x", "feature/x", False),
    ],
)
def test_what_must_also_reach_main(head: str, base: str, watched: bool) -> None:
    assert is_watched(TRUNK, head, base) is watched


def test_git_flow_merges_releases_back_instead() -> None:
    assert not is_watched(rulebook(), "hotfix/x", "release-v1.2.0")


def test_a_fix_that_main_has_is_done() -> None:
    assert watch(fix(TargetState.CONTAINED)).is_complete


@pytest.mark.parametrize("state", [TargetState.CLEAN, TargetState.CONFLICT, TargetState.REFUSED])
def test_main_gets_a_fix_by_pull_request_only(state: TargetState) -> None:
    plan = watch(fix(state, "a.py"))
    assert plan.steps == (OpenBackMerge("a" * 40, "main", "signalbox/forward-12", ("a.py",)),)


@pytest.mark.parametrize("state", [TargetState.OPEN, TargetState.DECLINED])
def test_a_pull_request_is_opened_once(state: TargetState) -> None:
    plan = watch(fix(state))
    assert (plan.steps, len(plan.waits)) == ((), 1)
    assert not plan.is_complete


def test_a_branch_says_whose_fix_it_brings() -> None:
    assert fix_of(forward_head(12)) == 12
    for other in ("signalbox/forward-", "signalbox/forward-x", "12", "signalbox/back-merge-v12", "fix/12"):
        assert fix_of(other) is None


def commit(headline: str, hour: int = 0, parents: int = 1) -> Commit:
    written = EPOCH + timedelta(hours=hour)
    return Commit(headline.encode().hex(), ("p",) * parents, headline, written, written)


MERGE, ONE, TWO = commit("Merge #12", 3, parents=2), commit("one", 1), commit("two", 2)


@pytest.mark.parametrize(
    ("main", "same"),
    [
        ([ONE, TWO], True),
        ([MERGE], True),
        ([ONE], False),
        ([], False),
        ([ONE, commit("two", 5)], False),
        ([ONE, commit("another", 2)], False),
    ],
)
def test_picked_commits_keep_the_time_and_the_first_line(main: list[Commit], same: bool) -> None:
    brought = [ONE, commit("Merge main into fix/x", 2, parents=2), TWO]
    assert is_same_change(MERGE, brought, [commit("something else", 1), *main]) is same


def test_merges_alone_prove_nothing() -> None:
    assert not is_same_change(MERGE, [commit("Merge main into fix/x", 2, parents=2)], [ONE])


@pytest.mark.parametrize(
    ("merge", "arguments"),
    [
        (MERGE, ("--mainline", "1", MERGE.oid)),
        (commit("fix the price (#12)", 3), (commit("fix the price (#12)").oid,)),
        (replace(TWO, oid="f" * 40), (f"{'f' * 40}~2..{'f' * 40}",)),
    ],
    ids=["merged", "squashed", "rebased"],
)
def test_a_fix_is_picked_as_it_was_merged(merge: Commit, arguments: tuple[str, ...]) -> None:
    assert picks(merge, [ONE, commit("Merge main into fix/x", 2, parents=2), TWO]) == arguments


def test_a_single_commit_is_picked_by_itself_however_it_was_merged() -> None:
    assert picks(replace(ONE, oid="f" * 40), [ONE]) == ("f" * 40,)
