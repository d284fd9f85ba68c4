"""The control room: its pages, and what stands before every one of them."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from service.ledger.store import Ledger
from service.web import display, refusals
from service.web.api import problems
from service.web.api.api import Api
from service.web.live import Live
from service.web.pages.audit import AuditPage
from service.web.pages.insights import InsightsPage
from service.web.pages.pull import PullPage
from service.web.pages.pulls import PullsPage
from service.web.pages.reference import ReferencePage
from service.web.pages.releases import ReleasesPage
from service.web.pages.repositories import RepositoriesPage
from service.web.pages.repository import RepositoryPage
from service.web.people.entrance import Entrance
from service.web.rendering import Rendering


class ControlRoom:
    """The pages over a ledger, behind an entrance.

    Its guard stands before every page and act, in the shape of aiohttp's middlewares, and puts the `VIEWER`
    on the request. A page is known by its name in `service.web.door.ADDRESSES`.
    """

    def __init__(self, ledger: Ledger, rendering: Rendering, entrance: Entrance) -> None:
        self._entrance, self._refusing = entrance, partial(refusals.page, rendering=rendering)
        self._live, self._api = Live(ledger), Api(ledger).pages
        insights, audit = InsightsPage(ledger, rendering), AuditPage(ledger, rendering)
        followed = self._live.followed
        self._pages: Final[Mapping[str, Handler]] = {
            "repositories": followed(RepositoriesPage(ledger, rendering).get),
            "releases": followed(ReleasesPage(ledger, rendering).get),
            "insights": insights.of,
            "all insights": insights.all,
            "audit": followed(audit.get),
            "audit csv": audit.csv,
            "audit json": audit.json,
            "api page": ReferencePage(rendering).get,
            "repository": followed(RepositoryPage(ledger, rendering).get),
            "pulls": followed(PullsPage(ledger, rendering).get),
            "pull": followed(PullPage(ledger, rendering).get),
            "display": display.choose,
            "live": self._live.stream,
            "unknown": refusals.unknown,
            **entrance.acts,
            **self._api,
        }

    async def answer(self, page: str, request: web.Request) -> web.StreamResponse:
        """Answer a request with a page, once the guard lets it through; the ways in are open to everybody.

        Where nobody signs in, there is neither a way to nor an act.
        """
        handler = self._entrance.ways.get(page)
        if handler is None:
            handler = partial(self._entrance.guard, handler=self._pages.get(page, refusals.unknown))
        if page in self._api:
            return await problems.answer(request, handler)
        return await self._refusing(request, handler)

    async def close(self) -> None:
        """End the streams that are open, and the connections to GitHub."""
        await self._live.close()
        await self._entrance.close()
