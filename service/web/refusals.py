"""What is not there, may not be seen or did not work, as a page that says what to do."""

import logging
from collections.abc import Mapping
from typing import Final

from aiohttp import ClientConnectionResetError, web
from aiohttp.typedefs import Handler
from sqlalchemy.exc import SQLAlchemyError

from service.web.addresses import READING, page_of
from service.web.language import Words
from service.web.rendering import Rendering, words_of

logger = logging.getLogger(__name__)

_LEDGER_AWAY_SECONDS: Final = 5
# What nginx writes into its log for it.
_GONE: Final = 499


class Refused(Exception):
    """Why a request is not answered as it asks: a title and lines for its reader, and a way to go on.

    `link` is an address and its words.
    """

    def __init__(
        self,
        status: int,
        title: str,
        *lines: str,
        link: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(title)
        self.status, self.title, self.lines, self.link = status, title, lines, link
        self.headers = dict(headers or {})


def _back(request: web.Request, words: Words) -> tuple[str, str] | None:
    """The way back to the page of a form that was refused."""
    return None if request.method in READING else (page_of(request), words.gettext("Back to the page"))


async def unknown(_: web.Request) -> web.Response:
    """Nothing is there, or nothing that this person may see: the two look alike."""
    raise web.HTTPNotFound


async def page(request: web.Request, handler: Handler, *, rendering: Rendering) -> web.StreamResponse:
    """Answer a refusal with a page; redirects go their way."""
    words = words_of(request)
    try:
        return await handler(request)
    except web.HTTPNotFound:
        title = words.gettext("There is no such page")
        lines = [
            words.gettext("Nothing is at this address, or nothing that you may see."),
            words.gettext(
                "A repository appears once Signalbox is installed on it and has seen an event of it."
            ),
        ]
        return rendering.page(request, "message.html", status=404, title=title, lines=lines)
    except Refused as refused:
        answer = rendering.page(
            request,
            "message.html",
            status=refused.status,
            title=refused.title,
            lines=refused.lines,
            link=refused.link or _back(request, words),
        )
        answer.headers.update(refused.headers)
        return answer
    except ClientConnectionResetError:
        return web.Response(status=_GONE)  # to nobody: whoever asked does not listen any more
    except (SQLAlchemyError, OSError):
        logger.exception("the ledger cannot be read")
        title = words.gettext("The ledger cannot be read at the moment")
        lines = [words.gettext("Its database does not answer. Nothing is lost: try again in a moment.")]
        answer = rendering.page(request, "message.html", status=503, title=title, lines=lines)
        answer.headers["Retry-After"] = str(_LEDGER_AWAY_SECONDS)
        return answer
