"""The retention, as a process that serves keeps it."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.engine import Answered, Engine, Question, Tuning
from bot.work import keep_house
from service.ledger.deliveries import Delivery
from service.ledger.store import Ledger


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_what_is_older_than_the_retention_goes_and_the_rest_stays(
    ledger: Ledger, tmp_path: Path
) -> None:
    answered = asyncio.Queue[Answered]()
    engine = Engine(
        f"sqlite:///{tmp_path}/engine.sqlite",
        executor_id="one",
        tuning=Tuning(settle=0.01, spacing=0.05, poll=0.05),
        observe=answered.put_nowait,
    )
    keep_house(engine, ledger, days=30)
    now = datetime.now(UTC)
    for guid, age in (("old", timedelta(days=30, seconds=1)), ("young", timedelta(days=29))):
        await ledger.deliveries.record([Delivery(guid, now - age, "push", None, None, None, "asked")])
    await engine.start()
    try:
        await engine.ask(Question("retention"))
        assert (await answered.get()).outcome == "pruned"
    finally:
        await engine.stop(3)
    assert [delivery.guid for delivery in await ledger.deliveries.newest(10)] == ["young"]
