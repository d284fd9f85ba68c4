"""Container packages and their registry; answers as GitHub and the OCI describe them."""

import json
from typing import Any

import pytest
from aiohttp import encode_basic_auth

VERSIONS = "/orgs/acme/packages/container/shop/versions"
# What GitHub's OpenAPI description (npm @octokit/openapi 23.0.2) requires.
PACKAGE = {
    *("created_at", "html_url", "id", "name", "package_type", "updated_at", "url", "version_count"),
    "visibility",
}
VERSION = {"created_at", "id", "name", "package_html_url", "updated_at", "url"}


@pytest.fixture
def token(team: Any) -> str:
    """What Mina, who administers the repository, made for whoever cleans up."""
    return str(team.hub.signins.personal(team.mina, "read:packages", "delete:packages"))


async def test_the_versions_of_a_package_are_listed_and_deleted(team: Any, api: Any, token: str) -> None:
    packages = team.hub.packages
    arm, amd = packages.push(team.shop, "shop"), packages.push(team.shop, "shop")
    index = packages.push(team.shop, "shop", "v1", "latest", children=[arm, amd])
    again = packages.push(team.shop, "shop", "latest")
    status, listed, _ = await api.rest("GET", "/orgs/acme/packages?package_type=container", token=token)
    assert (status, [set(one) >= PACKAGE for one in listed]) == (200, [True])
    assert (listed[0]["repository"]["id"], listed[0]["version_count"]) == (team.shop.database_id, 4)
    status, listed, headers = await api.rest("GET", f"{VERSIONS}?per_page=3", token=token)
    assert (status, [set(one) >= VERSION for one in listed]) == (200, [True] * 3)
    assert 'rel="next"' in headers["Link"]
    tags = {one["name"]: one["metadata"]["container"]["tags"] for one in listed}
    assert tags == {again.digest: ["latest"], index.digest: ["v1"], amd.digest: []}
    status, told, _ = await api.rest("GET", f"{VERSIONS}/{index.database_id}", token=token)
    assert (status, told) == (200, next(one for one in listed if one["id"] == index.database_id))
    for expected in (204, 404):
        path = f"{VERSIONS}/{arm.database_id}"
        assert (await api.rest("DELETE", path, token=token))[0] == expected


async def test_the_last_tagged_version_stays(team: Any, api: Any, token: str) -> None:
    only = team.hub.packages.push(team.shop, "shop", "latest")
    status, told, _ = await api.rest("DELETE", f"{VERSIONS}/{only.database_id}", token=token)
    assert status == 400
    assert "last tagged version" in told["message"]


async def test_no_app_and_no_stranger_has_a_way_in(team: Any, api: Any, token: str) -> None:
    hub = team.hub
    version = hub.packages.push(team.shop, "shop", "latest")
    hub.packages.push(team.shop, "shop", "v1")
    jiho, one = hub.person("jiho"), f"{VERSIONS}/{version.database_id}"
    assert (await api.rest("GET", VERSIONS))[0] == 403
    for who, verb, path, status in (
        (hub.signins.personal(team.mina), "GET", VERSIONS, 403),
        (hub.signins.personal(team.mina, "read:packages"), "DELETE", one, 403),
        (hub.signins.personal(jiho, "read:packages", "delete:packages"), "DELETE", one, 403),
        ("ghp_unknown", "GET", VERSIONS, 401),
        (token, "GET", "/users/acme/packages?package_type=container", 404),
        (token, "GET", "/orgs/mina/packages?package_type=container", 404),
        (token, "GET", "/orgs/acme/packages/container/absent/versions", 404),
        (token, "GET", "/orgs/acme/packages/npm/shop/versions", 404),
    ):
        assert (await api.rest(verb, path, token=who))[0] == status, (verb, path)


async def test_the_registry_shows_a_manifest_to_whom_it_let_in(team: Any, api: Any, token: str) -> None:
    hub = team.hub
    image = hub.packages.push(team.shop, "shop")
    index = hub.packages.push(team.shop, "shop", "v1", children=[image])

    async def get(path: str, **headers: str) -> tuple[int, Any]:
        async with api.session.get(hub.url + path, headers=headers) as answer:
            return answer.status, json.loads(await answer.read())

    asked = "/token?service=registry&scope=repository:acme/shop:pull"
    assert (await get(asked))[0] == 401
    assert (await get(asked, Authorization=encode_basic_auth("any", "wrong")))[0] == 401
    poor = hub.signins.personal(team.mina)
    assert (await get(asked, Authorization=encode_basic_auth("any", poor)))[0] == 403
    _, told = await get(asked, Authorization=encode_basic_auth("any", token))
    headers = {"Authorization": f"Bearer {told['token']}", "Accept": index.media_type}
    for reference in ("v1", index.digest):
        status, manifest = await get(f"/v2/acme/shop/manifests/{reference}", **headers)
        assert (status, [one["digest"] for one in manifest["manifests"]]) == (200, [image.digest])
    assert (await get("/v2/acme/shop/manifests/absent", **headers))[0] == 404
    assert (await get("/v2/acme/other/manifests/v1", **headers))[0] == 401
