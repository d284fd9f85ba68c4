"""What holds whatever happens: nothing acknowledged is lost, nothing is done twice, storms cost little."""

import asyncio
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from benches.bar import Bar
from benches.load import Event, drive, drive_apart
from benches.stage import Stage, a_stage

_ACKNOWLEDGED: Final = 100
_OUTCOME_SECONDS: Final = 60
_EVENTS: Final = 1_000
_EVENTS_A_SECOND: Final = 220.0
_MOST_EVALUATIONS: Final = 5


async def sigkill(folder: Path) -> list[Bar]:
    """Kill the bot when it has acknowledged 100 deliveries; start it again; look for 100 checks."""
    async with a_stage(folder, pulls=_ACKNOWLEDGED) as stage:
        child = await stage.start()
        try:
            await child.listening()
            sent = await drive_apart(stage.plan(child, stage.events()))
        finally:
            await child.stop(signal.SIGKILL)
        before = len(stage.checked())
        async with stage.serving():
            seconds = await _all_checked(stage)
    after = len(stage.checked())
    return [
        Bar(
            what=f"SIGKILL after {_ACKNOWLEDGED} acknowledgements",
            how="deliveries about 100 pull requests, SIGKILL after the last 202, restart; checks at the hub",
            bar=f"{_ACKNOWLEDGED} of {_ACKNOWLEDGED}",
            measured=f"{after} of {_ACKNOWLEDGED} "
            f"({before} before the kill; all {seconds:.1f} s after the restart)",
            met=after == _ACKNOWLEDGED and sent.refused == 0,
        )
    ]


async def one_guid(folder: Path) -> list[Bar]:
    """Deliver one GUID three times: at once, again, and after the answer."""
    async with a_stage(folder) as stage, stage.serving() as child:
        event = Event(
            stage.pulls[0].number, stage.pulls[0].head_ref_oid, guid="72d3162e-cc78-11e3-81ab-4c9367dc0958"
        )
        await drive(stage.plan(child, [event, event]))
        await stage.settled(child)
        await drive(stage.plan(child, [event]))
        await stage.settled(child)
        count = stage.evaluations()
    return [
        Bar(
            what="One GUID three times",
            how="twice at once and once after the answer; evaluations",
            bar="1",
            measured=f"{count}",
            met=count == 1,
        )
    ]


async def storm(folder: Path) -> list[Bar]:
    """Deliver 1,000 events about one pull request within five seconds, and count how often it is read."""
    async with a_stage(folder) as stage, stage.serving() as child:
        pull = stage.pulls[0]
        events = [Event(pull.number, pull.head_ref_oid)] * _EVENTS
        most = await drive(stage.plan(child, events[:-1], rate=_EVENTS_A_SECOND))
        before = stage.evaluations()
        last = await drive(stage.plan(child, events[-1:]))
        await stage.settled(child)
        count = stage.evaluations()
    seconds = most.seconds + last.seconds
    return [
        Bar(
            what=f"{_EVENTS:,} events on one pull request within 5 s",
            how="at an even rate; evaluations, and those that began after the last event was sent",
            bar=f"≤ {_MOST_EVALUATIONS}, the last one after the last event",
            measured=f"{count}, {count - before} of them after the last; sent in {seconds:.1f} s",
            met=before < count <= _MOST_EVALUATIONS,
        )
    ]


async def requests(folder: Path) -> list[Bar]:
    """Count what the bot asks of GitHub for the usual events."""
    async with a_stage(folder) as stage, stage.serving() as child:
        counts = list[int]()

        async def happened() -> None:
            await stage.settled(child)
            counts.append(len(stage.asked()) - sum(counts))

        await stage.clone.branch("feat/counted", "develop")
        await stage.clone.commit("work", {"counted.txt": "1\n"})
        await stage.clone.push("feat/counted")
        await stage.hub.repositories.sync(stage.shop, stage.mina)
        pull = await stage.hub.pulls.open(stage.shop, head="feat/counted", base="develop", by=stage.mina)
        await happened()
        await stage.clone.commit("more work", {"counted.txt": "2\n"})
        await stage.clone.push("feat/counted")
        await stage.hub.repositories.sync(stage.shop, stage.mina)
        await happened()
        head = stage.hub.world.pulls[pull.repository, pull.number].head_ref_oid
        await drive(stage.plan(child, [Event(pull.number, head)]))
        await happened()
    return [
        Bar(
            what="GitHub requests: opened / synchronize / unchanged re-delivery",
            how="counted at the hub, token mint apart",
            bar="2 / 2 / 1",
            measured=" / ".join(map(str, counts)),
            met=counts == [2, 2, 1],
        )
    ]


async def _all_checked(stage: Stage) -> float:
    """Wait until every pull request has its check, or for a minute; how many seconds it took."""
    heads = {pull.head_ref_oid for pull in stage.pulls}
    started = time.perf_counter()
    with suppress(TimeoutError):
        await asyncio.wait_for(stage.until_checked(heads), _OUTCOME_SECONDS)
    return time.perf_counter() - started
