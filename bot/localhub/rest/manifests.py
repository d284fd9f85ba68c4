"""The App that a manifest became, once: with its secrets, which nobody is shown again."""

from bot.localhub.gate import Call, Reply, Who
from bot.localhub.payloads.common import app_json
from bot.localhub.registration import Registrations
from bot.localhub.rest.parts import Route
from bot.localhub.webhooks import Webhooks
from bot.localhub.world import World


class Manifests:
    """Answer whoever brings the code of a manifest."""

    def __init__(self, world: World, registrations: Registrations, webhooks: Webhooks) -> None:
        self._world = world
        self._registrations = registrations
        self._webhooks = webhooks

    def routes(self) -> list[Route]:
        """The routes of this part."""
        return [("POST", "/app-manifests/{code}/conversions", self.convert, Who.ANYONE)]

    async def convert(self, call: Call) -> Reply:
        """`POST /app-manifests/{code}/conversions`."""
        registered = self._registrations.convert(call.request.match_info["code"])
        app, self._webhooks.url = registered.app, registered.webhook_url
        secrets = {
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "webhook_secret": app.webhook_secret,
            "pem": app.private_key,
        }
        return Reply({**app_json(self._world, app), **secrets}, 201)
