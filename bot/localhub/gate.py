"""What every API request passes: counting, faults, sign-in, limits, and the headers of the answer."""

import asyncio
import hashlib
import json
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import Any, TypeAlias

from aiohttp import web

from bot.localhub.faults import Fault, Faults
from bot.localhub.installations import Installations
from bot.localhub.limits import FREE, Limits, Meter, Price, Refusal
from bot.localhub.model import Account, Installation
from bot.localhub.refusals import BadCredentials, Forbidden, Refused
from bot.localhub.signins import OF_PERSON, SignIns
from bot.localhub.world import Json, World

_VERSIONS = {"2022-11-28", "2026-03-10"}
_DEFAULT_VERSION = "2022-11-28"
# The tokens of installations, and those that an App has of people.
_OF_APPS = ("ghs_", "ghu_")
_OPERATION = re.compile(r"^\s*(?:query|mutation)\s+(\w+)", re.MULTILINE)


class Who(Enum):
    """Who may call a route."""

    ANYONE = "anyone"
    APP = "the App, by its own signed token"
    INSTALLATION = "an installation, by its token"
    PERSON = "a person, by the token that the App got when they signed in"
    HOLDER = "a person, by a personal access token (classic): no App has a way in"
    EITHER = "an installation or a person, each by a token of their own"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that arrived, for tests to count: a GraphQL operation by its name, the `cost` in points."""

    method: str
    path: str
    operation: str | None
    cost: int


@dataclass(frozen=True, slots=True)
class Call:
    """A request that passed: who asks, and what. `caller` names the budget that it is counted against."""

    request: web.Request
    caller: str
    installation: Installation | None
    signed_in: Account | None
    fault: Fault | None
    price: Price
    refusal: Refusal | None
    scopes: frozenset[str] = frozenset()

    @property
    def visitor(self) -> Installation:
        """The installation that asks, on a route that only installations may call."""
        if self.installation is None:
            raise BadCredentials("Requires authentication")
        return self.installation

    @property
    def person(self) -> Account:
        """The person who asks, on a route that only people may call."""
        if self.signed_in is None:
            raise BadCredentials("Requires authentication")
        return self.signed_in


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: `body` becomes JSON."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Answers: TypeAlias = Callable[[Call], Awaitable[Reply]]
Prices: TypeAlias = Callable[[web.Request], Awaitable[Price]]


async def rest_price(request: web.Request) -> Price:
    """What a REST request costs: a read 1 point, a write 5 of the minute; asking for the rest is free."""
    if request.path.endswith("/rate_limit"):
        return FREE
    creates = request.method == "POST" and _plain(request.path).startswith("/repos/")
    return Price(1, 1 if request.method == "GET" else 5, creates)


class Gate:
    """Between the network and the answers."""

    def __init__(self, world: World, installations: Installations, signins: SignIns) -> None:
        self._world = world
        self._installations = installations
        self._signins = signins
        self.faults = Faults()
        self.meter = Meter(Limits())
        self.asked: list[Asked] = []

    def guard(
        self, answers: Answers, who: Who, prices: Prices = rest_price
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """A handler for aiohttp around `answers`."""

        async def handle(request: web.Request) -> web.StreamResponse:
            price = FREE if who is Who.ANYONE else await prices(request)
            asked = Asked(request.method, _plain(request.path), await _operation(request), price.points)
            self.asked.append(asked)
            fault = self.faults.take(asked.method, asked.path, asked.operation)
            await asyncio.sleep(self.faults.latency + (fault.delay if fault else 0.0))
            if fault and fault.ends and not fault.after:
                return _cut_short(request, fault)
            response = await self._answer(request, answers, who, price, fault)
            if fault and fault.hold:
                fault.hold.reached.set()
                await fault.hold.released.wait()
            return _cut_short(request, fault) if fault and fault.ends else response

        return handle

    async def _answer(
        self, request: web.Request, answers: Answers, who: Who, price: Price, fault: Fault | None
    ) -> web.Response:
        resource = "graphql" if request.path.endswith("/graphql") else "core"
        caller = ""
        try:
            _check_version(request)
            caller, installation, person = self._caller(request, who)
            refusal = self._charge(caller, resource, price)
            scopes = self._signins.scopes(_token(request)) if who is Who.HOLDER else frozenset[str]()
            reply = await answers(Call(request, caller, installation, person, fault, price, refusal, scopes))
        except Refused as error:
            reply = _told(error.status, str(error), error.headers, error.errors)
        return self._response(request, reply, caller, resource, price)

    def _charge(self, caller: str, resource: str, price: Price) -> Refusal | None:
        """Count the request. That its hour is used up GraphQL says itself; the rest is refused here."""
        refusal = self.meter.charge(caller, resource, price, self._world.now())
        if refusal and not (refusal.primary and resource == "graphql"):
            raise Forbidden(refusal.message, refusal.headers)
        return refusal

    def _caller(self, request: web.Request, who: Who) -> tuple[str, Installation | None, Account | None]:
        """Whom a request is counted against, and the installation or the person that asks."""
        if who is Who.ANYONE:
            return "the App", None, None
        token = _token(request)
        if who is Who.APP:
            self._installations.check_app(token)
            return "the App", None, None
        if who is Who.HOLDER and token.startswith(_OF_APPS):
            raise Forbidden("Resource not accessible by integration")
        if who in {Who.PERSON, Who.HOLDER} or (who is Who.EITHER and token.startswith(OF_PERSON)):
            person = self._signins.of_token(token)
            return f"user ID {person.database_id}", None, person
        installation = self._installations.of_token(token)
        return f"installation ID {installation.database_id}", installation, None

    def _response(
        self, request: web.Request, reply: Reply, caller: str, resource: str, price: Price
    ) -> web.Response:
        body = json.dumps(reply.body, ensure_ascii=False).encode() if reply.body is not None else b""
        headers = {
            "X-GitHub-Request-Id": uuid.uuid4().hex[:20].upper(),
            "X-GitHub-Media-Type": "github.v3; format=json",
            "x-github-api-version-selected": request.headers.get("X-GitHub-Api-Version", _DEFAULT_VERSION),
            **reply.headers,
        }
        status, now = reply.status, self._world.now()
        if request.method == "GET" and status == HTTPStatus.OK:
            headers["ETag"] = _etag(request, body)
            if request.headers.get("If-None-Match") == headers["ETag"]:
                status, body = HTTPStatus.NOT_MODIFIED, b""
                if caller:
                    self.meter.refund(caller, resource, price, now)
        if caller:
            headers |= self.meter.headers(caller, resource, now)
        kind = "application/json" if body else None
        return web.Response(body=body, status=status, headers=headers, content_type=kind)


def _token(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() not in {"bearer", "token"} or not token:
        raise BadCredentials("Requires authentication")
    return token


def _plain(path: str) -> str:
    """The path as on api.github.com: without the prefix of an Enterprise Server."""
    return path.removeprefix("/api/v3").replace("/api/graphql", "/graphql")


async def _operation(request: web.Request) -> str | None:
    if not request.path.endswith("/graphql"):
        return None
    try:
        document = (await request.json())["query"]
    except (ValueError, LookupError, TypeError):
        return None  # the endpoint says what is wrong with it
    named = _OPERATION.search(str(document))
    return named and named[1]


def _check_version(request: web.Request) -> None:
    version = request.headers.get("X-GitHub-Api-Version", _DEFAULT_VERSION)
    if version not in _VERSIONS:
        raise Refused(f"The API version '{version}' is not supported.")


def _etag(request: web.Request, body: bytes) -> str:
    """The name of an answer; bound to the token, so that a new token starts anew (traps, G3)."""
    token = request.headers.get("Authorization", "").encode()
    return f'W/"{hashlib.sha256(token + body).hexdigest()}"'


def _told(
    status: int, message: str, headers: Mapping[str, str], errors: Sequence[Mapping[str, str]] = ()
) -> Reply:
    body: Json = {"message": message, "documentation_url": "https://docs.github.com/rest"}
    told = {"errors": list(errors)} if errors else {}
    return Reply({**body, **told, "status": str(status)}, status, dict(headers))


def _cut_short(request: web.Request, fault: Fault) -> web.Response:
    """The end of a request that a fault ends."""
    if fault.status is not None:
        reply = _told(fault.status, fault.message, fault.headers)
        return web.json_response(reply.body, status=reply.status, headers=reply.headers)
    if request.transport:
        request.transport.abort()
    return web.Response()
