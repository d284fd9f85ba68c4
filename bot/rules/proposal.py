"""rulebook: a pull request that changes the rulebook leaves a valid one; the current one judges it (R1)."""

from typing import Final

from bot.message import Message, say
from bot.rules.document import Problem
from bot.rules.facts import Facts, Proposal
from bot.rules.models import Rulebook
from bot.rules.rulebook import Invalid, Unreadable, read
from bot.rules.verdict import MOST_ITEMS, Finding, Outcome

RULE: Final = "rulebook"


def find(facts: Facts, _rulebook: Rulebook) -> Finding | None:
    """Judge the rulebook as the pull request would leave it."""
    return None if facts.proposal is None else _judged(facts.proposal)


def mended(facts: Facts, current: Invalid | Unreadable) -> Finding:
    """Judge where the current rulebook is no rulebook: only the change that mends it passes."""
    if facts.proposal is None:
        return _broken(facts, current)
    finding = _judged(facts.proposal)
    if finding.outcome is not Outcome.PASS:
        return finding
    reason = say("The current rulebook is not valid, and this pull request mends it.")
    return Finding(RULE, Outcome.PASS, reason)


def unproved(finding: Finding) -> Finding:
    """Say, in the checks that do not hold this rule, what its `finding` without a rulebook means for them.

    Nothing is proved, which blocks; but the pull request that mends the rulebook must not wait for itself.
    """
    if finding.outcome is Outcome.FAIL:
        return Finding(RULE, Outcome.UNKNOWN, say("Nothing can be judged while the rulebook is not valid."))
    reason = say(
        "The current rulebook is not valid, so nothing else can be judged before this pull request is merged."
    )
    return Finding(RULE, Outcome.ADVICE, reason)


def _judged(proposal: Proposal) -> Finding:
    if proposal.removed:
        reason = say(
            "This removes the rulebook {path}: afterwards the organisation's is in force, "
            "or else the preset {preset}, which only advises.",
            path=proposal.path,
            preset="git-flow",
        )
        return Finding(RULE, Outcome.ADVICE, reason)
    if proposal.text is None:
        return Finding(RULE, Outcome.FAIL, say("{path} cannot be read as text.", path=proposal.path))
    reading = read(proposal.text)
    if isinstance(reading, Rulebook):
        reason = say("{path} is a valid rulebook, in force once it is merged.", path=proposal.path)
        return Finding(RULE, Outcome.PASS, reason)
    return _invalid(say("{path} would not be a valid rulebook.", path=proposal.path), reading)


def _broken(facts: Facts, current: Invalid | Unreadable) -> Finding:
    reason = say(
        "The rulebook of {repository} is not valid, so nothing can be judged.", repository=facts.repository
    )
    if isinstance(current, Invalid):
        return _invalid(reason, current)
    mend = say("Mend the rulebook in a pull request of its own.")
    return Finding(RULE, Outcome.FAIL, reason, mend, items=(current.reason,), found=1)


def _invalid(reason: Message, reading: Invalid) -> Finding:
    return Finding(
        RULE,
        Outcome.FAIL,
        reason,
        mend=say("Mend the rulebook; {command} checks it before a push.", command="signalbox check-rulebook"),
        items=tuple(described(problem) for problem in reading.problems[:MOST_ITEMS]),
        found=len(reading.problems),
    )


def described(problem: Problem) -> Message:
    """Say one problem with its place."""
    if not problem.key:
        return say(
            "line {line}, column {column}: {message}",
            line=problem.line,
            column=problem.column,
            message=problem.message,
        )
    return say(
        "line {line}, column {column}, {key}: {message}",
        line=problem.line,
        column=problem.column,
        key=problem.key,
        message=problem.message,
    )
