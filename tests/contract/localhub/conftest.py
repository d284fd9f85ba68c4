"""A hub with one team, the App's way in, and an ear for its webhooks."""

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import pytest
from aiohttp import web
from graphql import (
    FieldNode,
    GraphQLSchema,
    NameNode,
    SelectionSetNode,
    Visitor,
    execute_sync,
    parse,
    print_ast,
    validate,
    visit,
)

from bot.github.connection import query as document_of
from bot.localhub import Hub
from bot.localhub.clone import Clone
from bot.localhub.model import Account, Installation, PullRequest, Repository


@dataclass
class Ear:
    """A receiver of webhooks that answers with `status` and keeps what it heard."""

    url: str = ""
    status: int = 202
    heard: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)

    async def hear(self, request: web.Request) -> web.Response:
        self.heard.append((request.headers.copy(), await request.read()))
        return web.Response(status=self.status)

    def payloads(self, event: str, action: str | None = None) -> list[dict[str, Any]]:
        """What was heard of an event."""
        told = [json.loads(body) for headers, body in self.heard if headers["X-GitHub-Event"] == event]
        return [payload for payload in told if action in {None, payload.get("action")}]


@dataclass
class Team:
    """acme/shop with main and develop, mina who administers it, and her clone."""

    hub: Hub
    mina: Account
    shop: Repository
    installation: Installation
    clone: Clone

    async def push(self, *branches: str, options: tuple[str, ...] = ()) -> None:
        await self.clone.push(*branches, options=options)
        await self.hub.repositories.sync(self.shop, self.mina)

    async def branch(self, name: str, start: str = "develop", files: Mapping[str, str] | None = None) -> str:
        """Make and push a branch with one commit, and return that commit."""
        await self.clone.branch(name, start)
        oid = await self.clone.commit(f"work on {name}", files or {f"{name}.txt": name})
        await self.push(name)
        return oid

    async def tip(self, branch: str) -> str:
        """The head that a branch has at the hub."""
        refs = await self.hub.world.git(self.shop).refs()
        return refs[f"refs/heads/{branch}"]

    async def open(self, head: str = "feat/login", base: str = "develop") -> PullRequest:
        """Open a pull request from a new branch."""
        await self.branch(head)
        return await self.hub.pulls.open(self.shop, head=head, base=base, by=self.mina)

    def now(self, pull: PullRequest) -> PullRequest:
        """The pull request as it is by now."""
        return self.hub.world.pulls[pull.repository, pull.number]


