"""Registering an App, by hand and from a manifest."""

import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.localhub.model import Account, AccountType
from bot.localhub.refusals import NotFound, Unprocessable
from bot.localhub.world import OwnApp, World

_CODE_LIFE = timedelta(hours=1)


class Hook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the webhooks of an App go."""

    url: str
    active: bool = True


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What GitHub takes in a manifest: only the address of the App is required."""

    url: str
    name: str = ""
    description: str = ""
    redirect_url: str = ""
    setup_url: str = ""
    public: bool = False
    request_oauth_on_install: bool = False
    setup_on_update: bool = False
    callback_urls: tuple[str, ...] = ()
    hook_attributes: Hook | None = None
    default_permissions: dict[str, str] = {}
    default_events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Registered:
    """An App that was just registered, and where its webhooks go; None for an App that hears nothing."""

    app: OwnApp
    webhook_url: str | None


class Registrations:
    """The Apps that are about to be registered. The hub has one: each takes the place of the one before."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._proposed: dict[str, tuple[Manifest, Account, datetime]] = {}

    def read(self, text: str) -> Manifest:
        """Read a manifest, which must be JSON."""
        try:
            return msgspec.json.decode(text, type=Manifest)
        except msgspec.DecodeError as error:
            raise Unprocessable(f"The manifest is invalid: {error}") from error

    def propose(self, manifest: Manifest, owner: Account) -> str:
        """A code for whoever made the manifest, good once and for an hour."""
        code = secrets.token_hex(20)
        self._proposed[code] = (manifest, owner, self._world.now() + _CODE_LIFE)
        return code

    def convert(self, code: str) -> Registered:
        """Make the App of a code."""
        manifest, owner, until = self._proposed.pop(code, (None, None, self._world.now()))
        if manifest is None or owner is None or until <= self._world.now():
            raise NotFound("Not Found")
        world, name = self._world, manifest.name or "Signalbox"
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        bot = world.account(slug, AccountType.BOT)
        world.app = replace(
            new_app(owner, bot, world.now(), world.number()),
            name=name,
            callback_urls=manifest.callback_urls,
            permissions=tuple(manifest.default_permissions.items()),
            events=manifest.default_events,
        )
        hook = manifest.hook_attributes
        return Registered(world.app, hook.url if hook and hook.active else None)


def new_app(owner: Account, bot: Account, created_at: datetime, database_id: int) -> OwnApp:
    """An App with secrets of its own, which acts as `bot`."""
    private, public = _key_pair()
    return OwnApp(
        database_id=database_id,
        slug=bot.login,
        name="Signalbox",
        owner=owner,
        bot=bot,
        created_at=created_at,
        private_key=private,
        public_key=public,
        webhook_secret=secrets.token_hex(20),
        client_id=f"Iv23{secrets.token_hex(8)}",
        client_secret=secrets.token_hex(20),
    )


@lru_cache(maxsize=1)
def _key_pair() -> tuple[str, str]:
    """The private and the public key of an App, as PEM: made once a process, for it takes its time."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()
