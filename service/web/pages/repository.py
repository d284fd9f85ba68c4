"""`/{owner}/{repo}`: the lines of a repository as a map, and what its environments run."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web

from service.clock import utc_now
from service.ledger.store import Ledger
from service.web import asked
from service.web.drawing.history import tell
from service.web.drawing.linemap import draw
from service.web.rendering import Rendering

DAYS: Final = 90  # of history that are looked at


class RepositoryPage:
    """The page of a repository."""

    def __init__(self, ledger: Ledger, rendering: Rendering, clock: Callable[[], datetime] = utc_now) -> None:
        self._ledger, self._rendering, self._clock = ledger, rendering, clock

    async def get(self, request: web.Request) -> web.Response:
        """`GET /{owner}/{repo}`."""
        known = await asked.repository(request, self._ledger)
        facts = await self._ledger.lines.of(known.repository.id, self._clock() - timedelta(days=DAYS))
        history = tell(known, facts)
        return self._rendering.page(
            request,
            "repository.html",
            known=known,
            history=history,
            map=draw(history),
            days=DAYS,
            board=await self._ledger.board.of(known),
        )
