"""G2: a refusal is a moment before which nobody asks again, and is never taken for missing permission."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import Later, NotBefore
from bot.github.budget import LIMITS, SECONDARY_PAUSE, Budget, Purse, calmly, costs, refused_until

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ONE = {Purse.REST: 1}
RESET = NOW + timedelta(minutes=17)
EXHAUSTED = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(RESET.timestamp()))}
PLENTY = {"x-ratelimit-remaining": "4999", "x-ratelimit-reset": str(int(RESET.timestamp()))}
SECONDARY = b'{"message": "You have exceeded a secondary rate limit. Please wait."}'
SECONDARY_IN_GRAPHQL = b'{"errors": [{"message": "You have exceeded a secondary rate limit."}]}'
LIMITED = b'{"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}'


@pytest.mark.parametrize(
    ("status", "headers", "body", "moment"),
    [
        (200, PLENTY, b"{}", None),
        (200, EXHAUSTED, b'{"data": {}}', None),
        (200, EXHAUSTED, b'{"data": {"title": "\\"RATE_LIMITED\\""}}', None),
        (200, EXHAUSTED, LIMITED, RESET),
        (200, PLENTY, LIMITED, NOW + SECONDARY_PAUSE),
        (200, EXHAUSTED, LIMITED.replace(b"RATE_LIMITED", b"RATE_LIMIT"), RESET),
        (200, {**PLENTY, "retry-after": "7"}, SECONDARY_IN_GRAPHQL, NOW + timedelta(seconds=7)),
        (200, PLENTY, b'{"errors": [{"type": "NOT_FOUND", "message": "gone"}]}', None),
        (200, PLENTY, b'{"errors"', None),
        (200, PLENTY, b'["errors"]', None),
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
    budget.spend(ONE, NOW)
    with pytest.raises(NotBefore) as refusal:
        budget.learn(403, EXHAUSTED, b"", NOW)
    assert refusal.value.moment == RESET
    with pytest.raises(NotBefore):
        budget.spend(ONE, RESET - timedelta(seconds=1))
    budget.spend(ONE, RESET)


def test_g2_a_shorter_refusal_does_not_end_a_longer_one() -> None:
    budget = Budget()
    with pytest.raises(NotBefore):
        budget.learn(403, EXHAUSTED, b"", NOW)
    with pytest.raises(NotBefore) as refusal:
        budget.learn(429, {"retry-after": "1"}, b"", NOW)
    assert refusal.value.moment == RESET


def test_g2_a_minute_holds_so_many_points_of_a_purse_whenever_it_begins() -> None:
    budget = Budget()
    (limit,) = LIMITS[Purse.REST]
    assert limit.most
    half = limit.most // 2
    later = NOW + timedelta(seconds=50)
    for moment in (NOW, later):
        for _ in range(half):
            budget.spend(ONE, moment)
    budget.spend({Purse.GRAPHQL: 5}, later)
    with pytest.raises(NotBefore) as refusal:
        budget.spend(ONE, later)
    assert refusal.value.moment == NOW + timedelta(minutes=1)
    for _ in range(half):
        budget.spend(ONE, NOW + timedelta(minutes=1))
    with pytest.raises(NotBefore) as refusal:
        budget.spend(ONE, NOW + timedelta(minutes=1))
    assert refusal.value.moment == later + timedelta(minutes=1)


def test_g2_what_can_wait_leaves_most_of_a_minute_to_what_cannot() -> None:
    budget = Budget()
    (limit,) = LIMITS[Purse.GRAPHQL]
    assert limit.most
    with calmly(True):
        for _ in range(limit.calm):
            budget.spend({Purse.GRAPHQL: 1}, NOW)
        with pytest.raises(Later) as wait:
            budget.spend({Purse.GRAPHQL: 1}, NOW)
    assert wait.value.moment == NOW + timedelta(minutes=1)
    for _ in range(limit.most - limit.calm):
        budget.spend({Purse.GRAPHQL: 1}, NOW)


def test_g2_creations_are_spread_by_what_can_wait_and_never_held_back_for_a_person() -> None:
    budget = Budget()
    write = {Purse.GRAPHQL: 5, Purse.CREATIONS: 1}
    _, hour = LIMITS[Purse.CREATIONS]
    moment = NOW
    for _ in range(hour.calm):
        moment += timedelta(seconds=3)
        with calmly(True):
            budget.spend(write, moment)
    with calmly(True), pytest.raises(Later) as wait:
        budget.spend(write, moment + timedelta(minutes=1))
    assert wait.value.moment == NOW + timedelta(seconds=3, hours=1)
    budget.spend(write, moment)


def test_g2_what_can_wait_leaves_a_quarter_of_the_hour() -> None:
    budget = Budget()
    headers = {**EXHAUSTED, "x-ratelimit-limit": "5000", "x-ratelimit-resource": "graphql"}
    budget.learn(200, {**headers, "x-ratelimit-remaining": "1250"}, b"{}", NOW)
    with calmly(True):
        budget.spend(ONE, NOW)
    budget.learn(200, {**headers, "x-ratelimit-remaining": "1249"}, b"{}", NOW)
    budget.spend(ONE, NOW)
    with calmly(True):
        with pytest.raises(Later) as wait:
            budget.spend(ONE, NOW)
        assert wait.value.moment == RESET
        budget.spend(ONE, RESET)


@pytest.mark.parametrize(
    ("method", "body", "graphql", "expected"),
    [
        ("GET", b"", False, {Purse.REST: 1}),
        ("POST", b"", False, {Purse.REST: 5}),
        ("POST", b'{"query": "query Pull {}"}', True, {Purse.GRAPHQL: 1}),
        ("POST", b'{"query": "mutation Publish {  m0: updateCheckRun"}', True, {Purse.GRAPHQL: 5}),
        (
            "POST",
            b'{"query": "mutation Publish {  m0: updateCheckRun  m1: addComment"}',
            True,
            {Purse.GRAPHQL: 5, Purse.CREATIONS: 1},
        ),
    ],
)
def test_g2_reading_costs_one_and_writing_five(
    method: str, body: bytes, graphql: bool, expected: dict[Purse, int]
) -> None:
    assert costs(method, body, graphql=graphql) == expected
