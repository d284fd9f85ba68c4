"""HTML pages out of templates, in the language of who asks. No scripts: forms and links."""

from collections.abc import Mapping
from typing import Any

import jinja2
from aiohttp import web
from yarl import URL

from bot.localhub.model import Repository
from bot.localhub.world import World
from bot.message import Message
from bot.text import Language, render

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"


class Rendering:
    """The templates of the pages."""

    def __init__(self) -> None:
        loader = jinja2.PackageLoader("bot.localhub")
        self._templates = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)

    def page(
        self,
        template: str,
        language: Language,
        words: Mapping[str, Message],
        *,
        leads_to: str = "",
        **values: Any,
    ) -> web.Response:
        """A page: the template, its words in a language, and what it shows.

        `leads_to` is the origin of another site to which a form of the page leads in the end.
        """
        told = {name: render(word, language) for name, word in words.items()}
        text = self._templates.get_template(template).render(language=language, words=told, **values)
        headers = {"Content-Security-Policy": f"{_POLICY} {leads_to}", "Cache-Control": "no-store"}
        return web.Response(text=text, content_type="text/html", headers=headers)


def language_of(request: web.Request) -> Language:
    """Korean for who asks for it, English for everybody else."""
    asked = request.query.get("language", request.headers.get("Accept-Language", ""))
    return Language.KO if asked.lower().startswith("ko") else Language.EN


def must_come_from_here(world: World, request: web.Request) -> None:
    """Refuse a form that another site sent."""
    if request.headers.get("Origin", world.url) != world.url:
        raise web.HTTPForbidden


def origin_of(url: str) -> str:
    """The origin of an address, as a policy names it."""
    return str(URL(url).origin())


def named_repository(world: World, request: web.Request) -> Repository:
    """The repository that the path names; 404 where there is none."""
    repository = world.repository(f"{request.match_info['owner']}/{request.match_info['name']}")
    if repository is None:
        raise web.HTTPNotFound
    return repository
