"""The way into the control room: every address, and nothing heavy.

What makes pages takes memory and time to load, which a process that only takes webhooks shall not pay for:
the room is furnished when somebody first comes in.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from importlib import resources
from typing import Final, Protocol

from aiohttp import web

_STATIC: Final = resources.files("service.web") / "static"

# Method, path, and the page that answers; the last one takes every path that nothing else took.
ADDRESSES: Final = (
    ("GET", "/", "repositories"),
    ("GET", "/display", "display"),
    ("GET", "/live", "live"),
    ("GET", "/signin", "signin"),
    ("GET", "/signin/callback", "signed in"),
    ("POST", "/signout", "signout"),
    ("GET", "/setup", "setup"),
    ("POST", r"/{owner}/{repo}/pull/{number:\d{1,9}}/{verb:recheck|override|retry}", "order"),
    ("POST", "/{owner}/{repo}/environments/{name}/{verb:promote|rollback}", "deploy"),
    ("POST", "/{owner}/{repo}/environments/{name}/{verb:hold|release-hold|freeze|thaw}", "deploy"),
    ("GET", "/insights", "all insights"),
    ("GET", "/audit", "audit"),
    ("GET", "/audit.csv", "audit csv"),
    ("GET", "/audit.json", "audit json"),
    ("GET", "/api", "api page"),
    ("GET", "/api/v1/openapi.json", "api description"),
    ("GET", "/api/v1/repositories", "api repositories"),
    ("GET", "/api/v1/repositories/{owner}/{repo}", "api repository"),
    ("GET", "/api/v1/repositories/{owner}/{repo}/environments", "api environments"),
    ("GET", "/api/v1/repositories/{owner}/{repo}/lines", "api lines"),
    ("GET", "/api/v1/repositories/{owner}/{repo}/pulls", "api pulls"),
    ("GET", r"/api/v1/repositories/{owner}/{repo}/pulls/{number:[1-9]\d{0,8}}", "api pull"),
    ("GET", r"/api/v1/repositories/{owner}/{repo}/pulls/{number:[1-9]\d{0,8}}/decisions", "api decisions"),
    ("GET", "/api/v1/repositories/{owner}/{repo}/releases", "api releases"),
    ("GET", "/api/v1/repositories/{owner}/{repo}/insights", "api insights"),
    ("GET", "/api/v1/insights", "api all insights"),
    ("GET", "/api/v1/audit", "api audit"),
    ("*", r"/api/v1{anything:(?:/.*)?}", "api unknown"),
    ("GET", "/{owner}/{repo}/releases", "releases"),
    ("GET", "/{owner}/{repo}/insights", "insights"),
    ("GET", "/{owner}/{repo}", "repository"),
    ("GET", "/{owner}/{repo}/pulls", "pulls"),
    ("GET", r"/{owner}/{repo}/pull/{number:[1-9]\d{0,8}}", "pull"),
    ("GET", "/{anything:.*}", "unknown"),
)


class Room(Protocol):
    """What is behind the door."""

    def answer(self, page: str, request: web.Request) -> Awaitable[web.StreamResponse]:
        """Answer a request with a page of `ADDRESSES`."""

    async def close(self) -> None:
        """End what the room does by itself."""


class Door:
    """The door of a room that `furnish` makes, in a thread, once."""

    def __init__(self, furnish: Callable[[], Room]) -> None:
        self._furnish = furnish
        self._room: asyncio.Task[Room] | None = None

    def routes(self) -> Iterator[web.AbstractRouteDef]:
        """The routes of the control room."""
        yield web.static("/static", str(_STATIC))
        for method, path, page in ADDRESSES:
            yield web.route(method, path, partial(self._answer, page))

    async def close(self) -> None:
        """Close the room, if anybody ever came in."""
        if self._room is not None:
            await (await self._room).close()

    async def _answer(self, page: str, request: web.Request) -> web.StreamResponse:
        if self._room is None:
            self._room = asyncio.create_task(asyncio.to_thread(self._furnish))
        room = await asyncio.shield(self._room)
        return await room.answer(page, request)
