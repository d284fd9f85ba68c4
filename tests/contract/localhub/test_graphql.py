"""What the hub answers to GraphQL is what GitHub says it would answer."""

from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLObjectType, GraphQLSchema, build_schema, parse, validate

from bot.github.connection import query as document
from bot.localhub.checks import MOST_TEXT
from bot.localhub.model import PullRequest

# What one of GitHub's two descriptions has as an enum, and the other as strings; whoever reads it takes both.
TYPED_OTHERWISE = {"[PullRequestAllowedMergeMethods!]": "[String!]"}
QUERIES = sorted((Path(__file__).parents[3] / "bot" / "github" / "queries").glob("*.graphql"))
CUT = Path(__file__).parents[3] / "bot" / "localhub" / "graphql" / "schema.graphql"

UPDATE = "mutation U($m0: UpdateCheckRunInput!) { m0: updateCheckRun(input: $m0) { clientMutationId } }"
RETARGET = (
    "mutation R($m0: UpdatePullRequestInput!) { m0: updatePullRequest(input: $m0) { clientMutationId } }"
)
LISTED = ("reviews", "threads", "comments", "contexts", "files")
LISTS = """
query Lists($id: ID!, $first: Int, $after: String) {
  node(id: $id) { ... on Repository { pullRequests(first: $first, after: $after) {
    nodes { number } totalCount pageInfo { hasNextPage endCursor }
  } } }
}
"""
OBJECT = """
query Object($id: ID!, $expression: String!) {
  node(id: $id) { ... on Repository { object(expression: $expression) {
    __typename ... on Blob { byteSize isBinary isTruncated text } ... on Commit { message }
  } } }
}
"""


def arguments(pull: PullRequest, app: int) -> dict[str, Any]:
    """The variables of every query of Signalbox, for one pull request."""
    return {
        "repository": f"R_{pull.repository}",
        "number": pull.number,
        "head": pull.head_ref_oid,
        "compare": pull.head_ref_oid,
        "proposal": f"{pull.head_ref_oid}:.github/signalbox.yml",
        "main": "refs/heads/main",
        "develop": "refs/heads/develop",
        "hasDevelop": True,
        "spare": "refs/heads/development",
        "hasSpare": True,
        "before": pull.base_ref_oid,
        "hasBefore": True,
        "app": app,
        "owners": True,
        "commit": pull.head_ref_oid,
        "tag": "refs/tags/v0.1.0",
        "base": "main",
        "forward": "signalbox/forward-1",
        "since": "2026-01-01T00:00:00+00:00",
        "page": 100,
        "line": "refs/heads/main",
        "after": None,
        "owner": "acme",
        "name": "shop",
        "slug": "leads",
        "branch": "develop",
        **dict.fromkeys(LISTED, True),
        **dict.fromkeys((f"{name}After" for name in LISTED), None),
    }


async def talked_about(team: Any, pull: PullRequest) -> str:
    """Let somebody review a pull request, comment on it and queue it; return the id of the thread."""
    sora, hub = team.hub.person("sora"), team.hub
    hub.allow(team.shop, sora, "write")
    hub.teams.create(team.shop.owner, "leads", [sora])
    said = [("feat/login.txt", 1, "P2: rename it")]
    await hub.reviews.submit(pull, by=sora, state="COMMENTED", body="P3: nice", comments=said)
    await hub.comments.write(pull, by=sora, body="/signalbox recheck")
    await hub.statuses.set(team.shop, pull.head_ref_oid, "ci/lint", "SUCCESS", by=sora)
    await hub.checks.report(team.shop, pull.head_ref_oid, "build", conclusion="SUCCESS")
    await hub.queue.enqueue(pull, by=sora)
    await team.clone.git("tag", "v0.1.0", "main")
    await team.push("v0.1.0")
    (thread,) = hub.world.threads.values()
    return str(thread.id)


