"""What reached main by other ways than a release or a hotfix, and which version that becomes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from shlex import quote
from typing import Final

from semver import Version

from bot.message import Message, say
from bot.rules.branches import permanent
from bot.rules.claim import LABELS, applies, by_commits, contained, next_free, tagged
from bot.rules.conventional import asked
from bot.rules.facts import Pull, ReleaseFacts, Tag
from bot.rules.models import Rulebook
from bot.rules.rulebook import DEFAULT, Reading
from bot.rules.shell import chained
from bot.rules.succession import Step, bare, last_final, next_version
from bot.rules.tags import tag_of
from bot.rules.verdict import MOST_ITEMS, Finding, Outcome

RULE: Final = "unversioned"
# GitHub tells of a push a moment before it lists the pull request that was merged by it (R10).
_SETTLING: Final = timedelta(seconds=3)
# A release that has not become a version for longer than this waits for nobody who comes.
_AWAITED: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A commit (an oid) of main's own line, by whom, and the pull request that brought it: None for a push.

    `by` is a login, or the author's name where he has none; `is_root` says that nothing came before it.
    """

    oid: str
    headline: str
    by: str
    committed: datetime
    pull: Pull | None = None
    is_root: bool = False


@dataclass(frozen=True, slots=True)
class Mainline:
    """Main, by its name: its first parents as far as they are known, newest first, and the tags."""

    name: str
    arrivals: tuple[Arrival, ...]
    tags: tuple[Tag, ...]

    @property
    def last(self) -> Tag | None:
        """The greatest version of the newest arrival that has any."""
        here = {arrival.oid: place for place, arrival in enumerate(self.arrivals)}
        found = [tag for tag in self.tags if tag.target in here]
        return min(found, key=lambda tag: here[tag.target]) if found else None

    @property
    def fresh(self) -> tuple[Arrival, ...]:
        """What arrived since the last version, newest first."""
        last = self.last
        return tuple(takewhile(lambda each: last is None or each.oid != last.target, self.arrivals))


def is_kept(reading: Reading, branch: str) -> bool:
    """Say whether somebody wants to know how a branch came to be what it is: main alone, with a rulebook."""
    return (
        isinstance(reading, Rulebook)
        and reading is not DEFAULT
        and permanent(reading, branch) == "main"
        and reading.versions.unversioned != "off"
    )


def is_released(rulebook: Rulebook, arrival: Arrival) -> bool:
    """Say whether a release or a hotfix brought it, which becomes a version by itself."""
    return arrival.pull is not None and applies(rulebook, arrival.pull)


def reported(rulebook: Rulebook, main: Mainline) -> tuple[Arrival, ...]:
    """Return what is to be told of, newest first, at most `MOST_ITEMS`.

    On a trunk, work goes into main by pull request all day: what came without one is told of. The first
    commit of all could not have come otherwise.
    """
    trunk = rulebook.branches.develop is None
    found = [
        each
        for each in main.fresh
        if not (each.is_root or is_released(rulebook, each) or (trunk and each.pull is not None))
    ]
    return tuple(found[:MOST_ITEMS])


def settled_at(arrivals: Iterable[Arrival], now: datetime) -> datetime | None:
    """Return when a commit without a pull request is to be looked at again, so new that it may yet get one.

    None where there is none such. A commit's own time may be anything, so it holds nothing up for longer.
    """
    held = (
        each.committed + _SETTLING
        for each in arrivals
        if each.pull is None and each.committed <= now < each.committed + _SETTLING
    )
    return next(held, None)


def to_tag(rulebook: Rulebook, main: Mainline, now: datetime) -> Arrival | None:
    """Return the tip where it is to become a version; None while a release below it has yet to become one.

    An old release that never became one (merged before anybody kept this rule, say) holds nothing up.
    """
    if not main.fresh or is_released(rulebook, main.fresh[0]):
        return None
    releases = (each for each in main.fresh if is_released(rulebook, each))
    return None if any(now - each.committed < _AWAITED for each in releases) else main.fresh[0]


def version_of(rulebook: Rulebook, facts: ReleaseFacts, labels: Sequence[str]) -> Version:
    """Find the version of what no release brought: by labels or commits where they say it, else a patch.

    `labels` are those of its pull request; `facts.merge_commit` is the commit itself.
    """
    previous = last_final(contained(facts))
    taken = tagged(facts) | {bare(Version.parse(version)) for version in facts.reservations}
    step = Step.PATCH if previous is None else _step(rulebook, facts, labels, previous)
    return next_free(previous, step, taken)


def _step(rulebook: Rulebook, facts: ReleaseFacts, labels: Sequence[str], previous: Version) -> Step:
    match rulebook.versions.source:
        case "labels":
            carried = {label.casefold() for label in labels}
            return max((step for label, step in LABELS.items() if label in carried), default=Step.PATCH)
        case "commits":
            step, _ = by_commits(asked(facts.changes), previous)
            return step
        case _:
            return Step.PATCH


def finding(rulebook: Rulebook, main: Mainline, arrival: Arrival) -> Finding:
    """Say that a commit came by another way: what was expected, what was found, how to mend it."""
    if rulebook.branches.develop is None:
        expected = say("pull requests")
        mend = say(
            "Review it now, and revert it where it is wrong. A rule of the branch {main} that wants a pull "
            "request keeps direct pushes out.",
            main=main.name,
        )
        commands: tuple[str, ...] = ()
    else:
        expected = say("releases and hotfixes")
        mend = say(
            "Make it a version, and merge that into {develop}; or revert it. A rule of the branch {main} "
            "that wants a pull request keeps direct pushes out.",
            develop=(rulebook.branches.develop or ("develop",))[0],
            main=main.name,
        )
        commands = _tagging(rulebook, main, arrival)
    reason = say(
        "Expected {main} to change by {expected} alone; found {commit}, {way}.",
        main=main.name,
        expected=expected,
        commit=arrival.oid[:12],
        way=_way(arrival),
    )
    return Finding(RULE, Outcome.FAIL, reason, mend, commands=commands, brief=_brief(arrival))


def untagged(reason: Message) -> Finding:
    """Say why a commit did not become a version."""
    return Finding(RULE, Outcome.FAIL, reason, brief=say("Not tagged"))


def was_tagged(tag: str) -> Finding:
    """Say that a commit became a version after all."""
    return Finding(RULE, Outcome.PASS, say("This is {tag}.", tag=tag), brief=say("Tagged as {tag}", tag=tag))


def _way(arrival: Arrival) -> Message:
    if arrival.pull is None:
        return say("a direct push of {login}", login=arrival.by)
    return say(
        "which #{number} brought from {branch}, merged by {login}",
        number=arrival.pull.number,
        branch=arrival.pull.head,
        login=arrival.by,
    )


def _brief(arrival: Arrival) -> Message:
    if arrival.pull is None:
        return say("A direct push")
    return say("#{number} is no release", number=arrival.pull.number)


def _tagging(rulebook: Rulebook, main: Mainline, arrival: Arrival) -> tuple[str, ...]:
    """The commands that make a commit the next patch; none where no version is known that it follows."""
    if main.last is None:
        return ()
    taken = {tag.version for tag in main.tags}
    tag = quote(tag_of(rulebook, next_version(main.last.version, Step.PATCH, taken)))
    return chained(
        "git fetch origin",
        f"git tag --annotate {tag} {arrival.oid} --message {tag}",
        f"git push origin {tag}",
    )
