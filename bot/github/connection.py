"""GitHub over one shared aiohttp session, as the App itself or as one of its installations.

gidgethub keeps the protocol; this edge adds what it leaves to its user: who is asking, the budget,
the version of the API, and errors split by what the caller does next (`bot.errors`). Nothing here
sleeps or tries again, but for one thing: a token that GitHub no longer accepts is replaced once.
"""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any, Final

import aiohttp
import gidgethub
import jwt
from cachetools import LRUCache
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from gidgethub.aiohttp import GitHubAPI

from bot.errors import GiveUp, Retry
from bot.github.budget import Budget, costs

API_VERSION: Final = "2022-11-28"
REQUESTER: Final = "signalbox"
TIMEOUT: Final = aiohttp.ClientTimeout(total=30, connect=10)
# A token lives an hour; one that ends within five minutes is replaced before it is used (G4).
REFRESH_EARLY: Final = timedelta(minutes=5)
# GitHub takes at most ten minutes, and its clock may be behind ours.
_JWT_LIFE, _CLOCK_DRIFT = timedelta(minutes=9), timedelta(seconds=60)
_ABSENT: Final = frozenset({"NOT_FOUND", "FORBIDDEN"})
_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_REFUSED: Final = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY})
# Whoever asks for a repository that is gone says so better than "incomplete".
_REPOSITORY: Final = ("repository",)
_SPREAD: Final = re.compile(r"\.\.\.(\w+)")
_ETAGS_KEPT, _INSTALLATIONS_KEPT = 256, 1024


class TooMuch(Retry):
    """GitHub finds the question too large (RESOURCE_LIMITS_EXCEEDED); a smaller page may pass (G5)."""


class Missing(GiveUp):
    """GitHub knows no such thing, or does not show it to this App (404, 410)."""


class Refusal(GiveUp):
    """GitHub understood and does not do it: `status` is 403, 409 or 422."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class AppKey:
    """The App's identity towards GitHub: its id, and its private key, parsed once."""

    app_id: int
    private_key: RSAPrivateKey

    def token(self, now: datetime) -> str:
        """A JWT that proves the App ("Generating a JSON Web Token for a GitHub App", docs.github.com)."""
        claims = {"iat": now - _CLOCK_DRIFT, "exp": now + _JWT_LIFE, "iss": str(self.app_id)}
        return jwt.encode(claims, self.private_key, algorithm="RS256")