@pytest.mark.parametrize("query", QUERIES, ids=lambda path: path.stem)
async def test_every_answer_fits_the_published_schema(
    query: Path, team: Any, api: Any, published: Any
) -> None:
    await team.branch("rules", "main", {".github/signalbox.yml": "preset: trunk\n"})
    await team.push("rules:main")
    pull = await team.open()
    assert "errors" not in await api.check(pull)
    thread = await talked_about(team, pull)
    text = published.typed(document(query.stem))
    known = {**arguments(pull, team.hub.app.database_id), "thread": thread}
    variables = {name: value for name, value in known.items() if f"${name}:" in text}
    if "$after: String!" in text:
        page = await api.graphql(LISTS, id=team.shop.id, first=1)
        variables["after"] = page["data"]["node"]["pullRequests"]["pageInfo"]["endCursor"]
    body = await api.graphql(text, **variables)
    missing = [error["path"] for error in body.get("errors", [])]
    assert missing in ([], [["repository", "owner", "shared"]])
    published.hold(text, body["data"], variables)


@pytest.mark.parametrize("query", QUERIES, ids=lambda path: path.stem)
def test_every_query_is_valid_as_published(query: Path, published_schema: GraphQLSchema) -> None:
    assert validate(published_schema, parse(document(query.stem))) == []


@pytest.mark.parametrize("query", QUERIES, ids=lambda path: path.stem)
def test_every_query_is_valid_as_ghapi_describes_it(query: Path, described_graphql: GraphQLSchema) -> None:
    assert validate(described_graphql, parse(document(query.stem))) == []


def test_the_cut_schema_is_cut_from_the_published_one(published_sdl: str) -> None:
    tool = Path(__file__).parents[3] / "tools" / "cut_schema.py"
    names: dict[str, Any] = {"__name__": "cut_schema"}
    exec(compile(tool.read_text("utf-8"), str(tool), "exec"), names)  # noqa: S102 (a script of this repository)
    assert names["cut"](published_sdl) == CUT.read_text("utf-8")


def test_the_cut_schema_agrees_with_ghapi(described_graphql: GraphQLSchema) -> None:
    for name, cut in build_schema(CUT.read_text("utf-8")).type_map.items():
        if name.startswith("__") or not isinstance(cut, GraphQLObjectType):
            continue
        described = described_graphql.type_map[name]
        assert isinstance(described, GraphQLObjectType)
        for field, about in cut.fields.items():
            kind = str(described.fields[field].type)
            assert TYPED_OTHERWISE.get(kind, kind) == str(about.type), f"{name}.{field}"
            assert set(about.args) <= set(described.fields[field].args), f"{name}.{field}"


async def test_the_facts_of_a_pull_request(team: Any, api: Any) -> None:
    pull = await team.open()
    await api.check(pull)
    data = (await api.graphql("pull", **arguments(pull, team.hub.app.database_id)))["data"]["repository"]
    assert data["pullRequest"]["author"] == {
        "__typename": "User",
        "id": team.mina.id,
        "login": "mina",
    }
    assert data["pullRequest"]["files"]["nodes"] == [{"path": "feat/login.txt"}]
    ahead = data["main"]["compare"]["commits"]["nodes"]
    assert [commit["messageHeadline"] for commit in ahead] == ["go on", "work on feat/login"]
    assert [run["number"] for run in data["head"]["associatedPullRequests"]["nodes"]] == [pull.number]
    (suite,) = data["head"]["checkSuites"]["nodes"]
    assert [run["conclusion"] for run in suite["checkRuns"]["nodes"]] == ["FAILURE"]
    assert data["owner"]["shared"] is None


async def test_what_the_caller_may_not_know_is_not_found(team: Any, api: Any) -> None:
    team.hub.person("eve")
    secret = await team.hub.repositories.create("eve/secret", private=True)
    for id in (secret.id, "R_1", "PR_1", "X_1", "R_x", ""):
        body = await api.graphql("pulls", repository=id)
        assert body["data"] == {"repository": None}
        assert [(error["type"], error["path"]) for error in body["errors"]] == [("NOT_FOUND", ["repository"])]


