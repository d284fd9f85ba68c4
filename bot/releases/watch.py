"""Watch that a fix which was merged into a release also reaches main, where releases live on (`trunk`)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.message import say
from bot.releases.plan import Target, TargetState
from bot.releases.steps import OpenBackMerge, Plan
from bot.rules.branches import belongs, kind_of
from bot.rules.claim import is_release
from bot.rules.facts import Commit
from bot.rules.models import Rulebook

_FORWARD: Final = "signalbox/forward-"


@dataclass(frozen=True, slots=True)
class Fix:
    """A pull request that was merged into a release, as `commit` (an oid), and how main stands to it.

    Main has a fix where it contains that commit, or one that makes the same change. `picks` are the arguments
    of the `git cherry-pick` that makes it; none where they are not known.
    """

    number: int
    release: str
    commit: str
    main: Target
    picks: tuple[str, ...] = ()


def is_watched(rulebook: Rulebook, head: str, base: str) -> bool:
    """Say whether a merge must also reach main: into a release, of another kind that may go to both."""
    kind, release = kind_of(rulebook, head), kind_of(rulebook, base)
    if kind is None or release is None or rulebook.branches.develop is not None:
        return False
    return (
        is_release(rulebook, release)
        and "main" in rulebook.kinds[kind].into
        and not belongs(rulebook, head, release)
    )


def watch(fix: Fix) -> Plan:
    """Plan what brings a fix to main: always a pull request, since main has its own reviews."""
    main = fix.main
    match main.state:
        case TargetState.CONTAINED:
            return Plan()
        case TargetState.OPEN:
            wait = say("#{number} into {target} is to be merged.", number=main.number, target=main.branch)
            return Plan(waits=(wait,))
        case TargetState.DECLINED:
            wait = say(
                "#{fix} fixed {release}; #{number}, which would bring that to {target}, was closed without a "
                "merge.",
                fix=fix.number,
                release=fix.release,
                number=main.number,
                target=main.branch,
            )
            return Plan(waits=(wait,))
        case _:
            return Plan((forward(fix),))


def forward(fix: Fix) -> OpenBackMerge:
    """Return the step that brings a fix to main."""
    return OpenBackMerge(fix.commit, fix.main.branch, forward_head(fix.number), fix.main.files)


def forward_head(number: int) -> str:
    """Name the branch that brings the fix of a pull request to main."""
    return f"{_FORWARD}{number}"


def fix_of(head: str) -> int | None:
    """Return the number of the pull request whose fix a branch brings to main; None for any other branch."""
    number = head.removeprefix(_FORWARD)
    return int(number) if head.startswith(_FORWARD) and number.isdecimal() else None


def picks(merge: Commit, brought: Sequence[Commit]) -> tuple[str, ...]:
    """Return the arguments of the `git cherry-pick` that makes a merge's change on another branch.

    `brought` are the commits of the pull request. A rebase has made as many new ones, of which the last is
    known; a squash one, which is called otherwise.
    """
    if len(merge.parents) > 1:
        return "--mainline", "1", merge.oid
    own = [commit for commit in brought if len(commit.parents) == 1]
    rebased = bool(own) and (own[-1].authored, own[-1].headline) == (merge.authored, merge.headline)
    return (f"{merge.oid}~{len(own)}..{merge.oid}",) if rebased and len(own) > 1 else (merge.oid,)


def is_same_change(merge: Commit, brought: Iterable[Commit], main: Iterable[Commit]) -> bool:
    """Say whether main has what a merge brought, by other commits: picked ones keep author date and headline.

    Either the merge itself was picked, or every commit that it brought and that is no merge.
    """
    there = {(commit.authored, commit.headline) for commit in main}
    own = [commit for commit in brought if len(commit.parents) == 1]
    whole = bool(own) and all((commit.authored, commit.headline) in there for commit in own)
    return whole or (merge.authored, merge.headline) in there
