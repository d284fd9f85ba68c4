"""`/{owner}/{repo}/pulls`: the open pull requests of a repository, and how each stands."""

from aiohttp import web

from service.ledger.store import Ledger
from service.web import asked
from service.web.rendering import Rendering


class PullsPage:
    """The page of open pull requests."""

    def __init__(self, ledger: Ledger, rendering: Rendering) -> None:
        self._ledger, self._rendering = ledger, rendering

    async def get(self, request: web.Request) -> web.Response:
        """`GET /{owner}/{repo}/pulls?older=NUMBER`: those with a lower number."""
        older = asked.older(request)
        known = await asked.repository(request, self._ledger)
        page = await self._ledger.pulls.open(known.repository.id, older)
        return self._rendering.page(
            request, "pulls.html", known=known, page=page, continued=older is not None
        )
