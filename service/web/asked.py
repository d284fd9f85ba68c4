"""What an address asks for: a repository that its reader may see, and where a list goes on."""

from typing import Final
from urllib.parse import quote

from aiohttp import web

from service.ledger.repositories import KnownRepository
from service.ledger.store import Ledger
from service.web.refusals import Refused
from service.web.rendering import words_of
from service.web.viewer import VIEWER

_MOST_DIGITS: Final = 18  # of a number that every database can compare


async def repository(request: web.Request, ledger: Ledger) -> KnownRepository:
    """The repository of `/{owner}/{repo}…`. Raises `HTTPNotFound` where there is none to be seen.

    Another spelling of its name raises a redirect to the right one.
    """
    asked = f"{request.match_info['owner']}/{request.match_info['repo']}"
    known = await ledger.repositories.locate(asked, request[VIEWER].visible)
    if known is None:
        raise web.HTTPNotFound
    if (name := known.repository.name) != asked:
        _, _, _, *rest = request.rel_url.raw_path.split("/", 3)
        query = f"?{request.rel_url.raw_query_string}" if request.rel_url.raw_query_string else ""
        raise web.HTTPFound("/".join(["", quote(name), *rest]) + query)
    return known


def older(request: web.Request) -> int | None:
    """What `?older=` says, None without it. Raises `Refused` for what is no number."""
    said = request.query.get("older")
    if said is None:
        return None
    if not (said.isascii() and said.isdigit() and len(said) <= _MOST_DIGITS):
        words = words_of(request)
        raise Refused(
            400,
            words.gettext("There is no such part of the list"),
            words.gettext("Expected a number after older=, found “%(found)s”.") % {"found": said},
            link=(request.path, words.gettext("To the newest")),
        )
    return int(said)
