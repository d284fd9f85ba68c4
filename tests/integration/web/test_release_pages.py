"""The releases of a repository, as a browser sees them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.room import EVERYBODY, HOSTILE, MINA, SHOP, entered, filled, statements

from service.ledger.database import Database
from service.ledger.releases import Beginning, StepState
from service.ledger.store import Ledger
from service.web.viewer import Viewer

Room = tuple[Ledger, Database]


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with filled(tmp_path) as made:
        yield made


async def page(
    ledger: Ledger, path: str, viewer: Viewer = EVERYBODY, language: str = "en"
) -> tuple[int, str]:
    async with entered(ledger, viewer) as browser:
        answer = await browser.get(path, headers={"Accept-Language": language})
        return answer.status, await answer.text()


async def test_a_release_says_what_it_lacks_and_why(room: Room) -> None:
    ledger, _ = room
    status, html = await page(ledger, "/acme/shop/releases")
    assert status == 200
    assert html.index("1.3.1") < html.index("1.3.0") < html.index("1.2.0")
    assert html.count("1 step is lacking") == 1
    assert "Back-merge into develop" in html
    assert "#116 into &#39;develop&#39; is to be merged." in html
    assert 'href="https://github.com/acme/shop/releases/tag/v1.3.1"' in html
    assert 'href="/acme/shop/pull/115"' in html
    assert f'data-live="{SHOP.id}"' in html


async def test_it_says_so_in_korean(room: Room) -> None:
    _, html = await page(room[0], "/acme/shop/releases", language="ko")
    assert "develop(으)로 되병합" in html
    assert "&#39;develop&#39;으로 가는 #116을 병합해야 합니다." in html


async def test_what_github_refused_is_told_and_harms_nobody(room: Room) -> None:
    ledger, _ = room
    begun = await ledger.releases.begin(Beginning(SHOP, HOSTILE, HOSTILE, HOSTILE, None))
    await ledger.releases.step(begun, f"back-merge {HOSTILE}", StepState.FAILED, {"why": f"403 {HOSTILE}"})
    await ledger.releases.step(begun, "unheard-of", StepState.DONE, {})
    await ledger.releases.note(begun, f"# {HOSTILE}\n\n[x](javascript:alert(1))")
    _, html = await page(ledger, "/acme/shop/releases", MINA)
    assert "403 &lt;script&gt;" in html
    assert "unheard-of" in html
    assert "<script>" not in html.replace('<script src="/static/room.js" defer></script>', "")
    assert 'href="javascript' not in html
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in html


async def test_going_on_is_for_people_and_for_what_is_not_complete(room: Room) -> None:
    ledger, _ = room
    assert "<form" not in (await page(ledger, "/acme/shop/releases"))[1].split("<main")[1]
    _, html = await page(ledger, "/acme/shop/releases", MINA)
    assert html.count('action="/acme/shop/pull/115/retry"') == 1
    assert html.split("<main")[1].count("<form") == 1
    assert html.split("<main")[1].count('name="csrf" value="a-token-of-mina"') == 1


async def test_releases_page_by_page(room: Room) -> None:
    ledger, _ = room
    for number in range(25):
        await ledger.releases.begin(Beginning(SHOP, f"2.0.{number}", f"v2.0.{number}", "a" * 40))
    _, first = await page(ledger, "/acme/shop/releases")
    assert (first.count("<article"), "v2.0.24" in first, "v2.0.4" in first) == (20, True, False)
    older = first.split("/acme/shop/releases?older=")[1].split('"')[0]
    _, second = await page(ledger, f"/acme/shop/releases?older={older}")
    assert ("v2.0.4" in second, 'rel="next"' in first, 'rel="next"' in second) == (True, True, False)


async def test_who_may_not_see_a_repository_sees_nothing(room: Room) -> None:
    stranger = Viewer(None, frozenset({SHOP.id}))
    for path in (
        "/acme/Till/releases",
        "/acme/vault/releases",
        "/acme/nothing/releases",
        "/acme/Till/insights",
    ):
        status, html = await page(room[0], path, stranger)
        assert (status, "There is no such page" in html) == (404, True)


async def test_a_bad_address_is_told_and_another_case_is_led(room: Room) -> None:
    assert (await page(room[0], "/acme/shop/releases?older=x"))[0] == 400
    assert (await page(room[0], "/ACME/Shop/releases"))[0] == 200


async def test_the_page_asks_for_little(room: Room) -> None:
    ledger, database = room
    with statements(database) as asked:
        await page(ledger, "/acme/shop/releases")
    assert len(asked) == 4
