"""What others do that Signalbox must know of: people come and go, other Apps check, branches want checks."""

from typing import Any

import pytest

from bot.localhub.refusals import Unprocessable

TEAM = """
query Team($login: String!, $slug: String!, $first: Int, $after: String) {
  organization(login: $login) { id login team(slug: $slug) { id databaseId slug
    members(first: $first, after: $after) { nodes { id login } totalCount pageInfo { hasNextPage endCursor } }
  } }
}
"""
ROLLUP = """
query Rollup($repository: ID!, $oid: GitObjectID!, $first: Int, $after: String) {
  node(id: $repository) { ... on Repository { object(oid: $oid) { ... on Commit {
    statusCheckRollup { id contexts(first: $first, after: $after) {
      nodes {
        type: __typename
        ... on CheckRun { name status conclusion checkSuite { app { databaseId name } } }
        ... on StatusContext { id context state description createdAt creator { login } }
      }
      totalCount
      pageInfo { hasNextPage endCursor }
    } }
  } } } }
}
"""
SUITES = """
query Suites($repository: ID!, $oid: GitObjectID!, $filter: CheckSuiteFilter, $runs: CheckRunFilter) {
  node(id: $repository) { ... on Repository { object(oid: $oid) { ... on Commit {
    checkSuites(first: 10, filterBy: $filter) { nodes {
      app { slug } status conclusion checkRuns(first: 10, filterBy: $runs) { nodes { id name } }
    } }
  } } } }
}
"""
RULES = """
query Rules($repository: ID!, $branch: String!) {
  node(id: $repository) { ... on Repository { ref(qualifiedName: $branch) {
    refUpdateRule { requiredStatusCheckContexts }
    rules(first: 100) { nodes { id type parameters { type: __typename ... on RequiredStatusChecksParameters {
      requiredStatusChecks { context integrationId }
    } } } totalCount pageInfo { hasNextPage } }
  } } }
}
"""
FILE = """
query File($repository: ID!, $branch: String!, $path: String!) {
  node(id: $repository) { ... on Repository { ref(qualifiedName: $branch) { target { ... on Commit {
    file(path: $path) { path object { ... on Blob { text isTruncated } } }
  } } } } }
}
"""
FOLDER = """
query Folder($repository: ID!, $expression: String!) {
  node(id: $repository) { ... on Repository { object(expression: $expression) {
    ... on Tree { entries { name path type object { ... on Blob { text } ... on Tree {
      entries { name path type }
    } } } }
  } } }
}
"""
UPDATE = "mutation U($m0: UpdateCheckRunInput!) { m0: updateCheckRun(input: $m0) { clientMutationId } }"


async def test_a_collaborator_comes_changes_and_goes(team: Any, ear: Any) -> None:
    noor = team.hub.person("noor")
    for permission in ("none", "write", "write", "triage", "admin", "none", "none"):
        team.hub.allow(team.shop, noor, permission)
    await team.hub.settled()
    told = [(one["action"], one.get("changes")) for one in ear.payloads("member")]
    assert told == [
        ("added", {"permission": {"to": "write"}, "role_name": {"to": "write"}}),
        (
            "edited",
            {"old_permission": {"from": "write"}, "permission": {"from": "write", "to": "read"}},
        ),
        ("edited", {"old_permission": {"from": "read"}, "permission": {"from": "read", "to": "admin"}}),
        ("removed", None),
    ]
    first = ear.payloads("member")[0]
    assert (first["member"]["login"], first["sender"]["login"]) == ("noor", "mina")
    assert first["repository"]["full_name"] == "acme/shop"


async def test_nobody_is_told_of_collaborators_before_the_app_is_there(team: Any, ear: Any) -> None:
    eve = team.hub.person("eve")
    own = await team.hub.repositories.create("eve/own")
    team.hub.allow(own, team.mina, "write")
    await team.hub.settled()
    assert ear.payloads("member") == []
    assert team.hub.world.permission(own, "mina") == "write"
    assert team.hub.world.permission(own, eve.login) == "admin"


async def test_a_team_is_read_by_its_slug(team: Any, ask: Any, api: Any) -> None:
    noor = team.hub.person("noor")
    reviewers = team.hub.teams.create(team.shop.owner, "reviewers", [team.mina, noor])
    read = (await ask(TEAM, login="ACME", slug="reviewers", first=100))["organization"]
    assert (read["id"], read["team"]["id"]) == (team.shop.owner.id, reviewers.id)
    people = [{"id": one.id, "login": one.login} for one in (team.mina, noor)]
    assert read["team"]["members"]["nodes"] == people
    assert (await ask(TEAM, login="acme", slug="nobody", first=1))["organization"]["team"] is None
    for login in ("nobody", "mina"):
        body = await api.graphql(TEAM, login=login, slug="reviewers", first=1)
        assert body["data"] == {"organization": None}
        assert [error["type"] for error in body["errors"]] == ["NOT_FOUND"]


