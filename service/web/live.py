"""Server-sent events: a page hears that what it shows has changed, and asks for itself again.

Source: HTML Living Standard, "Server-sent events".
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler
from aiohttp_sse import EventSourceResponse, sse_response
from sqlalchemy.exc import SQLAlchemyError

from service.ledger.store import Ledger
from service.web.refusals import Refused
from service.web.rendering import SEEN, words_of
from service.web.viewer import VIEWER, Viewer

logger = logging.getLogger(__name__)

_PERIOD_SECONDS: Final = 1.0
# A browser comes back through the guard, which asks again what its person may see.
_LONGEST_SECONDS: Final = 300.0
_MOST_STREAMS: Final = 20
_AGAIN_SECONDS: Final = 30


class Live:
    """The streams of one process; while anybody listens, the ledger is asked once a second for all.

    A stream ends after `longest` seconds.
    """

    def __init__(self, ledger: Ledger, longest: float = _LONGEST_SECONDS) -> None:
        self._ledger, self._longest = ledger, longest
        self._open: Counter[int | None] = Counter()
        self._streams: set[EventSourceResponse] = set()
        self._watch: asyncio.Task[None] | None = None
        self._counts: Mapping[int, int] = {}
        self._changed = asyncio.Condition()

    def followed(self, page: Handler) -> Handler:
        """The page, which says up to which changes it shows the ledger: they are read before it is."""

        async def get(request: web.Request) -> web.StreamResponse:
            viewer = request[VIEWER]
            counts = await self._ledger.changes.counts(viewer.visible)
            request[SEEN] = lambda about: _sum(counts, viewer, about)
            return await page(request)

        return get

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """`GET /live?about=ID`: `hello`, then `change` for each change of a repository, without it of all.

        Each carries how often anything has changed that it is about: what has changed since a page was read
        is known by that. Raises `Refused` for more streams of one person than anybody looks at.
        """
        viewer, about = request[VIEWER], request.query.get("about", "")
        with self._listening(request, viewer):
            await self._read()
            async with sse_response(request) as stream:
                self._streams.add(stream)
                telling = asyncio.create_task(self._tell(stream, viewer, about))
                try:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(self._longest):
                            await stream.wait()
                finally:
                    self._streams.discard(stream)
                    telling.cancel()
                    await asyncio.gather(telling, return_exceptions=True)
        return stream

    async def close(self) -> None:
        """End all streams; browsers come back to whoever answers next."""
        for stream in self._streams:
            stream.stop_streaming()

    @contextmanager
    def _listening(self, request: web.Request, viewer: Viewer) -> Iterator[None]:
        """Count a stream while it is open; the ledger is followed from the first one to the last."""
        person = viewer.person.id if viewer.person else None
        if self._open[person] >= _MOST_STREAMS:
            raise _too_many(request)
        self._open[person] += 1
        if self._watch is None:
            self._watch = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            self._open[person] -= 1
            self._open += Counter()  # without those who have none
            if not self._open and self._watch is not None:
                self._watch.cancel()
                self._watch = None

    async def _tell(self, stream: EventSourceResponse, viewer: Viewer, about: str) -> None:
        told, event = _sum(self._counts, viewer, about), "hello"
        while True:
            await stream.send(str(told), event=event)
            async with self._changed:
                while (now := _sum(self._counts, viewer, about)) == told:
                    await self._changed.wait()
            told, event = now, "change"

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(_PERIOD_SECONDS)
            try:
                await self._read()
            except (SQLAlchemyError, OSError) as error:
                logger.warning("the ledger cannot be read; pages go on when it can: %s", error)

    async def _read(self) -> None:
        counts = await self._ledger.changes.counts()
        if counts != self._counts:
            self._counts = counts
            async with self._changed:
                self._changed.notify_all()


def _sum(counts: Mapping[int, int], viewer: Viewer, about: str) -> int:
    """How often anything has changed that a page or a stream is about."""
    return sum(
        count
        for repository_id, count in counts.items()
        if viewer.sees(repository_id) and about in {"", str(repository_id)}
    )


def _too_many(request: web.Request) -> Refused:
    words = words_of(request)
    return Refused(
        429,
        words.gettext("Too many pages are open"),
        words.gettext("At most %(most)s of yours follow the ledger at once: close some.")
        % {"most": _MOST_STREAMS},
        headers={"Retry-After": str(_AGAIN_SECONDS)},
    )
