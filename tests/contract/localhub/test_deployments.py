"""Deployments and their statuses, with the defaults that surprise; answers as GitHub describes them."""

from dataclasses import replace
from typing import Any

import pytest
from support.signins import token_of

DEPLOYMENTS = "/repos/acme/shop/deployments"
# What GitHub's OpenAPI description (npm @octokit/openapi 23.0.2) requires.
DEPLOYMENT = {
    *("created_at", "creator", "description", "environment", "id", "node_id", "payload", "ref"),
    *("repository_url", "sha", "statuses_url", "task", "updated_at", "url"),
}
STATUS = {
    *("created_at", "creator", "deployment_url", "description", "id", "node_id", "repository_url"),
    *("state", "target_url", "updated_at", "url"),
}
PLAIN = {"auto_merge": False, "required_contexts": []}


@pytest.fixture(autouse=True)
def _may_deploy(team: Any) -> None:
    permissions = {**dict(team.hub.app.permissions), "deployments": "write"}
    team.hub.world.app = replace(team.hub.app, permissions=tuple(permissions.items()))


async def test_a_deployment_is_made_and_told_of(team: Any, api: Any, ear: Any) -> None:
    said = {"ref": "develop", "environment": "dev", "payload": {"image": "shop:1"}, **PLAIN}
    status, made, _ = await api.rest("POST", DEPLOYMENTS, said)
    assert (status, set(made) >= DEPLOYMENT) == (201, True)
    assert (made["sha"], made["environment"]) == (await team.tip("develop"), "dev")
    path = f"{DEPLOYMENTS}/{made['id']}"
    for state in ("in_progress", "success"):
        status, told, _ = await api.rest("POST", f"{path}/statuses", {"state": state})
        assert (status, set(told) >= STATUS, told["state"]) == (201, True, state)
    _, statuses, _ = await api.rest("GET", f"{path}/statuses")
    assert [one["state"] for one in statuses] == ["success", "in_progress"]
    _, listed, _ = await api.rest("GET", f"{DEPLOYMENTS}?environment=dev")
    assert listed == [(await api.rest("GET", path))[1]]
    assert (await api.rest("GET", f"{DEPLOYMENTS}?environment=prod"))[1] == []
    await team.hub.settled()
    assert [told["deployment"]["id"] for told in ear.payloads("deployment", "created")] == [made["id"]]
    assert [told["deployment_status"]["state"] for told in ear.payloads("deployment_status")] == [
        "in_progress", "success",
    ]  # fmt: skip


async def test_what_is_behind_is_merged_and_not_deployed_unless_one_says_so(team: Any, api: Any) -> None:
    await team.clone.git("switch", "--quiet", "main")
    await team.clone.commit("meanwhile", {"main.txt": "1"})
    await team.push("main")
    before = await team.tip("develop")
    status, told, _ = await api.rest("POST", DEPLOYMENTS, {"ref": "develop"})
    assert (status, told) == (202, {"message": "Auto-merged main into develop on deployment."})
    assert await team.tip("develop") != before
    assert (await api.rest("POST", DEPLOYMENTS, {"ref": "develop"}))[0] == 201


async def test_a_commit_whose_checks_failed_is_refused_unless_one_says_so(team: Any, api: Any) -> None:
    await team.hub.statuses.set(team.shop, await team.tip("develop"), "lint", "FAILURE", by=team.mina)
    for said in ({}, {"required_contexts": ["lint"]}, {"required_contexts": ["absent"]}):
        assert (await api.rest("POST", DEPLOYMENTS, {"ref": "develop", **said}))[0] == 409
    assert (await api.rest("POST", DEPLOYMENTS, {"ref": "develop", **PLAIN}))[0] == 201
    assert (await api.rest("POST", DEPLOYMENTS, {"ref": "nowhere", **PLAIN}))[0] == 422


@pytest.mark.parametrize(("environment", "state"), [("dev", "inactive"), ("production", "success")])
async def test_a_success_retires_the_one_before_it_but_not_in_production(
    team: Any, api: Any, environment: str, state: str
) -> None:
    hub, mina = team.hub, team.mina
    first = await hub.deployments.create(team.shop, "main", by=mina, environment=environment)
    hub.deployments.say(first, "success", by=mina)
    second = await hub.deployments.create(team.shop, "develop", by=mina, environment=environment)
    hub.deployments.say(second, "success", by=mina)
    _, statuses, _ = await api.rest("GET", f"{DEPLOYMENTS}/{first.database_id}/statuses")
    assert statuses[0]["state"] == state


async def test_a_person_orders_by_way_of_the_app_where_they_may_push(team: Any, api: Any, ear: Any) -> None:
    hub = team.hub
    said = {"ref": "main", "environment": "prod", "task": "promote", **PLAIN}
    status, made, _ = await api.rest("POST", DEPLOYMENTS, said, token=token_of(hub, team.mina))
    assert (status, set(made) >= DEPLOYMENT, made["creator"]["login"]) == (201, True, "mina")
    await hub.settled()
    (heard,) = ear.payloads("deployment", "created")
    assert (heard["deployment"]["id"], heard["sender"]["login"]) == (made["id"], "mina")
    noor = hub.person("noor")
    vault = await hub.repositories.create("acme/vault", private=True)
    hub.allow(team.shop, noor, "triage")
    for name, status in (("acme/shop", 403), (vault.name_with_owner, 404), ("acme/nothing", 404)):
        path = f"/repos/{name}/deployments"
        assert (await api.rest("POST", path, said, token=token_of(hub, noor)))[0] == status
    assert (await api.rest("GET", DEPLOYMENTS, token=token_of(hub, team.mina)))[0] == 401
    assert (await api.rest("POST", DEPLOYMENTS, said, token="ghu_guessed"))[0] == 401
    hub.world.app = replace(hub.app, permissions=(("deployments", "read"),))
    assert (await api.rest("POST", DEPLOYMENTS, said, token=token_of(hub, team.mina)))[0] == 403


async def test_who_may_only_read_deploys_nothing(team: Any, api: Any) -> None:
    team.hub.world.app = replace(team.hub.app, permissions=(("contents", "write"), ("deployments", "read")))
    assert (await api.rest("POST", DEPLOYMENTS, {"ref": "main", **PLAIN}))[0] == 403
    assert (await api.rest("GET", f"{DEPLOYMENTS}/1"))[0] == 404
