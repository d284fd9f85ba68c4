"""The demo played to its end, and a real browser in front of what it left."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Literal

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright, expect
from rich.console import Console
from support.machine import binary, lacking

from bot.cli.demo import perform
from bot.cli.stage import Stage, staged

_THEMES: tuple[Literal["dark", "light"], ...] = ("dark", "light")
# What a person orders comes by way of GitHub and the bot, and other tests run beside these.
_PATIENCE_MS = 20_000
expect.set_options(timeout=_PATIENCE_MS)
_PICTURES = Path(__file__).parents[2] / "build/screenshots"


@dataclass
class Visit:
    """A visitor's page, and what went wrong on it: errors of scripts, of policies, of addresses."""

    page: Page
    faults: list[str] = field(default_factory=list)

    async def sign_in(self, login: str, path: str = "/") -> None:
        """Sign in by way of the local GitHub, as somebody, and come to a page."""
        await self.page.goto(f"/signin?next={path}")
        await self.page.get_by_role("button", name=login, exact=True).click()
        await self.page.wait_for_url(f"**{path}")

    async def grave(self, *rules: str) -> list[str]:
        """What axe-core finds on the page and calls serious or critical: by these rules, else by all."""
        only = {"runOnly": list(rules)} if rules else {}
        found = (await Axe().run(self.page, options={"resultTypes": ["violations"], **only})).response[
            "violations"
        ]
        return [
            f"{each['id']}: {node['html'][:200]}"
            for each in found
            if each["impact"] in {"serious", "critical"}
            for node in each["nodes"]
        ]

    async def pictures(self, name: str) -> None:
        """Keep pictures of the page in both themes, in CI; the light one stays."""
        if os.environ.get("CI"):
            _PICTURES.mkdir(parents=True, exist_ok=True)
            for theme in _THEMES:
                await self.page.emulate_media(color_scheme=theme)
                await self.page.screenshot(path=_PICTURES / f"{name}-{theme}.png", full_page=True)

    def _heard(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.faults.append(f"{self.page.url}: {said.text}")


@dataclass
class Played:
    """The demo after its last step, a browser, and what was printed meanwhile."""

    stage: Stage
    browser: Browser
    printed: str

    @asynccontextmanager
    async def visit(self, language: str = "en", theme: str = "light") -> AsyncIterator[Visit]:
        """Somebody new comes, who reads a language and likes a theme ("light", "dark")."""
        context = await self.browser.new_context(
            base_url=self.stage.room, locale=language, color_scheme="dark" if theme == "dark" else "light"
        )
        context.set_default_timeout(_PATIENCE_MS)
        visit = Visit(await context.new_page())
        visit.page.on("pageerror", lambda error: visit.faults.append(f"{visit.page.url}: {error}"))
        visit.page.on("console", visit._heard)
        yield visit
        await context.close()


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser without a window."""
    program = binary("chromium", "bin/chromium")
    if program is None:
        lacking("Chromium is not installed")
    async with async_playwright() as playwright:
        # The sandbox of a browser wants rights that containers do not have; it sees our own pages alone.
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        await browser.close()


@asynccontextmanager
async def played(folder: Path) -> AsyncIterator[Played]:
    """Play the demo, every step as expected, and open a browser."""
    printed = StringIO()
    async with chromium() as browser, staged(folder, 0) as stage:
        assert await perform(Console(file=printed, soft_wrap=True), stage, once=True) == 0, printed.getvalue()
        yield Played(stage, browser, printed.getvalue())
