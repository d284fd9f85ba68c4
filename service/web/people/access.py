"""The guards of the control room: who looks, and what they may see."""

from typing import Final
from urllib.parse import urlencode

from aiohttp import web
from aiohttp.typedefs import Handler

from service.ledger.repositories import Repositories
from service.web.people.github import GitHubError, SignedOut
from service.web.people.peer import is_on_this_machine
from service.web.people.session import SESSION, Cookies, Session
from service.web.people.visibility import Visibility
from service.web.refusals import Refused
from service.web.rendering import words_of
from service.web.viewer import VIEWER, Viewer

_AGAIN_SECONDS: Final = 30


class SignedInOnly:
    """The guard where people sign in with GitHub: each sees what GitHub shows them."""

    def __init__(self, cookies: Cookies, visibility: Visibility, repositories: Repositories) -> None:
        self._cookies, self._visibility, self._repositories = cookies, visibility, repositories

    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Put the `VIEWER` and the `SESSION` on the request; without one there is only the way to sign in."""
        session = self._cookies.session.read(request)
        if session is None:
            raise _signed_out(request)
        visible = await self._visible(request, session)
        notice = self._cookies.notice.read(request)
        said = notice.text if notice else ""
        request[SESSION] = session
        request[VIEWER] = Viewer(session.person, visible, session.csrf, said)
        answer = await handler(request)
        if said and not answer.prepared and answer.content_type == "text/html":
            self._cookies.notice.clear(answer)
        return answer

    async def _visible(self, request: web.Request, session: Session) -> frozenset[int]:
        """The repositories of a person; the one that the path names too, which may be anybody's to see.

        GitHub is not asked for one that the ledger does not know: there is nothing to show of it.
        """
        names = request.match_info
        try:
            visible = await self._visibility.installed(session.token)
            if "owner" in names and "repo" in names:
                name = f"{names['owner']}/{names['repo']}"
                known = await self._repositories.locate(name)
                if known and known.repository.id not in visible:
                    visible |= await self._visibility.named(session.token, name)
        except GitHubError as error:
            raise unanswered(request, error) from None
        return visible


class ThisMachineOnly:
    """The guard where nobody can sign in: whoever sits at this machine sees all, and acts on nothing."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url

    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Put a `VIEWER` on the request who sees all; nobody else comes in."""
        if not is_on_this_machine(request, self._public_url):
            words = words_of(request)
            raise Refused(
                403,
                words.gettext("Only the machine itself may look"),
                words.gettext(
                    "Nobody can sign in here yet, so these pages are shown at http://127.0.0.1 alone, and "
                    "not at all where SIGNALBOX_PUBLIC_URL is another address."
                ),
                words.gettext(
                    "Set GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET, and people sign in with GitHub."
                ),
            )
        request[VIEWER] = Viewer(None, None)
        return await handler(request)


def unanswered(request: web.Request, error: GitHubError) -> Refused:
    """GitHub does not say what somebody may see or do, so nothing is shown or done."""
    if isinstance(error, SignedOut):
        return _signed_out(request)
    words = words_of(request)
    return Refused(
        503,
        words.gettext("GitHub does not answer"),
        words.gettext(
            "What you may see and do is asked of GitHub, so nothing is shown. Try again in a moment."
        ),
        headers={"Retry-After": str(_AGAIN_SECONDS)},
    )


def _signed_out(request: web.Request) -> Refused:
    words, wanted = words_of(request), request.path_qs if request.method == "GET" else "/"
    return Refused(
        401,
        words.gettext("Sign in to see the control room"),
        words.gettext("Signalbox shows the repositories that GitHub shows you, and acts as you."),
        link=(f"/signin?{urlencode({'next': wanted})}", words.gettext("Sign in with GitHub")),
    )
