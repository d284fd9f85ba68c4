"""What the hub answers to REST is what GitHub says it would answer."""

import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from ruamel.yaml import YAML

from bot.localhub.rest.deployments import NewDeployment, NewDeploymentStatus
from bot.localhub.rest.gitdata import MovedRef, NewMerge, NewRef, NewTag
from bot.localhub.rest.parts import Body
from bot.localhub.rest.releases import EditedRelease, NewRelease

REPOSITORY = "/repos/{owner}/{repo}"
ACTIVITY = "/repos/acme/shop/activity"
PERMISSION = "/repos/acme/shop/collaborators/mina/permission"


def test_every_route_is_one_of_github(described_rest: dict[tuple[str, str], Any], hub: Any) -> None:
    for verb, path, _, _ in hub.routes():
        assert (verb, path) in described_rest


def test_the_parameters_that_the_hub_honours_are_described(described_rest: dict[Any, Any]) -> None:
    assert described_rest["GET", "/app/hook/deliveries"].query >= {"per_page", "cursor", "status"}
    activity = described_rest["GET", "/repos/{owner}/{repo}/activity"]
    assert activity.query >= {"per_page", "after", "ref"}
    for path in ("/app/installations", "/installation/repositories", f"{REPOSITORY}/releases"):
        assert described_rest["GET", path].query >= {"per_page", "page"}


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("POST", "git/refs", NewRef),
        ("PATCH", "git/refs/{ref}", MovedRef),
        ("POST", "git/tags", NewTag),
        ("POST", "merges", NewMerge),
        ("POST", "releases", NewRelease),
        ("PATCH", "releases/{release_id}", EditedRelease),
        ("POST", "deployments", NewDeployment),
        ("POST", "deployments/{deployment_id}/statuses", NewDeploymentStatus),
    ],
)
def test_the_bodies_that_the_hub_honours_are_described(
    described_rest: dict[Any, Any], verb: str, path: str, body: type[Body]
) -> None:
    assert described_rest[verb, f"{REPOSITORY}/{path}"].body >= set(body.__struct_fields__)


def test_the_app_of_the_hub_asks_for_no_more_than_the_manifest(hub: Any) -> None:
    manifest = YAML(typ="safe").load((Path(__file__).parents[3] / "app.yml").read_text("utf-8"))
    assert dict(hub.app.permissions).items() <= manifest["default_permissions"].items()
    # Of branches and tags that come and go an App hears by `push` as well; the hub shows both.
    assert set(hub.app.events) - {"create", "delete"} <= set(manifest["default_events"])


async def test_the_app_proves_who_it_is(api: Any) -> None:
    status, body, _ = await api.rest("GET", "/app", token=api.app_token())
    assert (status, body["slug"], body["id"]) == (200, "signalbox", api.hub.app.database_id)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "1"},
        {"exp": 1},
        {"exp": int(time.time()) + 3600},
        {"iat": int(time.time()) + 600},
        {"exp": None},
    ],
    ids=["another App", "expired", "an hour", "the future", "no end"],
)
async def test_a_token_that_proves_nothing(api: Any, claims: dict[str, Any]) -> None:
    now = int(time.time())
    said = {"iat": now - 30, "exp": now + 300, "iss": str(api.hub.app.database_id), **claims}
    said = {name: value for name, value in said.items() if value is not None}
    token = jwt.encode(said, api.hub.app.private_key, "RS256")
    assert (await api.rest("GET", "/app", token=token))[0] == 401


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
async def test_no_token_is_refused(api: Any, token: str) -> None:
    status, body, _ = await api.rest("GET", "/app", token=token)
    assert (status, set(body)) == (401, {"message", "documentation_url", "status"})


async def test_another_key_is_refused(api: Any) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    now = int(time.time())
    claims = {"iat": now, "exp": now + 60, "iss": str(api.hub.app.database_id)}
    assert (await api.rest("GET", "/app", token=jwt.encode(claims, other, "RS256")))[0] == 401


async def test_an_installation_token_opens_no_route_of_the_app(api: Any) -> None:
    assert (await api.rest("GET", "/app"))[0] == 401
    assert (await api.rest("GET", "/installation/repositories", token=api.app_token()))[0] == 401


async def test_tokens_of_unknown_and_suspended_installations(team: Any, api: Any) -> None:
    app = api.app_token()
    for number in (1, "x"):
        status, _, _ = await api.rest("POST", f"/app/installations/{number}/access_tokens", token=app)
        assert status == 404
    mine = f"/app/installations/{team.installation.database_id}/access_tokens"
    suspended = team.hub.installations.suspend(team.installation)
    assert (await api.rest("POST", mine, token=app))[0] == 403
    assert (await api.rest("GET", "/installation/repositories"))[0] == 403
    team.hub.installations.unsuspend(suspended)
    assert (await api.rest("GET", "/installation/repositories"))[0] == 200
    team.hub.installations.revoke_tokens(team.installation)
    assert (await api.rest("GET", "/installation/repositories"))[0] == 401
    team.hub.installations.delete(team.installation)
    assert (await api.rest("POST", mine, token=app))[0] == 404


