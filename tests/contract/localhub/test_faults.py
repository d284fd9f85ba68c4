"""The hub fails when it is told to, in every way in which GitHub fails."""

import asyncio
from typing import Any

import aiohttp
import pytest

from bot.localhub import faults

REFS = "/repos/acme/shop/git/refs"
PERMISSION = "/repos/acme/shop/collaborators/mina/permission"


@pytest.mark.parametrize("status", [401, 404, 410, 422, 500, 502, 503])
async def test_a_refusal_comes_once(api: Any, status: int) -> None:
    api.hub.faults.next("GET", "/repos/*/permission", faults.refuse(status))
    assert (await api.rest("GET", PERMISSION))[0] == status
    assert (await api.rest("GET", PERMISSION))[0] == 200


@pytest.mark.parametrize("retry_after", [60, None])
async def test_a_secondary_limit(api: Any, retry_after: int | None) -> None:
    api.hub.faults.next("GET", "/repos/*", faults.secondary_limit(retry_after, 429), times=2)
    for _ in range(2):
        status, body, headers = await api.rest("GET", PERMISSION)
        assert (status, headers.get("retry-after")) == (429, retry_after and str(retry_after))
        assert "secondary rate limit" in body["message"]
    assert (await api.rest("GET", PERMISSION))[0] == 200


@pytest.mark.parametrize("fault", [faults.lose(), faults.drop(after=True)], ids=["502", "dropped"])
async def test_a_write_that_succeeded_and_looks_failed(team: Any, api: Any, fault: faults.Fault) -> None:
    pull = await team.open()
    api.hub.faults.next("POST", "/graphql", fault, operation="Publish")
    with pytest.raises((AssertionError, aiohttp.ClientError)):
        await api.check(pull)
    assert [run.head_oid for run in team.hub.world.runs.values()] == [pull.head_ref_oid]


async def test_a_dropped_connection(team: Any, api: Any) -> None:
    pull = await team.open()
    api.hub.faults.next("POST", "/graphql", faults.drop())
    with pytest.raises(aiohttp.ClientError):
        await api.check(pull)
    assert team.hub.world.runs == {}


async def test_a_slow_answer(api: Any) -> None:
    api.hub.faults.next("GET", "/repos/*", faults.slow(60))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await api.rest("GET", PERMISSION)


async def test_a_partial_answer(team: Any, api: Any) -> None:
    fault_path = ("repository", "pullRequests")
    fault = faults.partial(*fault_path)
    api.hub.faults.next("POST", "/graphql", fault, operation="Pulls")
    body = await api.graphql("pulls", repository=team.shop.id)
    assert body["data"]["repository"]["pullRequests"] is None
    errors = {tuple(error["path"]): error["type"] for error in body["errors"]}
    assert errors[fault_path] == "SERVICE_UNAVAILABLE"


async def test_an_answer_without_data(team: Any, api: Any) -> None:
    fault = faults.graphql_error("RESOURCE_LIMITS_EXCEEDED", "Resource limits for this query exceeded.")
    api.hub.faults.next("POST", "/graphql", fault)
    body = await api.graphql("pulls", repository=team.shop.id)
    assert (body.get("data"), body["errors"][0]["type"]) == (None, "RESOURCE_LIMITS_EXCEEDED")


@pytest.mark.parametrize(
    ("kind", "retry_after", "error"),
    [
        ("RATE_LIMIT", None, {"type": "RATE_LIMIT", "code": "graphql_rate_limit"}),
        ("RATE_LIMITED", None, {"type": "RATE_LIMITED"}),
        ("SECONDARY", 60, {}),
    ],
)
async def test_a_graphql_limit_comes_within_a_200(
    team: Any, api: Any, kind: str, retry_after: int | None, error: dict[str, str]
) -> None:
    api.hub.faults.next("POST", "/graphql", faults.graphql_limited(kind, retry_after))
    sent = {"query": "query Q { id }"}
    headers = {"Authorization": f"Bearer {api.token}"}
    async with api.session.post(api.hub.url + "/graphql", json=sent, headers=headers) as answer:
        body = await answer.json()
        assert (answer.status, answer.headers.get("retry-after")) == (200, retry_after and str(retry_after))
        assert answer.headers["x-ratelimit-remaining"] == "4999"
    (told,) = body["errors"]
    assert "rate limit" in told.pop("message")
    assert (set(body), told) == ({"errors"}, error)
    assert "errors" not in await api.graphql("label", repository=team.shop.id, name="P1")


def test_a_graphql_limit_that_github_has_not() -> None:
    with pytest.raises(ValueError, match="TERTIARY"):
        faults.graphql_limited("TERTIARY")


async def test_faults_wait_for_their_operation_and_can_be_forgotten(team: Any, api: Any) -> None:
    api.hub.faults.next("POST", "/graphql", faults.refuse(500), operation="Pull")
    assert "errors" not in await api.graphql("label", repository=team.shop.id, name="P1")
    api.hub.faults.clear()
    api.hub.faults.latency = 0.001
    assert "errors" not in await api.graphql("label", repository=team.shop.id, name="P1")


@pytest.mark.parametrize(
    ("fault", "made"),
    [
        (faults.lose(), True),
        (faults.drop(after=True), True),
        (faults.drop(), False),
        (faults.refuse(503), False),
        (faults.secondary_limit(), False),
    ],
    ids=["lost", "dropped after", "dropped", "refused", "limited"],
)
async def test_a_rest_write_fails_as_github_fails(
    team: Any, api: Any, fault: faults.Fault, made: bool
) -> None:
    team.hub.faults.next("POST", REFS, fault)
    new = {"ref": "refs/tags/v1", "sha": await team.tip("main")}
    if fault.drop:
        with pytest.raises(aiohttp.ClientError):
            await api.rest("POST", REFS, new)
    else:
        assert (await api.rest("POST", REFS, new))[0] == fault.status
    assert ("refs/tags/v1" in await team.hub.world.git(team.shop).refs()) is made


async def test_every_write_counts(team: Any, api: Any) -> None:
    team.hub.limits.rest_a_minute = 11
    before = int((await api.rest("GET", "/repos/acme/shop/git/ref/heads/main"))[2]["x-ratelimit-used"])
    new = {"ref": "refs/tags/v1", "sha": await team.tip("main")}
    _, _, headers = await api.rest("POST", REFS, new)
    assert int(headers["x-ratelimit-used"]) == before + 1
    assert (await api.rest("DELETE", f"{REFS}/tags/v1"))[0] == 204
    assert (await api.rest("POST", REFS, new))[0] == 403
    team.hub.limits.rest_a_minute, team.hub.limits.creations_a_minute = 900, 1
    status, body, _ = await api.rest("POST", REFS, new)
    assert (status, "secondary rate limit" in body["message"]) == (403, True)
