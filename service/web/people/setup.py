"""`/setup`: registers the App at GitHub from its manifest, and keeps what GitHub answers.

Source: GitHub Docs, "Registering a GitHub App from a manifest".
"""

import hmac
import json
import logging
import secrets
from importlib import resources
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web
from ruamel.yaml import YAML
from yarl import URL

from service.web.files import keep
from service.web.headers import policy
from service.web.people.access import unanswered
from service.web.people.cookies import Cookie, Jar
from service.web.people.github import GitHub, GitHubError, GitHubRefused
from service.web.people.peer import is_on_this_machine
from service.web.people.session import Attempt
from service.web.people.unregistered import Unregistered
from service.web.refusals import Refused
from service.web.rendering import Rendering, words_of

logger = logging.getLogger(__name__)

_EXAMPLE: Final = "https://signalbox.example.com"
# GitHub's code is good for an hour.
_SECONDS: Final = 3600
# What of GitHub's answer makes this process the App; `bot/kept.py` reads it.
_KEPT: Final = ("id", "slug", "html_url", "client_id", "client_secret", "webhook_secret", "pem")


class Setup:
    """The page that registers the App; None of `unregistered` for a Signalbox that has one."""

    def __init__(
        self,
        unregistered: Unregistered | None,
        github: GitHub,
        jar: Jar,
        rendering: Rendering,
    ) -> None:
        self._unregistered, self._github = unregistered, github
        self._rendering, self._site = rendering, rendering.site
        self._cookie = Cookie(jar, "signalbox-setup", Attempt, _SECONDS)

    async def get(self, request: web.Request) -> web.Response:
        """`GET /setup?token=…&organisation=…`, and GitHub's way back, `GET /setup?code=…&state=…`."""
        app = self._unregistered
        if app is None or app.file.exists():
            raise web.HTTPNotFound
        attempt = self._cookie.read(request)
        if "code" in request.query:
            return await self._end(request, app, attempt)
        if attempt is None and not self._may_register(request, app.token):
            words = words_of(request)
            raise Refused(
                403,
                words.gettext("Signalbox is not set up yet"),
                words.gettext("Open /setup on the machine itself, or at the address that its log shows."),
            )
        return self._begin(request, attempt or Attempt(secrets.token_urlsafe(32)))

    def _may_register(self, request: web.Request, token: str) -> bool:
        shown = request.query.get("token", "").encode()
        here = is_on_this_machine(request, self._site.public_url)
        return here or hmac.compare_digest(shown, token.encode())

    def _begin(self, request: web.Request, attempt: Attempt) -> web.Response:
        """The form that leads to GitHub."""
        organisation = request.query.get("organisation", "").strip()
        owner = f"/organizations/{quote(organisation, safe='')}" if organisation else ""
        home = self._site.public_url
        back = str(request.url.origin()) if is_on_this_machine(request, home) else home
        answer = self._rendering.page(
            request,
            "setup.html",
            action=f"{self._site.github_url}{owner}/settings/apps/new?state={attempt.state}",
            manifest=json.dumps(manifest(home, back)),
            address=home,
            organisation=organisation,
        )
        answer.headers["Content-Security-Policy"] = policy(str(URL(self._site.github_url).origin()))
        # GitHub refuses a form that comes from nowhere.
        answer.headers["Referrer-Policy"] = "strict-origin"
        self._cookie.write(answer, attempt)
        return answer

    async def _end(
        self, request: web.Request, unregistered: Unregistered, attempt: Attempt | None
    ) -> web.Response:
        """GitHub registered the App: keep its credentials, and start again as it."""
        state = request.query.get("state", "").encode()
        if attempt is None or not hmac.compare_digest(attempt.state.encode(), state):
            raise _failed(request)
        try:
            app = await self._github.convert(request.query["code"])
            keep(unregistered.file, json.dumps({name: app[name] for name in _KEPT}, indent=2))
        except (GitHubRefused, KeyError):
            raise _failed(request) from None
        except GitHubError as error:
            raise unanswered(request, error) from None
        except FileExistsError:
            raise web.HTTPNotFound from None
        logger.warning("registered as the App %s: start Signalbox again", app["slug"])
        words = words_of(request)
        answer = self._rendering.page(
            request,
            "message.html",
            title=words.gettext("Signalbox is registered"),
            lines=[
                words.gettext("It ends now: start it again, unless that happens by itself. Then install it.")
            ],
            link=(f"{app['html_url']}/installations/new", words.gettext("Install it at GitHub")),
        )
        self._cookie.clear(answer)
        unregistered.done()
        return answer


def manifest(address: str, back: str) -> dict[str, Any]:
    """The manifest of `app.yml` for a Signalbox at an address; GitHub returns to `back`."""
    text = (resources.files("service.web") / "app.yml").read_text("utf-8")
    found: dict[str, Any] = YAML(typ="safe").load(text.replace(_EXAMPLE, address))
    return {**found, "redirect_url": f"{back}/setup"}


def _failed(request: web.Request) -> Refused:
    words = words_of(request)
    return Refused(
        400,
        words.gettext("Nothing was registered"),
        words.gettext("The way to GitHub and back has to be gone at one go, in one browser: begin again."),
        link=("/setup", words.gettext("Set up Signalbox")),
    )