async def test_a_comparison_pages_at_a_hundred(team: Any, api: Any) -> None:
    await team.clone.branch("feat/long", "main")
    made = [await team.clone.commit(f"step {number}", {}) for number in range(101)]
    await team.push("feat/long")
    pull = await team.hub.pulls.open(team.shop, head="feat/long", base="main", by=team.mina)
    facts = await api.graphql("pull", **arguments(pull, team.hub.app.database_id))
    first = facts["data"]["repository"]["main"]["compare"]["commits"]
    assert [commit["oid"] for commit in first["nodes"]] == made[:100]
    assert first["pageInfo"]["hasNextPage"]
    rest = await api.graphql(
        "ahead",
        repository=team.shop.id,
        line="main",
        compare=pull.head_ref_oid,
        after=first["pageInfo"]["endCursor"],
    )
    last = rest["data"]["repository"]["line"]["compare"]["commits"]
    assert [commit["oid"] for commit in last["nodes"]] == made[100:]
    assert not last["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize(
    ("bounds", "type_"),
    [
        ({"first": 101}, "EXCESSIVE_PAGINATION"),
        ({}, "MISSING_PAGINATION_BOUNDARIES"),
        ({"first": 1, "after": "later"}, "INVALID_CURSOR_ARGUMENTS"),
    ],
)
async def test_a_page_that_github_refuses(team: Any, api: Any, bounds: dict[str, Any], type_: str) -> None:
    body = await api.graphql(LISTS, id=team.shop.id, **bounds)
    assert [error["type"] for error in body["errors"]] == [type_]


async def test_a_document_outside_the_cut_is_refused_whole(api: Any) -> None:
    body = await api.graphql("query Q { viewer { login } }")
    assert "data" not in body
    assert "viewer" in body["errors"][0]["message"]


async def test_a_malformed_request_is_refused(api: Any) -> None:
    headers = {"Authorization": f"Bearer {api.token}"}
    async with api.session.post(api.hub.url + "/graphql", data=b"{", headers=headers) as answer:
        assert answer.status == 400
        assert (await answer.json())["message"] == "Problems parsing JSON"


async def test_objects_are_found_by_every_spelling(team: Any, api: Any) -> None:
    (team.clone.path / "logo.png").write_bytes(b"\x89PNG\0")
    oid = await team.clone.commit("files", {"long.txt": "가" * 200_000})
    await team.push("develop:main")

    async def read(expression: str) -> Any:
        body = await api.graphql(OBJECT, id=team.shop.id, expression=expression)
        return body["data"]["node"]["object"]

    assert (await read("HEAD:README.md"))["text"] == "# Shop\n"
    assert (await read("main:README.md"))["isBinary"] is False
    assert await read(f"{oid}:logo.png") == {
        "__typename": "Blob",
        "byteSize": 5,
        "isBinary": True,
        "isTruncated": False,
        "text": None,
    }
    long = await read(f"{oid}:long.txt")
    assert (long["byteSize"], long["isTruncated"], long["text"]) == (600_000, True, "가" * 170_666)
    assert (await read(oid))["message"] == "files"
    assert (await read(f"{oid}:"))["__typename"] == "Tree"
    for absent in ("HEAD:no.txt", "HEAD:../x", "nowhere:README.md", "0" * 40, "HEAD:a\nb"):
        assert await read(absent) is None


