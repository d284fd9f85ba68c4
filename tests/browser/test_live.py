"""Pages that follow the ledger: back from every failure, behind only while somebody types."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, Route, expect
from support.demo import chromium
from support.room import EVERYBODY, SHOP, entered, filled

from service.ledger.environments import Hold
from service.ledger.store import Ledger
from service.web.viewer import Person, Viewer

pytestmark = pytest.mark.asyncio(loop_scope="module")

SORA = Viewer(Person(3, "sora"), EVERYBODY.visible, csrf="c")
BOARD, PULLS = "/acme/shop", "/acme/shop/pulls"
HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def window() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def room(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Ledger, str]]:
    folder: Path = tmp_path_factory.mktemp("room")
    async with filled(folder) as (ledger, _), entered(ledger, SORA) as browser:
        yield ledger, str(browser.make_url("/")).rstrip("/")


@pytest_asyncio.fixture(loop_scope="module")
async def page(window: Browser, room: tuple[Ledger, str]) -> AsyncIterator[Page]:
    """The board of acme/shop, live, with a clock that the test may turn."""
    context = await window.new_context(base_url=room[1], locale="en")
    context.set_default_timeout(15_000)
    page = await context.new_page()
    await page.clock.install()
    await page.goto(BOARD)
    await expect(live(page)).to_have_text("Live")
    yield page
    await context.close()


def live(page: Page) -> Locator:
    return page.locator("#live")


async def held(ledger: Ledger, why: str) -> None:
    """Let somebody else hold an environment, whoever held it before."""
    standing = (await ledger.environments.get(SHOP, "stage")).hold
    hold = Hold("mina", why, datetime.now(UTC))
    assert await ledger.environments.hold(SHOP, "stage", hold, standing.since if standing else None)


async def away(route: Route) -> None:
    await route.fulfill(status=503, body="away")


async def test_it_comes_back_from_a_stream_that_is_refused(page: Page, room: tuple[Ledger, str]) -> None:
    await page.route("**/live?*", away)
    await page.reload()
    await page.clock.run_for(2_000)
    await expect(live(page)).to_have_text("Connection lost: trying again")
    await page.unroute("**/live?*")
    await held(room[0], "while it was away")
    await page.clock.run_for(60_000)
    await expect(live(page)).to_have_text("Live")
    await expect(page.get_by_text("while it was away")).to_be_visible()


async def test_what_changes_before_the_stream_begins_is_shown(page: Page, room: tuple[Ledger, str]) -> None:
    async def late(route: Route) -> None:
        await held(room[0], "between page and stream")
        await route.continue_()

    await page.route("**/live?*", late)
    await page.reload()
    await expect(page.get_by_text("between page and stream")).to_be_visible()


async def test_whoever_is_signed_out_is_told(page: Page) -> None:
    await page.route(f"**{BOARD}", lambda route: route.fulfill(status=401, body="Sign in"))
    await page.clock.run_for(60_000)
    await expect(page.locator("body")).to_have_text("Sign in")


async def test_a_refresh_that_fails_is_said_and_tried_again(page: Page, room: tuple[Ledger, str]) -> None:
    await page.route(f"**{BOARD}", away)
    await held(room[0], "tried again")
    await expect(live(page)).to_have_text("Connection lost: trying again")
    await page.unroute(f"**{BOARD}")
    await page.clock.run_for(6_000)
    await expect(page.get_by_text("tried again")).to_be_visible()
    await expect(live(page)).to_have_text("Live")


async def test_it_waits_for_whoever_types(page: Page, room: tuple[Ledger, str]) -> None:
    card = page.get_by_role("article", name="prod", exact=True)
    await card.get_by_text("Hold or freeze").click()
    await card.get_by_label("Reason").fill("a long reason")
    await page.keyboard.press("Tab")
    await held(room[0], "not while somebody types")
    async with page.expect_response("**/live?*"):
        await page.evaluate(HIDE, True)
        await page.evaluate(HIDE, False)
    await page.clock.run_for(6_000)
    await expect(card.get_by_label("Reason")).to_have_value("a long reason")
    await expect(page.get_by_text("not while somebody types")).to_have_count(0)
    await card.get_by_label("Reason").fill("")
    await page.keyboard.press("Tab")
    await expect(page.get_by_text("not while somebody types")).to_be_visible()


async def test_focus_and_scroll_stay(page: Page, room: tuple[Ledger, str]) -> None:
    await page.set_viewport_size({"width": 360, "height": 800})
    await page.locator(".map").evaluate("map => { map.scrollLeft = -40; }")
    await page.locator(f'.rooms a[href="{PULLS}"]').focus()
    await held(room[0], "all stays")
    await expect(page.get_by_text("all stays")).to_be_visible()
    await expect(page.locator(f'.rooms a[href="{PULLS}"]')).to_be_focused()
    assert await page.locator(".map").evaluate("map => map.scrollLeft") == -40


async def test_nobody_sees_it_and_it_does_not_listen(page: Page, room: tuple[Ledger, str]) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    async with page.expect_event("requestfailed", lambda request: "/live?" in request.url):
        await page.evaluate(HIDE, True)
    await page.clock.run_for(120_000)
    assert asked == []
    await held(room[0], "meanwhile")
    await page.evaluate(HIDE, False)
    await expect(page.get_by_text("meanwhile")).to_be_visible()
    assert sum("/live?" in each for each in asked) == 1


async def test_moments_grow_older(page: Page) -> None:
    async with page.expect_response(f"**{BOARD}"):
        await page.clock.run_for(60_000)


async def test_a_level_with_a_long_name_fits_a_telephone(page: Page, room: tuple[Ledger, str]) -> None:
    pull = await room[0].pulls.of(SHOP.id, 118)
    assert pull is not None
    await room[0].pulls.record(replace(pull, levels=(("blocker-level-with-a-name", 3),)))
    await page.set_viewport_size({"width": 360, "height": 800})
    await page.goto("/")
    await expect(page.get_by_text("blocker-level-with-a-name")).to_be_attached()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
