"""The REST routes that Signalbox uses, each as GitHub describes it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

from bot.localhub.gate import Call, Gate, Reply, Who
from bot.localhub.installations import Installations
from bot.localhub.model import Installation, Repository
from bot.localhub.payloads.common import account_json, app_json, installation_json, moment, repository_json
from bot.localhub.payloads.people import permission_of
from bot.localhub.payloads.pushes import activity_json
from bot.localhub.refusals import Forbidden, NotFound, Unprocessable
from bot.localhub.webhooks import Delivery, Webhooks
from bot.localhub.world import Json, World

Answers: TypeAlias = Callable[[Call], Awaitable[Reply]]

_MOST_PER_PAGE = 100


class Rest:
    """Answer REST requests about one world."""

    def __init__(self, world: World, installations: Installations, webhooks: Webhooks, gate: Gate) -> None:
        self._world = world
        self._installations = installations
        self._webhooks = webhooks
        self._gate = gate

    def routes(self) -> list[tuple[str, str, Answers, Who]]:
        """Every route: the verb, the path as GitHub describes it, what answers, who may ask."""
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
        return _page(
            call, [installation_json(self._world, one) for one in self._world.installations.values()]
        )

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
            found = [one for one in found if one.database_id <= _number(cursor, "cursor")]
        size = _per_page(call)
        page, rest = found[:size], found[size:]
        links = {"next": {"cursor": str(rest[0].database_id)}} if rest else {}
        return Reply([one.brief() for one in page], headers=_link(call, links))

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
        page = _page(call, described)
        return Reply({"total_count": len(given), "repositories": page.body}, headers=page.headers)

    async def installation_on(self, call: Call) -> Reply:
        """`GET /repos/{owner}/{repo}/installation`."""
        installation = self._world.installation_on(self._named_repository(call))
        if installation is None:
            raise NotFound("Not Found")
        return Reply(installation_json(self._world, installation))

    async def activity(self, call: Call) -> Reply:
        """`GET /repos/{owner}/{repo}/activity`, newest first; `after` is the cursor of the page before."""
        repository, query = self._named_repository(call), call.request.query
        if repository.is_private and not call.visitor.covers(repository):
            raise NotFound("Not Found")
        ref = query.get("ref")
        wanted = {None} if ref is None else {ref, f"refs/heads/{ref}"}
        after = _number(query["after"], "after") if "after" in query else None
        found = [
            one
            for one in reversed(self._world.activities.values())
            if one.repository == repository.database_id
            and (ref is None or one.ref in wanted)
            and (after is None or one.database_id < after)
        ]
        size = _per_page(call)
        links = {"next": {"after": str(found[size - 1].database_id)}} if len(found) > size else {}
        page = [activity_json(self._world, one) for one in found[:size]]
        return Reply(page, headers=_link(call, links))

    async def permission(self, call: Call) -> Reply:
        """`GET /repos/{owner}/{repo}/collaborators/{username}/permission`."""
        repository = self._named_repository(call)
        if not call.visitor.covers(repository):
            raise NotFound("Not Found") if repository.is_private else Forbidden("Must have push access")
        login = call.request.match_info["username"].removesuffix("[bot]")
        account = self._world.accounts.get(login.lower())
        if account is None:
            raise NotFound(f"{login} is not a user")
        role = self._world.permission(repository, account.login)
        user = account_json(self._world, account)
        return Reply({"permission": permission_of(role), "role_name": role, "user": user})

    def _named_repository(self, call: Call) -> Repository:
        names = call.request.match_info
        repository = self._world.repository(f"{names['owner']}/{names['repo']}")
        if repository is None:
            raise NotFound("Not Found")
        return repository

    def _named_installation(self, call: Call) -> Installation:
        number = call.request.match_info["installation_id"]
        installation = self._world.installations.get(int(number) if number.isdecimal() else 0)
        if installation is None:
            raise NotFound("Not Found")
        return installation

    def _named_delivery(self, call: Call) -> Delivery:
        number = call.request.match_info["delivery_id"]
        delivery = self._webhooks.deliveries.get(int(number) if number.isdecimal() else 0)
        if delivery is None:
            raise NotFound("Not Found")
        return delivery


def _page(call: Call, items: Sequence[Json]) -> Reply:
    """The page that was asked for, of at most a hundred, with links to its neighbours."""
    size, number = _per_page(call), _number(call.request.query.get("page", "1"), "page")
    last = max(1, -(-len(items) // size))
    links: dict[str, int] = {}
    if number > 1:
        links |= {"prev": number - 1, "first": 1}
    if number < last:
        links |= {"next": number + 1, "last": last}
    page = list(items[(number - 1) * size : number * size])
    return Reply(page, headers=_link(call, {name: {"page": str(to)} for name, to in links.items()}))


def _per_page(call: Call) -> int:
    return min(_number(call.request.query.get("per_page", "30"), "per_page"), _MOST_PER_PAGE)


def _number(text: str, name: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise Unprocessable(f"{name} must be a number from 1")
    return int(text)


def _link(call: Call, pages: dict[str, dict[str, str]]) -> dict[str, str]:
    """The Link header: the same address with another page or cursor."""
    links: list[str] = []
    for name, query in pages.items():
        url: Any = call.request.url.update_query(query)
        links.append(f'<{url}>; rel="{name}"')
    return {"Link": ", ".join(links)} if links else {}
