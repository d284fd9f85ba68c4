"""How long people wait: from the acknowledgement of an event to the check on the pull request."""

import asyncio
import time
from pathlib import Path
from statistics import median
from typing import Final

from benches.bar import Bar, spread
from benches.load import Event, drive
from benches.stage import a_stage

_PULLS: Final = 30
_LATENCY: Final = 0.06
_MOST_P50: Final = 0.4
_PATIENCE_SECONDS: Final = 30


async def acknowledge_to_check(folder: Path) -> list[Bar]:
    """One pull request after another, the bot idle before each."""
    async with a_stage(folder, pulls=_PULLS + 1) as stage, stage.serving() as child:
        stage.hub.faults.latency = _LATENCY
        waits = list[float]()
        for pull in stage.pulls:
            await drive(stage.plan(child, [Event(pull.number, pull.head_ref_oid)], connections=1))
            acknowledged = time.perf_counter()
            await asyncio.wait_for(stage.until_checked({pull.head_ref_oid}), _PATIENCE_SECONDS)
            waits.append((time.perf_counter() - acknowledged) * 1000)
            await stage.settled(child)
    first, *others = waits  # the first one waits for the installation's token too
    return [
        Bar(
            what="From the acknowledgement to the check",
            how=f"{_PULLS} pull requests, one after another, the API answering in {_LATENCY * 1000:.0f} ms",
            bar=f"p50 < {_MOST_P50 * 1000:.0f} ms",
            measured=f"p50 {median(others):.0f} ms ({spread(others)}); the first one {first:.0f} ms",
            met=median(others) < _MOST_P50 * 1000,
        )
    ]