async def test_installations_are_listed_and_found(team: Any, api: Any) -> None:
    app = api.app_token()
    _, listed, _ = await api.rest("GET", "/app/installations", token=app)
    number = team.installation.database_id
    assert [one["id"] for one in listed] == [number]
    assert (await api.rest("GET", f"/app/installations/{number}", token=app))[1] == listed[0]
    assert (await api.rest("GET", "/repos/acme/shop/installation", token=app))[1] == listed[0]
    assert (await api.rest("GET", "/repos/acme/nothing/installation", token=app))[0] == 404
    eve = team.hub.person("eve")
    await team.hub.repositories.fork(team.shop, eve)
    assert (await api.rest("GET", "/repos/eve/shop/installation", token=app))[0] == 404


async def test_lists_page_at_a_hundred(team: Any, api: Any) -> None:
    for number in range(101):
        team.hub.installations.install(team.hub.person(f"person-{number}"))
    app = api.app_token()
    status, page, headers = await api.rest("GET", "/app/installations?per_page=200", token=app)
    assert (status, len(page)) == (200, 100)
    assert 'page=2>; rel="next"' in headers["Link"]
    assert 'rel="last"' in headers["Link"]
    _, page, headers = await api.rest("GET", "/app/installations?per_page=100&page=2", token=app)
    assert len(page) == 2
    assert 'rel="prev"' in headers["Link"]
    assert 'rel="next"' not in headers["Link"]
    assert len((await api.rest("GET", "/app/installations", token=app))[1]) == 30
    assert (await api.rest("GET", "/app/installations?per_page=x", token=app))[0] == 422


async def test_deliveries_page_by_cursor(team: Any, api: Any) -> None:
    await team.hub.settled()
    app, path = api.app_token(), "/app/hook/deliveries?per_page=2"
    seen = []
    while path:
        _, page, headers = await api.rest("GET", path, token=app)
        seen += [one["id"] for one in page]
        link = headers.get("Link", "")
        path = link.partition(">")[0].partition("/api/v3")[2] if 'rel="next"' in link else ""
    assert seen == list(reversed(team.hub.webhooks.deliveries))
    assert (await api.rest("GET", "/app/hook/deliveries/1", token=app))[0] == 404
    assert (await api.rest("POST", "/app/hook/deliveries/x/attempts", token=app))[0] == 404


@pytest.mark.parametrize(
    ("granted", "permission"),
    [("admin", "admin"), ("maintain", "write"), ("write", "write"), ("triage", "read"), ("none", "none")],
)
async def test_permissions_are_told_old_and_new(team: Any, api: Any, granted: str, permission: str) -> None:
    team.hub.allow(team.shop, team.mina, granted)
    _, body, _ = await api.rest("GET", PERMISSION)
    assert (body["permission"], body["role_name"], body["user"]["login"]) == (permission, granted, "mina")


async def test_permissions_of_strangers(team: Any, api: Any) -> None:
    path = "/repos/acme/shop/collaborators/{}/permission"
    assert (await api.rest("GET", path.format("nobody")))[0] == 404
    team.hub.person("eve")
    assert (await api.rest("GET", path.format("EVE")))[1]["permission"] == "read"
    hidden = await team.hub.repositories.create("acme/hidden", private=True)
    assert hidden.is_private
    body = (await api.rest("GET", "/repos/acme/hidden/collaborators/eve/permission"))[1]
    assert body["permission"] == "none"
    await team.hub.repositories.create("eve/own")
    await team.hub.repositories.create("eve/secret", private=True)
    assert (await api.rest("GET", "/repos/eve/own/collaborators/eve/permission"))[0] == 403
    assert (await api.rest("GET", "/repos/eve/secret/collaborators/eve/permission"))[0] == 404


async def test_the_activity_of_a_branch_says_who_pushed(team: Any, api: Any) -> None:
    noor = team.hub.person("noor")
    first = await team.branch("feat/login")
    second = await team.clone.commit("more", {"more.txt": "1"})
    await team.clone.push("feat/login")
    await team.hub.repositories.sync(team.shop, noor)
    await team.clone.git("commit", "--quiet", "--amend", "-m", "better")
    third = (await team.clone.git("rev-parse", "HEAD")).strip()
    await team.push("feat/login", options=("--force",))
    await team.clone.git("tag", "v1.0.0")
    await team.push("v1.0.0", ":feat/login")
    status, listed, _ = await api.rest("GET", f"{ACTIVITY}?ref=feat/login")
    assert (status, listed) == (
        200,
        (await api.rest("GET", f"{ACTIVITY}?ref=refs/heads/feat/login"))[1],
    )
    nothing = "0" * 40
    moves = [(one["activity_type"], one["before"], one["after"]) for one in listed]
    assert moves == [
        ("branch_deletion", third, nothing),
        ("force_push", second, third),
        ("push", first, second),
        ("branch_creation", nothing, first),
    ]
    assert [one["actor"]["login"] for one in listed] == ["mina", "mina", "noor", "mina"]
    fields = {"id", "node_id", "before", "after", "ref", "timestamp", "activity_type", "actor"}
    assert {frozenset(one) for one in listed} == {frozenset(fields)}
    assert {one["ref"] for one in listed} == {"refs/heads/feat/login"}
    team.hub.delete_account(noor)
    assert (await api.rest("GET", f"{ACTIVITY}?ref=feat/login"))[1][2]["actor"] is None


