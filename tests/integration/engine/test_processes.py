"""What survives the death of a process: real processes, real signals."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

Spawn = Callable[[str, str], Any]
Lines = Callable[[], list[str]]
Until = Callable[..., Awaitable[None]]


async def test_what_was_acknowledged_before_sigkill_is_answered_after_the_restart(
    spawn: Spawn, lines: Lines, until: Until
) -> None:
    storing = spawn("one", "store")
    await until(lambda: "stored" in lines())
    storing.kill()
    working = spawn("one", "work")
    await until(lambda: Counter(line.split()[0] for line in lines())["answered"] == 100)
    assert working.end() == 0
    answered = [line for line in lines() if line.startswith("answered")]
    assert len(set(answered)) == 100


async def test_a_run_killed_in_the_middle_is_taken_up_by_the_restarted_process(
    spawn: Spawn, lines: Lines, until: Until
) -> None:
    storing = spawn("one", "store")
    await until(lambda: "stored" in lines())
    storing.kill()
    hanging = spawn("one", "hang")
    await until(lambda: Counter(line.split()[0] for line in lines())["begun"] == 16)
    hanging.kill()
    begun = {line.split()[1] for line in lines() if line.startswith("begun")}
    spawn("one", "work")
    await until(lambda: begun <= {line.split()[1] for line in lines() if line.startswith("answered")})


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_a_survivor_takes_over_the_runs_of_a_dead_replica(
    spawn: Spawn, lines: Lines, until: Until
) -> None:
    storing = spawn("one", "store")
    await until(lambda: "stored" in lines())
    storing.kill()
    hanging = spawn("one", "hang")
    await until(lambda: Counter(line.split()[0] for line in lines())["begun"] == 16)
    begun = {line.split()[1] for line in lines() if line.startswith("begun")}
    survivor = spawn("two", "work")
    await until(lambda: Counter(line.split()[0] for line in lines())["answered"] == 84)
    assert not begun & {line.split()[1] for line in lines() if line.startswith("answered")}
    hanging.kill()
    await until(lambda: Counter(line.split()[0] for line in lines())["answered"] == 100)
    assert survivor.end() == 0
    answered = Counter(line for line in lines() if line.startswith("answered"))
    assert set(answered.values()) == {1}


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_two_replicas_ask_a_periodic_question_once_a_period(
    spawn: Spawn, lines: Lines, until: Until
) -> None:
    spawn("one", "tick")
    spawn("two", "tick")
    await until(lambda: {"up one", "up two"} <= set(lines()))
    ups = len(lines())
    started = asyncio.get_running_loop().time()
    await until(lambda: len(lines()) >= ups + 5)
    elapsed = asyncio.get_running_loop().time() - started
    ticks = [line for line in lines()[ups:] if line.startswith("tick")]
    assert len(ticks) <= elapsed / 0.4 + 2


async def test_a_drained_process_leaves_and_its_runs_are_resumed(
    spawn: Spawn, lines: Lines, until: Until
) -> None:
    storing = spawn("one", "store")
    await until(lambda: "stored" in lines())
    storing.kill()
    hanging = spawn("one", "hang")
    await until(lambda: Counter(line.split()[0] for line in lines())["begun"] == 16)
    assert hanging.end() == 0
    assert "stopped one" in lines()
    spawn("one", "work")
    await until(lambda: Counter(line.split()[0] for line in lines())["answered"] == 100)
