"""Whether a form that arrives is one of ours: sent by our own page, with the token of its session."""

import asyncio
import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from service.web.refusals import Refused
from service.web.rendering import words_of

_MOST_BYTES: Final = 16_384
_SECONDS: Final = 10.0


class Origin:
    """The origin of this control room; None for whichever name a browser knows it by.

    A form has so many `seconds` to arrive.
    """

    def __init__(self, public_url: str | None, seconds: float = _SECONDS) -> None:
        self._seconds = seconds
        parts = urlsplit(public_url or "")
        self._origin = f"{parts.scheme}://{parts.netloc}" if public_url else None

    async def form(self, request: web.Request, csrf: str) -> Mapping[str, str]:
        """The fields of a form that was sent to act. Raises `Refused` for one that is not ours."""
        words = words_of(request)
        if request.content_type != "application/x-www-form-urlencoded":
            raise Refused(415, words.gettext("A form was expected"))
        if request.content_length is None or request.content_length > _MOST_BYTES:
            raise Refused(413, words.gettext("This form is too long"))
        fields = await self._fields(request)
        proven = hmac.compare_digest(fields.get("csrf", "").encode(), csrf.encode())
        if not (csrf and proven and self._is_ours(request)):
            raise Refused(
                403,
                words.gettext("Nothing was done"),
                words.gettext(
                    "This form was not sent by a page of your present session: open the page again."
                ),
            )
        return fields

    async def _fields(self, request: web.Request) -> Mapping[str, str]:
        """What was filled in; a form of ours is UTF-8, whatever its sender says (WHATWG URL, 5.1)."""
        words = words_of(request)
        try:
            async with asyncio.timeout(self._seconds):
                body = await request.read()
            return dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict"))
        except TimeoutError:
            raise Refused(408, words.gettext("This form came too slowly")) from None
        except ValueError:
            raise Refused(400, words.gettext("A form in UTF-8 was expected")) from None

    def _is_ours(self, request: web.Request) -> bool:
        """What the browser says of the page that sent the form, where it says anything."""
        site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
        if site not in {None, "same-origin"}:
            return False
        if origin is None:
            return True
        return origin == self._origin if self._origin else urlsplit(origin).netloc == request.host
