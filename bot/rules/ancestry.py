"""ancestry: the branch really came from where its kind must, and brings nothing else along."""

from shlex import quote
from typing import Final, Literal, TypeAlias

from bot.message import Message, say
from bot.rules.branches import is_bots, kind_of_head, line_of, name_of
from bot.rules.facts import Commit, Facts, Line, Pull
from bot.rules.history import Ahead, Cut, carried, cut_from
from bot.rules.models import PERMANENT, Kind, Permanent, Rulebook
from bot.rules.shell import chained
from bot.rules.verdict import MOST_ITEMS, Enforcement, Finding, Outcome

RULE: Final = "ancestry"

Compared: TypeAlias = Permanent | Literal["base"]

_SHORT = 12  # digits of an oid: what a person compares and what git finds again


def find(facts: Facts, rulebook: Rulebook) -> Finding | None:
    """Judge where the head came from; a branch of no kind, and a bot's, came from wherever it likes."""
    kind = _kind(rulebook, facts.pull)
    if kind is None:
        return None
    source = _source(facts, kind)
    if source is None:
        return _absent(facts, rulebook, kind)
    if source.ahead is None or not source.whole:
        return _incomparable(source)
    ahead = Ahead.of(facts.pull.head_oid, source.ahead)
    return _astray(facts, kind, source, ahead) or Finding(
        RULE,
        Outcome.PASS,
        say("The branch comes from {line} and brings nothing else along.", line=source.name),
    )


def compared(rulebook: Rulebook, pull: Pull) -> frozenset[Compared]:
    """Name the lines whose `ahead` must be whole to judge where the head came from.

    The others' need not: after squash merges every feature has thousands of commits ahead of main.
    """
    kind = _kind(rulebook, pull)
    if kind is None or rulebook.enforcement(RULE, from_fork=pull.from_fork) is Enforcement.OFF:
        return frozenset()
    return frozenset((kind.source, *kind.without))


def _kind(rulebook: Rulebook, pull: Pull) -> Kind | None:
    """The kind that the head is held to; None where none is, and for bots' branches."""
    name = kind_of_head(rulebook, pull)
    return None if name is None or is_bots(rulebook, pull) else rulebook.kinds[name]


def _source(facts: Facts, kind: Kind) -> Line | None:
    """The line that the kind is cut from; None where the repository has it not."""
    return facts.pull.base_line if kind.source == "base" else line_of(facts, kind.source)


def _astray(facts: Facts, kind: Kind, source: Line, ahead: Ahead) -> Finding | None:
    """The first thing that is wrong with where the branch came from; None when nothing is."""
    findings = []
    for word in PERMANENT:
        other = line_of(facts, word)
        if other is None or other.name == source.name:
            continue
        if word in kind.without:
            findings.append(_leak(facts, source, other, ahead))
        elif cut := cut_from(ahead, source, other):
            findings.append(_miscut(facts, source, other, cut))
    return next((finding for finding in findings if finding), None)


def _leak(facts: Facts, source: Line, other: Line, ahead: Ahead) -> Finding | None:
    """Refuse commits of `other` that would come along; into `other` itself they bring nothing new."""
    if other.ahead is None:
        return _incomparable(other)
    found = carried(ahead, source, other, other.ahead)
    if not found.commits:
        return None
    if not other.whole:
        return _incomparable(other)
    if not found.proved:
        reason = say(
            "Whether the branch carries commits of {other} cannot be told: "
            "its history was not read so far back.",
            other=other.name,
        )
        return Finding(RULE, Outcome.UNKNOWN, reason)
    return Finding(
        RULE,
        Outcome.ADVICE if facts.pull.base == other.name else Outcome.FAIL,
        say(
            "Expected a branch cut from {line}; found that it carries commits of {other} "
            "that are not on {line}: they would bring unreleased work along.",
            line=source.name,
            other=other.name,
        ),
        mend=say("Begin again from {line} with the branch's own commits alone.", line=source.name),
        commands=_fresh(facts.pull, source.name, ahead, found.commits),
        items=tuple(_described(commit) for commit in found.commits[:MOST_ITEMS]),
        found=len(found.commits),
    )


def _fresh(pull: Pull, line: str, ahead: Ahead, foreign: tuple[Commit, ...]) -> tuple[str, ...]:
    """The commands that rebuild the branch from `line`.

    None where its own commits are too many to name, nor in a fork, whose remotes only its owner can name.
    """
    head = pull.head
    merged = {commit.oid for commit in foreign}
    own = [
        commit.oid[:_SHORT]
        for commit in reversed(ahead.chain)
        if commit.oid not in merged and len(commit.parents) < 2  # noqa: PLR2004 (merges are what goes)
    ]
    if head.startswith("-") or len(own) > MOST_ITEMS or pull.from_fork:
        return ()
    picked = (f"git cherry-pick {' '.join(own)}",) if own else ()
    return chained(
        "git fetch origin",
        f"git switch --no-track -C {quote(head)} {quote(f'origin/{line}')}",
        *picked,
        _push(pull),
    )


def _push(pull: Pull) -> str:
    """The command that replaces the branch on the remote, if nobody has pushed to it since it was judged."""
    lease = f"--force-with-lease={pull.head}:{pull.head_oid}" if pull.number else "--force-with-lease"
    return f"git push {quote(lease)} origin {quote(pull.head)}"


def _miscut(facts: Facts, source: Line, other: Line, cut: Cut) -> Finding:
    """Tell that the branch was cut from `other`; it may be merged all the same."""
    head = facts.pull.head
    if cut.behind is None:
        reason = say(
            "Expected a branch cut from {line}; found that it was cut from {other} at {commit}.",
            line=source.name,
            other=other.name,
            commit=cut.oid[:_SHORT],
        )
    else:
        reason = say(
            "Expected a branch cut from {line}; found that it begins where {other} stands, at {commit}, "
            "when {line} had already moved on (it is {count} ahead by now).",
            line=source.name,
            other=other.name,
            commit=cut.oid[:_SHORT],
            count=cut.behind,
        )
    commands = chained(
        "git fetch origin",
        f"git rebase --onto {quote(f'origin/{source.name}')} {cut.oid[:_SHORT]} {quote(head)}",
        _push(facts.pull),
    )
    mend = say("Move the branch's own commits onto {line}.", line=source.name)
    return Finding(
        RULE,
        Outcome.ADVICE,
        reason,
        mend,
        commands=() if head.startswith("-") or facts.pull.from_fork else commands,
    )


def _absent(facts: Facts, rulebook: Rulebook, kind: Kind) -> Finding:
    """Say that there is nothing to compare with."""
    if kind.source == "base":
        reason = say("The base {base} is gone, so nothing can be compared with it.", base=facts.pull.base)
        return Finding(RULE, Outcome.UNKNOWN, reason)
    name = name_of(facts, rulebook, kind.source)
    return Finding(
        RULE,
        Outcome.UNKNOWN,
        say("The repository has no branch {line}, and branches of this kind are cut from there.", line=name),
        mend=say(
            "Create {line}, or write in the rulebook what it is called ({key}).", line=name, key="branches"
        ),
    )


def _incomparable(line: Line) -> Finding:
    reason: Message = say("The commits ahead of {line} could not be read.", line=line.name)
    if line.ahead is not None:
        reason = say("The commits ahead of {line} are too many to be read.", line=line.name)
    return Finding(RULE, Outcome.UNKNOWN, reason)


def _described(commit: Commit) -> Message:
    return say("{commit} {headline}", commit=commit.oid[:_SHORT], headline=commit.headline)
