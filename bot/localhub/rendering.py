"""HTML pages out of templates, in the language of who asks. No scripts: forms and links."""

from collections.abc import Mapping
from typing import Any

import jinja2
from aiohttp import web

from bot.localhub.model import Repository
from bot.localhub.world import World
from bot.message import Message
from bot.text import Language, render

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "Cache-Control": "no-store",
}


class Rendering:
    """The templates of the pages."""

    def __init__(self) -> None:
        loader = jinja2.PackageLoader("bot.localhub")
        self._templates = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)

    def page(
        self, template: str, language: Language, words: Mapping[str, Message], **values: Any
    ) -> web.Response:
        """A page: the template, its words in a language, and what it shows."""
        told = {name: render(word, language) for name, word in words.items()}
        text = self._templates.get_template(template).render(language=language, words=told, **values)
        return web.Response(text=text, content_type="text/html", headers=_HEADERS)


def language_of(request: web.Request) -> Language:
    """Korean for who asks for it, English for everybody else."""
    asked = request.query.get("language", request.headers.get("Accept-Language", ""))
    return Language.KO if asked.lower().startswith("ko") else Language.EN


def named_repository(world: World, request: web.Request) -> Repository:
    """The repository that the path names; 404 where there is none."""
    repository = world.repository(f"{request.match_info['owner']}/{request.match_info['name']}")
    if repository is None:
        raise web.HTTPNotFound
    return repository
