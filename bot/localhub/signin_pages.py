"""GitHub's side of signing in to an App: the page that asks who one is, and the token for the App."""

from collections.abc import Mapping
from urllib.parse import urlencode

from aiohttp import web
from yarl import URL

from bot.localhub.model import Account, AccountType
from bot.localhub.rendering import Rendering, language_of, must_come_from_here, origin_of
from bot.localhub.signins import REFRESH_LIFE, TOKEN_LIFE, Asking, Exchange, SignInRefused, SignIns
from bot.localhub.world import Json, World
from bot.message import say

_DOCUMENTATION = "https://docs.github.com/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-apps"


class SignInPages:
    """`/login/oauth`: there are no passwords here, everybody is whoever they say."""

    def __init__(self, world: World, signins: SignIns, rendering: Rendering) -> None:
        self._world = world
        self._signins = signins
        self._rendering = rendering

    def routes(self) -> list[web.RouteDef]:
        """The routes of signing in."""
        return [
            web.get("/login/oauth/authorize", self.ask),
            web.post("/login/oauth/authorize", self.authorize),
            web.post("/login/oauth/access_token", self.token),
        ]

    async def ask(self, request: web.Request) -> web.Response:
        """Ask who wants to sign in; whom the App suggests as `login` comes first."""
        asking, suggested = self._asking(request.query), request.query.get("login", "").lower()
        words = {
            "title": say("Sign in to {app}", app=self._world.app.name),
            "who": say("Who are you?"),
            "cancel": say("Cancel"),
        }
        people = sorted(self._people(), key=lambda one: (one.login.lower() != suggested, one.database_id))
        return self._rendering.page(
            "authorize.html",
            language_of(request),
            words,
            leads_to=origin_of(asking.redirect_uri),
            asked=dict(request.query),
            people=people,
        )

    async def authorize(self, request: web.Request) -> web.Response:
        """Somebody said who they are, or does not want to sign in: back to the App."""
        must_come_from_here(self._world, request)
        form = {name: str(value) for name, value in (await request.post()).items()}
        asking = self._asking(form)
        if "cancel" in form:
            refused = SignInRefused("access_denied", "The user has denied your application access.")
            answer = _told(refused)
        else:
            person = self._world.accounts.get(form.get("as", "").lower())
            if person not in self._people():
                raise web.HTTPBadRequest(text="Nobody has this login")
            answer = {"code": self._signins.grant(person, asking)}
        raise web.HTTPFound(URL(asking.redirect_uri).update_query({**answer, "state": asking.state}))

    async def token(self, request: web.Request) -> web.Response:
        """A token for a code, as JSON for whoever asks for that, else as a form: refusals are 200 too."""
        shown = {name: str(value) for name, value in {**request.query, **await request.post()}.items()}
        fields = ("client_id", "client_secret", "code", "redirect_uri", "code_verifier")
        try:
            value = self._signins.exchange(Exchange(*(shown.get(name, "") for name in fields)))
            told = _token_json(value)
        except SignInRefused as error:
            told = _told(error)
        if "application/json" in request.headers.get("Accept", ""):
            return web.json_response(told)
        return web.Response(text=urlencode(told), content_type="application/x-www-form-urlencoded")

    def _asking(self, asked: Mapping[str, str]) -> Asking:
        """What an App asks: only the registered one may, and only to be answered where it is at home."""
        app = self._world.app
        if asked.get("client_id") != app.client_id:
            raise web.HTTPNotFound
        wanted = asked.get("redirect_uri") or next(iter(app.callback_urls), "")
        if wanted not in app.callback_urls:
            raise web.HTTPBadRequest(text="The redirect_uri is not associated with this application.")
        challenge = asked.get("code_challenge") or None
        if challenge and asked.get("code_challenge_method") != "S256":
            raise web.HTTPBadRequest(text="The code_challenge_method must be S256.")
        return Asking(wanted, asked.get("state", ""), challenge)

    def _people(self) -> list[Account]:
        return [one for one in self._world.accounts.values() if one.type is AccountType.USER]


def _token_json(value: str) -> Json:
    return {
        "access_token": value,
        "expires_in": int(TOKEN_LIFE.total_seconds()),
        "refresh_token": f"ghr_{value.removeprefix('ghu_')}",
        "refresh_token_expires_in": int(REFRESH_LIFE.total_seconds()),
        "scope": "",
        "token_type": "bearer",
    }


def _told(error: SignInRefused) -> Json:
    return {"error": error.word, "error_description": str(error), "error_uri": _DOCUMENTATION}
