"""Streams of changes: as many as there are readers, none for ever, and one question to the ledger for all."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from support.room import EVERYBODY, SHOP, entered, filled

from service.ledger.database import Database
from service.ledger.store import Ledger
from service.web.live import Live
from service.web.viewer import VIEWER

Room = tuple[Ledger, Database]
MOST = 20


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with filled(tmp_path) as both:
        yield both


@asynccontextmanager
async def listening(live: Live) -> AsyncIterator[TestClient[Any, Any]]:
    """A browser before the streams alone."""

    async def stream(request: web.Request) -> web.StreamResponse:
        request[VIEWER] = EVERYBODY
        return await live.stream(request)

    app = web.Application()
    app.router.add_get("/live", stream)
    async with TestClient(TestServer(app)) as browser, asyncio.timeout(10):
        yield browser


async def heard(answer: Any) -> str:
    """The next event of a stream."""
    async for line in answer.content:
        if line.startswith(b"event: "):
            return str(line[7:].strip().decode())
    return "end"


async def test_a_change_is_heard_by_those_whom_it_concerns(room: Room) -> None:
    async with entered(room[0]) as browser, asyncio.timeout(10):
        all_of_it, shop = await browser.get("/live"), await browser.get(f"/live?about={SHOP.id}")
        assert [await heard(each) for each in (all_of_it, shop)] == ["hello", "hello"]
        await room[0].environments.hold(SHOP, "stage", None)
        assert [await heard(each) for each in (all_of_it, shop)] == ["change", "change"]


async def test_a_stream_begins_with_what_a_page_can_tell_whether_it_shows(room: Room) -> None:
    async with entered(room[0]) as browser, asyncio.timeout(10):
        for about, path in ((SHOP.id, "/acme/shop"), ("", "/")):
            seen = []
            for _ in range(2):
                page = await (await browser.get(path)).text()
                told = re.search(rf'data-live="{about}" data-seen="(\d+)"', page)
                assert told is not None
                async with browser.get(f"/live?about={about}") as stream:
                    assert await heard(stream) == "hello"
                    assert await stream.content.readline() == f"data: {told[1]}\r\n".encode()
                seen.append(int(told[1]))
                await room[0].environments.hold(SHOP, "stage", None)
            assert seen[1] == seen[0] + 1


async def test_streams_that_begin_together_leave_nothing_behind(room: Room) -> None:
    live = Live(room[0])
    async with listening(live) as browser:
        streams = await asyncio.gather(*(browser.get("/live") for _ in range(4)))
        assert [await heard(each) for each in streams] == ["hello"] * 4
        await live.close()
        assert [await heard(each) for each in streams] == ["end"] * 4
    assert [each for each in asyncio.all_tasks() if "Live._" in repr(each.get_coro())] == []


async def test_a_stream_ends_by_itself(room: Room) -> None:
    async with listening(Live(room[0], longest=0.01)) as browser:
        assert (await (await browser.get("/live")).text()).count("event:") == 1


async def test_one_person_has_so_many_streams_and_no_more(room: Room) -> None:
    async with entered(room[0]) as browser, AsyncExitStack() as streams:
        opened = [await browser.get("/live") for _ in range(MOST)]
        for each in opened:
            streams.callback(each.close)
        assert {each.status for each in opened} == {200}
        refused = await browser.get("/live")
        assert (refused.status, refused.headers["Retry-After"]) == (429, "30")
        assert "Too many pages are open" in await refused.text()


async def test_without_a_ledger_the_answer_is_one_page(room: Room) -> None:
    with room[1].engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE ledger_change RENAME TO away"))
    async with entered(room[0]) as browser:
        answer = await browser.get("/live")
        assert (answer.status, answer.content_type) == (503, "text/html")


async def test_nothing_that_a_browser_says_breaks_a_stream(room: Room) -> None:
    async with entered(room[0]) as browser:
        answer = await browser.get("/live", headers={"Last-Event-ID": "9" * 5000})
        assert await heard(answer) == "hello"
        answer.close()
