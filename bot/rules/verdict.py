"""What a rule may say: an outcome that explains itself, and how the outcomes of a check add up."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.message import Message, Value
from bot.rules.facts import Override

# What the names of all checks of this App begin with.
PREFIX: Final = "signalbox / "


class Outcome(StrEnum):
    """What a rule found, before the rulebook says how much it matters."""

    PASS = "pass"  # noqa: S105 (an outcome, not a password)
    ADVICE = "advice"  # right enough to merge, and worth a word whatever the enforcement
    WAIT = "wait"  # nothing is wrong, and something is still to come
    FAIL = "fail"
    UNKNOWN = "unknown"  # the facts were incomplete: never a pass


class Enforcement(StrEnum):
    """How much a rule matters to this team (the rulebook's word)."""

    REQUIRED = "required"
    ADVISED = "advised"
    OFF = "off"


class Conclusion(StrEnum):
    """The conclusion of a check run, in GitHub's words (REST: Checks, `conclusion`), mildest first.

    GitHub lets `neutral` through a required check, so what could not be proved is `action_required`. A run
    that is `in_progress` has none yet.
    """

    SUCCESS = "success"
    NEUTRAL = "neutral"
    PENDING = "in_progress"
    ACTION_REQUIRED = "action_required"
    FAILURE = "failure"


_MILDEST_FIRST: Final = tuple(Conclusion)


class Action(StrEnum):
    """What a machine can mend at the press of a button (the identifier of a check-run action)."""

    RETARGET = "retarget"
    RECHECK = "recheck"
    BUMP = "bump"


@dataclass(frozen=True, slots=True)
class Button:
    """A button on a check: `target` is what the action needs to know (the right base, the version)."""

    action: Action
    target: str


@dataclass(frozen=True, slots=True)
class Table:
    """Facts in rows, for people to look through; every row has as many cells as the header."""

    header: tuple[Message, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's answer: the outcome, why, the facts it stood on, and how to mend it.

    `brief` is the same in a few words, for a title. `commands` are lines to paste into a shell, already
    quoted for it. `items` are the things found (commits, problems), at most `MOST_ITEMS` of `found` many.
    `outlook` is what follows once the pull request is merged.
    """

    rule: str
    outcome: Outcome
    reason: Message
    mend: Message | None = None
    commands: tuple[str, ...] = ()
    items: tuple[Message, ...] = ()
    found: int = 0
    button: Button | None = None
    table: Table | None = None
    brief: Message | None = None
    outlook: tuple[Message, ...] = ()


MOST_ITEMS = 20


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding under the enforcement that the rulebook gives its rule, and under a maintainer's override."""

    finding: Finding
    enforcement: Enforcement
    override: Override | None = None

    @property
    def conclusion(self) -> Conclusion:
        """What this finding alone would make of its check."""
        match self.finding.outcome:
            case Outcome.PASS:
                return Conclusion.SUCCESS
            case Outcome.ADVICE:
                return Conclusion.NEUTRAL
            case _ if self.override or self.enforcement is not Enforcement.REQUIRED:
                return Conclusion.NEUTRAL
            case Outcome.WAIT:
                return Conclusion.PENDING
            case Outcome.FAIL:
                return Conclusion.FAILURE
            case _:  # unknown
                return Conclusion.ACTION_REQUIRED


@dataclass(frozen=True, slots=True)
class Verdict:
    """A check's answer for one pull request: `check` is the name after `PREFIX`."""

    check: str
    number: int
    judged: tuple[Judged, ...]

    @property
    def title(self) -> str:
        """The name of the check run on GitHub."""
        return PREFIX + self.check

    @property
    def conclusion(self) -> Conclusion:
        """The strictest of all findings; success where no rule applies (R14)."""
        return strictest(judged.conclusion for judged in self.judged)


def strictest(conclusions: Iterable[Conclusion]) -> Conclusion:
    """The one that blocks most; success for none."""
    return max(conclusions, key=_MILDEST_FIRST.index, default=Conclusion.SUCCESS)
