"""The pages of a repository, over a ledger in which two teams have worked."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.parsers import expat

import pytest
from aiohttp.test_utils import TestClient
from support.room import HOSTILE, LONG, MINA, SHOP, TILL, World, entered, filled, known, statements

from service.ledger.database import Database
from service.ledger.repository import Repository
from service.ledger.store import Ledger
from service.web.viewer import Viewer

PAGES = ("/", "/acme/shop", "/acme/Till", "/acme/vault", "/acme/shop/pulls", "/acme/vault/pulls",
         "/acme/shop/pull/120", "/acme/shop/pull/121", "/acme/shop/pull/115")  # fmt: skip
MOST_STATEMENTS = 12


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[tuple[Ledger, Database]]:
    async with filled(tmp_path) as made:
        yield made


@pytest.fixture
def ledger(world: tuple[Ledger, Database]) -> Ledger:
    return world[0]


@pytest.fixture
async def browser(ledger: Ledger) -> AsyncIterator[TestClient[Any, Any]]:
    async with entered(ledger) as client:
        yield client


async def read(browser: TestClient[Any, Any], path: str, status: int = 200, language: str = "en") -> str:
    async with browser.get(path, headers={"Accept-Language": language}) as answer:
        assert answer.status == status, path
        return await answer.text()


def text(html: str) -> str:
    """What is read on a page, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


async def test_every_page_is_well_made_in_few_statements(world: tuple[Ledger, Database]) -> None:
    ledger, database = world
    async with entered(ledger, MINA) as browser:
        for path in PAGES:
            with statements(database) as asked:
                html = await read(browser, path)
            assert 0 < len(asked) <= MOST_STATEMENTS, path
            assert_well_made(html)


