"""The API: answers requests by the table of operations."""

import json
from collections.abc import Mapping
from functools import partial

from aiohttp import web
from aiohttp.typedefs import Handler

from service.ledger.store import Ledger
from service.web.api.description import describe
from service.web.api.operations import OPERATIONS, Asked, Operation
from service.web.questions import Question, read
from service.web.rendering import words_of
from service.web.viewer import VIEWER


class Api:
    """The operations over a ledger; `pages` are their handlers by name: see `service.web.door.ADDRESSES`."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.pages: Mapping[str, Handler] = {
            **{each.page: partial(self._answer, each) for each in OPERATIONS},
            "api description": _description,
            "api unknown": _unknown,
        }

    async def _answer(self, operation: Operation, request: web.Request) -> web.Response:
        viewer, names = request[VIEWER], request.match_info
        question = read(operation.question, request.query)
        known = None
        if "repo" in names:
            name = f"{names['owner']}/{names['repo']}"
            known = await self._ledger.repositories.locate(name, viewer.visible)
            if known is None:
                raise web.HTTPNotFound
        asked = Asked(viewer, question, known, int(names.get("number", 0)))
        found = await operation.act(self._ledger, asked)
        return web.Response(text=found.model_dump_json(by_alias=True), content_type="application/json")


async def _description(request: web.Request) -> web.Response:
    """`GET /api/v1/openapi.json`, in the language of who asks."""
    read(Question, request.query)
    text = json.dumps(describe(words_of(request)), ensure_ascii=False)
    return web.Response(text=text, content_type="application/json")


async def _unknown(request: web.Request) -> web.Response:
    if request.method != "GET":
        raise web.HTTPMethodNotAllowed(request.method, ["GET"])
    raise web.HTTPNotFound
