from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.releases.plan import BranchState, ReleaseState, State, Target, TargetState, plan
from bot.releases.steps import (
    BackMerge,
    CreateRelease,
    CreateTag,
    DeleteBranch,
    OpenBackMerge,
    PublishRelease,
    Step,
    Stop,
)
from bot.text import Language, render
from bot.text.release import back_merge_body

COMMIT, OTHER = "a" * 40, "b" * 40
MERGED = State("v1.3.0", COMMIT, "release-v1.3.0", targets=(Target("develop", TargetState.CLEAN),))
TAGGED = replace(MERGED, tagged=COMMIT)
PUBLISHED = replace(TAGGED, release=ReleaseState.PUBLISHED)
DONE = replace(PUBLISHED, targets=(Target("develop", TargetState.CONTAINED),), branch_state=BranchState.GONE)


def back(*states: TargetState) -> State:
    branches = ("develop", "release/v1.4.0", "release-v1.5.0")
    targets = tuple(Target(branch, state) for branch, state in zip(branches, states, strict=False))
    return replace(PUBLISHED, targets=targets)


def test_the_tag_comes_first_and_alone() -> None:
    assert plan(MERGED).steps == (CreateTag("v1.3.0", COMMIT),)


def test_v1_a_tag_on_another_commit_stops_everything() -> None:
    (step,) = plan(replace(TAGGED, tagged=OTHER)).steps
    assert isinstance(step, Stop)
    assert step.reason.values["found"] == OTHER[:12]


def test_the_release_and_the_back_merge_follow() -> None:
    release, merge = plan(TAGGED).steps
    assert release == CreateRelease("v1.3.0", latest=True, prerelease=False)
    assert merge == BackMerge("v1.3.0", "develop")  # V12: the tag is the source, not the branch


def test_v9_a_patch_of_an_old_line_is_not_the_latest() -> None:
    release = plan(replace(TAGGED, latest=False)).steps[0]
    assert release == CreateRelease("v1.3.0", latest=False, prerelease=False)


def test_v11_a_draft_is_published_and_not_made_again() -> None:
    steps = plan(replace(TAGGED, release=ReleaseState.DRAFT, prerelease=True)).steps
    assert steps[0] == PublishRelease("v1.3.0", latest=True, prerelease=True)


@pytest.mark.parametrize("state", [TargetState.CONFLICT, TargetState.REFUSED])
def test_v5_v6_what_does_not_merge_by_itself_becomes_a_pull_request(state: TargetState) -> None:
    first, second = plan(back(state, state)).steps
    conflicts = state is TargetState.CONFLICT
    assert first == OpenBackMerge("v1.3.0", "develop", "signalbox/back-merge-v1.3.0", (), conflicts)
    head = "signalbox/back-merge-v1.3.0-into-release-v1.4.0"
    assert second == OpenBackMerge("v1.3.0", "release/v1.4.0", head, (), conflicts)
    assert ("git merge" in back_merge_body(first, Language.EN)) is conflicts


def test_the_files_that_conflict_are_named() -> None:
    state = replace(PUBLISHED, targets=(Target("develop", TargetState.CONFLICT, ("a.py", "b.py")),))
    assert "a.py, b.py" in render(plan(state).steps[0].sentence, Language.EN)


@pytest.mark.parametrize("state", [TargetState.OPEN, TargetState.DECLINED])
def test_a_pull_request_is_waited_for_and_the_branch_stays(state: TargetState) -> None:
    found = plan(back(TargetState.CONTAINED, state))
    assert (found.steps, len(found.waits), found.is_complete) == ((), 1, False)


def test_the_branch_goes_when_all_else_is_done() -> None:
    assert plan(back(TargetState.CONTAINED)).steps == (DeleteBranch("release-v1.3.0", ""),)
    assert plan(replace(back(TargetState.CONTAINED), targets=())).steps == (
        DeleteBranch("release-v1.3.0", ""),
    )


@pytest.mark.parametrize("state", [BranchState.GONE, BranchState.KEPT, BranchState.PROTECTED])
def test_a_branch_that_stays_or_is_gone_ends_it(state: BranchState) -> None:
    found = plan(replace(DONE, branch_state=state))
    assert found.is_complete
    assert len(found.remarks) == (state is BranchState.PROTECTED)


def test_a_version_file_that_did_not_move_is_worth_a_word_and_holds_nothing() -> None:
    found = plan(replace(DONE, stale=("pyproject.toml",)))
    assert found.is_complete
    assert found.remarks[0].values["files"] == ("pyproject.toml",)


