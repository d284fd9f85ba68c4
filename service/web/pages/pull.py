"""`/{owner}/{repo}/pull/{number}`: why a pull request stands as it does, and how it came to that."""

from typing import Final

from aiohttp import web

from service.ledger.store import Ledger
from service.web import asked
from service.web.rendering import Rendering
from service.web.why import checks, steps, stood_on

_MOST_DECISIONS: Final = 10


class PullPage:
    """The why-page of a pull request."""

    def __init__(self, ledger: Ledger, rendering: Rendering) -> None:
        self._ledger, self._rendering = ledger, rendering

    async def get(self, request: web.Request) -> web.Response:
        """`GET /{owner}/{repo}/pull/{number}?older=ID`: its history before a decision."""
        older = asked.older(request)
        known = await asked.repository(request, self._ledger)
        place, number = known.repository.id, int(request.match_info["number"])
        pull = await self._ledger.pulls.of(place, number)
        if pull is None:
            raise web.HTTPNotFound
        page = await self._ledger.decisions.page(place, number, older, _MOST_DECISIONS)
        newest = page.decisions if older is None else await self._ledger.decisions.of(place, number, 1)
        standing = next(iter(newest), None)
        return self._rendering.page(
            request,
            "pull.html",
            known=known,
            pull=pull,
            standing=standing,
            checks=checks(standing) if standing else (),
            facts=stood_on(standing.facts) if standing else None,
            levels=await self._ledger.levels.standing(place, number),
            history=steps(page),
            older=page.older,
            continued=older is not None,
        )
