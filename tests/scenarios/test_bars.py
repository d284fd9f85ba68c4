"""The bars of docs/benchmarks.md as counts and invariants: none of these tests looks at a clock."""

import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from support.world import World

from benches.load import Event, Plan, Sent, distinct, drive, drive_apart
from benches.payloads import template
from benches.stage import a_stage
from bot.localhub.model import PullRequest


async def deliver(world: World, pull: PullRequest, *events: Event) -> Sent:
    """Deliver real payloads to the bot of a world."""
    port = urlsplit(world.url).port
    assert port is not None
    payload = template(world.hub, world.shop, pull)
    return await drive(Plan(port, world.hub.app.webhook_secret, payload, list(events)))


async def untold(world: World) -> PullRequest:
    """A pull request that the bot has not been told of."""
    url, world.hub.webhooks.url = world.hub.webhooks.url, None
    await world.begin("feat/login", "develop")
    pull = await world.hub.pulls.open(world.shop, head="feat/login", base="develop", by=world.mina)
    world.hub.webhooks.url = url
    return pull


async def test_an_acknowledged_delivery_is_stored(world: World) -> None:
    pull = await untold(world)
    events = [Event(number, f"{number:040x}", guid=f"guid-{number}") for number in range(1000, 1200)]
    assert (await deliver(world, pull, *events)).statuses == {202: 200}
    assert len(await world.engine.seen(event.guid for event in events)) == 200


async def test_a_burst_is_acknowledged_whole(world: World) -> None:
    pull = await untold(world)
    assert (await deliver(world, pull, *distinct(1000, first=1000))).statuses == {202: 1000}


async def test_sigkill_loses_no_acknowledged_delivery(tmp_path: Path) -> None:
    async with a_stage(tmp_path, pulls=20) as stage:
        stage.hub.faults.latency = 3600.0  # nothing is answered before the kill
        child = await stage.start()
        try:
            await child.listening()
            sent = await drive_apart(stage.plan(child, stage.events()))
        finally:
            await child.stop(signal.SIGKILL)
        assert sent.statuses == {202: 20}
        heads = {pull.head_ref_oid for pull in stage.pulls}
        assert stage.checked() == set()
        stage.hub.faults.latency = 0.0
        async with stage.serving() as child:
            await stage.settled(child)
            assert stage.checked() == heads


async def test_one_guid_three_times_is_one_evaluation(world: World) -> None:
    pull = await untold(world)
    event = Event(pull.number, pull.head_ref_oid, guid="72d3162e-cc78-11e3-81ab-4c9367dc0958")
    twice = await deliver(world, pull, event, event)
    await world.settled()
    once_more = await deliver(world, pull, event)
    await world.settled()
    assert twice.refused == once_more.refused == 0
    assert world.operations().count("Pull") == 1


async def test_a_storm_on_one_pull_request_is_few_evaluations_and_one_after_it(world: World) -> None:
    pull = await untold(world)
    event = Event(pull.number, pull.head_ref_oid)
    await deliver(world, pull, *[event] * 999)
    before = world.operations().count("Pull")
    await deliver(world, pull, event)
    await world.settled()
    assert before < world.operations().count("Pull") <= 5


async def test_the_usual_events_cost_two_requests_and_one_when_nothing_changed(world: World) -> None:
    await world.begin("feat/login", "develop")
    pull = await world.open("feat/login", "develop")
    opened = world.operations()
    await world.clone.commit("more", {"more.txt": "more"})
    await world.push("feat/login")
    await world.settled()
    synchronized = world.operations()[len(opened) :]
    await deliver(world, pull, Event(pull.number, world.pull(pull.number).head_ref_oid))
    await world.settled()
    redelivered = world.operations()[len(opened) + len(synchronized) :]
    assert (len(opened), len(synchronized), len(redelivered)) == (2, 2, 1)


async def test_the_way_from_event_to_check_is_two_requests_and_no_new_token(world: World) -> None:
    for name in ("feat/one", "feat/two", "feat/three"):
        await world.begin(name, "develop")
        await world.open(name, "develop")
    assert world.operations() == ["Pull", "Publish"] * 3
    assert sum("access_tokens" in asked.path for asked in world.hub.requests) == 1


async def test_a_start_and_an_acknowledgement_ask_github_for_nothing(world: World) -> None:
    assert world.hub.requests == []
    pull = await untold(world)
    world.hub.faults.latency = 3600.0
    assert (await deliver(world, pull, Event(pull.number, pull.head_ref_oid))).statuses == {202: 1}
    assert world.hub.world.runs == {}
    world.hub.faults.latency = 0.0


def test_a_serving_process_loads_nothing_that_it_does_not_serve_with() -> None:
    program = "import sys, bot.cli.serve, bot.engine.worker; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "dbos" in loaded
    assert loaded & {"bot.localhub", "bot.cli.demo", "graphql", "rich", "asyncmy", "alembic"} == set()
