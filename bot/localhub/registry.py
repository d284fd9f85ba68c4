"""The registry of container packages, as far as it is read: tokens, and manifests by digest or tag.

Sources: "Pulling manifests" of the OCI distribution specification 1.1; "Token Authentication Specification"
of the Distribution project.
"""

import base64
import binascii
import secrets
from typing import Any

from aiohttp import web

from bot.localhub.model import Account
from bot.localhub.packages import Packages, PackageVersion
from bot.localhub.refusals import BadCredentials, NotFound
from bot.localhub.signins import SignIns
from bot.localhub.world import World


class Registry:
    """Answer whoever pulls with a personal access token. While it is `closed`, nobody gets in."""

    def __init__(self, world: World, signins: SignIns, packages: Packages) -> None:
        self._world, self._signins, self._packages = world, signins, packages
        self._tokens: dict[str, tuple[Account, str]] = {}
        self.closed = False
        self.pulls = 0

    def routes(self) -> list[web.RouteDef]:
        """The registry's routes."""
        return [
            web.get("/token", self.token),
            web.get("/v2/{name:.+}/manifests/{reference}", self.manifest),
        ]

    async def token(self, request: web.Request) -> web.Response:
        """`GET /token?service=…&scope=repository:NAME:pull`, for a personal access token."""
        given = _password(request.headers.get("Authorization", ""))
        try:
            person = self._signins.of_token(given)
        except BadCredentials:
            return _denied(401, "UNAUTHORIZED", "authentication required")
        if self.closed or "read:packages" not in self._signins.scopes(given):
            return _denied(403, "DENIED", "requested access to the resource is denied")
        token = secrets.token_urlsafe(24)
        self._tokens[token] = (person, request.query.get("scope", ""))
        return web.json_response({"token": token})

    async def manifest(self, request: web.Request) -> web.Response:
        """`GET /v2/{name}/manifests/{reference}`."""
        name, reference = request.match_info["name"], request.match_info["reference"]
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        person, scope = self._tokens.get(token, (None, ""))
        if person is None or scope != f"repository:{name}:pull":
            return _denied(401, "UNAUTHORIZED", "authentication required")
        self.pulls += 1
        version = self._found(person, name, reference)
        if version is None or version.media_type not in request.headers.get("Accept", ""):
            return _denied(404, "MANIFEST_UNKNOWN", "manifest unknown")
        return web.Response(body=version.manifest, content_type=version.media_type)

    def _found(self, person: Account, name: str, reference: str) -> PackageVersion | None:
        try:
            package = self._packages.of(name)
        except NotFound:
            return None
        if self._world.permission(self._world.repositories[package.repository], person.login) == "none":
            return None
        versions = self._packages.versions_of(package)
        return next((one for one in versions if reference in {one.digest, *one.tags}), None)


def _password(authorization: str) -> str:
    """The password of basic authentication (RFC 7617); "" where there is none."""
    try:
        said = base64.b64decode(authorization.removeprefix("Basic ").encode(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return said.partition(":")[2]


def _denied(status: int, code: str, message: str) -> web.Response:
    body: dict[str, Any] = {"errors": [{"code": code, "message": message}]}
    return web.json_response(body, status=status)
