"""Watch that a fix which was merged into a release also reaches main, where releases live on (`trunk`)."""

from dataclasses import dataclass

from bot.message import say
from bot.releases.plan import Target, TargetState
from bot.releases.steps import OpenBackMerge, Plan
from bot.rules.branches import belongs, kind_of
from bot.rules.claim import is_release
from bot.rules.models import Rulebook


@dataclass(frozen=True, slots=True)
class Fix:
    """A pull request that was merged into a release, as `commit` (an oid), and how main stands to it.

    Main has a fix where it contains that commit, or one that makes the same change.
    """

    number: int
    release: str
    commit: str
    main: Target


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
            head = f"signalbox/forward-{fix.number}"
            return Plan((OpenBackMerge(fix.commit, main.branch, head, main.files),))