async def test_the_teams_of_others_are_not_seen(team: Any, ask: Any) -> None:
    other = team.hub.organisation("other")
    team.hub.teams.create(other, "reviewers", [team.mina])
    assert (await ask(TEAM, login="other", slug="reviewers", first=1))["organization"]["team"] is None


async def test_the_members_of_a_team_page_at_a_hundred(team: Any, ask: Any) -> None:
    people = [team.hub.person(f"person-{number}") for number in range(101)]
    team.hub.teams.create(team.shop.owner, "everybody", people)
    asked = {"login": "acme", "slug": "everybody", "first": 100}
    first = (await ask(TEAM, **asked))["organization"]["team"]["members"]
    assert (len(first["nodes"]), first["totalCount"]) == (100, 101)
    rest = await ask(TEAM, **asked, after=first["pageInfo"]["endCursor"])
    assert rest["organization"]["team"]["members"]["nodes"] == [{"id": people[-1].id, "login": "person-100"}]


async def test_who_joins_and_leaves_a_team_is_told_to_the_organisation(team: Any, ear: Any) -> None:
    hub, noor = team.hub, team.hub.person("noor")
    reviewers = hub.teams.create(team.shop.owner, "reviewers")
    for act in (hub.teams.join, hub.teams.join, hub.teams.leave, hub.teams.leave):
        act(reviewers, noor, by=team.mina)
    await hub.settled()
    told = ear.payloads("membership")
    assert [(one["action"], one["scope"]) for one in told] == [("added", "team"), ("removed", "team")]
    assert (told[0]["team"]["slug"], told[0]["member"]["login"]) == ("reviewers", "noor")
    assert "repository" not in told[0]
    assert told[0]["organization"]["login"] == "acme"
    assert told[0]["installation"]["id"] == team.installation.database_id
    last = list(hub.webhooks.deliveries.values())[-1].notice
    assert (last.repository, last.installation) == (None, team.installation.database_id)


async def test_who_leaves_the_organisation_leaves_its_teams_and_repositories(team: Any, ear: Any) -> None:
    hub, noor = team.hub, team.hub.person("noor")
    hub.allow(team.shop, noor, "write")
    own = await hub.repositories.create("noor/own")
    reviewers = hub.teams.create(team.shop.owner, "reviewers", [noor, team.mina])
    others = hub.teams.create(hub.organisation("other"), "reviewers", [noor])
    hub.teams.remove_member(team.shop.owner, noor, by=team.mina)
    assert hub.world.teams[reviewers.database_id].members == (team.mina,)
    assert hub.world.teams[others.database_id].members == (noor,)
    assert hub.world.permission(team.shop, "noor") == "read"
    assert hub.world.permission(own, "noor") == "admin"
    await hub.settled()
    (told,) = ear.payloads("organization", "member_removed")
    assert (told["membership"]["user"]["login"], told["organization"]["login"]) == ("noor", "acme")
    assert "repository" not in told


async def test_what_happens_in_an_organisation_is_not_told_elsewhere(team: Any, ear: Any) -> None:
    hub, noor = team.hub, team.hub.person("noor")
    other = hub.organisation("other")
    hub.teams.join(hub.teams.create(other, "reviewers"), noor, by=noor)
    suspended = hub.installations.suspend(team.installation)
    hub.teams.remove_member(team.shop.owner, noor, by=team.mina)
    await hub.settled()
    assert ear.payloads("membership") + ear.payloads("organization") == []
    hub.installations.unsuspend(suspended)


async def test_a_deleted_administrator_acts_no_more(team: Any, ear: Any) -> None:
    team.hub.delete_account(team.mina)
    team.hub.allow(team.shop, team.hub.person("noor"), "write")
    await team.hub.settled()
    assert ear.payloads("member", "added")[0]["sender"]["login"] == "acme"
    assert team.hub.world.permission(team.shop, "mina") == "read"


async def test_a_deleted_account_is_in_no_team(team: Any) -> None:
    hub, noor = team.hub, team.hub.person("noor")
    reviewers = hub.teams.create(team.shop.owner, "reviewers", [noor])
    hub.delete_account(noor)
    assert hub.world.teams[reviewers.database_id].members == ()


