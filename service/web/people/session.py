"""What the browser of a person keeps for them, sealed: who they are, a sign-in on its way, one notice."""

from typing import Final

import msgspec
from aiohttp import web

from service.web.people.cookies import Cookie, Jar
from service.web.viewer import Person

_SESSION_SECONDS: Final = 8 * 3600
_ATTEMPT_SECONDS: Final = 10 * 60
_NOTICE_SECONDS: Final = 60


class Session(msgspec.Struct, frozen=True):
    """A person who signed in: GitHub's token for them, and what their acts must carry as `csrf`."""

    person: Person
    token: str
    csrf: str

    def __repr__(self) -> str:
        """Without the token, which no log shall show."""
        return f"Session({self.person.login})"


class Attempt(msgspec.Struct, frozen=True):
    """A way to GitHub and back that this browser has begun; `next` is the page that was asked for."""

    state: str
    verifier: str = ""
    next: str = "/"

    def __repr__(self) -> str:
        """Without what proves that it is this browser's."""
        return f"Attempt({self.next})"


class Notice(msgspec.Struct, frozen=True):
    """What came of an act, for the next page to say once."""

    text: str


class Cookies:
    """The cookies of this control room."""

    def __init__(self, jar: Jar) -> None:
        self.session = Cookie(jar, "signalbox-session", Session, _SESSION_SECONDS)
        self.attempt = Cookie(jar, "signalbox-sign-in", Attempt, _ATTEMPT_SECONDS)
        self.notice = Cookie(jar, "signalbox-notice", Notice, _NOTICE_SECONDS)


SESSION: Final = web.RequestKey("session", Session)
