"""`POST /webhooks/ecr`, `…/registry`, `…/argocd`: what registries and Argo CD tell of, behind a token each.

Answers: 202 stored (also for what is not about a pushed image, or was seen before), 400 malformed, 401
without the token, 408 sent too slowly, 413 too large, 415 compressed, 503 when the queue's database cannot
store it. A registry that is never to hear a 4xx once it showed its token ("Notifications", the Distribution
project) gets 202 for what cannot be read, too.
"""

import asyncio
import hmac
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import msgspec
from aiohttp import web

from bot.delivery import argocd, events
from bot.delivery.image import Image
from bot.engine import Engine, Question
from bot.errors import TellUser
from bot.webhooks.events import Envelope
from bot.webhooks.intake import Counter, Note, store
from bot.webhooks.questions import AboutImage, AboutNews

logger = logging.getLogger(__name__)

HEADER: Final = "X-Signalbox-Token"
MOST_BYTES: Final = 1024 * 1024
_READ_SECONDS: Final = 10.0
_BEARER: Final = "Bearer "
_MALFORMED: Final = "malformed"


@dataclass(frozen=True, slots=True)
class Feed:
    """Who tells: its name in the path, how its events are read, and whether it may be told of a bad one.

    `events` takes a body apart, `read` reads one of them. Both raise `TellUser` for what is not as
    documented.
    """

    name: str
    read: Callable[[Any], Sequence[Question]]
    events: Callable[[Any], Sequence[Any]] = lambda body: [body]
    strict: bool = True


def _asked(read: Callable[[Any], Sequence[Image]]) -> Callable[[Any], Sequence[Question]]:
    return lambda event: [AboutImage.told(image).question for image in read(event)]


ECR: Final = Feed("ecr", _asked(events.ecr))
REGISTRY: Final = Feed("registry", _asked(events.notification), events.notifications, strict=False)
ARGOCD: Final = Feed("argocd", lambda body: [AboutNews.told(argocd.news(body)).question])


class FeedIntake:
    """The handler of one feed; any of the `secrets` is its token."""

    def __init__(
        self, engine: Engine, feed: Feed, secrets: Sequence[bytes], count: Counter, note: Note
    ) -> None:
        self._engine, self._feed, self._secrets = engine, feed, tuple(secrets)
        self._count, self._note = count, note

    async def receive(self, request: web.Request) -> web.Response:
        """Take one event or one envelope of them. See the module for the answers."""
        if not self._knows(request):
            self._count(self._feed.name, "refused")
            raise web.HTTPUnauthorized(text=f"expected the token in {HEADER}, or as a bearer token\n")
        body = await _body(request)
        questions, outcome = self._questions(body)
        # One that comes again is the same bytes, whatever else is new in its headers.
        guid = f"{self._feed.name}-{sha256(body).hexdigest()[:40]}"
        if not await store(self._engine, guid, questions):
            outcome = "seen before"
        if outcome != _MALFORMED:  # each of those was counted
            self._count(self._feed.name, outcome)
        self._note(guid, self._feed.name, Envelope(), outcome)
        logger.info(
            "%s %s", self._feed.name, outcome,
            extra={"delivery": guid, "questions": [question.key for question in questions]},
        )  # fmt: skip
        return web.Response(status=202, text=f"{outcome}\n")

    def _knows(self, request: web.Request) -> bool:
        """Whether somebody shows the token; every secret is compared, in constant time."""
        given = request.headers.get(HEADER, "")
        said = request.headers.get("Authorization", "")
        if not given and said.startswith(_BEARER):
            given = said.removeprefix(_BEARER)
        shown = given.encode("utf-8", "surrogateescape")
        matches = [hmac.compare_digest(secret, shown) for secret in self._secrets]
        return any(matches)

    def _questions(self, body: bytes) -> tuple[Sequence[Question], str]:
        """What a body asks, and what came of it; an odd event does not keep back those beside it."""
        try:
            told = self._feed.events(msgspec.json.decode(body))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self._misread(f"expected a JSON object: {error}")
            return [], _MALFORMED
        except TellUser as error:
            self._misread(str(error))
            return [], _MALFORMED
        questions, otherwise = list[Question](), "nothing to ask"
        for event in told:
            try:
                questions += self._feed.read(event)
            except TellUser as error:
                self._misread(str(error))
                otherwise = _MALFORMED
        return questions, "asked" if questions else otherwise

    def _misread(self, reason: str) -> None:
        """Count an event that cannot be read, and refuse it where its sender may hear of that."""
        logger.warning("an event of %s cannot be read: %s", self._feed.name, reason)
        self._count(self._feed.name, _MALFORMED)
        if self._feed.strict:
            raise web.HTTPBadRequest(text=f"{reason}\n")


async def _body(request: web.Request) -> bytes:
    """Read a body, and no more of it than is taken."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise web.HTTPUnsupportedMediaType(text="expected a body that is not compressed\n")
    body = bytearray()
    try:
        async with asyncio.timeout(_READ_SECONDS):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > MOST_BYTES:
                    text = f"expected at most {MOST_BYTES} bytes\n"
                    raise web.HTTPRequestEntityTooLarge(MOST_BYTES, len(body), text=text)
    except TimeoutError:
        raise web.HTTPRequestTimeout(text=f"expected the body within {_READ_SECONDS:.0f} s\n") from None
    return bytes(body)
