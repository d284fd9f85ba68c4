"""What a process costs: its start, its memory, and the processor time that it uses for nothing."""

import asyncio
import signal
import time
from pathlib import Path
from statistics import median
from typing import Final

from benches.bar import Bar, spread
from benches.child import Child
from benches.load import ACCEPTED, distinct, drive
from benches.stage import Stage, a_stage

_STARTS: Final = 5
_MOST_START: Final = 1.5
_MOST_MEMORY: Final = 120.0
_EVALUATIONS: Final = 50
_IDLE_SECONDS: Final = 8.0


async def start(folder: Path) -> list[Bar]:
    """From the start of the process to the first 202."""
    async with a_stage(folder) as stage:
        times = [await _first_acknowledge(stage, f"start-{turn}") for turn in range(_STARTS)]
    return [
        Bar(
            what="Start to first acknowledge",
            how=f"from exec to the first 202, an empty data folder; median of {_STARTS}",
            bar=f"< {_MOST_START} s",
            measured=f"{median(times):.2f} s ({spread(times, 2)})",
            met=median(times) < _MOST_START,
        )
    ]


async def idle(folder: Path) -> list[Bar]:
    """Memory and processor time of a process that has nothing to do."""
    async with a_stage(folder, pulls=_EVALUATIONS) as stage, stage.serving() as child:
        await drive(stage.plan(child, stage.events()[:1]))  # once it is answered, the start is over
        await stage.settled(child)
        fresh = await _idle_share(child)
        before = child.memory()
        await drive(stage.plan(child, stage.events()[1:]))
        await stage.settled(child)
        worked = await _idle_share(child)
        after = child.memory()
        evaluations = stage.evaluations()
    return [
        Bar(
            what="Idle memory",
            how=f"resident memory {_IDLE_SECONDS:.0f} s after the first evaluation, "
            f"and as long after {evaluations} of them",
            bar=f"< {_MOST_MEMORY:.0f} MB",
            measured=f"{before:.0f} MB; {after:.0f} MB",
            met=max(before, after) < _MOST_MEMORY,
        ),
        Bar(
            what="Idle processor time",
            how=f"of one core over {_IDLE_SECONDS:.0f} s, at both moments",
            bar="told only",
            measured=f"{fresh:.1%}; {worked:.1%}",
            met=None,
        ),
    ]


async def _first_acknowledge(stage: Stage, data: str) -> float:
    started = time.perf_counter()
    child = await stage.start(data)
    try:
        await child.listening()
        sent = await drive(stage.plan(child, distinct(1, 1_000), connections=1))
        elapsed = time.perf_counter() - started
    finally:
        await child.stop(signal.SIGKILL)
    if sent.statuses != {ACCEPTED: 1}:
        raise RuntimeError(f"the first delivery was answered {sent.statuses}")
    return elapsed


async def _idle_share(child: Child) -> float:
    """The share of one core that a process uses when left alone."""
    before = child.cpu_seconds()
    await asyncio.sleep(_IDLE_SECONDS)
    return (child.cpu_seconds() - before) / _IDLE_SECONDS