class Connection(GitHubAPI):
    """GitHub as one identity, with that identity's budget and its own ETag cache (G3)."""

    def __init__(self, session: aiohttp.ClientSession, api_url: str, graphql_url: str) -> None:
        super().__init__(session, REQUESTER, cache=LRUCache(_ETAGS_KEPT), base_url=api_url)
        self._graphql_url = graphql_url
        self._budget = Budget()

    async def authorization(self, *, renew: bool) -> str:
        """The value of the `Authorization` header; `renew` when GitHub refused the last one."""
        raise NotImplementedError

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, Mapping[str, str], bytes]:
        """One request and its answer, whatever the protocol above it. See `gidgethub.abc`."""
        self._budget.spend(costs(method, body, graphql=url == self._graphql_url), _now())
        async with self._budget.slots:
            answer = await self._send(method, url, headers, body, renew=False)
            if answer[0] == HTTPStatus.UNAUTHORIZED:
                answer = await self._send(method, url, headers, body, renew=True)
        status, found, content = answer
        self._budget.learn(status, found, content, _now())
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Retry(f"GitHub answered {status} to {method} {url}")
        if status == HTTPStatus.UNAUTHORIZED:
            raise Retry(f"GitHub does not accept the App's credentials for {method} {url}")
        return answer

    async def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, *, renew: bool
    ) -> tuple[int, Mapping[str, str], bytes]:
        identity = {
            "authorization": await self.authorization(renew=renew),
            "x-github-api-version": API_VERSION,
        }
        try:
            return await super()._request(method, url, {**headers, **identity}, body)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Retry(
                f"cannot reach GitHub for {method} {url}: {str(error) or type(error).__name__}"
            ) from error

    async def ask(
        self, document: str, variables: Mapping[str, Any], *, may_miss: Sequence[Sequence[str]] = ()
    ) -> dict[str, Any]:
        """The `data` of one GraphQL document, whole: partial data is an error (G5).

        `may_miss` are the paths, besides the repository itself, where an absence is an answer: GitHub says
        NOT_FOUND, or that the App may not see it, and the field is null. Raises `TooMuch`, `Retry` or
        `GiveUp`.
        """
        try:
            return dict(await self.graphql(document, endpoint=self._graphql_url, **variables))
        except gidgethub.QueryError as error:
            absences = [*may_miss, _REPOSITORY]
            troubles = [e for e in error.response["errors"] if not _is_absence(e, absences)]
            if troubles or not error.response.get("data"):
                raise _graphql_trouble(troubles or error.response["errors"]) from error
            return dict(error.response["data"])
        except gidgethub.BadGraphQLRequest as error:
            raise GiveUp(f"GitHub answered {int(error.status_code)} to GraphQL: {error}") from error
        except (gidgethub.GraphQLException, json.JSONDecodeError) as error:
            raise Retry(f"GitHub's GraphQL answer cannot be read: {error}") from error

    async def read(self, path: str, **variables: str) -> Any:
        """The JSON of one REST resource. Raises `Missing`, `Retry` or `GiveUp`."""
        try:
            return await self.getitem(path, variables)
        except gidgethub.HTTPException as error:
            raise _rest_trouble(error, f"GET {path}") from error

    async def read_all(self, path: str, key: str = "items", **variables: str) -> list[Any]:
        """Every item of a REST list, page after page; `key` holds it where the answer is an object.

        Raises as `read`.
        """
        return [item async for item in self.each(path, key, **variables)]

    async def each(self, path: str, key: str = "items", **variables: str) -> AsyncGenerator[Any, None]:
        """The items of a REST list one by one; a page is read where those before it were not enough.

        Arguments and errors are those of `read_all`.
        """
        try:
            async for item in self.getiter(path, variables, iterable_key=key):
                yield item
        except gidgethub.HTTPException as error:
            raise _rest_trouble(error, f"GET {path}") from error

    async def send(self, path: str, body: Mapping[str, Any] | None = None, **variables: str) -> Any:
        """Post to a REST resource; the JSON of the answer, None where it has none.

        Raises as `read`, and `Refusal`.
        """
        try:
            return await self.post(path, variables, data=b"" if body is None else body)
        except gidgethub.HTTPException as error:
            raise _rest_trouble(error, f"POST {path}") from error

    async def change(self, path: str, body: Mapping[str, Any], **variables: str) -> Any:
        """Change (PATCH) a REST resource; the JSON of it. Raises as `send`."""
        try:
            return await self.patch(path, variables, data=body)
        except gidgethub.HTTPException as error:
            raise _rest_trouble(error, f"PATCH {path}") from error

    async def remove(self, path: str, **variables: str) -> None:
        """Delete a REST resource. Raises as `send`."""
        try:
            await self.delete(path, variables)
        except gidgethub.HTTPException as error:
            raise _rest_trouble(error, f"DELETE {path}") from error


class AppConnection(Connection):
    """GitHub as the App itself: its installations, its deliveries, its tokens."""

    def __init__(self, session: aiohttp.ClientSession, api_url: str, graphql_url: str, key: AppKey) -> None:
        super().__init__(session, api_url, graphql_url)
        self._key = key

    async def authorization(self, *, renew: bool) -> str:  # noqa: ARG002 - a JWT is new each time
        """A fresh JWT."""
        return f"Bearer {self._key.token(_now())}"


class TokenConnection(Connection):
    """GitHub as the person whose token it is, for what GitHub lets no App do."""

    def __init__(self, session: aiohttp.ClientSession, api_url: str, graphql_url: str, token: str) -> None:
        super().__init__(session, api_url, graphql_url)
        self.token = token

    async def authorization(self, *, renew: bool) -> str:  # noqa: ARG002 - there is no other
        """The token, as it was given."""
        return f"token {self.token}"