def test_every_step_has_a_name_and_a_sentence_of_its_own() -> None:
    states = [MERGED, TAGGED, replace(TAGGED, release=ReleaseState.DRAFT), replace(TAGGED, tagged=OTHER)]
    states += [back(TargetState.CONFLICT, TargetState.REFUSED), back(TargetState.CONTAINED)]
    steps = {step.name: step for state in states for step in plan(state).steps}
    assert sorted(steps) == [
        "back-merge develop",
        "back-merge-pull develop",
        "back-merge-pull release/v1.4.0",
        "delete-branch",
        "publish",
        "release",
        "stop",
        "tag",
    ]
    for language in Language:
        assert len({render(step.sentence, language) for step in steps.values()}) == len(steps)


def test_a_step_about_a_long_branch_fits_the_ledger_and_is_not_another() -> None:
    names = {BackMerge("v1.3.0", "x" * 250 + last).name for last in "ab"}
    assert [len(name) for name in names] == [255, 255]


# Whatever is killed and whoever runs at once: it converges, and nothing is done twice.


@dataclass
class Hub:
    """A GitHub that refuses to do anything twice; with some branches the tag conflicts."""

    state: State
    conflicts: frozenset[str]
    refusing: frozenset[str]
    done: list[str] = field(default_factory=list)

    def apply(self, step: Step) -> None:
        self.done.append(step.name)
        assert len(self.done) == len(set(self.done))
        match step:
            case CreateTag(_, commit):
                assert self.state.tagged is None
                self.state = replace(self.state, tagged=commit)
            case CreateRelease() | PublishRelease():
                assert self.state.tagged == COMMIT
                self.state = replace(self.state, release=ReleaseState.PUBLISHED)
            case BackMerge(_, target):
                self._merge(target)
            case OpenBackMerge(_, target):
                self._set(target, TargetState.OPEN)
            case DeleteBranch():
                assert all(each.state is TargetState.CONTAINED for each in self.state.targets)
                assert self.state.release is ReleaseState.PUBLISHED
                self.state = replace(self.state, branch_state=BranchState.GONE)

    def people_merge(self) -> None:
        for target in self.state.targets:
            if target.state is TargetState.OPEN:
                self._set(target.branch, TargetState.CONTAINED)

    def _merge(self, target: str) -> None:
        state = TargetState.CONTAINED
        if target in self.refusing:
            state = TargetState.REFUSED
        elif target in self.conflicts:
            state = TargetState.CONFLICT
        self._set(target, state)

    def _set(self, branch: str, state: TargetState) -> None:
        targets = (
            replace(each, state=state) if each.branch == branch else each for each in self.state.targets
        )
        self.state = replace(self.state, targets=tuple(targets))


BRANCHES = st.frozensets(st.sampled_from(["develop", "release-v1.4.0", "release/v1.5.0"]))
# Who runs next, whether it was killed before, and whether people merge what is open.
TURNS = st.lists(st.tuples(st.sampled_from([0, 1]), st.booleans(), st.booleans()), max_size=40)


@given(BRANCHES, BRANCHES, BRANCHES, st.sampled_from([ReleaseState.ABSENT, ReleaseState.DRAFT]), TURNS)
def test_any_interleaving_with_any_crash_converges_without_doing_anything_twice(
    branches: frozenset[str],
    conflicts: frozenset[str],
    refusing: frozenset[str],
    release: ReleaseState,
    turns: list[tuple[int, bool, bool]],
) -> None:
    targets = tuple(Target(branch, TargetState.CLEAN) for branch in sorted(branches))
    hub = Hub(replace(MERGED, targets=targets, release=release), conflicts, refusing)
    planned: list[list[Step]] = [[], []]
    for runner, killed, people in turns:
        if killed or not planned[runner]:
            planned[runner] = list(plan(hub.state).steps)
        # Each reads before it writes, so what another did meanwhile is seen.
        if planned[runner] and (step := planned[runner].pop(0)) in plan(hub.state).steps:
            hub.apply(step)
        if people:
            hub.people_merge()
    while not plan(hub.state).is_complete:
        for step in plan(hub.state).steps[:1]:
            hub.apply(step)
        hub.people_merge()
    assert hub.state.tagged == COMMIT
    assert hub.state.release is ReleaseState.PUBLISHED
    assert {each.state for each in hub.state.targets} <= {TargetState.CONTAINED}
    assert hub.state.branch_state is BranchState.GONE
