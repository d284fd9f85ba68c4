"""Engines on both databases, and real processes that can be killed."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from bot.engine import Answered, Engine, Policy, Tuning

Make = Callable[..., Engine]

QUICK = Tuning(
    settle=0.01,
    spacing=0.05,
    poll=0.05,
    takeover=0.3,
    housekeeping=0.2,
    policy=Policy(attempts=3, base=0.01, cap=0.02),
)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/engine.db"
    address: str = request.getfixturevalue("postgres_url")
    return address


@pytest.fixture
def told() -> list[Answered]:
    """What the observer was told."""
    return []


@pytest.fixture
async def make(url: str, told: list[Answered]) -> AsyncIterator[Make]:
    """Make engines on the database; the fixture stops them."""
    made: list[Engine] = []

    def engine(tuning: Tuning = QUICK, executor_id: str = "one", on: str = url) -> Engine:
        made.append(Engine(on, executor_id=executor_id, tuning=tuning, observe=told.append))
        return made[-1]

    yield engine
    for one in made:
        await one.stop(3)


@pytest.fixture
def until() -> Callable[..., object]:
    """Wait for a condition, which must come true; the bound only ends a test that has failed."""

    async def wait(condition: Callable[[], object], seconds: float = 20) -> None:
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - what is waited for is in a database or a file
                await asyncio.sleep(0.01)

    return wait


class Process:
    """`process.py` beside this file, running an engine of its own."""

    def __init__(self, url: str, executor_id: str, log: Path, mode: str) -> None:
        root = Path(__file__).parents[3]
        self._process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("process.py"), url, executor_id, log, mode],
            env={**os.environ, "PYTHONPATH": str(root)},
        )

    def kill(self) -> None:
        """SIGKILL, at once."""
        self._process.kill()
        self._process.wait()

    def end(self) -> int:
        """SIGTERM; the exit code."""
        self._process.terminate()
        return self._process.wait(30)


@pytest.fixture
def spawn(url: str, tmp_path: Path) -> Iterator[Callable[[str, str], Process]]:
    """Start processes on the database that write what they do to `tmp_path/log`."""
    started: list[Process] = []

    def process(executor_id: str, mode: str) -> Process:
        started.append(Process(url, executor_id, tmp_path / "log", mode))
        return started[-1]

    yield process
    for one in started:
        one.kill()


@pytest.fixture
def lines(tmp_path: Path) -> Callable[[], list[str]]:
    """What the processes wrote so far."""

    def read() -> list[str]:
        log = tmp_path / "log"
        return log.read_text().splitlines() if log.exists() else []

    return read
