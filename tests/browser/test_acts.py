"""What can be pressed in the control room, pressed in a real browser; and pages that follow what happens."""

import pytest
from playwright.async_api import Page, expect
from support.demo import Played

pytestmark = pytest.mark.asyncio(loop_scope="package")

BOARD = "/acme/shop"


async def act(page: Page, environment: str, button: str, reason: str) -> None:
    """Open the acts of an environment's card, say why, and press."""
    card = page.get_by_role("article", name=environment, exact=True)
    await card.get_by_text("Hold or freeze").click()
    await card.get_by_label("Reason", exact=True).fill(reason)
    await card.get_by_role("button", name=button, exact=True).click()
    await expect(page.get_by_role("status").filter(has_text="Ordered on GitHub, as you.")).to_be_visible()


async def test_an_environment_is_held_and_frozen_and_both_are_taken_back(demo: Played) -> None:
    async with demo.visit() as visit:
        page = visit.page
        await visit.sign_in("sora", BOARD)
        place = page.get_by_role("article", name="dev", exact=True)
        for button, shown in (("Hold", "Held by sora"), ("Freeze", "Frozen by sora")):
            await act(page, "dev", button, f"the <b>launch</b> of {button}")
            await expect(place).to_contain_text(shown)
            await expect(page.get_by_role("status").filter(has_text="as you.")).to_be_visible()
            await expect(place).to_contain_text(f"the <b>launch</b> of {button}")
        for button, gone in (("Let go", "Held by"), ("Thaw", "Frozen by")):
            await act(page, "dev", button, "over")
            await expect(place).not_to_contain_text(gone)
        await page.goto("/audit?subject=dev")
        for word in ("hold", "freeze", "release-hold", "thaw"):
            await expect(page.get_by_role("cell", name=word, exact=True).first).to_be_visible()
        assert visit.faults == []


async def test_what_waits_is_promoted_and_rolled_back_while_the_page_follows(demo: Played) -> None:
    async with demo.visit() as visit:
        await visit.sign_in("sora", BOARD)
        stage, prod = demo.stage, visit.page.get_by_role("article", name="prod", exact=True)
        ordered = visit.page.get_by_role("status").filter(has_text="Ordered on GitHub, as you.")
        await prod.locator("summary", has_text="Promote").click()
        await prod.get_by_label("Reason").first.fill("it is <b>mended</b>")
        await prod.get_by_role("button", name="Promote to prod").click()
        await expect(ordered).to_be_visible()
        assert await stage.writes("prod", "v1.3.0")
        await expect(prod).to_contain_text("it is <b>mended</b>")
        await stage.argo_says("shop-prod", "v1.3.0")
        await expect(prod.locator("header")).to_contain_text("healthy")
        await prod.locator("summary", has_text="Roll back").click()
        await prod.get_by_label("Back to").select_option("1.2.1")
        await prod.get_by_label("The older code can run").check()
        await prod.get_by_role("button", name="Roll prod back").click()
        await expect(ordered).to_be_visible()
        assert await stage.writes("prod", "v1.2.1")
        await stage.argo_says("shop-prod", "v1.2.1")
        await expect(prod).to_contain_text("Held by sora")
        await expect(prod).to_contain_text("rolled back")
        assert visit.faults == []


async def test_a_pull_request_is_checked_again(demo: Played) -> None:
    async with demo.visit() as visit:
        await visit.sign_in("mina", "/acme/shop/pulls")
        await visit.page.get_by_role("rowheader").get_by_role("link").first.click()
        await visit.page.get_by_role("button", name="Check again").click()
        await expect(
            visit.page.get_by_role("status").filter(has_text="Signalbox answers there")
        ).to_be_visible()
        await demo.stage.hub.settled()
        said = [each.body for each in demo.stage.hub.world.issue_comments.values()]
        assert said[-1] == "/signalbox recheck"
        assert visit.faults == []


async def test_whoever_may_not_is_told(demo: Played) -> None:
    async with demo.visit() as visit:
        await visit.sign_in("noor", BOARD)
        card = visit.page.get_by_role("article", name="dev", exact=True)
        await card.get_by_text("Hold or freeze").click()
        await card.get_by_label("Reason", exact=True).fill("because")
        await card.get_by_role("button", name="Hold", exact=True).click()
        await expect(visit.page.get_by_role("heading", name="You may not do this")).to_be_visible()


async def test_a_page_follows_what_others_do(demo: Played) -> None:
    async with demo.visit() as looking, demo.visit() as acting:
        await looking.sign_in("mina", BOARD)
        await expect(looking.page.locator("#live")).to_have_text("Live")
        await acting.sign_in("sora", BOARD)
        await act(acting.page, "stage", "Hold", "look at this first")
        stage = looking.page.get_by_role("article", name="stage", exact=True)
        await expect(stage).to_contain_text("look at this first")
        await act(acting.page, "stage", "Let go", "looked at")
        await expect(stage).not_to_contain_text("look at this first")
        assert looking.faults + acting.faults == []


async def test_a_lost_connection_is_said_and_comes_back(demo: Played) -> None:
    async with demo.visit() as visit:
        await visit.sign_in("mina")
        await visit.page.route("**/live?*", lambda route: route.abort())
        await visit.page.goto(BOARD)
        await expect(visit.page.locator("#live")).to_have_text("Connection lost: trying again")
        await visit.page.unroute("**/live?*")
        await expect(visit.page.locator("#live")).to_have_text("Live")


async def test_language_and_colours_are_chosen_and_somebody_leaves(demo: Played) -> None:
    async with demo.visit() as visit:
        page = visit.page
        await visit.sign_in("sora", BOARD)
        await page.get_by_text("Display").click()
        await page.get_by_label("Language").select_option("ko")
        await page.get_by_label("Colours").select_option("dark")
        await page.get_by_role("button", name="Apply").click()
        await expect(page.locator("html[lang=ko][data-theme=dark]")).to_be_attached()
        assert page.url.endswith(BOARD)
        await page.get_by_role("button", name="로그아웃").click()
        await expect(page.get_by_role("link", name="GitHub로 로그인")).to_be_visible()


async def test_the_keyboard_alone_reaches_the_content_and_its_links(demo: Played) -> None:
    async with demo.visit() as visit:
        await visit.sign_in("sora", BOARD)
        await visit.page.keyboard.press("Tab")
        await visit.page.keyboard.press("Enter")
        await expect(visit.page.locator("main")).to_be_focused()
        await visit.page.keyboard.press("Tab")
        await expect(visit.page.locator("main :focus")).to_have_count(1)
