"""What every scenario begins with."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.fleet import RULEBOOK, Fleet, a_fleet
from support.world import QUICK, World, a_world

from bot.engine import Policy, Tuning


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A team on git-flow whose rulebook requires everything."""
    async with a_world(tmp_path, rulebook="preset: git-flow\n") as made:
        yield made


@pytest.fixture
async def impatient(tmp_path: Path) -> AsyncIterator[World]:
    """The same, with a queue that asks again sooner and less often than in earnest."""
    tuning = Tuning(spacing=0.1, policy=Policy(attempts=4, base=0.2, cap=0.5))
    async with a_world(tmp_path, rulebook="preset: git-flow\n", tuning=tuning) as made:
        yield made


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[Fleet]:
    """The team of the shop, its GitOps repository, and the bot on both."""
    async with a_fleet(tmp_path, RULEBOOK, QUICK) as made:
        yield made
