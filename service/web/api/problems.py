"""What the API answers where it has no answer: problem details. Source: RFC 9457."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler
from sqlalchemy.exc import SQLAlchemyError

from service.web.api.models import Problem, WrongParameter
from service.web.language import Words
from service.web.questions import BadQuestion
from service.web.refusals import Refused
from service.web.rendering import words_of

logger = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
_LEDGER_AWAY_SECONDS: Final = 5


async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a refusal with a problem."""
    words = words_of(request)
    try:
        return await handler(request)
    except BadQuestion as bad:
        return _problem(400, words.gettext("Some parameters cannot be answered."), wrong=_wrong(bad, words))
    except Refused as refused:
        return _problem(refused.status, " ".join((f"{refused.title}.", *refused.lines)), refused.headers)
    except web.HTTPNotFound:
        return _problem(404, words.gettext("Nothing is at this address, or nothing that you may see."))
    except web.HTTPMethodNotAllowed:
        return _problem(405, words.gettext("The API only reads: use GET."), {"Allow": "GET"})
    except (SQLAlchemyError, OSError):
        logger.exception("the ledger cannot be read")
        detail = words.gettext("The ledger cannot be read at the moment. Try again.")
        return _problem(503, detail, {"Retry-After": str(_LEDGER_AWAY_SECONDS)})


def _wrong(bad: BadQuestion, words: Words) -> tuple[WrongParameter, ...]:
    return tuple(
        WrongParameter(name=each.name, found=each.found, expected=words.gettext(each.expected))
        for each in bad.wrong
    )


def _problem(
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    wrong: tuple[WrongParameter, ...] = (),
) -> web.Response:
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, wrong=wrong)
    return web.Response(
        text=problem.model_dump_json(), status=status, content_type=MEDIA_TYPE, headers=headers
    )
