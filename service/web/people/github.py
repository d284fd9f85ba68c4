"""What the control room asks of GitHub, with the token of the person who asks.

GitHubError
├── GitHubAway       it cannot be asked now: the network, a 5xx, a rate limit
├── SignedOut        the token is no longer good
└── GitHubRefused    it will not do this
"""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, TypeVar

import aiohttp
import msgspec
from yarl import URL

from service.web.viewer import Person

_PATIENCE: Final = aiohttp.ClientTimeout(total=10)
_HEADERS: Final = {
    "Accept": "application/vnd.github+json",
    "User-Agent": "signalbox",
    "X-GitHub-Api-Version": "2022-11-28",
}

# What GitHub makes names of repositories and codes of; anything else would be another address.
_PART: Final = re.compile(r"(?!\.{1,2}$)[\w.-]+", re.ASCII)

T = TypeVar("T")


class GitHubError(Exception):
    """GitHub did not do as asked."""


class GitHubAway(GitHubError):
    """It cannot be asked at the moment."""


class SignedOut(GitHubError):
    """It does not know the token of this person, or no longer."""


class GitHubRefused(GitHubError):
    """It will not do this: `status` is HTTP's, the message GitHub's own words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class OAuth:
    """What GitHub knows the App by when people sign in."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Token:
    """A person's token, good for so many seconds."""

    value: str = field(repr=False)
    seconds: int


@dataclass(frozen=True, slots=True)
class Order:
    """A deployment that a person orders, in GitHub's words (REST: "Create a deployment").

    `task` is what the command is called ("promote", "hold"), and `payload` what Signalbox has to know of it;
    a `description` has at most 140 characters.
    """

    ref: str
    environment: str
    task: str
    description: str
    payload: Mapping[str, Any]
    production: bool


class Repository(msgspec.Struct, frozen=True):
    """A repository as GitHub shows it to a person; `permissions` are pull, triage, push, maintain, admin."""

    id: int
    full_name: str
    default_branch: str
    permissions: dict[str, bool] = {}


class _Tokens(msgspec.Struct):
    access_token: str = ""
    # An App whose tokens do not expire says nothing; the session ends all the same.
    expires_in: int = 8 * 3600
    error: str = ""


class _User(msgspec.Struct):
    id: int
    login: str


class _Installation(msgspec.Struct):
    id: int
    suspended_at: str | None = None


class _Installations(msgspec.Struct):
    installations: list[_Installation]


class _Repositories(msgspec.Struct):
    repositories: list[Repository]


