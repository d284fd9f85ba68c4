"""The control room: its pages, and what stands before every one of them."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from service.ledger.store import Ledger
from service.web import display, refusals
from service.web.live import Live
from service.web.pages.repositories import RepositoriesPage
from service.web.rendering import Rendering, Site


class ControlRoom:
    """The pages over a ledger, found at `site`.

    `guards` stand before every page, the first one outermost, in the shape of aiohttp's middlewares; they
    put the `VIEWER` on the request. A page is known by its name in `service.web.door.ADDRESSES`.
    """

    def __init__(self, ledger: Ledger, site: Site, guards: Sequence[Middleware]) -> None:
        rendering = Rendering(site)
        self._guards = (partial(refusals.page, rendering=rendering), *guards)
        self._live = Live(ledger)
        self._pages: Final[Mapping[str, Handler]] = {
            "repositories": RepositoriesPage(ledger, rendering).get,
            "display": display.choose,
            "live": self._live.stream,
            "unknown": refusals.unknown,
        }

    async def answer(self, page: str, request: web.Request) -> web.StreamResponse:
        """Answer a request with a page, once all guards let it through."""
        handler = self._pages[page]
        for guard in reversed(self._guards):
            handler = partial(guard, handler=handler)
        return await handler(request)

    async def close(self) -> None:
        """End the streams that are open."""
        await self._live.close()
