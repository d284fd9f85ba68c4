"""Why a pull request stands as it does: what was decided about it, for people to read.

The ledger keeps what the bot found as JSON, and keeps it for long: what an older or a newer bot wrote
otherwise is left out, never an error.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from service.ledger.decisions import Decision, DecisionPage

# What the outcome of a rule makes of its check when the rule is required (GitHub's words for a conclusion).
_SIGNALS: Final = {
    "pass": "success", "advice": "neutral", "wait": "in_progress", "fail": "failure",
    "unknown": "action_required",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule found: `outcome` is "pass", "advice", "wait", "fail" or "unknown".

    `reason` and `mend` are sentences by language; `commands` are lines for a shell; `overridden_by` is the
    login of who let the pull request pass it.
    """

    name: str
    enforcement: str
    outcome: str
    reason: Mapping[str, str]
    mend: Mapping[str, str]
    commands: tuple[str, ...]
    overridden_by: str | None

    @property
    def signal(self) -> str:
        """What it alone would make of its check."""
        signal = _SIGNALS.get(self.outcome, "action_required")
        mild = self.overridden_by is not None or self.enforcement != "required"
        return "neutral" if mild and signal != "success" else signal

    @property
    def may_be_overridden(self) -> bool:
        """Whether it holds the pull request, and a person may let that pass."""
        return self.signal not in {"success", "neutral"}


@dataclass(frozen=True, slots=True)
class Check:
    """A check ("branch"), what it concluded, and its rules."""

    name: str
    conclusion: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """A review: GitHub's word for what it says ("APPROVED"), about a commit, which may be gone ("")."""

    author: str
    state: str
    commit: str


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of a decision: `checks` are other checks by name with their state, `required` must pass."""

    head: str
    base: str
    author: str
    from_fork: bool
    labels: tuple[str, ...]
    reviews: tuple[Review, ...]
    checks: tuple[tuple[str, str], ...]
    required: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What a check ("branch"), or a rule of one, said and says now; None where it said nothing.

    `rule` is None for the check itself, whose words are conclusions; those of a rule are outcomes.
    """

    check: str
    rule: str | None
    was: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """A decision in the history, and what it changed: `moved` says that the head is another commit.

    `is_first` has none before it.
    """

    at: datetime
    head: str
    conclusions: Mapping[str, str]
    changes: tuple[Change, ...]
    moved: bool
    is_first: bool


def checks(decision: Decision) -> tuple[Check, ...]:
    """What was decided, check by check."""
    found = list(_rules(decision))
    return tuple(
        Check(name, conclusion, tuple(rule for check, rule in found if check == name))
        for name, conclusion in decision.conclusions.items()
    )


def steps(page: DecisionPage) -> tuple[Step, ...]:
    """What each decision of a page changed, newest first."""
    before = (*page.decisions[1:], page.before)
    return tuple(map(_step, page.decisions, before))


def _step(decision: Decision, before: Decision | None) -> Step:
    return Step(
        at=decision.at,
        head=decision.head,
        conclusions=decision.conclusions,
        changes=tuple(_changes(decision, before)) if before else (),
        moved=before is not None and before.head != decision.head,
        is_first=before is None,
    )


def _changes(decision: Decision, before: Decision) -> Iterator[Change]:
    for check in {**before.conclusions, **decision.conclusions}:
        was, now = before.conclusions.get(check), decision.conclusions.get(check)
        if was != now:
            yield Change(check, None, was, now)
    told, tells = _outcomes(before), _outcomes(decision)
    for check, rule in {**told, **tells}:
        if (was := told.get((check, rule))) != (now := tells.get((check, rule))):
            yield Change(check, rule, was, now)


def _outcomes(decision: Decision) -> dict[tuple[str, str], str]:
    return {(check, rule.name): rule.outcome for check, rule in _rules(decision)}


def _rules(decision: Decision) -> Iterator[tuple[str, Rule]]:
    for found in decision.findings:
        overridden = found.get("overridden_by")
        rule = Rule(
            name=_text(found.get("rule")),
            enforcement=_text(found.get("enforcement")),
            outcome=_text(found.get("outcome")),
            reason=_said(found.get("reason")),
            mend=_said(found.get("mend")),
            commands=_texts(found.get("commands")),
            overridden_by=_text(overridden) if overridden else None,
        )
        yield _text(found.get("check")), rule


def stood_on(facts: Mapping[str, Any]) -> Facts:
    """The facts of a decision."""
    return Facts(
        head=_text(facts.get("head")),
        base=_text(facts.get("base")),
        author=_text(facts.get("author")),
        from_fork=facts.get("from_fork") is True,
        labels=_texts(facts.get("labels")),
        reviews=tuple(Review(*row) for row in _rows(facts.get("reviews"), 3)),
        checks=tuple((name, state) for name, state in _rows(facts.get("checks"), 2)),
        required=_texts(facts.get("required")),
    )


def _rows(value: Any, width: int) -> list[list[str]]:
    """Those rows of a table that have as many cells."""
    rows = value if isinstance(value, list) else []
    return [[_text(cell) for cell in row] for row in rows if isinstance(row, list) and len(row) == width]


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(_text, value)) if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _said(value: Any) -> dict[str, str]:
    """A sentence by language."""
    return {name: _text(text) for name, text in value.items()} if isinstance(value, Mapping) else {}
