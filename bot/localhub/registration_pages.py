"""The pages on which a person registers an App from its manifest."""

from aiohttp import web
from yarl import URL

from bot.localhub.model import Account, AccountType
from bot.localhub.refusals import Unprocessable
from bot.localhub.registration import Manifest, Registrations
from bot.localhub.rendering import Rendering, language_of, must_come_from_here, origin_of
from bot.localhub.world import World
from bot.message import say


class RegistrationPages:
    """`/settings/apps/new`, for a person and for an organisation."""

    def __init__(self, world: World, registrations: Registrations, rendering: Rendering) -> None:
        self._world = world
        self._registrations = registrations
        self._rendering = rendering

    def routes(self) -> list[web.RouteDef]:
        """The routes of registering."""
        return [
            web.post("/settings/apps/new", self.ask),
            web.post("/organizations/{org}/settings/apps/new", self.ask),
            web.post("/settings/apps", self.register),
        ]

    async def ask(self, request: web.Request) -> web.Response:
        """Show what would be registered; the manifest comes from wherever the App is at home."""
        text = str((await request.post()).get("manifest", ""))
        manifest, owner = self._read(text), self._owner(request.match_info.get("org"))
        words = {
            "title": say("Register {app}", app=manifest.name),
            "owner": say("It will belong to {owner}.", owner=owner.login),
            "permissions": say("Permissions"),
            "events": say("Events"),
            "register": say("Register"),
        }
        return self._rendering.page(
            "register.html",
            language_of(request),
            words,
            leads_to=origin_of(manifest.redirect_url),
            manifest=manifest,
            text=text,
            owner=owner.login,
            state=request.query.get("state", ""),
        )

    async def register(self, request: web.Request) -> web.Response:
        """The button was pressed: back to whoever made the manifest, with a code."""
        must_come_from_here(self._world, request)
        form = await request.post()
        manifest = self._read(str(form.get("manifest", "")))
        owner = self._world.accounts.get(str(form.get("owner", "")).lower())
        if owner is None:
            raise web.HTTPNotFound
        answer = {"code": self._registrations.propose(manifest, owner), "state": str(form.get("state", ""))}
        raise web.HTTPFound(URL(manifest.redirect_url).update_query(answer))

    def _read(self, text: str) -> Manifest:
        try:
            manifest = self._registrations.read(text)
        except Unprocessable as error:
            raise web.HTTPUnprocessableEntity(text=str(error)) from error
        if URL(manifest.redirect_url).scheme not in {"http", "https"}:
            raise web.HTTPUnprocessableEntity(text="The redirect_url must be an address of the web")
        return manifest

    def _owner(self, organisation: str | None) -> Account:
        """The organisation, or the person who is signed in: here, the first there is."""
        if organisation is None:
            people = (one for one in self._world.accounts.values() if one.type is AccountType.USER)
            owner = next(people, self._world.app.owner)
        else:
            owner = self._world.accounts.get(organisation.lower(), self._world.app.bot)
        if owner.type is AccountType.BOT:
            raise web.HTTPNotFound
        return owner
