"""Every page of the control room in a real browser, on what the demo left behind."""

import pytest
from support.demo import Played

pytestmark = pytest.mark.asyncio(loop_scope="package")

WIDTHS = (360, 768, 1440)  # pixels: a telephone, a tablet, a second screen
# Chromium writes the status of this one to the console.
NOT_THERE = "/there/is/nothing/here"
PAGES = (
    "/", "/acme/shop", "/acme/shop/pulls", "/acme/shop/pull/1", "/acme/shop/releases", "/acme/shop/insights",
    "/insights", "/audit", "/api", NOT_THERE,
)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_every_page_fits_reads_and_breaks_nothing(demo: Played, language: str) -> None:
    async with demo.visit(language) as visit:
        await visit.sign_in("sora")
        for path in PAGES:
            await visit.page.goto(path)
            assert await visit.page.locator("html").get_attribute("lang") == language
            assert await visit.page.locator("h1").count() == 1
            for width in WIDTHS:
                await visit.page.set_viewport_size({"width": width, "height": 900})
                assert await visit.page.evaluate("document.documentElement.scrollWidth") <= width, path
                await visit.pictures(f"{language}-{width}{path.replace('/', '-')}")
            assert await visit.grave() == [], path
            # The dark theme changes colours alone.
            await visit.page.emulate_media(color_scheme="dark")
            assert await visit.grave("color-contrast") == [], path
            await visit.page.emulate_media(color_scheme="light")
        assert [fault for fault in visit.faults if NOT_THERE not in fault] == []