async def test_a_ghost_a_bot_and_a_deleted_fork(team: Any, api: Any) -> None:
    eve = team.hub.person("eve")
    fork = await team.hub.repositories.fork(team.shop, eve)
    head = await team.branch("feat/theirs")
    await team.clone.git("push", "--quiet", str(team.hub.clone_path(fork)), "feat/theirs")
    pull = await team.hub.pulls.open(team.shop, head="eve:feat/theirs", base="develop", by=eve)
    said = (await api.graphql("head", repository=team.shop.id, number=pull.number))["data"]["repository"]
    assert said["pullRequest"]["isCrossRepository"]
    facts = {**arguments(pull, 1), "compare": "eve:feat/theirs"}
    body = (await api.graphql("pull", **facts))["data"]["repository"]
    assert body["main"]["compare"]["headTarget"] == {"oid": head}

    await team.hub.repositories.delete(fork)
    team.hub.delete_account(eve)
    body = (await api.graphql("pull", **facts))["data"]["repository"]
    assert body["pullRequest"]["author"] is None
    assert body["main"]["compare"] is None

    dependabot = team.hub.bot("dependabot")
    await team.branch("dependabot/x")
    theirs = await team.hub.pulls.open(team.shop, head="dependabot/x", base="main", by=dependabot)
    body = (await api.graphql("pull", **arguments(theirs, 1)))["data"]["repository"]
    assert body["pullRequest"]["author"] == {
        "__typename": "Bot",
        "id": dependabot.id,
        "login": "dependabot",
    }


async def test_a_commit_knows_the_pull_requests_that_would_bring_it(team: Any, api: Any) -> None:
    pull = await team.open("feat/one")
    other = await team.hub.pulls.open(team.shop, head="feat/one", base="main", by=team.mina)
    await team.clone.branch("feat/two", "feat/one")
    await team.clone.commit("more", {"two.txt": "2"})
    await team.push("feat/two")
    third = await team.hub.pulls.open(team.shop, head="feat/two", base="develop", by=team.mina)

    async def bringing() -> list[int]:
        body = await api.graphql("commit", repository=team.shop.id, head=pull.head_ref_oid)
        return [
            one["number"] for one in body["data"]["repository"]["head"]["associatedPullRequests"]["nodes"]
        ]

    assert await bringing() == [pull.number, other.number, third.number]
    await team.hub.pulls.close(third, by=team.mina)
    assert await bringing() == [pull.number, other.number]


@pytest.mark.parametrize(
    "wrong",
    [
        {"headSha": "1" * 40},
        {"status": "COMPLETED", "conclusion": None},
        {"actions": [{"label": "l", "description": "d", "identifier": str(n)} for n in range(4)]},
        {"actions": [{"label": "l" * 21, "description": "d", "identifier": "i"}]},
        {"actions": [{"label": "l", "description": "d" * 41, "identifier": "i"}]},
        {"actions": [{"label": "l", "description": "d", "identifier": "i" * 21}]},
        {"output": {"title": "t", "summary": "s" * (MOST_TEXT + 1)}},
        {"output": {"title": "t", "summary": "s", "text": "s" * (MOST_TEXT + 1)}},
    ],
    ids=["sha", "no conclusion", "four", "label", "description", "identifier", "summary", "text"],
)
async def test_a_check_run_beyond_the_limits_is_refused(team: Any, api: Any, wrong: dict[str, Any]) -> None:
    pull = await team.open()
    body = await api.check(pull, **wrong)
    assert body["data"] == {"m0": None}
    assert [error["type"] for error in body["errors"]] == ["UNPROCESSABLE"]
    assert team.hub.world.runs == {}


async def test_a_check_run_at_the_limits_is_taken(team: Any, api: Any) -> None:
    pull = await team.open()
    action = {"label": "l" * 20, "description": "d" * 40}
    actions = [{**action, "identifier": f"{n}" * 20} for n in range(3)]
    output = {"title": "t", "summary": "s" * MOST_TEXT, "text": "t" * MOST_TEXT}
    assert await api.check(pull, actions=actions, output=output) == {
        "data": {"m0": {"clientMutationId": None}}
    }


