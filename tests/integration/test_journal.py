"""Deliveries on their way to the ledger, which may be away: nobody waits, and what is lost is counted."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import json

from bot import journal
from bot.journal import Journal
from bot.webhooks.events import Envelope
from service.ledger.database import Database
from service.ledger.store import Ledger

ENVELOPE = json.decode(
    b'{"action": "opened", "repository": {"id": 7, "full_name": "acme/shop"}, "sender": {"login": "mina"}}',
    type=Envelope,
)


@pytest.fixture
def lost() -> list[int]:
    return []


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    database = Database(f"sqlite:///{tmp_path}/ledger.sqlite")
    await database.open(upgrade=True)
    yield Ledger(database)
    await database.close()


async def test_what_is_held_when_the_process_stops_is_recorded(ledger: Ledger, lost: list[int]) -> None:
    kept = Journal(lost.append, pause=3600)
    for number in range(1200):
        kept.note(f"guid-{number}", "pull_request", ENVELOPE, "asked")
    kept.note("other", "ping", Envelope(), "nothing to ask")
    async with kept.kept(ledger.deliveries):
        pass
    found = {each.guid: each for each in await ledger.deliveries.newest(2000)}
    assert (len(found), lost) == (1201, [])
    first = found["guid-0"]
    assert (first.repository and first.repository.name, first.sender, first.action) == (
        "acme/shop", "mina", "opened",
    )  # fmt: skip
    assert (found["other"].repository, found["other"].action) == (None, None)


async def test_it_is_recorded_meanwhile_too(ledger: Ledger, lost: list[int]) -> None:
    kept = Journal(lost.append, pause=0)
    async with kept.kept(ledger.deliveries):
        kept.note("guid", "push", ENVELOPE, "asked")
        while not await ledger.deliveries.newest(1):
            pass


async def test_while_the_ledger_is_away_nothing_waits_and_what_is_lost_is_counted(
    tmp_path: Path, lost: list[int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(journal, "MOST_HELD", 3)
    database = Database(f"sqlite:///{tmp_path}/nowhere/ledger.sqlite")
    kept = Journal(lost.append, pause=0)
    async with kept.kept(Ledger(database).deliveries):
        for number in range(5):
            kept.note(f"guid-{number}", "push", ENVELOPE, "asked")
        assert lost == [1, 1]
    await database.close()
    assert sum(lost) == 5
    assert "it will never know of 3 deliveries" in caplog.text
