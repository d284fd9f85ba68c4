"""A changed rulebook and 500 open pull requests: the limits hold, and whoever waits is answered first."""

import asyncio
import time
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Final

from benches.bar import Bar, spread
from benches.stage import Stage, a_stage
from bot.rules.checks import CHECKS

_PULLS: Final = 500
_FRESH_EVERY_SECONDS: Final = 20
_PATIENCE_SECONDS: Final = 1200
_MOST_P50: Final = 1.0
_RULEBOOK: Final = "preset: git-flow\nkinds: {feature: {names: [feature/*]}}\n"


async def fan_out(folder: Path) -> list[Bar]:
    """Change the rulebook so that all 500 are judged anew, and push to another one now and then."""
    async with a_stage(folder, pulls=_PULLS, limited=True) as stage:
        await _judged_before(stage)
        async with stage.serving() as child:
            started = time.perf_counter()
            await stage.clone.git("switch", "--quiet", "main")
            await stage.clone.commit("other names", {".github/signalbox.yml": _RULEBOOK})
            await _push(stage, "main")
            waits = list[float]()
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    while left := _left(stage):
                        waits.append(await _fresh(stage, f"feature/{len(waits)}"))
                        await asyncio.sleep(min(_FRESH_EVERY_SECONDS, left))
            seconds = time.perf_counter() - started
            await stage.settled(child)
    done, refusals = _PULLS - _left(stage), stage.hub.refusals
    points = sum(asked.cost for asked in stage.hub.requests)
    return [
        Bar(
            what=f"A changed rulebook with {_PULLS} open pull requests",
            how="the hub counts as GitHub does: 5,000 points an hour, 2,000 a minute, 80 creations a minute",
            bar=f"{_PULLS} judged anew, no request refused",
            measured=f"{done}, {refusals} refused; {seconds:.0f} s, {points:,} points",
            met=(done, refusals) == (_PULLS, 0),
        ),
        Bar(
            what="A pull request that is opened meanwhile",
            how=f"one every {_FRESH_EVERY_SECONDS} s, from the push to its checks",
            bar=f"p50 < {_MOST_P50:.0f} s",
            measured=f"p50 {median(waits):.2f} s ({spread(waits, 2)}, {len(waits)} of them)",
            met=median(waits) < _MOST_P50,
        ),
    ]


async def _judged_before(stage: Stage) -> None:
    """Give every pull request the checks of an earlier look: what is there is updated, never made anew."""
    for pull in stage.pulls:
        for check in CHECKS:
            name = f"signalbox / {check.name}"
            await stage.hub.checks.create(stage.shop, pull.head_ref_oid, name, conclusion="SUCCESS")


async def _push(stage: Stage, branch: str) -> None:
    await stage.clone.push(branch)
    await stage.hub.repositories.sync(stage.shop, stage.mina)


def _left(stage: Stage) -> int:
    """How many of the 500 are not judged by the new rulebook yet: none of their names fits it."""
    heads = {pull.head_ref_oid for pull in stage.pulls}
    failed = {run.head_oid for run in stage.hub.world.runs.values() if run.conclusion == "FAILURE"}
    return len(heads - failed)


async def _fresh(stage: Stage, branch: str) -> float:
    """Open a pull request that is right; how many seconds pass from the push to its check."""
    await stage.clone.branch(branch, "develop")
    oid = await stage.clone.commit(f"work on {branch}", {})
    await stage.clone.push(branch)
    started = time.perf_counter()
    await stage.hub.repositories.sync(stage.shop, stage.mina)
    await stage.hub.pulls.open(stage.shop, head=branch, base="develop", by=stage.mina)
    await stage.until_checked({oid})
    return time.perf_counter() - started
