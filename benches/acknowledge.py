"""How fast webhooks are acknowledged once they are on the disk, and whether a burst is taken whole."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Final

from benches.bar import Bar, p99, spread
from benches.child import Child, free_port
from benches.load import Sent, distinct, drive_apart
from benches.stage import Stage, a_stage

_ROUNDS: Final = 7
_WARM_UP: Final = 200
_DELIVERIES: Final = 2_000
_LEAST_RATIO: Final = 0.5
_MOST_P99: Final = 0.025
_BURST: Final = 4_000
_BURST_CONNECTIONS: Final = 64
_STEADY_RATE: Final = 100.0
_STEADY: Final = 500


async def throughput(folder: Path) -> list[Bar]:
    """Signalbox against the bare handler, turn about, each time from an empty database."""
    async with a_stage(folder) as stage:
        bare, ours = list[Sent](), list[Sent]()
        for turn in range(_ROUNDS):
            async with _bare(stage, turn) as child:
                bare.append(await _measure(stage, child))
            async with _thrown_away(stage, f"acknowledge-{turn}") as child:
                ours.append(await _measure(stage, child))
    ratio = median(sent.rate for sent in ours) / median(sent.rate for sent in bare)
    late = [p99(sent.latencies) * 1000 for sent in ours]
    refused = sum(sent.refused for sent in ours)
    return [
        Bar(
            what="Durable acknowledge against a bare aiohttp handler",
            how=f"{_ROUNDS} turns each of {_DELIVERIES:,} deliveries of 24 KB, 16 connections, every key "
            "new, the queue filling; fsync before 202; ratio of the medians",
            bar=f"≥ {_LEAST_RATIO}",
            measured=f"{ratio:.2f} (of one turn {spread(_ratios(ours, bare), 2)}); "
            f"{median(sent.rate for sent in ours):,.0f}/s of {median(sent.rate for sent in bare):,.0f}/s",
            met=ratio >= _LEAST_RATIO and not refused,
        ),
        Bar(
            what="Durable acknowledge, 99th percentile",
            how="the same turns; median of the turns",
            bar=f"≤ {_MOST_P99 * 1000:.0f} ms",
            measured=f"{median(late):.1f} ms (of one turn {spread(late, 1)}); "
            f"bare {median(p99(sent.latencies) * 1000 for sent in bare):.1f} ms",
            met=median(late) <= _MOST_P99 * 1000,
        ),
    ]


async def burst(folder: Path) -> list[Bar]:
    """All of a burst is taken; and what an acknowledgement costs while questions are being answered."""
    async with a_stage(folder, pulls=100) as stage:
        async with _thrown_away(stage, "burst") as child:
            plan = stage.plan(child, distinct(_BURST, 1_000), connections=_BURST_CONNECTIONS)
            sent = await drive_apart(plan)
        async with stage.serving("steady") as child:
            events = (stage.events() * _STEADY)[:_STEADY]
            steady = await drive_apart(stage.plan(child, events, rate=_STEADY_RATE))
    return [
        Bar(
            what=f"Burst of {_BURST:,} deliveries",
            how=f"{_BURST_CONNECTIONS} connections at once, every key new; answers outside 2xx",
            bar="0",
            measured=f"{sent.refused} in {sent.seconds:.1f} s, the slowest after {max(sent.latencies):.2f} s",
            met=sent.refused == 0 and len(sent.latencies) == _BURST,
        ),
        Bar(
            what="Acknowledge while questions are answered",
            how=f"{_STEADY_RATE:.0f} deliveries a second about 100 open pull requests, their jobs running",
            bar="told only",
            measured=f"p50 {median(steady.latencies) * 1000:.1f} ms, "
            f"p99 {p99(steady.latencies) * 1000:.1f} ms, {steady.refused} outside 2xx",
            met=None,
        ),
    ]


async def _measure(stage: Stage, child: Child) -> Sent:
    # About one pull request: the one job is over before the clock starts.
    await drive_apart(stage.plan(child, stage.events() * _WARM_UP))
    return await drive_apart(stage.plan(child, distinct(_DELIVERIES, 10_000)))


def _ratios(ours: list[Sent], bare: list[Sent]) -> list[float]:
    return [one.rate / other.rate for one, other in zip(ours, bare, strict=True)]


@asynccontextmanager
async def _bare(stage: Stage, turn: int) -> AsyncIterator[Child]:
    port, path = free_port(), stage.folder / f"bare-{turn}.sqlite"
    environment = {**os.environ, "SECRET": stage.hub.app.webhook_secret}
    child = await Child.start(
        ["-m", "benches.bare", str(port), str(path)], environment, port, stage.folder / "bare.log"
    )
    try:
        await child.listening()
        yield child
    finally:
        await child.stop()


@asynccontextmanager
async def _thrown_away(stage: Stage, data: str) -> AsyncIterator[Child]:
    """Signalbox on data that nobody needs again: its thousands of questions are not answered first."""
    child = await stage.start(data)
    try:
        await child.listening()
        yield child
    finally:
        await child.stop(signal.SIGKILL)
