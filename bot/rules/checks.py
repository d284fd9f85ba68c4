"""The checks and the rules of each: a new rule is a module and a line here."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from bot.rules import ancestry, base, naming, proposal
from bot.rules.facts import Facts
from bot.rules.models import Language, Rulebook
from bot.rules.rulebook import DEFAULT, Reading
from bot.rules.verdict import Enforcement, Finding, Judged, Verdict


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


CHECKS = (Check("branch", (naming, base, ancestry, proposal)),)


def judge(facts: Facts, reading: Reading) -> tuple[Verdict, ...]:
    """Judge a pull request: a verdict for each check, by the rulebook in force."""
    return tuple(Verdict(check.name, facts.pull.number, _judged(check, facts, reading)) for check in CHECKS)


def _judged(check: Check, facts: Facts, reading: Reading) -> tuple[Judged, ...]:
    if not isinstance(reading, Rulebook):
        return (Judged(proposal.mended(facts, reading), Enforcement.REQUIRED),)
    enforced = (
        (rule, reading.enforcement(rule.RULE, from_fork=facts.pull.from_fork)) for rule in check.rules
    )
    return tuple(_findings(enforced, facts, reading))


def _findings(
    enforced: Iterable[tuple[Rule, Enforcement]], facts: Facts, rulebook: Rulebook
) -> Iterable[Judged]:
    for rule, enforcement in enforced:
        finding = None if enforcement is Enforcement.OFF else rule.find(facts, rulebook)
        if finding is not None:
            yield Judged(finding, enforcement)


def language_of(reading: Reading) -> Language:
    """The language that the rulebook asks for; English where there is no valid one."""
    return reading.language if isinstance(reading, Rulebook) else DEFAULT.language
