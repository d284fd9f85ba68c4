"""How a reader wants the pages: their language and colours, kept in two cookies."""

from typing import Final

from aiohttp import web

from service.web.addresses import local
from service.web.language import LANGUAGES
from service.web.rendering import THEMES

_YEAR_SECONDS: Final = 365 * 86_400


async def choose(request: web.Request) -> web.Response:
    """`GET /display?language=ko&theme=dark&next=/path`: remember what is known of it, and go back."""
    answer = web.Response(status=303, headers={"Location": local(request.query.get("next", "/"))})
    for name, known in (("language", LANGUAGES), ("theme", THEMES)):
        if (wanted := request.query.get(name, "")) in known:
            answer.set_cookie(name, wanted, max_age=_YEAR_SECONDS, httponly=True, samesite="Lax")
    return answer
