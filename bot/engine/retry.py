"""What to do with a question whose answer failed: a pure decision over the error and one random number."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from bot.errors import GiveUp, Later, NotBefore

_MOST_DOUBLINGS = 32  # 2**32 seconds is past any cap, and a float still holds it


@dataclass(frozen=True, slots=True)
class Policy:
    """How often and how patiently a question is asked again: attempts in all, seconds."""

    attempts: int = 12
    base: float = 2.0
    cap: float = 900.0


@dataclass(frozen=True, slots=True)
class Again:
    """Ask again after `delay` seconds, sooner if something new happens."""

    delay: float


@dataclass(frozen=True, slots=True)
class Until:
    """Ask again at `moment`; this was not an attempt. With `hold`, whatever happens before."""

    moment: datetime
    hold: bool = True


@dataclass(frozen=True, slots=True)
class Park:
    """Stop asking and show the question to a person."""


@dataclass(frozen=True, slots=True)
class Drop:
    """Stop asking: no later attempt can answer this."""


Decision: TypeAlias = Again | Until | Park | Drop


def decide(attempt: int, error: Exception, fraction: float, policy: Policy) -> Decision:
    """Decide what follows the failure of `attempt` (from 1); `fraction` is a random number in [0, 1).

    Exponential backoff with full jitter: the delay lies anywhere below the doubled bound, so that questions
    that failed together do not return together. An error that is none of `bot.errors` is a bug, and is
    asked again like `Retry`: the next deployment may have mended it.
    """
    if isinstance(error, GiveUp):
        return Drop()
    if isinstance(error, NotBefore | Later):
        return Until(error.moment, hold=isinstance(error, NotBefore))
    if attempt >= policy.attempts:
        return Park()
    bound = min(policy.cap, policy.base * 2.0 ** min(attempt - 1, _MOST_DOUBLINGS))
    return Again(fraction * bound)