@dataclass
class Api:
    """The App as a client of the hub."""

    hub: Hub
    session: aiohttp.ClientSession
    token: str = ""

    def app_token(self, **claims: object) -> str:
        now = int(time.time())
        said = {"iat": now - 30, "exp": now + 300, "iss": str(self.hub.app.database_id), **claims}
        return jwt.encode(said, self.hub.app.private_key, "RS256")

    async def sign_in(self, installation: Installation) -> None:
        """Take an installation token for the requests to come."""
        path = f"/app/installations/{installation.database_id}/access_tokens"
        status, body, _ = await self.rest("POST", path, token=self.app_token())
        assert status == 201, body
        self.token = body["token"]

    async def rest(
        self, verb: str, path: str, said: object = None, *, token: str | None = None, **headers: str
    ) -> tuple[int, Any, Mapping[str, str]]:
        """The status, the body and the headers of an answer; `headers` are spelt with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["Authorization"] = f"Bearer {self.token if token is None else token}"
        url = self.hub.api_url + path
        async with self.session.request(verb, url, headers=sent, json=said) as answer:
            body = await answer.read()
            return answer.status, json.loads(body) if body else None, answer.headers

    async def graphql(self, query: str, **variables: object) -> dict[str, Any]:
        """The answer to a query: the name of one of Signalbox's, or a document."""
        document = query if "{" in query else document_of(query)
        sent = {"query": document, "variables": variables}
        headers = {"Authorization": f"Bearer {self.token}"}
        url = self.hub.url + "/api/graphql"
        async with self.session.post(url, json=sent, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            body: dict[str, Any] = await answer.json()
            return body

    async def check(self, pull: PullRequest, **more: object) -> dict[str, Any]:
        """Write a check run on the head of a pull request."""
        said = {
            "repositoryId": f"R_{pull.repository}",
            "headSha": pull.head_ref_oid,
            "name": "signalbox / branch",
            "conclusion": "FAILURE",
            "output": {"title": "Wrong base", "summary": "It goes into `develop`.", "text": "More."},
            **more,
        }
        return await self.graphql(CREATE, m0=said)


class Typed(Visitor):
    """Ask for `__typename` everywhere, so that an answer can be put back into its types."""

    def enter_selection_set(self, node: SelectionSetNode, *_: object) -> SelectionSetNode:
        name = FieldNode(name=NameNode(value="__typename"), arguments=(), directives=())
        return SelectionSetNode(selections=(name, *node.selections))


@dataclass
class Published:
    """GitHub's own schema, which every answer has to fit."""

    schema: GraphQLSchema

    def typed(self, document: str) -> str:
        return print_ast(visit(parse(document), Typed()))

    def hold(self, document: str, data: Any, variables: Mapping[str, Any]) -> None:
        """Answer a typed document by the schema out of `data`: types, nulls and enums must all fit."""
        for one in self.schema.type_map.values():
            if hasattr(one, "resolve_type"):
                one.resolve_type = lambda value, *_: value["__typename"]
        result = execute_sync(
            self.schema,
            parse(document),
            root_value=data,
            variable_values=dict(variables),
            field_resolver=lambda source, info, **_: source[info.path.key],
        )
        assert result.errors is None, result.errors
        assert result.data == data


CREATE = """
mutation Publish($m0: CreateCheckRunInput!) {
  m0: createCheckRun(input: $m0) {
    clientMutationId
  }
}
"""


@pytest.fixture
async def ear() -> AsyncIterator[Ear]:
    """A real server on a free port that takes webhooks."""
    ear = Ear()
    application = web.Application(client_max_size=32 * 1024**2)
    application.router.add_post("/webhooks/github", ear.hear)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    ear.url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhooks/github"
    yield ear
    await runner.cleanup()


@pytest.fixture
async def hub(tmp_path: Path, ear: Ear) -> AsyncIterator[Hub]:
    async with Hub.start(tmp_path / "hub", webhook_url=ear.url) as hub:
        yield hub


@pytest.fixture
async def team(hub: Hub, tmp_path: Path) -> Team:
    acme, mina = hub.organisation("acme"), hub.person("mina")
    shop = await hub.repositories.create("acme/shop")
    hub.allow(shop, mina, "admin")
    installation = hub.installations.install(acme)
    clone = await Clone.of(hub.clone_path(shop), tmp_path / "mina", "mina")
    team = Team(hub, mina, shop, installation, clone)
    await clone.git("switch", "--quiet", "-c", "main")
    await clone.commit("begin", {"README.md": "# Shop\n"})
    await clone.branch("develop", "main")
    await clone.commit("go on", {"shop.txt": "open\n"})
    await team.push("main", "develop")
    return team


@pytest.fixture
async def api(hub: Hub, team: Team) -> AsyncIterator[Api]:
    """The App, signed in as its installation on the team."""
    async with aiohttp.ClientSession() as session:
        api = Api(hub, session)
        await api.sign_in(team.installation)
        yield api


@pytest.fixture
def published(published_schema: GraphQLSchema) -> Published:
    return Published(published_schema)


@pytest.fixture
def ask(api: Api, published: Published) -> Callable[..., Awaitable[Any]]:
    """Ask a GraphQL document; its answer has no errors and fits GitHub's schema.

    A type that the test wants to see is asked for by another name: `type: __typename`.
    """

    async def ask(document: str, **variables: object) -> Any:
        text = published.typed(document)
        assert validate(published.schema, parse(text)) == []
        body = await api.graphql(text, **variables)
        assert "errors" not in body, body["errors"]
        published.hold(text, body["data"], variables)
        return untyped(body["data"])

    return ask


def untyped(value: Any) -> Any:
    """An answer less what `Published.typed` asked for besides."""
    match value:
        case dict():
            return {name: untyped(inner) for name, inner in value.items() if name != "__typename"}
        case list():
            return [untyped(inner) for inner in value]
    return value
