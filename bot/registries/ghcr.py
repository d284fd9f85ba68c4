"""GitHub's container registry: GitHub's packages say what there is, the registry itself what an index holds.

Sources: "Packages" of GitHub's REST API; "Pulling manifests" of the OCI distribution specification 1.1, with
the tokens of the Distribution project ("Token Authentication Specification").
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from cachetools import LRUCache

from bot.delivery.cleanup import Version
from bot.errors import GiveUp, Retry
from bot.github.connection import TIMEOUT, InstallationConnection, Missing
from bot.registries import manifest
from bot.registries.manifest import Manifest
from bot.registries.registry import Declined

logger = logging.getLogger(__name__)

_KIND: Final = "container"
_OF_ORGANISATION: Final = "/orgs/{owner}/packages?package_type={kind}&per_page=100"
_OF_USER: Final = "/users/{owner}/packages?package_type={kind}&per_page=100"
_ORGANISATIONS: Final = "/orgs/{owner}/packages/{kind}/{package}/versions"
_USERS: Final = "/users/{owner}/packages/{kind}/{package}/versions"
_ANY_USER: Final = "x-access-token"  # the token says who asks
_AT_ONCE: Final = 8
_MANIFESTS_KEPT: Final = 10_000
_REFUSED: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})


class Manifests:
    """What manifests said, by digest: what a digest names never changes."""

    def __init__(self) -> None:
        self._kept: LRUCache[str, Manifest] = LRUCache(_MANIFESTS_KEPT)

    async def read(
        self, url: str, name: str, authorization: str, digests: Sequence[str]
    ) -> Mapping[str, Manifest]:
        """The manifests of a repository (`acme/shop`) that the registry at `url` shows; raises `Retry`."""
        new = [digest for digest in digests if digest not in self._kept]
        if new:
            async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
                try:
                    await self._fetch(session, url, name, authorization, new)
                except* (aiohttp.ClientError, TimeoutError, Retry) as errors:
                    first = errors.exceptions[0]
                    raise Retry(
                        f"cannot read {name} at {url}: {str(first) or type(first).__name__}"
                    ) from None
        return {digest: self._kept[digest] for digest in digests if digest in self._kept}

    async def _fetch(
        self, session: aiohttp.ClientSession, url: str, name: str, authorization: str, digests: Sequence[str]
    ) -> None:
        asked = {"service": str(urlsplit(url).netloc), "scope": f"repository:{name}:pull"}
        basic = {"Authorization": authorization}
        async with session.get(f"{url}/token", params=asked, headers=basic) as answer:
            if answer.status in _REFUSED:
                logger.warning("%s does not let the App read %s: %d", url, name, answer.status)
                return
            _must_be_well(answer)
            token = (await answer.json())["token"]
        headers = {"Authorization": f"Bearer {token}", "Accept": ", ".join((*manifest.MEDIA_TYPES, "*/*"))}
        turns = asyncio.Semaphore(_AT_ONCE)

        async def fetch(digest: str) -> None:
            async with turns, session.get(f"{url}/v2/{name}/manifests/{digest}", headers=headers) as answer:
                if answer.status in _REFUSED:
                    return
                _must_be_well(answer)
                if told := manifest.read(await answer.read()):
                    self._kept[digest] = told

        async with asyncio.TaskGroup() as group:
            for digest in digests:
                group.create_task(fetch(digest))


class Ghcr:
    """The container registry at `url` (`https://ghcr.io`), as one installation of the App."""

    untags = False

    def __init__(self, url: str, connection: InstallationConnection, manifests: Manifests) -> None:
        self._url, self._connection, self._manifests = url, connection, manifests
        self._host = urlsplit(url).netloc

    def has(self, repository: str) -> bool:
        """Whether a repository is in this registry, by its name."""
        return repository.startswith(f"{self._host}/") and repository.count("/") > 1

    async def linked(self, full_name: str, repository_id: int) -> Sequence[str]:
        """The repositories of images that say themselves that a repository ("owner/name") builds them."""
        owner = full_name.partition("/")[0]
        try:
            packages = await self._connection.read_all(_OF_ORGANISATION, owner=owner, kind=_KIND)
        except Missing:
            packages = await self._connection.read_all(_OF_USER, owner=owner, kind=_KIND)
        return [
            f"{self._host}/{owner}/{package['name']}".lower()
            for package in packages
            if (package.get("repository") or {}).get("id") == repository_id
        ]

    async def versions(self, repository: str) -> Sequence[Version]:
        """See `Registry`. Where the registry does not show a manifest, what it holds is not known."""
        names = self._names(repository)
        try:
            listed = await self._connection.read_all(f"{_ORGANISATIONS}?per_page=100", **names)
        except Missing:
            listed = await self._connection.read_all(_USERS, **names)
        token = (await self._connection.authorization(renew=False)).removeprefix("token ")
        basic = aiohttp.BasicAuth(_ANY_USER, token).encode()
        name, digests = repository.removeprefix(f"{self._host}/"), [each["name"] for each in listed]
        manifests = await self._manifests.read(self._url, name, basic, digests)
        return tuple(_version(each, manifests.get(each["name"])) for each in listed)

    async def delete(self, repository: str, version: Version) -> None:
        """See `Registry`."""
        names = self._names(repository) | {"version": version.id}
        try:
            try:
                await self._connection.remove(f"{_ORGANISATIONS}/{{version}}", **names)
            except Missing:
                await self._connection.remove(f"{_USERS}/{{version}}", **names)
        except Missing:
            return
        except GiveUp as error:
            raise Declined(str(error)) from error

    async def untag(self, repository: str, tags: Sequence[str]) -> None:
        """See `Registry`; this one has no such thing."""
        raise Declined(f"{self._host} takes no tag away from {repository}: {', '.join(tags)}")

    def _names(self, repository: str) -> dict[str, str]:
        _, owner, package = repository.split("/", 2)
        return {"owner": owner, "kind": _KIND, "package": package}


def _must_be_well(answer: aiohttp.ClientResponse) -> None:
    if answer.status != HTTPStatus.OK:
        raise Retry(f"{answer.url.origin()} answered {answer.status} to {answer.method} {answer.url.path}")


def _version(listed: Mapping[str, Any], told: Manifest | None) -> Version:
    return Version(
        id=str(listed["id"]),
        digest=listed["name"],
        tags=tuple(listed["metadata"]["container"]["tags"]),
        pushed_at=datetime.fromisoformat(listed["created_at"]),
        children=told.children if told else None,
        subject=told.about if told else None,
        revision=told.revision if told else None,
    )
