"""The retry decision as a table."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.retry import Again, Decision, Drop, Park, Policy, Until, decide
from bot.errors import GiveUp, Later, NotBefore, Retry

POLICY = Policy(attempts=5, base=2.0, cap=10.0)
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempt", "error", "fraction", "decision"),
    [
        (1, Retry("502"), 0.0, Again(0.0)),
        (1, Retry("502"), 0.5, Again(1.0)),
        (2, Retry("502"), 0.5, Again(2.0)),
        (3, Retry("502"), 0.5, Again(4.0)),
        (4, Retry("502"), 0.5, Again(5.0)),  # the cap
        (5, Retry("502"), 0.5, Park()),
        (6, Retry("502"), 0.5, Park()),
        (1, KeyError("a bug"), 0.5, Again(1.0)),
        (5, KeyError("a bug"), 0.5, Park()),
        (1, NotBefore("limit", NOON), 0.5, Until(NOON)),
        (5, NotBefore("limit", NOON), 0.5, Until(NOON)),
        (5, Later("calm", NOON), 0.5, Until(NOON, hold=False)),
        (1, GiveUp("gone"), 0.5, Drop()),
        (5, GiveUp("gone"), 0.5, Drop()),
    ],
)
def test_what_follows_a_failure(attempt: int, error: Exception, fraction: float, decision: Decision) -> None:
    assert decide(attempt, error, fraction, POLICY) == decision


@given(st.integers(1, 10**9), st.floats(0, 1, exclude_max=True))
def test_a_delay_never_passes_the_cap(attempt: int, fraction: float) -> None:
    decision = decide(attempt, Retry("no"), fraction, Policy(attempts=10**9 + 1))
    assert isinstance(decision, Again)
    assert 0 <= decision.delay <= Policy().cap
