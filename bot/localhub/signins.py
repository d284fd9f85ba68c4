"""Signing in: the codes that people bring to the App, and the tokens that the App gets for them."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import encode_basic_auth

from bot.localhub.model import Account
from bot.localhub.refusals import BadCredentials
from bot.localhub.world import World

CODE_LIFE = timedelta(minutes=10)
TOKEN_LIFE = timedelta(hours=8)
PERSONAL_LIFE = timedelta(days=30)
REFRESH_LIFE = timedelta(days=183)
# What the tokens of people begin with (GitHub docs: "Token formats").
OF_PERSON = "ghu_"


class SignInRefused(Exception):
    """Why there is no token: `word` is GitHub's, the message is for the App's maker to read."""

    def __init__(self, word: str, message: str) -> None:
        super().__init__(message)
        self.word = word


@dataclass(frozen=True, slots=True)
class Asking:
    """What an App asks when it sends somebody here.

    `challenge` is the one of PKCE (S256), None where the App sent none; `redirect_uri` is the way back.
    """

    redirect_uri: str
    state: str = ""
    challenge: str | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """What an App shows in order to get a token for a code."""

    client_id: str
    client_secret: str
    code: str
    redirect_uri: str
    verifier: str


@dataclass(frozen=True, slots=True)
class _Grant:
    person: Account
    asking: Asking
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Token:
    person: Account
    expires_at: datetime
    scopes: frozenset[str] = frozenset()


class SignIns:
    """Who signed in to the App, and until when."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._grants: dict[str, _Grant] = {}
        self._tokens: dict[str, _Token] = {}

    def grant(self, person: Account, asking: Asking) -> str:
        """A code for the App that asks, good once and for ten minutes."""
        code = secrets.token_hex(10)
        self._grants[code] = _Grant(person, asking, self._world.now() + CODE_LIFE)
        return code

    def exchange(self, shown: Exchange) -> str:
        """The token that a code is worth. Raises `SignInRefused`."""
        app = self._world.app
        if shown.client_id != app.client_id or not _equal(shown.client_secret, app.client_secret):
            raise SignInRefused(
                "incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect."
            )
        grant = self._grants.pop(shown.code, None)
        if grant is None or grant.expires_at <= self._world.now() or not _proves(shown.verifier, grant):
            raise SignInRefused("bad_verification_code", "The code passed is incorrect or expired.")
        if shown.redirect_uri not in {"", grant.asking.redirect_uri}:
            raise SignInRefused(
                "redirect_uri_mismatch",
                "The redirect_uri MUST match the registered callback URL for this application.",
            )
        return self._mint(grant.person)

    def of_token(self, value: str) -> Account:
        """Whose token this is; refuses those that are unknown, revoked or eight hours old."""
        token = self._tokens.get(value)
        if token is None or token.expires_at <= self._world.now():
            raise BadCredentials("Bad credentials")
        return token.person

    def scopes(self, value: str) -> frozenset[str]:
        """The scopes of a personal access token; a token of an App has none."""
        token = self._tokens.get(value)
        return token.scopes if token else frozenset()

    def personal(self, person: Account, *scopes: str) -> str:
        """A personal access token (classic) that somebody made, good for a month."""
        value = "ghp_" + secrets.token_hex(18)
        self._tokens[value] = _Token(person, self._world.now() + PERSONAL_LIFE, frozenset(scopes))
        return value

    def end(self, authorization: str, value: str) -> bool:
        """End one token for the App, which proves itself (RFC 7617); whether the token was good."""
        app = self._world.app
        if not _equal(authorization, encode_basic_auth(app.client_id, app.client_secret)):
            raise BadCredentials("Bad credentials")
        token = self._tokens.pop(value, None)
        return token is not None and token.expires_at > self._world.now()

    def revoke(self, person: Account) -> None:
        """End all tokens of a person now, as they can in their settings."""
        self._tokens = {value: one for value, one in self._tokens.items() if one.person != person}

    def _mint(self, person: Account) -> str:
        value = OF_PERSON + secrets.token_hex(18)
        self._tokens[value] = _Token(person, self._world.now() + TOKEN_LIFE)
        return value


def _proves(verifier: str, grant: _Grant) -> bool:
    """Whether the App that shows a code is the one that asked for it (RFC 7636, S256)."""
    challenge = grant.asking.challenge
    if challenge is None:
        return True
    digest = hashlib.sha256(verifier.encode()).digest()
    return _equal(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), challenge)


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
