"""GitHub's container registry: GitHub's packages say what there is, the registry itself what an index holds.

GitHub opens neither to an App (its OpenAPI description says `enabledForGitHubApps: false` of packages), so it
takes the token of a person: a classic one with the scopes read:packages and, to delete, delete:packages.

Sources: "Packages" of GitHub's REST API; "Pulling manifests" of the OCI distribution specification 1.1, with
the tokens of the Distribution project ("Token Authentication Specification").
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from cachetools import LRUCache

from bot.delivery.cleanup import Version
from bot.errors import GiveUp, Retry
from bot.github.connection import TIMEOUT, Missing, TokenConnection
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
    """The manifests of a registry, each read once: what a digest names never changes."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._login = url, {"Authorization": aiohttp.encode_basic_auth(_ANY_USER, token)}
        self._kept: LRUCache[str, Manifest] = LRUCache(_MANIFESTS_KEPT)

    async def read(self, name: str, digests: Sequence[str]) -> Mapping[str, Manifest]:
        """Those of a repository (`acme/shop`) that the registry shows, by digest; raises `Retry`."""
        known = {digest: self._kept[digest] for digest in digests if digest in self._kept}
        new = [digest for digest in digests if digest not in known]
        try:
            async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
                return {**known, **await self._fetched(session, name, new)}
        except* (aiohttp.ClientError, TimeoutError, Retry) as errors:
            said = str(errors.exceptions[0]) or type(errors.exceptions[0]).__name__
            raise Retry(f"cannot read {name} at {self._url}: {said}") from None

    async def _fetched(
        self, session: aiohttp.ClientSession, name: str, digests: Sequence[str]
    ) -> Mapping[str, Manifest]:
        found: dict[str, Manifest] = {}
        token = await self._token(session, name) if digests else None
        if token is None:
            return found
        headers = {"Authorization": f"Bearer {token}", "Accept": ", ".join((*manifest.MEDIA_TYPES, "*/*"))}
        turns = asyncio.Semaphore(_AT_ONCE)

        async def fetch(digest: str) -> None:
            address = f"{self._url}/v2/{name}/manifests/{digest}"
            async with turns, session.get(address, headers=headers) as answer:
                if _is_shown(answer) and (told := manifest.read(await answer.read())):
                    self._kept[digest] = found[digest] = told

        async with asyncio.TaskGroup() as group:
            for digest in digests:
                group.create_task(fetch(digest))
        return found

    async def _token(self, session: aiohttp.ClientSession, name: str) -> str | None:
        """What opens a repository for reading; None where the registry does not open it."""
        asked = {"service": urlsplit(self._url).netloc, "scope": f"repository:{name}:pull"}
        async with session.get(f"{self._url}/token", params=asked, headers=self._login) as answer:
            if _is_shown(answer):
                return str((await answer.json())["token"])
        logger.warning("%s does not show what is in %s", self._url, name)
        return None


class Ghcr:
    """The container registry at `url` (`https://ghcr.io`), as a person with a token."""

    untags = False

    def __init__(self, url: str, connection: TokenConnection) -> None:
        self._host, self._connection = urlsplit(url).netloc, connection
        self._manifests = Manifests(url, connection.token)

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
        name, digests = repository.removeprefix(f"{self._host}/"), [each["name"] for each in listed]
        manifests = await self._manifests.read(name, digests)
        return tuple(_version(each, manifests.get(each["name"])) for each in listed)

    async def delete(self, repository: str, version: Version) -> None:
        """See `Registry`."""
        names = self._names(repository) | {"version": version.id}
        for path in (_ORGANISATIONS, _USERS):
            with suppress(Missing):
                await self._delete(f"{path}/{{version}}", names, version)
                return

    async def _delete(self, path: str, names: Mapping[str, str], version: Version) -> None:
        try:
            # It goes with all its tags: what was tagged since it was listed is somebody's release.
            tags = _tags(await self._connection.read(path, **names))
            if new := sorted(set(tags) - set(version.tags)):
                raise Declined(f"it was tagged meanwhile: {', '.join(new)}")
            await self._connection.remove(path, **names)
        except (Missing, Declined):
            raise
        except GiveUp as error:
            raise Declined(str(error)) from error

    async def untag(self, repository: str, tags: Sequence[str]) -> None:
        """See `Registry`; this one has no such thing."""
        raise Declined(f"{self._host} takes no tag away from {repository}: {', '.join(tags)}")

    def _names(self, repository: str) -> dict[str, str]:
        _, owner, package = repository.split("/", 2)
        return {"owner": owner, "kind": _KIND, "package": package}


def _is_shown(answer: aiohttp.ClientResponse) -> bool:
    """Whether a registry answered, rather than refused. Raises `Retry`."""
    if answer.status != HTTPStatus.OK and answer.status not in _REFUSED:
        raise Retry(f"{answer.url.origin()} answered {answer.status} to {answer.method} {answer.url.path}")
    return answer.status == HTTPStatus.OK


def _tags(listed: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(listed["metadata"]["container"]["tags"])


def _version(listed: Mapping[str, Any], told: Manifest | None) -> Version:
    return Version(
        id=str(listed["id"]),
        digest=listed["name"],
        tags=_tags(listed),
        pushed_at=datetime.fromisoformat(listed["created_at"]),
        children=told.children if told else None,
        subject=told.about if told else None,
        revision=told.revision if told else None,
    )
