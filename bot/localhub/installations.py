"""Installations of the App, and the tokens that speak for them."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import jwt

from bot.localhub.model import Account, Installation, Repository
from bot.localhub.payloads.common import installation_json, repository_in_brief
from bot.localhub.refusals import BadCredentials, Forbidden
from bot.localhub.world import World

# GitHub: an installation token lives one hour, an App's own token ten minutes at most.
_TOKEN_LIFE = timedelta(hours=1)
_MOST_APP_LIFE = timedelta(minutes=10)
_LEEWAY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Token:
    """An installation token."""

    value: str
    installation: int
    expires_at: datetime


class Installations:
    """What owners do with the App, and how the App proves who it is."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tokens: dict[str, Token] = {}

    def install(self, account: Account, repositories: list[Repository] | None = None) -> Installation:
        """Install the App on an account: on these repositories, or on all (also later ones)."""
        world = self._world
        selected = None if repositories is None else frozenset(one.database_id for one in repositories)
        installation = Installation(world.number(), account, selected, world.now())
        return self._changed(installation, "created")

    def suspend(self, installation: Installation) -> Installation:
        """Suspend: its tokens are refused, it gets no new ones, and it hears of nothing."""
        return self._changed(replace(installation, suspended_at=self._world.now()), "suspend")

    def unsuspend(self, installation: Installation) -> Installation:
        """Take a suspension back."""
        return self._changed(replace(installation, suspended_at=None), "unsuspend")

    def delete(self, installation: Installation) -> None:
        """Remove the App from an account."""
        self.revoke_tokens(installation)
        self._changed(installation, "deleted")
        del self._world.installations[installation.database_id]

    def revoke_tokens(self, installation: Installation) -> None:
        """End all tokens of an installation now."""
        number = installation.database_id
        self._tokens = {key: one for key, one in self._tokens.items() if one.installation != number}

    def mint(self, installation: Installation) -> Token:
        """A new installation token; refused while the installation is suspended."""
        must_be_active(installation)
        value = "ghs_" + secrets.token_hex(18)
        token = Token(value, installation.database_id, self._world.now() + _TOKEN_LIFE)
        self._tokens[value] = token
        return token

    def of_token(self, value: str) -> Installation:
        """Whose token this is; refuses those that are unknown, revoked, an hour old, or suspended."""
        token = self._tokens.get(value)
        if token is None or token.expires_at <= self._world.now():
            raise BadCredentials("Bad credentials")
        return must_be_active(self._world.installations[token.installation])

    def check_app(self, value: str) -> None:
        """Refuse what is not signed by the App, or lives longer than GitHub lets it."""
        try:
            claims = jwt.decode(
                value,
                self._world.app.public_key,
                algorithms=["RS256"],
                leeway=_LEEWAY,
                options={"require": ["iat", "exp", "iss"], "verify_exp": False, "verify_iat": False},
            )
        except jwt.PyJWTError as error:
            raise BadCredentials("A JSON web token could not be decoded") from error
        now = self._world.now().timestamp()
        if str(claims["iss"]) != str(self._world.app.database_id):
            raise BadCredentials("'Issuer' claim ('iss') must be an Integer")
        if not now < claims["exp"]:
            raise BadCredentials("'Expiration time' claim ('exp') must be in the future")
        if claims["exp"] > now + (_MOST_APP_LIFE + _LEEWAY).total_seconds():
            raise BadCredentials("'Expiration time' claim ('exp') is too far in the future")
        if claims["iat"] > now + _LEEWAY.total_seconds():
            raise BadCredentials("'Issued at' claim ('iat') must be in the past")

    def repositories(self, installation: Installation) -> list[Repository]:
        """The repositories that an installation was given."""
        return [one for one in self._world.repositories.values() if installation.covers(one)]

    def _changed(self, installation: Installation, action: str) -> Installation:
        world = self._world
        world.installations[installation.database_id] = installation
        body = {"installation": installation_json(world, installation), "sender": installation.account}
        if action in {"created", "deleted"}:
            given = self.repositories(installation)
            body["repositories"] = [repository_in_brief(one) for one in given]
        world.announce("installation", action, installation, body)
        return installation


def must_be_active(installation: Installation) -> Installation:
    """The installation, unless it is suspended."""
    if installation.suspended_at:
        raise Forbidden("This installation has been suspended")
    return installation