async def test_activity_pages_by_cursor(team: Any, api: Any) -> None:
    for number in range(3):
        await team.branch(f"feat/{number}")
    path, seen = f"{ACTIVITY}?per_page=2", []
    while path:
        _, page, headers = await api.rest("GET", path)
        seen += [one["ref"].removeprefix("refs/heads/") for one in page]
        link = headers.get("Link", "")
        path = link.partition(">")[0].partition("/api/v3")[2] if 'rel="next"' in link else ""
    assert seen == ["feat/2", "feat/1", "feat/0", "main", "develop"]
    assert (await api.rest("GET", f"{ACTIVITY}?after=x"))[0] == 422
    assert (await api.rest("GET", f"{ACTIVITY}?ref=nowhere"))[1] == []


async def test_the_activity_of_strangers(team: Any, api: Any) -> None:
    eve = team.hub.person("eve")
    await team.hub.repositories.create("eve/own")
    await team.hub.repositories.create("eve/secret", private=True)
    assert (await api.rest("GET", f"/repos/{eve.login}/own/activity"))[:2] == (200, [])
    assert (await api.rest("GET", f"/repos/{eve.login}/secret/activity"))[0] == 404
    assert (await api.rest("GET", f"/repos/{eve.login}/nothing/activity"))[0] == 404


async def test_an_unchanged_answer_costs_nothing(team: Any, api: Any) -> None:
    path = "/installation/repositories"
    _, body, first = await api.rest("GET", path)
    assert (body["total_count"], body["repositories"][0]["full_name"]) == (1, "acme/shop")
    status, body, second = await api.rest("GET", path, If_None_Match=first["ETag"])
    assert (status, body) == (304, None)
    assert second["x-ratelimit-used"] == first["x-ratelimit-used"] == "1"
    await api.sign_in(team.installation)
    assert (await api.rest("GET", path, If_None_Match=first["ETag"]))[0] == 200


async def test_the_hour_ends(team: Any, api: Any) -> None:
    team.hub.limits.hourly = 2
    for left in ("1", "0"):
        status, _, headers = await api.rest("GET", PERMISSION)
        assert (status, headers["x-ratelimit-remaining"]) == (200, left)
    status, body, headers = await api.rest("GET", PERMISSION)
    assert (status, headers["x-ratelimit-remaining"], headers["x-ratelimit-resource"]) == (403, "0", "core")
    assert int(headers["x-ratelimit-reset"]) > time.time()
    assert body["message"].startswith("API rate limit exceeded for installation ID")
    _, state, _ = await api.rest("GET", "/rate_limit")
    assert state["resources"]["core"] == state["rate"]
    assert (state["rate"]["remaining"], state["resources"]["graphql"]["remaining"]) == (0, 2)


async def test_the_minute_ends(team: Any, api: Any) -> None:
    team.hub.limits.rest_a_minute = 1
    assert (await api.rest("GET", PERMISSION))[0] == 200
    status, body, headers = await api.rest("GET", PERMISSION)
    assert (status, 0 < int(headers["retry-after"]) <= 60) == (403, True)
    assert "secondary rate limit" in body["message"]
    assert headers["x-ratelimit-remaining"] == "4999"


async def test_the_version_is_checked(api: Any) -> None:
    _, _, headers = await api.rest("GET", "/meta", X_GitHub_Api_Version="2022-11-28")
    assert headers["x-github-api-version-selected"] == "2022-11-28"
    assert headers["X-GitHub-Request-Id"]
    assert (await api.rest("GET", "/meta", X_GitHub_Api_Version="1999-01-01"))[0] == 400


async def test_both_spellings_and_neither(api: Any) -> None:
    async with api.session.get(api.hub.url + "/meta") as answer:
        assert answer.status == 200
    for path in ("/nothing/here/at/all", "/api/v3/nothing"):
        async with api.session.get(api.hub.url + path) as answer:
            assert (answer.status, (await answer.json())["message"]) == (404, "Not Found")


async def test_requests_are_counted_by_kind(team: Any, api: Any) -> None:
    api.hub.requests.clear()
    await api.rest("GET", PERMISSION)
    await api.graphql("pulls", repository=team.shop.id)
    asked = [(one.method, one.path, one.operation) for one in api.hub.requests]
    assert asked == [("GET", PERMISSION, None), ("POST", "/graphql", "Pulls")]
