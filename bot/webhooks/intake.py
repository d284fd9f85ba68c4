"""`POST /webhooks/github`: read, verify, name the questions, store them durably, answer 202.

Answers: 202 accepted (also for what is unknown or was seen before), 400 malformed, 401 not signed by
GitHub, 408 sent too slowly, 413 too large, 415 not plain JSON, 503 when the queue's database cannot store
it; GitHub keeps a failed delivery for three days, and the sweep asks for it again.
"""

import asyncio
import logging
import re
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Final, Protocol

import msgspec
from aiohttp import web

from bot.engine import Engine, Question
from bot.webhooks.events import Envelope
from bot.webhooks.reader import Malformed, Reader
from bot.webhooks.signature import HEADER, SHAPE, is_signed

logger = logging.getLogger(__name__)

# GitHub sends no larger payload ("Webhook events and payloads": payload cap).
MOST_BYTES: Final = 25 * 1024 * 1024
# GitHub gives up after ten seconds, so nobody needs longer to send.
_READ_SECONDS: Final = 10.0
# Nobody is verified while his body is read, so there is only so much memory for large ones.
_LARGE: Final = 1024 * 1024
_LARGE_AT_ONCE: Final = 4
# GitHub sends a GUID and a snake_case word; anything longer or stranger is not from GitHub.
_GUID: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
_EVENT: Final = re.compile(r"[a-z0-9_]{1,64}")


class Counter(Protocol):
    """Counts deliveries by event and outcome."""

    def __call__(self, event: str, outcome: str) -> None:
        """Count one delivery."""


class Note(Protocol):
    """Keeps in mind that a delivery arrived; it may neither wait nor fail."""

    def __call__(self, guid: str, event: str, envelope: Envelope, outcome: str) -> None:
        """Note one delivery."""


class Intake:
    """The webhook's handler, for one App."""

    def __init__(
        self, engine: Engine, reader: Reader, secrets: Sequence[bytes], count: Counter, note: Note
    ) -> None:
        self._engine, self._reader, self._secrets = engine, reader, tuple(secrets)
        self._count, self._note = count, note
        self._large = asyncio.Semaphore(_LARGE_AT_ONCE)

    async def receive(self, request: web.Request) -> web.Response:
        """Take one delivery. See the module for the answers."""
        body = await self._signed_body(request)
        guid = _header(request, "X-GitHub-Delivery", _GUID)
        event = _header(request, "X-GitHub-Event", _EVENT)
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType(
                text=f"expected application/json, found {request.content_type}; choose it on the App's page\n"
            )
        envelope, questions, outcome = self._read(event, body)
        # Also what asks nothing: the sweep must know that it arrived.
        if not await store(self._engine, guid, questions):
            outcome = "seen before"
        self._count(event, outcome)
        self._note(guid, event, envelope, outcome)
        logger.info(
            "delivery %s",
            outcome,
            extra={
                "delivery": guid,
                "event": event,
                "action": envelope.action,
                "repository": envelope.repository.full_name if envelope.repository else "",
                "number": next((question.subject.get("number") for question in questions), None),
                "questions": [question.key for question in questions],
            },
        )
        return web.Response(status=202, text=f"{outcome}\n")

    async def _signed_body(self, request: web.Request) -> bytes:
        """Read the body, which may be large, only for whoever claims to have signed it, and verify that."""
        signature = request.headers.get(HEADER, "")
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise web.HTTPUnsupportedMediaType(text="expected a body that is not compressed\n")
        if SHAPE.fullmatch(signature):
            body = await self._body(request)
            if is_signed(body, signature, self._secrets):
                return body
        self._count("unsigned", "refused")
        raise web.HTTPUnauthorized(text=f"expected {HEADER} to sign the body with the App's webhook secret\n")

    async def _body(self, request: web.Request) -> bytes:
        """Read a body, a few large ones at once, each in the time in which GitHub would send it."""
        size = request.content_length or MOST_BYTES
        try:
            if size > MOST_BYTES:
                raise web.HTTPRequestEntityTooLarge(MOST_BYTES, size)
            if request.content.is_eof():  # all of it came with the headers
                return await request.read()
            async with asyncio.timeout(_READ_SECONDS), self._large if size > _LARGE else nullcontext():
                return await request.read()
        except TimeoutError:
            raise web.HTTPRequestTimeout(text=f"expected the body within {_READ_SECONDS:.0f} s\n") from None
        except web.HTTPRequestEntityTooLarge:
            text = f"expected at most {MOST_BYTES} bytes\n"
            raise web.HTTPRequestEntityTooLarge(MOST_BYTES, size, text=text) from None

    def _read(self, event: str, body: bytes) -> tuple[Envelope, list[Question], str]:
        """Strict about JSON, tolerant about GitHub's shapes: what is not as documented raises no question."""
        try:
            envelope, questions = self._reader.read(event, body)
        except msgspec.ValidationError as error:
            logger.warning("a %s event is not as documented: %s", event, error)
            return Envelope(), [], "not as documented"
        except Malformed as error:
            self._count(event, "malformed")
            raise web.HTTPBadRequest(text=f"expected a JSON object: {error}\n") from None
        return envelope, questions, "asked" if questions else "nothing to ask"


async def store(engine: Engine, guid: str, questions: Sequence[Question]) -> bool:
    """Store a delivery before it is answered; False where it is stored already.

    Whatever the database raises, what is not stored is not acknowledged: raises `HTTPServiceUnavailable`.
    """
    try:
        return await engine.deliver(guid, questions)
    except Exception:
        logger.exception("delivery %s could not be stored", guid)
        text = "the delivery could not be stored; deliver it again\n"
        raise web.HTTPServiceUnavailable(text=text) from None


def _header(request: web.Request, name: str, shape: re.Pattern[str]) -> str:
    value = request.headers.get(name, "")
    if not shape.fullmatch(value):
        raise web.HTTPBadRequest(text=f"expected the header {name} as GitHub sends it\n")
    return value
