"""Server-sent events: a page hears that what it shows has changed, and asks for itself again.

Source: HTML Living Standard, "Server-sent events".
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

from aiohttp import web
from aiohttp_sse import EventSourceResponse, sse_response
from sqlalchemy.exc import SQLAlchemyError

from service.ledger.store import Ledger
from service.web.viewer import VIEWER, Viewer

logger = logging.getLogger(__name__)

_PERIOD_SECONDS: Final = 1.0


class Live:
    """The streams of one process; while anybody listens, the ledger is asked once a second for all."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._streams: set[EventSourceResponse] = set()
        self._watch: asyncio.Task[None] | None = None
        self._counts: Mapping[int, int] = {}
        self._changed = asyncio.Condition()

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """`GET /live?about=ID`: an event `change` for each change of a repository, without it of all.

        The id of an event is a number that grows; a browser that comes back says which one it had last.
        """
        viewer, about = request[VIEWER], request.query.get("about", "")
        seen = int(last) if (last := request.headers.get("Last-Event-ID", "")).isdecimal() else None
        async with sse_response(request) as stream:
            self._streams.add(stream)
            try:
                if self._watch is None:
                    self._counts = await self._ledger.changes.counts()
                    self._watch = asyncio.create_task(self._follow())
                telling = asyncio.create_task(self._tell(stream, viewer, about, seen))
                await stream.wait()
                telling.cancel()
                await asyncio.gather(telling, return_exceptions=True)
            finally:
                self._streams.discard(stream)
                if not self._streams and self._watch is not None:
                    self._watch.cancel()
                    self._watch = None
        return stream

    async def close(self) -> None:
        """End all streams; browsers come back to whoever answers next."""
        for stream in self._streams:
            stream.stop_streaming()

    async def _tell(self, stream: EventSourceResponse, viewer: Viewer, about: str, seen: int | None) -> None:
        now = self._sum(viewer, about)
        await stream.send("", id=str(now), event="hello" if seen in {None, now} else "change")
        while True:
            async with self._changed:
                await self._changed.wait()
            if (found := self._sum(viewer, about)) != now:
                now = found
                await stream.send("", id=str(now), event="change")

    def _sum(self, viewer: Viewer, about: str) -> int:
        """How often anything has changed that this stream is about."""
        return sum(
            count
            for repository_id, count in self._counts.items()
            if viewer.sees(repository_id) and about in {"", str(repository_id)}
        )

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(_PERIOD_SECONDS)
            try:
                counts = await self._ledger.changes.counts()
            except (SQLAlchemyError, OSError) as error:
                logger.warning("the ledger cannot be read; pages go on when it can: %s", error)
                continue
            if counts != self._counts:
                self._counts = counts
                async with self._changed:
                    self._changed.notify_all()
