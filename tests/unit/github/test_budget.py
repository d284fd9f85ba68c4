"""G2: a refusal is a moment before which nobody asks again, and is never taken for missing permission."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import NotBefore
from bot.github.budget import SECONDARY_PAUSE, Budget, refused_until

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RESET = NOW + timedelta(minutes=17)
EXHAUSTED = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(RESET.timestamp()))}
PLENTY = {"x-ratelimit-remaining": "4999", "x-ratelimit-reset": str(int(RESET.timestamp()))}
SECONDARY = b'{"message": "You have exceeded a secondary rate limit. Please wait."}'
LIMITED = b'{"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}'


@pytest.mark.parametrize(
    ("status", "headers", "body", "moment"),
    [
        (200, PLENTY, b"{}", None),
        (200, EXHAUSTED, b'{"data": {}}', None),
        (200, EXHAUSTED, b'{"data": {"title": "\\"RATE_LIMITED\\""}}', None),
        (200, EXHAUSTED, LIMITED, RESET),
        (403, PLENTY, b'{"message": "Resource not accessible by integration"}', None),
        (403, PLENTY, SECONDARY, NOW + SECONDARY_PAUSE),
        (403, {**PLENTY, "retry-after": "30"}, SECONDARY, NOW + timedelta(seconds=30)),
        (403, EXHAUSTED, b'{"message": "API rate limit exceeded"}', RESET),
        (403, {"x-ratelimit-remaining": "0"}, b"", NOW + SECONDARY_PAUSE),
        (429, PLENTY, b"", NOW + SECONDARY_PAUSE),
        (429, {"retry-after": "5"}, b"", NOW + timedelta(seconds=5)),
        (429, {"retry-after": "soon"}, b"", NOW + SECONDARY_PAUSE),
        (404, EXHAUSTED, b"", None),
        (500, {}, b"", None),
    ],
)
def test_g2_refusals(status: int, headers: dict[str, str], body: bytes, moment: datetime | None) -> None:
    assert refused_until(status, headers, body, NOW) == moment


def test_g2_a_budget_holds_back_until_the_moment_and_no_longer() -> None:
    budget = Budget()
    budget.check(NOW)
    with pytest.raises(NotBefore) as refusal:
        budget.learn(403, EXHAUSTED, b"", NOW)
    assert refusal.value.moment == RESET
    with pytest.raises(NotBefore):
        budget.check(RESET - timedelta(seconds=1))
    budget.check(RESET)


def test_g2_a_shorter_refusal_does_not_end_a_longer_one() -> None:
    budget = Budget()
    with pytest.raises(NotBefore):
        budget.learn(403, EXHAUSTED, b"", NOW)
    with pytest.raises(NotBefore) as refusal:
        budget.learn(429, {"retry-after": "1"}, b"", NOW)
    assert refusal.value.moment == RESET
