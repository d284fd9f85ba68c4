"""Signing in with GitHub, and out again: OAuth's code with a state of this browser, and PKCE (RFC 7636)."""

import base64
import hashlib
import hmac
import logging
import secrets
from typing import Final, NoReturn

from aiohttp import web

from service.web.addresses import local
from service.web.people.access import unanswered
from service.web.people.github import GitHub, GitHubAway, GitHubError
from service.web.people.origin import Origin
from service.web.people.session import Attempt, Cookies, Session
from service.web.people.visibility import Visibility
from service.web.refusals import Refused
from service.web.rendering import words_of

logger = logging.getLogger(__name__)

# In bytes: sealed in a cookie, which a browser may refuse from 4,096 on (RFC 6265, 6.1).
_LONGEST_NEXT: Final = 1500


class SignIn:
    """The way to GitHub and back. `home` is where GitHub sends people back to, None for where it knows."""

    def __init__(
        self, github: GitHub, visibility: Visibility, cookies: Cookies, origin: Origin, home: str | None
    ) -> None:
        self._github, self._visibility = github, visibility
        self._cookies, self._origin, self._home = cookies, origin, home

    async def begin(self, request: web.Request) -> web.Response:
        """`GET /signin?next=/path`: off to GitHub."""
        wanted = request.query.get("next", "/")
        fits = len(wanted.encode(errors="replace")) <= _LONGEST_NEXT
        attempt = Attempt(_random(), _random(), local(wanted) if fits else "/")
        digest = hashlib.sha256(attempt.verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        answer = _to(str(self._github.authorize_url(attempt.state, challenge, self._home)))
        self._cookies.attempt.write(answer, attempt)
        return answer

    async def end(self, request: web.Request) -> web.Response:
        """`GET /signin/callback`: back from GitHub, with a code that becomes a session."""
        attempt, query = self._cookies.attempt.read(request), request.query
        if attempt is None or not _same(attempt.state, query.get("state", "")):
            _failed(request)
        try:
            token = await self._github.exchange(query.get("code", ""), attempt.verifier, self._home)
            person = await self._github.person(token.value)
        except GitHubAway as error:
            raise unanswered(request, error) from None
        except GitHubError:
            _failed(request)
        answer = _to(attempt.next)
        self._cookies.attempt.clear(answer)
        self._cookies.session.write(answer, Session(person, token.value, _random()), token.seconds)
        return answer

    async def leave(self, request: web.Request) -> web.Response:
        """`POST /signout`: forget who this is, and have GitHub end the token, if it answers."""
        session = self._cookies.session.read(request)
        if session is not None:
            await self._origin.form(request, session.csrf)
            self._visibility.forget(session.token)
            try:
                await self._github.revoke(session.token)
            except GitHubError as error:
                logger.warning("the token of %s was not revoked: %s", session.person.login, error)
        answer = _to("/")
        self._cookies.session.clear(answer)
        return answer


def _failed(request: web.Request) -> NoReturn:
    """It was not this browser that went to GitHub, or not now; or GitHub knows no such code."""
    words = words_of(request)
    raise Refused(
        400,
        words.gettext("You are not signed in"),
        words.gettext("The way to GitHub and back has to be gone at one go, in one browser: begin again."),
        link=("/signin", words.gettext("Sign in with GitHub")),
    )


def _to(address: str) -> web.Response:
    return web.Response(status=303, headers={"Location": address})


def _random() -> str:
    return secrets.token_urlsafe(32)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