class InstallationConnection(Connection):
    """GitHub as one installation of the App, with a token that is kept for most of its hour."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        api_url: str,
        graphql_url: str,
        app: AppConnection,
        installation: int,
    ) -> None:
        super().__init__(session, api_url, graphql_url)
        self._app = app
        self._installation = installation
        self._token = ""
        self._refresh_at = datetime.min.replace(tzinfo=UTC)
        self._minting = asyncio.Lock()

    async def authorization(self, *, renew: bool) -> str:
        """The installation's token. Raises `GiveUp` when the installation is gone or suspended."""
        refused = self._token if renew else None
        async with self._minting:
            # Whoever waited here while another renewed the token takes the new one.
            if self._token == refused or _now() >= self._refresh_at:
                await self._mint()
        return f"token {self._token}"

    async def _mint(self) -> None:
        path = "/app/installations/{installation}/access_tokens"
        try:
            minted = await self._app.send(path, installation=str(self._installation))
        except GiveUp as error:
            raise GiveUp(f"installation {self._installation} is gone or suspended: {error}") from error
        self._token = str(minted["token"])
        self._refresh_at = datetime.fromisoformat(minted["expires_at"]) - REFRESH_EARLY


class GitHub:
    """All of GitHub for one App: the App's own connection, and one for each installation."""

    def __init__(self, session: aiohttp.ClientSession, api_url: str, graphql_url: str, key: AppKey) -> None:
        self._session, self._api_url, self._graphql_url = session, api_url, graphql_url
        self.app_id = key.app_id
        self.app = AppConnection(session, api_url, graphql_url, key)
        self._installations: LRUCache[int, InstallationConnection] = LRUCache(_INSTALLATIONS_KEPT)

    def installation(self, installation: int) -> InstallationConnection:
        """The connection of an installation, by its id; no request is made yet."""
        if installation not in self._installations:
            self._installations[installation] = InstallationConnection(
                self._session, self._api_url, self._graphql_url, self.app, installation
            )
        return self._installations[installation]

    def with_token(self, token: str) -> TokenConnection:
        """A connection of the person whose token it is; no request is made yet."""
        return TokenConnection(self._session, self._api_url, self._graphql_url, token)


@cache
def query(name: str) -> str:
    """The GraphQL document of `queries/<name>.graphql`, with the fragments that it shares with others."""
    folder = files("bot.github") / "queries"
    texts = [(folder / f"{name}.graphql").read_text("utf-8")]
    included = set[str]()
    for text in texts:  # it grows: fragments spread fragments
        for spread in dict.fromkeys(_SPREAD.findall(text)):
            file = folder / "fragments" / f"{spread}.graphql"
            if spread not in included and file.is_file():
                included.add(spread)
                texts.append(file.read_text("utf-8"))
    return "\n".join(texts)


def _now() -> datetime:
    return datetime.now(UTC)


def _is_absence(error: Mapping[str, Any], may_miss: Sequence[Sequence[str]]) -> bool:
    return error.get("type") in _ABSENT and error.get("path") in [list(path) for path in may_miss]


def _graphql_trouble(errors: Sequence[Mapping[str, Any]]) -> Retry | GiveUp:
    types = {str(error.get("type", "")) for error in errors}
    said = "; ".join(str(error.get("message", error)) for error in errors)
    if "RESOURCE_LIMITS_EXCEEDED" in types:
        return TooMuch(said)
    if types & {"FORBIDDEN", "UNPROCESSABLE"}:
        return GiveUp(f"GitHub refuses this: {said}")
    return Retry(f"GitHub's GraphQL answer is incomplete: {said}")


def _rest_trouble(error: gidgethub.HTTPException, what: str) -> GiveUp:
    status, errors = int(error.status_code), getattr(error, "errors", None)
    said = f"GitHub answered {status} to {what}: {error}{f' {errors}' if errors else ''}"
    if status in _REFUSED:
        return Refusal(said, status)
    return (Missing if status in _GONE else GiveUp)(said)
