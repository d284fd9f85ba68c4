"""The App, its installations and its deliveries; what people may do, and did, in a repository."""

from bot.localhub.gate import Call, Gate, Reply, Who
from bot.localhub.installations import Installations
from bot.localhub.model import Installation
from bot.localhub.payloads.common import account_json, app_json, installation_json, moment, repository_json
from bot.localhub.payloads.people import permission_of
from bot.localhub.payloads.pushes import activity_json
from bot.localhub.refusals import Forbidden, NotFound
from bot.localhub.rest.parts import Route, link, number, page, per_page, readable, repository_of
from bot.localhub.webhooks import Delivery, Webhooks
from bot.localhub.world import World


class Apps:
    """Answer what an App asks about itself and about who may do what."""

    def __init__(self, world: World, installations: Installations, webhooks: Webhooks, gate: Gate) -> None:
        self._world = world
        self._installations = installations
        self._webhooks = webhooks
        self._gate = gate

    def routes(self) -> list[Route]:
        """The routes of this part."""
        deliveries = "/app/hook/deliveries"
        return [
            ("GET", "/meta", self.meta, Who.ANYONE),
            ("GET", "/rate_limit", self.rate_limit, Who.INSTALLATION),
            ("GET", "/app", self.app, Who.APP),
            ("GET", "/app/installations", self.installations, Who.APP),
            ("GET", "/app/installations/{installation_id}", self.installation, Who.APP),
            ("POST", "/app/installations/{installation_id}/access_tokens", self.access_token, Who.APP),
            ("GET", deliveries, self.deliveries, Who.APP),
            ("GET", f"{deliveries}/{{delivery_id}}", self.delivery, Who.APP),
            ("POST", f"{deliveries}/{{delivery_id}}/attempts", self.redeliver, Who.APP),
            ("GET", "/installation/repositories", self.repositories, Who.INSTALLATION),
            ("GET", "/repos/{owner}/{repo}/installation", self.installation_on, Who.APP),
            ("GET", "/repos/{owner}/{repo}/activity", self.activity, Who.INSTALLATION),
            (
                "GET",
                "/repos/{owner}/{repo}/collaborators/{username}/permission",
                self.permission,
                Who.INSTALLATION,
            ),
        ]

    async def meta(self, _: Call) -> Reply:
        """`GET /meta`."""
        return Reply({"verifiable_password_authentication": False, "installed_version": "local"})

    async def rate_limit(self, call: Call) -> Reply:
        """`GET /rate_limit`, which costs nothing."""
        caller, now, meter = call.caller, self._world.now(), self._gate.meter
        resources = {name: meter.state(caller, name, now) for name in ("core", "graphql")}
        return Reply({"resources": resources, "rate": resources["core"]})

    async def app(self, _: Call) -> Reply:
        """`GET /app`."""
        count = len(self._world.installations)
        return Reply({**app_json(self._world, self._world.app), "installations_count": count})

    async def installations(self, call: Call) -> Reply:
        """`GET /app/installations`."""
        found = self._world.installations.values()
        return page(call, [installation_json(self._world, one) for one in found])

    async def installation(self, call: Call) -> Reply:
        """`GET /app/installations/{installation_id}`."""
        return Reply(installation_json(self._world, self._named_installation(call)))

    async def access_token(self, call: Call) -> Reply:
        """`POST /app/installations/{installation_id}/access_tokens`."""
        installation = self._named_installation(call)
        token = self._installations.mint(installation)
        body = {
            "token": token.value,
            "expires_at": moment(token.expires_at),
            "permissions": dict(self._world.app.permissions),
            "repository_selection": "all" if installation.repositories is None else "selected",
        }
        return Reply(body, 201)

    async def deliveries(self, call: Call) -> Reply:
        """`GET /app/hook/deliveries`, newest first; `cursor` is the delivery to begin with."""
        query = call.request.query
        wanted = {"success": True, "failure": False}.get(query.get("status", ""))
        found = [
            one
            for one in reversed(self._webhooks.deliveries.values())
            if wanted is None or one.succeeded is wanted
        ]
        cursor = query.get("cursor")
        if cursor is not None:
            found = [one for one in found if one.database_id <= number(cursor, "cursor")]
        size = per_page(call)
        shown, rest = found[:size], found[size:]
        links = {"next": {"cursor": str(rest[0].database_id)}} if rest else {}
        return Reply([one.brief() for one in shown], headers=link(call, links))

    async def delivery(self, call: Call) -> Reply:
        """`GET /app/hook/deliveries/{delivery_id}`."""
        return Reply(self._named_delivery(call).full())

    async def redeliver(self, call: Call) -> Reply:
        """`POST /app/hook/deliveries/{delivery_id}/attempts`."""
        self._webhooks.redeliver(self._named_delivery(call))
        return Reply({}, 202)

    async def repositories(self, call: Call) -> Reply:
        """`GET /installation/repositories`."""
        given = self._installations.repositories(call.visitor)
        described = [repository_json(self._world, one) for one in given]
        listed = page(call, described)
        return Reply({"total_count": len(given), "repositories": listed.body}, headers=listed.headers)

    async def installation_on(self, call: Call) -> Reply:
        """`GET /repos/{owner}/{repo}/installation`."""
        installation = self._world.installation_on(repository_of(self._world, call))
        if installation is None:
            raise NotFound("Not Found")
        return Reply(installation_json(self._world, installation))

    async def activity(self, call: Call) -> Reply:
        """`GET /repos/{owner}/{repo}/activity`, newest first; `after` is the cursor of the page before."""
        repository, query = readable(self._world, call), call.request.query
        ref = query.get("ref")
        wanted = {None} if ref is None else {ref, f"refs/heads/{ref}"}
        after = number(query["after"], "after") if "after" in query else None
        found = [
            one
            for one in reversed(self._world.activities.values())
            if one.repository == repository.database_id
            and (ref is None or one.ref in wanted)
            and (after is None or one.database_id < after)
        ]
        size = per_page(call)
        links = {"next": {"after": str(found[size - 1].database_id)}} if len(found) > size else {}
        shown = [activity_json(self._world, one) for one in found[:size]]
        return Reply(shown, headers=link(call, links))

    async def permission(self, call: Call) -> Reply:
        """`GET /repos/{owner}/{repo}/collaborators/{username}/permission`."""
        repository = repository_of(self._world, call)
        if not call.visitor.covers(repository):
            raise NotFound("Not Found") if repository.is_private else Forbidden("Must have push access")
        login = call.request.match_info["username"].removesuffix("[bot]")
        account = self._world.accounts.get(login.lower())
        if account is None:
            raise NotFound(f"{login} is not a user")
        role = self._world.permission(repository, account.login)
        user = account_json(self._world, account)
        return Reply({"permission": permission_of(role), "role_name": role, "user": user})

    def _named_installation(self, call: Call) -> Installation:
        digits = call.request.match_info["installation_id"]
        installation = self._world.installations.get(int(digits) if digits.isdecimal() else 0)
        if installation is None:
            raise NotFound("Not Found")
        return installation

    def _named_delivery(self, call: Call) -> Delivery:
        digits = call.request.match_info["delivery_id"]
        delivery = self._webhooks.deliveries.get(int(digits) if digits.isdecimal() else 0)
        if delivery is None:
            raise NotFound("Not Found")
        return delivery
