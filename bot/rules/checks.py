"""The checks and the rules of each: a new rule is a module and a line here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot.rules import (
    ancestry,
    approvals,
    base,
    content,
    databases,
    files,
    levels,
    merging,
    naming,
    proposal,
    versions,
)
from bot.rules.facts import CheckState, Facts, OtherCheck
from bot.rules.models import Language, Rulebook
from bot.rules.rulebook import DEFAULT, Reading
from bot.rules.verdict import Conclusion, Enforcement, Finding, Judged, Verdict


class Rule(Protocol):
    """A module that holds one rule; `RULE` is its key in the rulebook."""

    @property
    def RULE(self) -> str:  # noqa: N802 (a constant of a module)
        """The key of the rule."""

    def find(self, facts: Facts, rulebook: Rulebook, /) -> Finding | None:
        """Judge the facts; None where the rule does not apply."""


@dataclass(frozen=True, slots=True)
class Check:
    """A check run, "signalbox / `name`", and what it adds up."""

    name: str
    rules: tuple[Rule, ...]


BRANCH = Check("branch", (naming, base, ancestry, proposal, databases))
# In this order: approvals may wait for the others.
CHECKS = (
    BRANCH,
    Check("review", (levels,)),
    Check("release", (versions, content, files, merging)),
    Check("approvals", (approvals,)),
)

_STATES = {
    Conclusion.SUCCESS: CheckState.PASSED,
    Conclusion.NEUTRAL: CheckState.PASSED,
    Conclusion.PENDING: CheckState.PENDING,
}


def judge(facts: Facts, reading: Reading, checks: Sequence[Check] = CHECKS) -> tuple[Verdict, ...]:
    """Judge a pull request: a verdict for each check, by the rulebook in force."""
    if not isinstance(reading, Rulebook):
        return _unjudged(facts, proposal.mended(facts, reading), checks)
    verdicts: list[Verdict] = []
    for check in checks:
        verdict = Verdict(check.name, facts.pull.number, tuple(_findings(check, facts, reading)))
        verdicts.append(verdict)
        # What stood there before is of no interest to the checks that follow: this is what will stand.
        state = _STATES.get(verdict.conclusion, CheckState.FAILED)
        facts = replace(facts, checks=(*facts.checks, OtherCheck(verdict.title, state)))
    return tuple(verdicts)


def _findings(check: Check, facts: Facts, rulebook: Rulebook) -> Iterator[Judged]:
    overrides = {override.rule: override for override in facts.overrides}
    for rule in check.rules:
        enforcement = rulebook.enforcement(rule.RULE, from_fork=facts.pull.from_fork)
        finding = None if enforcement is Enforcement.OFF else rule.find(facts, rulebook)
        if finding is not None:
            yield Judged(finding, enforcement, overrides.get(rule.RULE))


def _unjudged(facts: Facts, finding: Finding, checks: Sequence[Check]) -> tuple[Verdict, ...]:
    """Without a rulebook one check says what is wrong with it, and the others that they prove nothing."""
    unproved = proposal.unproved(finding)
    override = next((each for each in facts.overrides if each.rule == finding.rule), None)

    def judged(check: Check) -> Judged:
        return Judged(finding if proposal in check.rules else unproved, Enforcement.REQUIRED, override)

    return tuple(Verdict(check.name, facts.pull.number, (judged(check),)) for check in checks)


def language_of(reading: Reading) -> Language:
    """The language that the rulebook asks for; English where there is no valid one."""
    return reading.language if isinstance(reading, Rulebook) else DEFAULT.language
