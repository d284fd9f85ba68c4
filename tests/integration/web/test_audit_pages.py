"""The audit and its downloads: all of it that somebody may see, and nothing that harms whoever reads it."""

import csv
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from unittest.mock import AsyncMock

import pytest
import sqlalchemy as sa
from aiohttp import ClientConnectionResetError
from aiohttp.abc import AbstractStreamWriter
from aiohttp.test_utils import make_mocked_request
from support.room import EVERYBODY, HOSTILE, SHOP, TILL, entered, filled, statements

from service.ledger import models
from service.ledger.audit import Entry
from service.ledger.database import Database
from service.ledger.store import Ledger
from service.web import refusals
from service.web.pages.audit import AuditPage
from service.web.rendering import Rendering, Site
from service.web.viewer import VIEWER, Viewer

Room = tuple[Ledger, Database]
AT = datetime(2026, 3, 3, 9, tzinfo=UTC)
ONLY_TILL = Viewer(None, frozenset({TILL.id}))


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with filled(tmp_path) as (ledger, database):
        await ledger.audit.append(Entry(AT, "mina", "hold", "prod", "결제 실패", "control room", SHOP))
        await ledger.audit.append(Entry(AT, "sora", "retry", "#12", "=1+1", "comment", TILL))
        await ledger.audit.append(Entry(AT, "root", "jobs retry", "release/7/1", HOSTILE, "command line"))
        yield ledger, database


async def get(room: Room, path: str, viewer: Viewer = EVERYBODY) -> tuple[int, str]:
    async with entered(room[0], viewer) as browser:
        answer = await browser.get(path)
        return answer.status, (await answer.read()).decode("utf-8")


async def rows(room: Room, path: str, viewer: Viewer = EVERYBODY) -> list[dict[str, str]]:
    _, text = await get(room, path, viewer)
    assert text.startswith("\N{ZERO WIDTH NO-BREAK SPACE}")
    return list(csv.DictReader(StringIO(text[1:], newline="")))


async def test_it_says_who_did_what(room: Room) -> None:
    status, html = await get(room, "/audit")
    assert status == 200
    assert "결제 실패" in html
    assert 'href="/acme/Till/pull/12"' in html
    assert "release/7/1" in html
    assert "&lt;script&gt;" in html
    assert "<script>" not in html
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in html


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("repository=ACME/till", ["sora"]),
        ("actor=mina&action=hold&subject=prod", ["mina"]),
        ("from=2026-03-03&to=2026-03-03&actor=&repository=", ["root", "sora", "mina"]),
        ("to=2026-03-02", []),
        ("repository=acme/nothing", []),
        ("actor=%27+OR+1%3D1+--", []),
        ("actor=mina%27%3B+DROP+TABLE+ledger_audit%3B--", []),
        ("repository=acme/shop%25", []),
    ],
)
async def test_each_filter_narrows(room: Room, query: str, found: list[str]) -> None:
    assert (await get(room, f"/audit?{query}"))[0] == 200
    assert [row["actor"] for row in await rows(room, f"/audit.csv?{query}")] == found
    assert [row["actor"] for row in json.loads((await get(room, f"/audit.json?{query}"))[1])] == found


async def test_somebody_sees_the_entries_of_their_repositories_and_no_others(room: Room) -> None:
    assert [row["actor"] for row in await rows(room, "/audit.csv", ONLY_TILL)] == ["sora"]
    assert await rows(room, "/audit.csv?repository=acme/shop", ONLY_TILL) == []
    _, html = await get(room, "/audit", ONLY_TILL)
    assert ("결제" in html, "release/7/1" in html) == (False, False)


@pytest.mark.parametrize("path", ["/audit", "/audit.csv", "/audit.json"])
async def test_a_bad_filter_is_told_and_stays_in_its_form(room: Room, path: str) -> None:
    status, html = await get(room, f"{path}?from=yesterday&actor=mina")
    assert (status, "expected a day" in html, "“yesterday”" in html) == (400, True, True)
    assert 'name="actor" value="mina"' in html


async def test_a_spreadsheet_takes_no_cell_for_a_formula(room: Room) -> None:
    for cell in (
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        '=HYPERLINK("https://evil.example")',
        "a,b\r\n=2",
        "\N{FULLWIDTH EQUALS SIGN}1",
        "\N{FULLWIDTH COMMERCIAL AT}A1",
        "\n=1",
    ):
        await room[0].audit.append(Entry(AT, "mina", "hold", "prod", cell, "comment", SHOP))
    whys = [row["why"] for row in await rows(room, "/audit.csv?actor=mina&to=2026-03-03")]
    assert whys == [
        "'\n=1", "'\N{FULLWIDTH COMMERCIAL AT}A1", "'\N{FULLWIDTH EQUALS SIGN}1",
        "a,b\r\n=2", "'=HYPERLINK(\"https://evil.example\")", "'\t=1", "'@SUM(A1)", "'-1", "'+1", "결제 실패",
    ]  # fmt: skip
    assert json.loads((await get(room, "/audit.json?actor=sora"))[1])[0]["why"] == "=1+1"


async def test_ten_thousand_entries_page_by_page_and_in_one_download(room: Room) -> None:
    database = room[1]
    many = [
        {
            "at": AT + timedelta(days=30), "actor": "robot", "action": "promote", "subject": f"{number}",
            "why": "", "origin": "comment", "repository_id": SHOP.id, "repository": SHOP.name,
        }
        for number in range(10_000)
    ]  # fmt: skip
    with database.engine.begin() as connection:
        connection.execute(sa.insert(models.Audit), many)
    with statements(database) as asked:
        _, html = await get(room, "/audit?actor=robot&from=2026-04-01")
    assert (len(asked), html.count("<tr>"), "<bdi>9999</bdi>" in html) == (2, 51, True)
    older = html.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    _, second = await get(room, older)
    assert ("<bdi>9949</bdi>" in second, "<bdi>9950</bdi>" in second) == (True, False)
    with statements(database) as asked:
        found = await rows(room, "/audit.csv?actor=robot")
    assert [row["subject"] for row in found] == [f"{number}" for number in reversed(range(10_000))]
    assert len(asked) == 10
    assert len(json.loads((await get(room, "/audit.json?actor=robot"))[1])) == 10_000


async def test_nothing_is_an_empty_download(room: Room) -> None:
    assert await rows(room, "/audit.csv?actor=nobody") == []
    assert json.loads((await get(room, "/audit.json?actor=nobody"))[1]) == []


async def test_a_download_that_is_given_up_is_no_error(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    rendering = Rendering(Site("http://localhost", "https://github.com"))
    for gone in ("write", "write_headers"):
        writer = AsyncMock(AbstractStreamWriter, **{f"{gone}.side_effect": ClientConnectionResetError})
        request = make_mocked_request("GET", "/audit.csv", writer=writer)
        request[VIEWER] = EVERYBODY
        await refusals.page(request, AuditPage(room[0], rendering).csv, rendering=rendering)
        assert getattr(writer, gone).await_count == 1
    assert caplog.records == []