class GitHub:
    """GitHub at an address of its API and one of its pages; `oauth` is None where nobody can sign in."""

    def __init__(self, api_url: str, github_url: str, oauth: OAuth | None) -> None:
        self._api, self._pages, self._oauth = URL(api_url), URL(github_url), oauth
        self._http: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """End the connections."""
        if self._http is not None:
            await self._http.close()

    def authorize_url(self, state: str, challenge: str, home: str | None) -> URL:
        """Where a person says who they are; GitHub sends them to `home`, None for where it knows."""
        asked = {
            "client_id": self._known.client_id,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return (self._pages / "login/oauth/authorize").with_query(asked | _home(home))

    async def exchange(self, code: str, verifier: str, home: str | None) -> Token:
        """The token for a code that a person brought. Raises `GitHubRefused` where it is worth none."""
        shown = {
            "client_id": self._known.client_id,
            "client_secret": self._known.client_secret,
            "code": code,
            "code_verifier": verifier,
        }
        url, headers = self._pages / "login/oauth/access_token", {"Accept": "application/json"}
        found, _ = await self._ask("POST", url, _Tokens, headers=headers, data=shown | _home(home))
        if found.error or not found.access_token:
            raise GitHubRefused(HTTPStatus.OK, found.error)
        return Token(found.access_token, found.expires_in)

    async def revoke(self, token: str) -> None:
        """End a token of a person now, wherever it may have got to."""
        url = self._at("applications", self._known.client_id, "token")
        proof = aiohttp.encode_basic_auth(self._known.client_id, self._known.client_secret)
        headers = {**_HEADERS, "Authorization": proof}
        await self._send("DELETE", url, headers=headers, json={"access_token": token})

    async def person(self, token: str) -> Person:
        """Whose token this is."""
        found, _ = await self._ask("GET", self._at("user"), _User, headers=_bearer(token))
        return Person(found.id, found.login)

    async def installed(self, token: str) -> frozenset[int]:
        """The repositories in which the App is installed and this person has a role, by GitHub's ids."""
        installations = self._pages_of(self._at("user", "installations"), _Installations, token)
        active = [
            each.id async for page in installations for each in page.installations if not each.suspended_at
        ]
        return frozenset().union(*await asyncio.gather(*(self._given(token, each) for each in active)))

    async def repository(self, token: str, full_name: str) -> Repository | None:
        """The repository "owner/name" as it is now; None where there is none that this person may see."""
        try:
            url = self._at("repos", *full_name.split("/"))
            found, _ = await self._ask("GET", url, Repository, headers=_bearer(token))
        except GitHubRefused:
            return None
        return found

    async def comment(self, token: str, full_name: str, number: int, body: str) -> None:
        """Say something on a pull request as this person."""
        url = self._at("repos", *full_name.split("/"), "issues", str(number), "comments")
        # A POST that is sent elsewhere would arrive as a GET.
        await self._ask("POST", url, dict, headers=_bearer(token), json={"body": body}, allow_redirects=False)

    async def deploy(self, token: str, full_name: str, order: Order) -> None:
        """Order a deployment as this person.

        GitHub would merge first, and wait for checks, if it were not told otherwise (D9).
        """
        body = {
            "ref": order.ref,
            "environment": order.environment,
            "task": order.task,
            "description": order.description,
            "payload": order.payload,
            "auto_merge": False,
            "required_contexts": [],
            "production_environment": order.production,
        }
        url = self._at("repos", *full_name.split("/"), "deployments")
        await self._ask("POST", url, dict, headers=_bearer(token), json=body, allow_redirects=False)

    async def convert(self, code: str) -> dict[str, Any]:
        """The App that a manifest became, with its secrets."""
        url = self._at("app-manifests", code, "conversions")
        found, _ = await self._ask("POST", url, dict, headers=_HEADERS)
        return found

    @property
    def _known(self) -> OAuth:
        if self._oauth is None:
            raise GitHubRefused(HTTPStatus.FORBIDDEN, "nobody can sign in")
        return self._oauth

    def _at(self, *parts: str) -> URL:
        """An address of the API. Raises `GitHubRefused` for a name that nothing at GitHub can have."""
        if not all(_PART.fullmatch(part) for part in parts):
            raise GitHubRefused(HTTPStatus.NOT_FOUND, "Not Found")
        return self._api.joinpath(*parts)

    async def _given(self, token: str, installation: int) -> set[int]:
        url = self._at("user", "installations", str(installation), "repositories")
        try:
            pages = [page async for page in self._pages_of(url, _Repositories, token)]
        except GitHubRefused:  # suspended or removed since it was listed
            return set()
        return {each.id for page in pages for each in page.repositories}

    async def _pages_of(self, url: URL, kind: type[T], token: str) -> AsyncIterator[T]:
        """Every page of a list, however many there are."""
        following: URL | None = url.with_query(per_page="100")
        while following is not None:
            if following.origin() != self._api.origin():
                raise GitHubAway(f"GitHub sends to {following.origin()}, which shall not see a token")
            page, following = await self._ask("GET", following, kind, headers=_bearer(token))
            yield page

    async def _ask(self, method: str, url: URL, kind: type[T], **more: Any) -> tuple[T, URL | None]:
        """One answer, and the address of the next page."""
        body, following = await self._send(method, url, **more)
        try:
            return msgspec.json.decode(body, type=kind), following
        except msgspec.DecodeError as error:
            raise GitHubAway(f"GitHub answered something else than it describes: {error}") from None

    async def _send(self, method: str, url: URL, **more: Any) -> tuple[bytes, URL | None]:
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=_PATIENCE, cookie_jar=aiohttp.DummyCookieJar())
        try:
            async with self._http.request(method, url, **more) as answer:
                body, following = await answer.read(), answer.links.get("next")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise GitHubAway(f"GitHub cannot be reached: {type(error).__name__}") from None
        if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise _refused(answer.status, answer.headers, body)
        return body, URL(following["url"]) if following else None


def _refused(status: int, headers: Mapping[str, str], body: bytes) -> GitHubError:
    """What an answer that is none means for whoever asked."""
    if status == HTTPStatus.UNAUTHORIZED:
        return SignedOut("Bad credentials")
    limited = "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS or limited:
        return GitHubAway(f"GitHub answered {status}")
    try:
        message = str(msgspec.json.decode(body)["message"])
    except (msgspec.DecodeError, LookupError, TypeError):
        message = ""
    return GitHubRefused(status, message)


def _bearer(token: str) -> dict[str, str]:
    return {**_HEADERS, "Authorization": f"Bearer {token}"}


def _home(home: str | None) -> dict[str, str]:
    return {"redirect_uri": home} if home else {}
