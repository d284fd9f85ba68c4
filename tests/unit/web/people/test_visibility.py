"""What GitHub shows is kept for five minutes at most, and a failure not at all."""

import asyncio
from typing import Any

import pytest

from service.web.people.github import GitHub, GitHubAway
from service.web.people.visibility import Visibility


class Asked(GitHub):
    """A GitHub that counts."""

    def __init__(self) -> None:
        super().__init__("https://api.example.com", "https://example.com", None)
        self.count = 0
        self.tokens: list[str] = []
        self.fails = False

    async def installed(self, token: str) -> frozenset[int]:
        self.tokens.append(token)
        self.count += 1
        await asyncio.sleep(0)
        if self.fails:
            raise GitHubAway("no")
        return frozenset({self.count})


@pytest.fixture
def clock() -> list[float]:
    return [0.0]


@pytest.fixture
def asked() -> Asked:
    return Asked()


async def test_an_answer_is_kept_for_five_minutes_for_its_token(asked: Asked, clock: list[float]) -> None:
    visibility = Visibility(asked, lambda: clock[0])
    for at, expected in ((0.0, 1), (299.0, 1), (300.0, 2), (599.0, 2), (600.0, 3)):
        clock[0] = at
        assert await visibility.installed("one") == {expected}
    assert await visibility.installed("two") == {4}
    assert asked.tokens == ["one", "one", "one", "two"]


async def test_those_who_ask_at_once_ask_once(asked: Asked, clock: list[float]) -> None:
    visibility = Visibility(asked, lambda: clock[0])
    assert set(await asyncio.gather(*(visibility.installed("one") for _ in range(5)))) == {frozenset({1})}


async def test_a_failure_is_not_kept(asked: Asked, clock: list[float]) -> None:
    visibility, asked.fails = Visibility(asked, lambda: clock[0]), True
    with pytest.raises(GitHubAway):
        await visibility.installed("one")
    asked.fails = False
    found: Any = await visibility.installed("one")
    assert found == {2}
