"""A browser, as far as cookies, forms and redirects go."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from typing import Any

import aiohttp
from yarl import URL

HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')
ACTION = re.compile(r'<form method="post" action="([^"]+)">')
CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass(frozen=True)
class Page:
    """What a browser shows."""

    status: int
    url: URL
    html: str
    headers: Any

    @property
    def form(self) -> dict[str, str]:
        """The hidden fields of its forms."""
        return {unescape(name): unescape(value) for name, value in HIDDEN.findall(self.html)}


@dataclass
class Browser:
    """A browser with cookies of its own, at the address of a control room."""

    http: aiohttp.ClientSession
    home: str

    async def get(self, path: str, **more: Any) -> Page:
        async with self.http.get(self._at(path), **more) as answer:
            return Page(answer.status, answer.url, await answer.text(), answer.headers)

    async def post(self, path: str, form: dict[str, str], **more: Any) -> Page:
        async with self.http.post(self._at(path), data=form, **more) as answer:
            return Page(answer.status, answer.url, await answer.text(), answer.headers)

    async def sign_in(self, login: str, path: str = "/") -> Page:
        """Go to a page by way of GitHub, as somebody."""
        asked = await self.get(f"/signin?next={path}")
        assert (asked.status, asked.url.path) == (200, "/login/oauth/authorize"), asked.html
        return await self.post(str(asked.url.with_query({})), asked.form | {"as": login})

    async def act(self, path: str, **form: str) -> Page:
        """Send a form as a page of the control room does."""
        found = CSRF.search((await self.get("/")).html)
        assert found
        return await self.post(path, {"csrf": found[1], **form}, allow_redirects=False)

    async def register(self, path: str = "/setup") -> Page:
        """Take the manifest to GitHub, press the button there, and come back."""
        page = await self.get(path)
        (action,) = ACTION.findall(page.html)
        asked = await self.post(action, page.form)
        return await self.post(f"{asked.url.origin()}/settings/apps", asked.form)

    def cookie(self, name: str) -> str:
        return next((each.value for each in self.http.cookie_jar if each.key == name), "")

    def _at(self, path: str) -> str:
        return path if path.startswith("http") else self.home + path


@asynccontextmanager
async def browsing(home: str) -> AsyncIterator[Browser]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        yield Browser(http, home)
