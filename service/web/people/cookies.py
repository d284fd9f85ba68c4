"""Cookies that only this control room can write and read: encrypted, signed, and with an end.

Fernet, from `cryptography`: AES-128-CBC with HMAC-SHA256. The first secret writes, every one reads, so that
one can take the place of another.
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

import msgspec
from aiohttp import web
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from service.clock import utc_now

S = TypeVar("S", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Jar:
    """What all cookies share: the secrets of their keys, whether only HTTPS carries them, and the clock."""

    secrets: Sequence[str] = field(repr=False)
    secure: bool
    clock: Callable[[], datetime] = utc_now


class Cookie(Generic[S]):
    """A cookie that holds a value of one kind for so many seconds; each has keys of its own."""

    def __init__(self, jar: Jar, name: str, kind: type[S], seconds: int) -> None:
        # With this prefix a browser takes it from this very host alone (RFC 6265bis, 4.1.3.2).
        self.name = f"__Host-{name}" if jar.secure else name
        self._jar, self._kind, self._seconds = jar, kind, seconds
        self._keys = MultiFernet([Fernet(_key(secret, name)) for secret in jar.secrets])

    def read(self, request: web.Request) -> S | None:
        """What the browser brought; None where that is nothing, forged, cut off, or past its end."""
        try:
            text = self._keys.decrypt(request.cookies.get(self.name, ""))
            end, _, value = text.partition(b" ")
            if int(end) <= self._jar.clock().timestamp():
                return None
            return msgspec.json.decode(value, type=self._kind)
        except (InvalidToken, ValueError):
            return None

    def write(self, answer: web.StreamResponse, value: S, seconds: int | None = None) -> None:
        """Give the browser a value, for no longer than a cookie of this kind lasts."""
        life = self._seconds if seconds is None else min(seconds, self._seconds)
        end = int(self._jar.clock().timestamp()) + life
        sealed = self._keys.encrypt(b"%d %s" % (end, msgspec.json.encode(value))).decode()
        answer.set_cookie(
            self.name, sealed, max_age=life, path="/", httponly=True, samesite="Lax", secure=self._jar.secure
        )

    def clear(self, answer: web.StreamResponse) -> None:
        """Take it from the browser."""
        answer.del_cookie(self.name, path="/", httponly=True, samesite="Lax", secure=self._jar.secure)


def _key(secret: str, purpose: str) -> bytes:
    derived = HKDF(SHA256(), 32, salt=None, info=f"signalbox {purpose}".encode()).derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