async def test_a_rollup_has_the_newest_of_each_check_and_status(team: Any, api: Any, ask: Any) -> None:
    hub, pull = team.hub, await team.open()
    place = {"repository": team.shop.id, "oid": pull.head_ref_oid, "first": 100}
    assert (await ask(ROLLUP, **place))["node"]["object"]["statusCheckRollup"] is None
    await hub.statuses.set(team.shop, pull.head_ref_oid, "lint", "PENDING", by=team.mina)
    await hub.statuses.set(team.shop, pull.head_ref_oid, "lint", "SUCCESS", by=team.mina, description="Ok")
    rollup = (await ask(ROLLUP, **place))["node"]["object"]["statusCheckRollup"]
    (status,) = rollup["contexts"]["nodes"]
    assert (status["type"], status["context"], status["state"]) == ("StatusContext", "lint", "SUCCESS")
    assert (status["description"], status["creator"]) == ("Ok", {"login": "mina"})

    await api.check(pull)
    await hub.checks.report(team.shop, pull.head_ref_oid, "build", conclusion="FAILURE")
    await hub.checks.report(team.shop, pull.head_ref_oid, "build", status="IN_PROGRESS")
    await hub.checks.report(team.shop, pull.head_ref_oid, "build", app="other-ci")
    contexts = (await ask(ROLLUP, **place))["node"]["object"]["statusCheckRollup"]["contexts"]
    runs = [one for one in contexts["nodes"] if one["type"] == "CheckRun"]
    assert [(one["checkSuite"]["app"]["name"], one["name"], one["conclusion"]) for one in runs] == [
        ("Signalbox", "signalbox / branch", "FAILURE"),
        ("ci", "build", None),
        ("other-ci", "build", "SUCCESS"),
    ]
    assert (runs[1]["status"], contexts["totalCount"]) == ("IN_PROGRESS", 4)
    assert len({one["checkSuite"]["app"]["databaseId"] for one in runs}) == 3
    hub.delete_account(team.mina)
    contexts = (await ask(ROLLUP, **place))["node"]["object"]["statusCheckRollup"]["contexts"]
    assert contexts["nodes"][-1]["creator"] is None


async def test_a_rollup_pages_at_a_hundred(team: Any, ask: Any) -> None:
    oid = (await team.clone.git("rev-parse", "develop")).strip()
    for number in range(101):
        await team.hub.statuses.set(team.shop, oid, f"context {number}", "SUCCESS", by=team.mina)
    place = {"repository": team.shop.id, "oid": oid, "first": 100}
    first = (await ask(ROLLUP, **place))["node"]["object"]["statusCheckRollup"]["contexts"]
    assert (len(first["nodes"]), first["totalCount"]) == (100, 101)
    rest = await ask(ROLLUP, **place, after=first["pageInfo"]["endCursor"])
    (last,) = rest["node"]["object"]["statusCheckRollup"]["contexts"]["nodes"]
    assert last["context"] == "context 100"


async def test_another_app_reports_and_reports_again(team: Any, api: Any, ear: Any, ask: Any) -> None:
    hub, pull = team.hub, await team.open()
    await hub.settled()
    ear.heard.clear()
    said = {"status": "QUEUED"}, {"status": "IN_PROGRESS"}, {"conclusion": "FAILURE"}
    first = [await hub.checks.report(team.shop, pull.head_ref_oid, "build", **one) for one in said]
    second = await hub.checks.report(team.shop, pull.head_ref_oid, "build")
    assert {run.database_id for run in first} == {first[0].database_id} != {second.database_id}
    assert [run.conclusion for run in (*first, second)] == [None, None, "FAILURE", "SUCCESS"]
    await hub.settled()
    runs = [(one["action"], one["check_run"]["conclusion"]) for one in ear.payloads("check_run")]
    assert runs == [
        ("created", None),
        ("completed", "failure"),
        ("created", "success"),
        ("completed", "success"),
    ]
    suites = ear.payloads("check_suite")
    assert [(one["action"], one["check_suite"]["conclusion"]) for one in suites] == [
        ("completed", "failure"),
        ("completed", "success"),
    ]
    (theirs,) = {one["check_suite"]["app"]["id"] for one in suites}
    assert theirs != hub.app.database_id
    told = ear.payloads("check_run")[0]
    assert (told["check_run"]["app"]["slug"], told["sender"]["login"]) == ("ci", "ci[bot]")
    assert told["check_run"]["check_suite"]["app"]["id"] == theirs
    with pytest.raises(Unprocessable):
        await hub.checks.report(team.shop, "1" * 40, "build")

    place = {"repository": team.shop.id, "oid": pull.head_ref_oid}
    everybody = (await ask(SUITES, **place))["node"]["object"]["checkSuites"]["nodes"]
    assert [one["app"]["slug"] for one in everybody] == ["signalbox", "ci"]
    own = {"appId": hub.app.database_id}
    (ours,) = (await ask(SUITES, **place, filter=own))["node"]["object"]["checkSuites"]["nodes"]
    assert (ours["app"]["slug"], ours["checkRuns"]["nodes"]) == ("signalbox", [])
    filtered = await ask(SUITES, **place, filter={"appId": theirs}, runs=own)
    assert filtered["node"]["object"]["checkSuites"]["nodes"][0]["checkRuns"]["nodes"] == []
    update = {"repositoryId": team.shop.id, "checkRunId": second.id, "conclusion": "FAILURE"}
    body = await api.graphql(UPDATE, m0=update)
    assert [error["type"] for error in body["errors"]] == ["FORBIDDEN"]