async def test_an_update_changes_what_it_says_and_no_more(team: Any, api: Any) -> None:
    pull = await team.open()
    await api.check(pull, externalId="1")
    (run,) = team.hub.world.runs.values()
    said = {"repositoryId": team.shop.id, "checkRunId": run.id, "conclusion": "SUCCESS"}
    assert "errors" not in await api.graphql(UPDATE, m0=said)
    (now,) = team.hub.world.runs.values()
    assert (now.conclusion, now.external_id, now.title) == ("SUCCESS", "1", "Wrong base")
    again = {"repositoryId": team.shop.id, "checkRunId": run.id, "status": "IN_PROGRESS"}
    assert "errors" not in await api.graphql(UPDATE, m0=again)
    (now,) = team.hub.world.runs.values()
    assert (now.status, now.conclusion) == ("IN_PROGRESS", None)
    other = await team.hub.repositories.create("acme/other")
    for wrong in ({"checkRunId": "CR_1"}, {"repositoryId": other.id}):
        body = await api.graphql(UPDATE, m0={**said, **wrong})
        assert body["errors"][0]["type"] == "NOT_FOUND"


async def test_retargeting_moves_the_base_and_is_told(team: Any, api: Any, ear: Any) -> None:
    pull = await team.open(base="main")
    said = {"pullRequestId": pull.id, "baseRefName": "develop"}
    assert "errors" not in await api.graphql(RETARGET, m0=said)
    assert team.now(pull).base_ref_name == "develop"
    assert "errors" not in await api.graphql(RETARGET, m0=said)
    await team.hub.settled()
    (edited,) = ear.payloads("pull_request", "edited")
    assert edited["changes"]["base"]["ref"] == {"from": "main"}
    assert edited["sender"]["login"] == "signalbox[bot]"
    body = await api.graphql(RETARGET, m0={**said, "baseRefName": "nowhere"})
    assert body["errors"][0]["type"] == "UNPROCESSABLE"


async def test_state_and_title_are_changed_too(team: Any, api: Any) -> None:
    pull = await team.open()
    await api.graphql(RETARGET, m0={"pullRequestId": pull.id, "state": "CLOSED", "title": "Better"})
    assert (team.now(pull).state, team.now(pull).title) == ("CLOSED", "Better")
    await api.graphql(RETARGET, m0={"pullRequestId": pull.id, "state": "OPEN"})
    assert team.now(pull).state == "OPEN"


async def test_writes_stop_where_the_installation_ends(team: Any, api: Any) -> None:
    eve = team.hub.person("eve")
    other = await team.hub.repositories.fork(team.shop, eve)
    oid = (await team.clone.git("rev-parse", "develop")).strip()
    pull = await team.hub.pulls.open(other, head="develop", base="main", by=eve)
    body = await api.check(pull, headSha=oid)
    assert body["errors"][0]["type"] == "FORBIDDEN"
    body = await api.graphql(RETARGET, m0={"pullRequestId": pull.id, "title": "mine"})
    assert body["errors"][0]["type"] == "FORBIDDEN"


async def test_the_hour_is_told_within_graphql(team: Any, api: Any) -> None:
    body = await api.graphql("query Q { rateLimit { limit remaining used cost } id }")
    assert body["data"]["rateLimit"] == {"limit": 5000, "remaining": 4999, "used": 1, "cost": 1}
    team.hub.limits.hourly = 1
    body = await api.graphql("pulls", repository=team.shop.id)
    assert [(error["type"], error["code"]) for error in body["errors"]] == [
        ("RATE_LIMIT", "graphql_rate_limit")
    ]


# Three lists below a hundred pull requests need 301 requests, which are 3 points.
NESTED = """
query Nested($id: ID!) {
  rateLimit { cost used }
  node(id: $id) { ... on Repository { pullRequests(first: 100) { nodes {
    one: files(first: 1) { totalCount }
    two: files(first: 1) { totalCount }
    three: files(first: 1) { totalCount }
  } } } }
}
"""


async def test_lists_within_lists_cost_points(team: Any, api: Any) -> None:
    await api.graphql("label", repository=team.shop.id, name="P1")
    body = await api.graphql(NESTED, id=team.shop.id)
    assert body["data"]["rateLimit"] == {"cost": 3, "used": 4}
    assert [asked.cost for asked in team.hub.requests[-2:]] == [1, 3]


