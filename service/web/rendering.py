"""HTML out of templates, in the language and colours of who asks. Pages work without scripts."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from urllib.parse import quote

import jinja2
from aiohttp import web
from markupsafe import Markup

from service.ledger.deployments import Deployment
from service.ledger.images import split
from service.web.addresses import page_of
from service.web.language import LANGUAGES, Words, chosen
from service.web.viewer import VIEWER

# How often anything had changed when a page was read, about a repository's id, "" for all.
SEEN: Final[web.RequestKey[Callable[[str], int]]] = web.RequestKey("seen")
THEMES: Final = ("system", "light", "dark")
_DIGEST: Final = len("sha256:") + 12
# Controls, and the marks that turn the direction of text: a name must not rewrite the page around it.
_TURNING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


@dataclass(frozen=True, slots=True)
class Site:
    """Where this control room is found, and GitHub's pages: addresses without a slash at their end."""

    public_url: str
    github_url: str


class Rendering:
    """The templates of the control room."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("service.web"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=harmless,
        )
        self._templates.filters["called"] = called
        self._templates.filters["image"] = image
        self._templates.filters["segment"] = lambda name: quote(name, safe="")

    def page(self, request: web.Request, template: str, status: int = 200, **values: Any) -> web.Response:
        """A page: the template and what it shows."""
        return web.Response(
            text=self.text(request, template, **values), status=status, content_type="text/html"
        )

    def text(self, request: web.Request, template: str, **values: Any) -> str:
        """A template filled for a request."""
        return self._templates.get_template(template).render({**self._shared(request), **values})

    def _shared(self, request: web.Request) -> Mapping[str, Any]:
        words, now = words_of(request), datetime.now(UTC)
        theme = request.cookies.get("theme", "")
        return {
            "_": _formatting(words.gettext),
            "gettext": _formatting(words.gettext),
            "ngettext": _counting(words),
            "words": words,
            "now": now,
            "site": self.site,
            "languages": LANGUAGES,
            "themes": THEMES,
            "theme": theme if theme in THEMES else "system",
            "here": request.path,
            "page": page_of(request),
            "query": request.query,
            "viewer": request.get(VIEWER),
            "live": partial(_live, request),
        }


def _live(request: web.Request, about: str | int = "") -> Markup:
    """What lets a page follow the ledger: the repository that it is about, "" for all, and what it shows."""
    about = str(about)
    return Markup(' data-live="{}" data-seen="{}"').format(about, request[SEEN](about))


def called(deployment: Deployment) -> str:
    """What a deployment brought, as people call it: the tag of its image where its ref is a bare commit."""
    tag = split(deployment.image)[1] if deployment.image else ""
    return tag if tag and deployment.ref == deployment.commit else deployment.ref


def image(reference: str) -> str:
    """An image in a few words: the last part of its name, and its tag, else the beginning of its digest."""
    name, tag, digest = split(reference)
    last = name.rpartition("/")[2]
    return f"{last}:{tag}" if tag else f"{last}@{digest[:_DIGEST]}"


def words_of(request: web.Request) -> Words:
    """The words for a request: as its cookie says, else as its browser does."""
    return Words(chosen(request.cookies.get("language"), request.headers.get("Accept-Language", "")))


def _formatting(gettext: Any) -> Any:
    def say(message: str, **values: Any) -> Markup:
        # A sentence is ours and safe; what fills it is anybody's, and Markup escapes it.
        return Markup(gettext(message)) % {name: harmless(value) for name, value in values.items()}  # noqa: S704

    return say


def _counting(words: Words) -> Any:
    def say(one: str, many: str, num: int, **values: Any) -> Markup:
        filled = {name: harmless(value) for name, value in values.items()}
        return Markup(words.ngettext(one, many, num)) % {"num": num, **filled}  # noqa: S704

    return say


def harmless(value: Any) -> Any:
    """The value; of a text, whatever would rewrite the page around it is shown as what cannot be shown."""
    return _TURNING.sub("\N{REPLACEMENT CHARACTER}", value) if type(value) is str else value
