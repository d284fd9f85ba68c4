"""`/`: every repository, the worst that stands in it, and what its environments run."""

from aiohttp import web

from service.ledger.store import Ledger
from service.web.rendering import Rendering
from service.web.viewer import VIEWER


class RepositoriesPage:
    """The first page."""

    def __init__(self, ledger: Ledger, rendering: Rendering) -> None:
        self._ledger, self._rendering = ledger, rendering

    async def get(self, request: web.Request) -> web.Response:
        """`GET /?after=owner/name`: the repositories after a name."""
        found = await self._ledger.overview.page(request[VIEWER].visible, request.query.get("after"))
        return self._rendering.page(request, "repositories.html", found=found)