async def test_a_dear_query_is_refused_while_a_little_is_left(team: Any, api: Any) -> None:
    team.hub.limits.hourly = 2
    body = await api.graphql(NESTED, id=team.shop.id)
    assert [error["type"] for error in body["errors"]] == ["RATE_LIMIT"]
    assert "errors" not in await api.graphql("label", repository=team.shop.id, name="P1")


async def test_too_many_nodes_are_refused(team: Any, api: Any) -> None:
    deep = """query Deep($id: ID!) { node(id: $id) { ... on Repository { pullRequests(first: 100) { nodes {
      baseRef { compare(headRef: "main") { commits(first: 100) { nodes { parents(first: 100) { nodes {
        oid
      } } } } } }
    } } } } }"""
    body = await api.graphql(deep, id=team.shop.id)
    (error,) = body["errors"]
    assert ("data" not in body, error["type"]) == (True, "MAX_NODE_LIMIT_EXCEEDED")
    assert "1,010,100 possible nodes" in error["message"]


async def test_writes_are_counted_by_the_minute(team: Any, api: Any) -> None:
    pull = await team.open()
    team.hub.limits.creations_a_minute = 1
    assert "errors" not in await api.check(pull)
    with pytest.raises(AssertionError, match="secondary rate limit"):
        await api.check(pull)
    team.hub.limits.graphql_a_minute = 10
    assert "errors" not in await api.graphql(RETARGET, m0={"pullRequestId": pull.id, "title": "one"})
    with pytest.raises(AssertionError, match="secondary rate limit"):
        await api.graphql(RETARGET, m0={"pullRequestId": pull.id, "title": "two"})


EVERYTHING = """
query Everything($owner: String!, $name: String!, $number: Int!, $pull: ID!) {
  node(id: $pull) { id ... on PullRequest { title merged url } }
  repository(owner: $owner, name: $name) {
    id databaseId name isFork isPrivate url
    owner { id login ... on Organization { databaseId } }
    pullRequests(first: 5, states: [OPEN, CLOSED], baseRefName: "develop") { totalCount }
    pullRequest(number: $number) {
      headRepository { nameWithOwner }
      baseRepository { owner { login } }
      changedFiles
      headRef { id name prefix target { id oid } compare(headRef: "main") {
        id aheadBy behindBy baseTarget { oid } commits(first: 1) { totalCount }
      } }
      files(first: 1) { totalCount nodes { path additions deletions } }
      commits(first: 1) { totalCount nodes { id commit { oid } } }
    }
    tree: object(expression: "v1") { id oid ... on Commit {
      message
      history(first: 1) { nodes { oid } pageInfo { hasNextPage startCursor hasPreviousPage } }
      checkSuites(first: 1) { totalCount nodes {
        id databaseId status conclusion app { id databaseId name slug }
        checkRuns(first: 1, filterBy: { checkName: "signalbox / branch", checkType: ALL }) {
          totalCount nodes {
            id databaseId name status conclusion startedAt completedAt detailsUrl externalId title summary
            text url
          }
        }
      } }
    } }
  }
}
"""


async def test_every_field_of_the_cut_fits_the_published_schema(team: Any, api: Any, ask: Any) -> None:
    pull = await team.open()
    await api.check(pull, detailsUrl="https://example.com/why", startedAt="2026-05-15T12:00:00Z")
    await team.clone.git("tag", "v1")
    await team.push("v1")
    data = await ask(EVERYTHING, owner="acme", name="shop", number=pull.number, pull=pull.id)
    (suite,) = data["repository"]["tree"]["checkSuites"]["nodes"]
    assert (suite["status"], suite["conclusion"]) == ("COMPLETED", "FAILURE")
    assert suite["checkRuns"]["nodes"][0]["startedAt"] == "2026-05-15T12:00:00Z"
    told = data["repository"]["pullRequest"]
    assert (told["baseRepository"]["owner"]["login"], told["changedFiles"]) == ("acme", 1)
    assert [each["commit"]["oid"] for each in told["commits"]["nodes"]] == [pull.head_ref_oid]
    compared = told["headRef"]["compare"]
    assert (compared["aheadBy"], compared["behindBy"]) == (0, 2)
