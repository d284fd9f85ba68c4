"""G1: GitHub does not deliver twice by itself: what was missed is asked for, after an outage everything."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.world import World

from bot import settings
from bot.engine import Question
from bot.errors import Retry
from bot.github.connection import GitHub
from bot.jobs.sweep import KEPT_BY_GITHUB, MOST_ATTEMPTS, Sweep
from bot.localhub import faults
from bot.work import github_of

LISTING = "/app/hook/deliveries"


@pytest.fixture
async def github(world: World, tmp_path: Path) -> AsyncIterator[GitHub]:
    found = settings.read(world.hub.environment(tmp_path / "data"))
    async with github_of(found, settings.identity(found)) as opened:
        yield opened


async def test_g1_what_never_arrived_is_delivered_again(world: World, github: GitHub) -> None:
    here, world.hub.webhooks.url = world.hub.webhooks.url, "http://127.0.0.1:9/webhooks/github"
    await world.begin("feat/login", "develop")
    pull = await world.open("feat/login", "develop")
    assert world.hub.world.runs == {}
    world.hub.webhooks.url = here
    assert await Sweep(github, world.engine, world.engine.ask).run() == "swept"
    await world.settled()
    assert world.check(pull).conclusion == "SUCCESS"
    before = len(world.hub.requests)
    await Sweep(github, world.engine, world.engine.ask).run()
    assert [each.path for each in world.hub.requests[before:]] == [LISTING]


async def test_g1_what_cannot_be_accepted_is_not_asked_for_ever(world: World, github: GitHub) -> None:
    here, world.hub.webhooks.url = world.hub.webhooks.url, "http://127.0.0.1:9/webhooks/github"
    await world.begin("feat/login", "develop")
    await world.hub.settled()
    sweep = Sweep(github, world.engine, world.engine.ask)
    for _ in range(MOST_ATTEMPTS + 2):
        await sweep.run()
        await world.hub.settled()
    guids = [
        delivery.notice.guid for delivery in world.hub.webhooks.deliveries.values() if not delivery.succeeded
    ]
    assert {guids.count(guid) for guid in guids} == {MOST_ATTEMPTS}
    world.hub.webhooks.url = here


async def test_after_an_outage_of_github_every_open_pull_request_is_looked_at(
    world: World, github: GitHub
) -> None:
    here, world.hub.webhooks.url = world.hub.webhooks.url, None
    await world.begin("feat/login", "develop")
    pull = await world.hub.pulls.open(world.shop, head="feat/login", base="develop", by=world.mina)
    world.hub.webhooks.url = here
    sweep = Sweep(github, world.engine, world.engine.ask, outage=timedelta(0))
    world.hub.faults.next("GET", LISTING, faults.refuse(502))
    with pytest.raises(Retry):
        await sweep.run()
    await sweep.run()
    await world.settled()
    assert world.check(pull).conclusion == "SUCCESS"


async def test_one_failed_sweep_is_no_outage(world: World, github: GitHub) -> None:
    sweep = Sweep(github, world.engine, world.engine.ask)
    world.hub.faults.next("GET", LISTING, faults.refuse(502))
    with pytest.raises(Retry):
        await sweep.run()
    before = len(world.hub.requests)
    await sweep.run()
    assert [each.path for each in world.hub.requests[before:]] == [LISTING]


class Silence:
    """Deliveries of which the newest is old."""

    def __init__(self, newest: datetime) -> None:
        self._newest = newest

    async def seen(self, guids: object) -> frozenset[str]:
        assert guids is not None
        return frozenset()

    @property
    def heard_before(self) -> datetime | None:
        return self._newest


@pytest.mark.parametrize(("days", "asked"), [(-1, 0), (1, 1)])
async def test_who_was_away_longer_than_github_remembers_looks_at_everything(
    world: World, github: GitHub, days: int, asked: int
) -> None:
    questions: list[Question] = []

    async def ask(*raised: Question, not_before: datetime | None = None) -> None:
        assert not_before is None
        questions.extend(raised)

    newest = datetime.now(UTC) - KEPT_BY_GITHUB - timedelta(days=days)
    sweep = Sweep(github, Silence(newest), ask)
    for _ in range(2):
        await sweep.run()
    assert [question.kind for question in questions] == ["installation"] * asked
    assert len(world.hub.world.installations) == 1