async def test_a_status_is_told_with_the_branches_that_hold_it(team: Any, ear: Any) -> None:
    pull = await team.open()
    await team.clone.branch("feat/more", "feat/login")
    more = await team.clone.commit("more", {"more.txt": "1"})
    await team.push("feat/more")
    team.hub.protect(team.shop, "feat/login")
    await team.hub.statuses.set(team.shop, pull.head_ref_oid, "ci/build", "FAILURE", by=team.hub.bot("ci"))
    await team.hub.settled()
    (told,) = ear.payloads("status")
    assert (told["context"], told["state"], told["description"]) == ("ci/build", "failure", None)
    assert (told["sha"], told["name"], told["sender"]["login"]) == (pull.head_ref_oid, "acme/shop", "ci[bot]")
    branches = [(one["name"], one["commit"]["sha"], one["protected"]) for one in told["branches"]]
    assert branches == [("feat/login", pull.head_ref_oid, True), ("feat/more", more, False)]
    assert told["commit"]["commit"]["message"] == "work on feat/login"
    with pytest.raises(Unprocessable, match="state 'GREEN'"):
        await team.hub.statuses.set(team.shop, pull.head_ref_oid, "ci/build", "GREEN", by=team.mina)
    with pytest.raises(Unprocessable, match="No commit found"):
        await team.hub.statuses.set(team.shop, "1" * 40, "ci/build", "SUCCESS", by=team.mina)


async def test_required_checks_by_protection_and_by_ruleset(team: Any, ask: Any) -> None:
    async def read(branch: str) -> Any:
        return (await ask(RULES, repository=team.shop.id, branch=f"refs/heads/{branch}"))["node"]["ref"]

    nothing = {"nodes": [], "totalCount": 0, "pageInfo": {"hasNextPage": False}}
    assert await read("main") == {"refUpdateRule": None, "rules": nothing}
    team.hub.protect(team.shop, "main", checks=["build", "lint"])
    assert await read("main") == {
        "refUpdateRule": {"requiredStatusCheckContexts": ["build", "lint"]},
        "rules": nothing,
    }
    team.hub.protect(team.shop, "develop", checks=["build"], ruleset=True, app=team.hub.app.database_id)
    found = await read("develop")
    assert found["refUpdateRule"] is None
    (rule,) = found["rules"]["nodes"]
    assert rule["type"] == "REQUIRED_STATUS_CHECKS"
    assert rule["parameters"] == {
        "type": "RequiredStatusChecksParameters",
        "requiredStatusChecks": [{"context": "build", "integrationId": team.hub.app.database_id}],
    }
    team.hub.protect(team.shop, "develop", checks=["build"], ruleset=True)
    (rule,) = (await read("develop"))["rules"]["nodes"]
    assert rule["parameters"]["requiredStatusChecks"] == [{"context": "build", "integrationId": None}]


async def test_a_file_of_a_commit(team: Any, ask: Any) -> None:
    await team.branch("rules", "main", {".github/CODEOWNERS": "* @acme/reviewers\n"})
    await team.push("rules:main")
    place = {"repository": team.shop.id, "branch": "main"}

    async def read(path: str) -> Any:
        return (await ask(FILE, **place, path=path))["node"]["ref"]["target"]["file"]

    text = {"text": "* @acme/reviewers\n", "isTruncated": False}
    assert await read(".github/CODEOWNERS") == {"path": ".github/CODEOWNERS", "object": text}
    assert await read("CODEOWNERS") is None


async def test_a_folder_of_a_commit(team: Any, ask: Any) -> None:
    await team.branch(
        "apps", "main", {"apps/shop-dev/web/a.yaml": "a: 1\n", "apps/shop-dev/b.yaml": "b: 1\n"}
    )
    await team.push("apps:main")

    async def read(path: str) -> Any:
        return (await ask(FOLDER, repository=team.shop.id, expression=f"refs/heads/main:{path}"))["node"][
            "object"
        ]

    assert await read("apps/shop-dev") == {
        "entries": [
            {
                "name": "b.yaml",
                "path": "apps/shop-dev/b.yaml",
                "type": "blob",
                "object": {"text": "b: 1\n"},
            },
            {
                "name": "web",
                "path": "apps/shop-dev/web",
                "type": "tree",
                "object": {
                    "entries": [{"name": "a.yaml", "path": "apps/shop-dev/web/a.yaml", "type": "blob"}]
                },
            },
        ]
    }
    assert await read("apps/nothing") is None