def assert_well_made(html: str) -> None:
    """No script or style of its own, no markup of others, ids once, and headings that go down one by one."""
    assert "<script>alert" not in html
    assert "javascript:" not in "".join(re.findall(r'(?:href|action|src)="([^"]*)"', html))
    assert not re.findall(r"<[^>]+\s(?:style|on\w+)=[\"']", html)
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in html
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'aria-(?:labelledby|describedby)="([^"]+)"', html)) <= set(ids)
    levels = [int(level) for level in re.findall(r"<h(\d)", html)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for drawn in re.findall(r"<svg.*?</svg>", html, re.DOTALL):
        expat.ParserCreate().Parse(drawn, True)


async def test_the_first_page_says_what_is_wrong_where(browser: TestClient[Any, Any]) -> None:
    rows = re.findall(r'<th scope="row">.*?</th>', await read(browser, "/"), re.DOTALL)
    shop = next(row for row in rows if "acme/shop" in row)
    assert re.search(r'class="signal (\w+)"', shop)[1] == "failure"  # type: ignore[index]
    assert "The last deployment to dev failed" in text(shop)
    assert "Release v1.3.1 waits for a person" in text(shop)
    assert "Pull requests: blocked" in text(shop)
    assert "dev에 마지막으로 한 배포가 실패했습니다" in await read(browser, "/", language="ko")


async def test_pages_are_said_in_korean(browser: TestClient[Any, Any]) -> None:
    assert "v1.3.1을(를) develop에 되병합해야 합니다" in await read(browser, "/acme/shop", language="ko")
    assert "열린 풀 리퀘스트" in await read(browser, "/acme/shop/pulls", language="ko")
    why = await read(browser, "/acme/shop/pull/120", language="ko")
    assert "적힌 대로 하십시오." in why
    assert "Do as it says." not in why


async def test_the_line_map_links_its_stations_and_shows_what_is_owed(browser: TestClient[Any, Any]) -> None:
    html = await read(browser, "/acme/shop")
    (drawn,) = re.findall(r'<svg class="lines".*?</svg>', html, re.DOTALL)
    assert re.search(
        r'<a class="station develop" href="/acme/shop/pull/101">.*?<circle.*?#101</text>', drawn, re.DOTALL
    )
    assert re.search(
        r'<a class="station main" href="/acme/shop/pull/104">.*?<rect.*?v1\.2\.0</text>', drawn, re.DOTALL
    )
    assert '<a class="head release" href="/acme/shop/pull/117">' in drawn
    assert drawn.count('class="track main owed"') == 1
    assert "v1.3.1 owed" in text(drawn)
    table = text(html[html.index('<details id="map-table"') :])
    assert "v1.3.1 is owed to develop" in table
    assert "release-v1.2.0 into main, released as v1.2.0 #104" in table
    assert "release-v1.4.0 on its way to main" in table
    assert '<main id="main" tabindex="-1" data-live="7" data-seen="' in html


async def test_where_a_deployment_is_seen_is_a_link_to_the_web_alone(
    world: tuple[Ledger, Database], browser: TestClient[Any, Any]
) -> None:
    assert '<a href="https://prod.example.com/" rel="nofollow noreferrer">' in await read(
        browser, "/acme/shop"
    )
    await World(world[1], datetime.now(UTC)).deployed(
        TILL, "one", "v1", 1, 0, id=900, url="javascript:alert(1)"
    )
    assert "javascript:" not in await read(browser, "/acme/Till")


async def test_the_board_says_what_runs_what_is_held_and_what_waits(browser: TestClient[Any, Any]) -> None:
    cards = re.findall(r"<article.*?</article>", await read(browser, "/acme/shop"), re.DOTALL)
    local, dev, stage, prod = map(text, cards)
    assert "local nothing yet" in local
    assert dev.startswith("dev failed Runs develop")
    assert f"failed: {LONG}" in dev
    assert "Frozen by mina" in stage
    assert "until" in stage
    assert "Runs v1.3.0" in prod
    assert "rolled back checkout fails" in prod
    assert "Waits v1.3.1" in prod
    assert HOSTILE[:20] in prod
    assert "Database real" in prod
    assert '<a class="commit" href="https://github.com/acme/shop/commit/' in cards[3]


async def test_the_board_says_what_signalbox_carries_and_offers_what_can_be_ordered(ledger: Ledger) -> None:
    async with entered(ledger, MINA) as hers:
        html = await read(hers, "/acme/Till")
    local, _, _, stage, prod = re.findall(r'<article class="card".*?</article>', html, re.DOTALL)
    assert "Image 1.1.0 till:v1.1.0 Manifests written by" in text(stage)
    assert '<a class="commit" href="https://github.com/acme/gitops/commit/' in stage
    assert "Runs release/1.0.0" in text(prod)
    assert "Image 1.0.0 till:v1.0.0" in text(prod)
    assert "Waits release/1.1.0" in text(prod)
    assert "<bdi>till:&lt;i&gt;9</bdi>" in local
    at, offered = "/acme/Till/environments", {}
    for name, card in (("local", local), ("stage", stage), ("prod", prod)):
        offered[name] = re.findall(rf'action="{at}/{name}/(promote|rollback)"', card)
    assert offered == {"local": ["promote"], "stage": [], "prod": ["promote", "rollback"]}
    assert re.findall(r"<option[^>]*>(.*?)</option>", prod) == ["where the rulebook says", "0.9.0"]
    assert "Signalbox deploys nothing here" not in html


async def test_what_was_refused_is_said(ledger: Ledger, browser: TestClient[Any, Any]) -> None:
    (last,) = await ledger.deployments.of(TILL.id, "prod", 1)
    at = last.created_at + timedelta(hours=1)
    refused = replace(
        last, id=990, action="promote", why="the fair", state="failure", note=f"Mina may not. {HOSTILE}",
        created_at=at, succeeded_at=None, finished_at=at,
    )  # fmt: skip
    await ledger.deployments.record(refused)
    html = await read(browser, "/acme/Till")
    assert_well_made(html)
    assert re.search(r"failed: release/1.0.0 .* the fair Mina may not. <script>", text(html))


async def test_only_who_signed_in_gets_forms(ledger: Ledger, browser: TestClient[Any, Any]) -> None:
    for path in PAGES:
        assert 'method="post"' not in await read(browser, path)
    async with entered(ledger, MINA) as hers:
        board, why = await read(hers, "/acme/shop"), await read(hers, "/acme/shop/pull/120")
        merged = await read(hers, "/acme/shop/pull/115")
    at = "/acme/shop/environments"
    acts = re.findall(r'(?:form)?action="([^"]+)"', board)
    for act in (f"{at}/prod/release-hold", f"{at}/prod/freeze", f"{at}/stage/hold", f"{at}/stage/thaw"):
        assert act in acts
    assert board.count('name="reason" required') == 4
    assert board.count(f'name="csrf" value="{MINA.csrf}"') == 4 + 1
    assert re.findall(r'action="(/acme/shop/[^"]+)"', why) == [
        "/acme/shop/pull/120/recheck", "/acme/shop/pull/120/override"
    ]  # fmt: skip
    assert 'name="rule" value="levels"' in why
    assert "/acme/shop/pull/" not in "".join(re.findall(r'action="([^"]+)"', merged))


async def test_open_pull_requests_and_how_each_stands(browser: TestClient[Any, Any]) -> None:
    html = await read(browser, "/acme/shop/pulls")
    rows = [text(row) for row in re.findall(r"<tr>.*?</tr>", html, re.DOTALL)][1:]
    assert [row.split()[0] for row in rows] == ["#121", "#120", "#119", "#118", "#117"]
    assert "blocked P1 1 P3 2 feature feat/change-120 → develop sora" in rows[1]
    assert "draft" in rows[2]
    assert "장바구니에 담긴 상품의 수량을 한 번에 바꿀 수 있게 합니다" in rows[3]
    assert "waiting none release release-v1.4.0 → main sora" in rows[4]
    assert "No pull request is open." in await read(browser, "/acme/vault/pulls")


async def test_pull_requests_are_paged(world: tuple[Ledger, Database], browser: TestClient[Any, Any]) -> None:
    writer = World(world[1], datetime.now(UTC))
    for number in range(200, 260):
        await writer.ledger.pulls.record(writer.pull(TILL, number, 1))
    first = await read(browser, "/acme/Till/pulls")
    assert 'rel="next" href="/acme/Till/pulls?older=210"' in first
    second = await read(browser, "/acme/Till/pulls?older=210")
    assert re.findall(r'href="/acme/Till/pull/(\d+)"', second) == [
        *map(str, range(209, 199, -1)), "10"
    ]  # fmt: skip
    assert 'rel="prev" href="/acme/Till/pulls"' in second
    assert "There are no older ones." in await read(browser, "/acme/Till/pulls?older=1")


async def test_the_why_page_says_why_and_how_to_mend_it(browser: TestClient[Any, Any]) -> None:
    html = await read(browser, "/acme/shop/pull/120")
    shown = text(html)
    assert "signalbox / review : blocked levels broken required P1 by 'jiho' is outstanding." in shown
    assert "How to mend it: Do as it says." in shown
    assert f"git push origin '{LONG}'" in shown
    assert "Overridden by mina" in shown
    assert "signalbox / release : all right No rule applies here." in shown
    facts = shown[shown.index("The facts it stood on") :]
    assert "jiho : asks for changes sora : approved (of another commit," in facts
    assert "passed : build required still running : integration / 통합 테스트 failed : <script>" in facts
    levels = shown[shown.index("Level By Raised Cleared") :]
    assert re.match(r"Level By Raised Cleared P1 jiho .* outstanding P3 somebody who left .* P2 mina", levels)
    assert "another commit is the head branch : blocked → advice" in shown
    assert "branch, naming : broken → kept" in shown
    assert "Nothing was decided yet." in await read(browser, "/acme/shop/pull/121")


async def test_decisions_are_paged(world: tuple[Ledger, Database], browser: TestClient[Any, Any]) -> None:
    writer = World(world[1], datetime.now(UTC))
    pull = writer.pull(SHOP, 300, 99)
    await writer.ledger.pulls.record(pull)
    for hours in range(24, 0, -1):
        await writer.decided(pull, hours, [{"rule": "naming", "outcome": ("pass", "fail")[hours % 2]}])
    seen, path = [], "/acme/shop/pull/300"
    while path:
        html = await read(browser, path)
        seen.append((html.count("<li>\n    <p>"), html.count("<b>kept</b>") + html.count("<b>broken</b>")))
        path, *_ = [*map(unescape, re.findall(r'rel="next" href="([^"#]+)', html)), ""]
    # The last of each page has changed something, too; the first of all has nothing before it.
    assert seen == [(10, 10), (10, 10), (4, 3)]


async def test_what_is_not_there_is_not_found(browser: TestClient[Any, Any]) -> None:
    for path in (
        "/acme/nothing", "/acme/shop/pull/99", "/acme/shop/pull/abc", "/acme/shop/pull/0",
        "/acme/shop/pull/-1", "/acme/shop/pull/99999999999999999999", "/acme/shop/' OR 1=1 --",
        "/acme/nothing/pulls?older=5", "/%3Cscript%3E/x",
    ):  # fmt: skip
        assert "There is no such page" in await read(browser, path, 404)


@pytest.mark.parametrize("page", ["pulls", "pull/120"])
async def test_a_page_number_that_is_none_is_told(browser: TestClient[Any, Any], page: str) -> None:
    for older in ("x", "", "-1", "1.5", "٣", "9" * 40, HOSTILE, "1' OR '1'='1"):
        async with browser.get(f"/acme/shop/{page}", params={"older": older}) as answer:
            html = await answer.text()
            assert answer.status == 400, older
        assert "Expected a number after older=" in html
        assert_well_made(html)


async def test_what_may_not_be_seen_looks_like_what_is_not_there(ledger: Ledger) -> None:
    async with entered(ledger, Viewer(MINA.person, frozenset({TILL.id}))) as browser:
        await read(browser, "/acme/Till")
        for path in ("", "/pulls", "/pull/120"):
            hidden = await read(browser, f"/ACME/shop{path}", 404)
            assert hidden == (await read(browser, f"/ACME/none{path}", 404)).replace("none", "shop")


async def test_of_two_with_one_name_the_one_that_may_be_seen_is_shown(ledger: Ledger) -> None:
    await ledger.repositories.record(known(Repository(70, "acme/Till")))
    async with entered(ledger, Viewer(MINA.person, frozenset({TILL.id}))) as browser:
        assert f'data-live="{TILL.id}"' in await read(browser, "/acme/Till")


async def test_another_spelling_leads_to_the_right_one(browser: TestClient[Any, Any]) -> None:
    for path, right in (
        ("/ACME/SHOP", "/acme/shop"),
        ("/acme/till/pulls?older=5&x=a%26b", "/acme/Till/pulls?older=5&x=a%26b"),
        ("/Acme/Shop/pull/120", "/acme/shop/pull/120"),
    ):
        async with browser.get(path, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (302, right)


async def test_a_rulebook_that_is_not_in_force_is_told(ledger: Ledger, browser: TestClient[Any, Any]) -> None:
    odd = Repository(12, "acme/odd")
    nothing: dict[str, Any] = {"preset": None, "main": None, "develop": None, "environments": ()}
    for rulebook, said in (
        ("absent", "There is no rulebook"), ("invalid", "is not valid"), ("unreadable", "cannot be read")
    ):  # fmt: skip
        await ledger.repositories.record(known(odd, rulebook=rulebook, **nothing))
        shown = text(await read(browser, "/acme/odd"))
        assert said in shown
        assert "Nothing was merged or released in the last 90 days." in shown
        assert "The rulebook names no environment" in shown
