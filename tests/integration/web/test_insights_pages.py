"""The insights, as a browser sees them."""

import re
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.room import EVERYBODY, HOSTILE, SHOP, TILL, entered, filled, statements

from service.ledger.database import Database
from service.ledger.levels import Outstanding
from service.ledger.store import Ledger
from service.web.viewer import Viewer

Room = tuple[Ledger, Database]
WEEK = "from=2026-03-02&to=2026-03-08"


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    """With a week of which every number is known."""
    async with filled(tmp_path) as (ledger, database):
        at = datetime(2026, 3, 3, 9, tzinfo=UTC)
        for repository in (SHOP, TILL):
            await ledger.levels.record(
                repository, 900, [Outstanding("a", "P1", "jiho"), Outstanding("b", HOSTILE, None)], at
            )
            await ledger.levels.record(
                repository, 900, [Outstanding("b", HOSTILE, None)], at + timedelta(hours=30)
            )
        yield ledger, database


async def page(room: Room, path: str, viewer: Viewer = EVERYBODY, language: str = "en") -> tuple[int, str]:
    async with entered(room[0], viewer) as browser:
        answer = await browser.get(path, headers={"Accept-Language": language})
        return answer.status, await answer.text()


def table(html: str, key: str) -> list[list[str]]:
    """The cells of the table under a chart."""
    body = html.split(f'id="numbers-{key}"')[1].split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    return [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in body.split("</tr>") if "<td" in row]


async def test_the_table_has_the_numbers_of_the_chart(room: Room) -> None:
    _, one = await page(room, f"/acme/shop/insights?{WEEK}")
    assert table(one, "raised") == [["1", "0", "0", "1"]]
    assert table(one, "resolving") == [["30 hr", "–", "–", "–"]]
    assert "<title>Mar 2: 1</title>" in one
    assert "<title>Mar 2: 30 hr</title>" in one
    _, all_ = await page(room, f"/insights?{WEEK}")
    assert table(all_, "raised") == [["2", "2"]]


async def test_only_what_somebody_may_see_counts(room: Room) -> None:
    _, html = await page(room, f"/insights?{WEEK}", Viewer(None, frozenset({TILL.id})))
    assert table(html, "raised") == [["1", "1"]]
    _, nothing = await page(room, f"/insights?{WEEK}", Viewer(None, frozenset()))
    assert nothing.count("Nothing in this time.") == 8


async def test_the_charts_need_neither_style_nor_script_of_their_own(room: Room) -> None:
    _, html = await page(room, "/insights")
    assert html.count('class="chart') >= 4
    assert "style=" not in html
    assert "<style" not in html
    assert re.findall(r"<script[^>]*>", html) == ['<script src="/static/room.js" defer>']
    assert len(re.findall(r' id="([^"]*)"', html)) == len(set(re.findall(r' id="([^"]*)"', html)))


async def test_every_measure_is_defined_and_its_source_named(room: Room) -> None:
    for language, words in (("en", "Change failure rate"), ("ko", "변경 실패율")):
        _, html = await page(room, "/acme/shop/insights", language=language)
        assert words in html
        assert 'href="https://dora.dev/' in html


async def test_an_empty_time_says_so(room: Room) -> None:
    status, html = await page(room, "/acme/shop/insights?from=2001-01-01&to=2001-01-31")
    assert (status, html.count("Nothing in this time."), "<svg class" in html.split("<main")[1]) == (
        200,
        8,
        False,
    )


@pytest.mark.parametrize("query", ["from=x", "to=2026-02-30", "from=2026-02-02&to=2026-02-01", "from=%00"])
async def test_a_bad_day_is_told(room: Room, query: str) -> None:
    status, html = await page(room, f"/insights?{query}")
    assert (status, "expected a day" in html, 'role="alert"' in html) == (400, True, True)


async def test_a_long_time_is_cut_to_its_end(room: Room) -> None:
    _, html = await page(room, "/insights?from=1990-01-01&to=2026-03-08")
    assert "the last 104 weeks" in html
    assert "Mar 10, 2024" in html


async def test_the_page_asks_for_little(room: Room) -> None:
    with statements(room[1]) as asked:
        await page(room, "/acme/shop/insights")
    assert len(asked) == 8


async def test_drawing_leaves_no_import_hook_behind(room: Room) -> None:
    await page(room, "/insights")
    assert [each for each in sys.meta_path if not hasattr(each, "find_spec")] == []
