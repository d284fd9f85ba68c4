"""`/audit`, and its downloads: who did what, on what, why, from where, and when."""

import logging
from collections.abc import AsyncIterator
from urllib.parse import urlencode

from aiohttp import ClientConnectionResetError, web
from sqlalchemy.exc import SQLAlchemyError

from service.ledger.store import Ledger
from service.web.questions import AuditQuestion, BadQuestion, read_form
from service.web.rendering import Rendering
from service.web.trail import as_csv, as_json, batches, chosen
from service.web.viewer import VIEWER

logger = logging.getLogger(__name__)


class AuditPage:
    """The audit of what somebody may see."""

    def __init__(self, ledger: Ledger, rendering: Rendering) -> None:
        self._ledger, self._rendering = ledger, rendering

    async def get(self, request: web.Request) -> web.Response:
        """`GET /audit?repository=&actor=&action=&subject=&from=&to=&older=`."""
        try:
            asked = read_form(AuditQuestion, request.query)
        except BadQuestion as bad:
            return self._refused(request, bad)
        which = await chosen(self._ledger, request[VIEWER], asked)
        found = await self._ledger.audit.entries(which, asked.older)
        fields = asked.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"older", "limit"})
        return self._rendering.page(
            request, "audit.html", wrong=(), found=found, fields=fields, asked=urlencode(fields),
            is_first=asked.older is None,
        )  # fmt: skip

    async def csv(self, request: web.Request) -> web.StreamResponse:
        """`GET /audit.csv?…`: all that the filter asks for, for a spreadsheet."""
        return await self._download(request, "csv")

    async def json(self, request: web.Request) -> web.StreamResponse:
        """`GET /audit.json?…`: all that the filter asks for, as an array."""
        return await self._download(request, "json")

    async def _download(self, request: web.Request, kind: str) -> web.StreamResponse:
        try:
            asked = read_form(AuditQuestion, request.query)
        except BadQuestion as bad:
            return self._refused(request, bad)
        found = batches(self._ledger, await chosen(self._ledger, request[VIEWER], asked))
        parts = as_csv(found) if kind == "csv" else as_json(found)
        answer = web.StreamResponse()
        answer.content_type = "text/csv" if kind == "csv" else "application/json"
        answer.charset = "utf-8"
        answer.headers["Content-Disposition"] = f'attachment; filename="signalbox-audit.{kind}"'
        return await _stream(request, answer, parts)

    def _refused(self, request: web.Request, bad: BadQuestion) -> web.Response:
        return self._rendering.page(
            request, "audit.html", status=400, wrong=bad.wrong, found=None, fields=dict(request.query)
        )


async def _stream(
    request: web.Request, answer: web.StreamResponse, parts: AsyncIterator[str]
) -> web.StreamResponse:
    """Write the parts as they come; what cannot go on is cut, so that nobody takes it for whole."""
    part = await anext(parts)
    await answer.prepare(request)
    try:
        await answer.write(part.encode())
        async for part in parts:
            await answer.write(part.encode())
        await answer.write_eof()
    except ClientConnectionResetError:
        pass  # whoever asked for it has seen enough
    except (SQLAlchemyError, OSError):
        logger.exception("a download of the audit was cut: the ledger cannot be read")
        if request.transport is not None:
            request.transport.close()
    return answer
