"""Plan what is left of a release after its merge, from what GitHub shows now.

Nothing is remembered between two plans: a step that was done shows, and is not planned again. So a run may
be killed anywhere, and two may run at once, as long as each reads before it writes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.message import Message, say
from bot.releases.steps import (
    BackMerge,
    CreateRelease,
    CreateTag,
    DeleteBranch,
    OpenBackMerge,
    Plan,
    PublishRelease,
    Step,
    Stop,
)


class TagState(StrEnum):
    """How the tag of the version stands, peeled to a commit."""

    ABSENT = "absent"
    HERE = "here"  # at the merge commit
    ELSEWHERE = "elsewhere"


class ReleaseState(StrEnum):
    """How the GitHub release of the tag stands."""

    ABSENT = "absent"
    DRAFT = "draft"
    PUBLISHED = "published"


class TargetState(StrEnum):
    """How a branch stands to what is to be merged back into it."""

    CONTAINED = "contained"
    CLEAN = "clean"  # as far as is known: nobody has tried and failed
    CONFLICT = "conflict"
    REFUSED = "refused"  # a rule of the branch takes no merge but by pull request
    OPEN = "open"  # a pull request is
    DECLINED = "declined"  # and was closed without a merge, by whoever knew why


class BranchState(StrEnum):
    """How the branch that was merged stands."""

    EXISTS = "exists"
    KEPT = "kept"  # its kind lives on after the merge
    PROTECTED = "protected"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Target:
    """A branch to merge back into: `number` is the pull request that does it, `files` conflict.

    `arrived` is the tip (an oid) of that pull request's branch when it was merged, "" before.
    """

    branch: str
    state: TargetState
    files: tuple[str, ...] = ()
    number: int = 0
    arrived: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """A merged release as GitHub shows it.

    `commit` is the merge commit and `tagged` the commit that the tag leads to (oids), None without a tag.
    `latest` and `prerelease` are computed from the version. `targets` come in the order of `targets_of`.
    `release_id` is what GitHub knows the release by. `tip` is where the merged branch is (an oid), and
    `spent` deletes those of back-merges that have arrived. `stale` are the version files that carry another
    version.
    """

    tag: str
    commit: str
    branch: str
    tagged: str | None = None
    latest: bool = True
    prerelease: bool = False
    release: ReleaseState = ReleaseState.ABSENT
    release_id: int = 0
    targets: tuple[Target, ...] = ()
    branch_state: BranchState = BranchState.EXISTS
    tip: str = ""
    spent: tuple[DeleteBranch, ...] = ()
    stale: tuple[str, ...] = ()

    @property
    def tag_state(self) -> TagState:
        """Where the tag is."""
        if self.tagged is None:
            return TagState.ABSENT
        return TagState.HERE if self.tagged == self.commit else TagState.ELSEWHERE


def is_left(step: BackMerge, state: State) -> bool:
    """Say whether a back-merge that was tried is left to a person: it conflicts, or the branch refuses it."""
    left = {TargetState.CONFLICT, TargetState.REFUSED}
    return any(each.state in left for each in state.targets if each.branch == step.target)


def plan(state: State) -> Plan:
    """Plan the next steps: first the tag, then the release and every back-merge, last the branches."""
    match state.tag_state:
        case TagState.ELSEWHERE:
            return Plan((Stop(_elsewhere(state)),))
        case TagState.ABSENT:
            return Plan((CreateTag(state.tag, state.commit),), remarks=tuple(_remarks(state)))
    steps = (*_published(state), *_merged_back(state))
    waits = tuple(filter(None, map(waited_for, state.targets)))
    if not steps and not waits:
        steps = tuple(_cleaned_up(state))
    return Plan(steps, waits, tuple(_remarks(state)))


def _elsewhere(state: State) -> Message:
    return say(
        "Expected the tag {tag} at {commit}; found it at {found}. A tag is never moved: find out who made "
        "it, and release this under another version.",
        tag=state.tag,
        commit=state.commit[:12],
        found=str(state.tagged)[:12],
    )


def _published(state: State) -> Iterator[Step]:
    match state.release:
        case ReleaseState.ABSENT:
            yield CreateRelease(state.tag, state.latest, state.prerelease)
        case ReleaseState.DRAFT:
            yield PublishRelease(state.tag, state.latest, state.prerelease)


def _merged_back(state: State) -> Iterator[Step]:
    for position, target in enumerate(state.targets):
        match target.state:
            case TargetState.CLEAN:
                yield BackMerge(state.tag, target.branch)
            case TargetState.CONFLICT | TargetState.REFUSED:
                head = back_merge_head(state.tag, None if position == 0 else target.branch)
                conflicts = target.state is TargetState.CONFLICT
                yield OpenBackMerge(state.tag, target.branch, head, target.files, conflicts)


def _cleaned_up(state: State) -> Iterator[Step]:
    yield from state.spent
    if state.branch_state is BranchState.EXISTS:
        yield DeleteBranch(state.branch, state.tip)


def back_merge_head(tag: str, target: str | None = None) -> str:
    """Name the branch of a back-merge; targets after the first have their own, to solve conflicts on."""
    return f"signalbox/back-merge-{tag}" + (f"-into-{target.replace('/', '-')}" if target else "")


def waited_for(target: Target) -> Message | None:
    """Say which pull request a person has to see to before a branch has it; None for none."""
    match target.state:
        case TargetState.OPEN:
            return say("#{number} into {target} is to be merged.", number=target.number, target=target.branch)
        case TargetState.DECLINED:
            return say(
                "#{number} into {target} was closed without a merge: open it again, or merge by hand.",
                number=target.number,
                target=target.branch,
            )
        case _:
            return None


def _remarks(state: State) -> Iterator[Message]:
    if state.stale:
        yield say("These files carry another version than {tag}: {files}.", tag=state.tag, files=state.stale)
    if state.branch_state is BranchState.PROTECTED:
        yield say("The branch {branch} is protected, so it stays.", branch=state.branch)
