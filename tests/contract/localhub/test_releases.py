"""Releases: drafts, tags, the latest one, and names that are used up; answers as GitHub describes them."""

from dataclasses import replace
from typing import Any

import pytest

HOME = "/repos/acme/shop"
RELEASES = f"{HOME}/releases"
# What GitHub's OpenAPI description (npm @octokit/openapi 23.0.2) requires of a release.
RELEASE = {
    *("assets_url", "upload_url", "tarball_url", "zipball_url", "created_at", "published_at", "draft", "id"),
    *("node_id", "author", "html_url", "name", "prerelease", "tag_name", "target_commitish", "assets", "url"),
}
QUERY = """
query Release($id: ID!, $tag: String!, $order: ReleaseOrder) {
  node(id: $id) { ... on Repository {
    release(tagName: $tag) {
      id databaseId isLatest isDraft isPrerelease name description tagName url createdAt publishedAt updatedAt
      author { login } tag { name } tagCommit { oid }
    }
    latestRelease { tagName isLatest }
    releases(first: 10, orderBy: $order) { totalCount nodes { tagName isDraft } }
  } }
}
"""


async def release(api: Any, tag: str, **said: object) -> dict[str, Any]:
    """Make a release by the API."""
    status, made, _ = await api.rest("POST", RELEASES, {"tag_name": tag, **said})
    assert (status, set(made) >= RELEASE) == (201, True), made
    return dict(made)


async def latest(api: Any) -> str | None:
    """The tag of the latest release."""
    status, found, _ = await api.rest("GET", f"{RELEASES}/latest")
    return str(found["tag_name"]) if status == 200 else None


async def heard(team: Any, ear: Any) -> list[str]:
    """What was told of releases since the last look."""
    await team.hub.settled()
    told = [payload["action"] for payload in ear.payloads("release")]
    ear.heard.clear()
    return told


async def test_a_release_makes_the_tag_that_it_lacks(team: Any, api: Any, ear: Any, ask: Any) -> None:
    oid = await team.tip("develop")
    made = await release(api, "v1.0.0", target_commitish="develop", name="One", body="**All** of it")
    assert (made["draft"], made["prerelease"], made["immutable"]) == (False, False, False)
    assert made["author"]["login"] == "signalbox[bot]"
    ref = (await api.rest("GET", f"{HOME}/git/ref/tags/v1.0.0"))[1]
    assert (ref["object"]["type"], ref["object"]["sha"]) == ("commit", oid)
    for path in ("tags/v1.0.0", "latest", str(made["id"])):
        assert (await api.rest("GET", f"{RELEASES}/{path}"))[:2] == (200, made)
    await team.hub.settled()
    assert ("v1.0.0", "tag") in {(one["ref"], one["ref_type"]) for one in ear.payloads("create")}
    found = (await ask(QUERY, id=team.shop.id, tag="v1.0.0"))["node"]
    assert found["latestRelease"] == {"tagName": "v1.0.0", "isLatest": True}
    one = found["release"]
    assert (one["name"], one["description"], one["tagCommit"]["oid"]) == ("One", "**All** of it", oid)
    assert (one["url"], one["databaseId"], one["author"]) == (made["html_url"], made["id"], None)
    assert (one["createdAt"], one["publishedAt"]) == (made["created_at"], made["published_at"])
    assert (await ask(QUERY, id=team.shop.id, tag="v9"))["node"]["release"] is None


async def test_a_tag_that_is_there_stays(team: Any, api: Any) -> None:
    oid = await team.tip("main")
    assert (await api.rest("POST", f"{HOME}/git/refs", {"ref": "refs/tags/v1", "sha": oid}))[0] == 201
    await release(api, "v1", target_commitish="develop")
    assert (await api.rest("GET", f"{HOME}/git/ref/tags/v1"))[1]["object"]["sha"] == oid
    assert (await release(api, "v2"))["target_commitish"] == "main"


async def test_every_way_to_publish_is_told(team: Any, api: Any, ear: Any) -> None:
    team.hub.world.app = replace(team.hub.app, events=(*team.hub.app.events, "release"))
    await heard(team, ear)
    await release(api, "v1.0.0")
    assert await heard(team, ear) == ["created", "published", "released"]
    await release(api, "v2.0.0-rc.1", prerelease=True)
    assert await heard(team, ear) == ["created", "published", "prereleased"]
    draft = f"{RELEASES}/{(await release(api, 'v2.0.0', draft=True))['id']}"
    for change, told in (
        ({"body": "Notes"}, ["edited"]),
        ({"draft": False}, ["published", "released"]),
        ({"prerelease": True, "name": "Two"}, ["prereleased", "edited"]),
        ({"prerelease": False}, ["released"]),
        ({"draft": True}, ["unpublished"]),
    ):
        before = await heard(team, ear)
        assert (await api.rest("PATCH", draft, change))[0] == 200
        assert await heard(team, ear) == told, before


async def test_a_draft_makes_no_tag_until_it_is_published(team: Any, api: Any, ask: Any) -> None:
    draft = await release(api, "v1.0.0", draft=True, target_commitish="develop")
    assert (draft["published_at"], draft["tarball_url"]) == (None, None)
    assert await latest(api) is None
    assert (await api.rest("GET", f"{RELEASES}/tags/v1.0.0"))[0] == 404
    assert (await api.rest("GET", f"{HOME}/git/ref/tags/v1.0.0"))[0] == 404
    assert (await api.rest("GET", RELEASES))[1] == [draft]
    found = (await ask(QUERY, id=team.shop.id, tag="v1.0.0"))["node"]
    assert (found["release"], found["releases"]["totalCount"]) == (None, 1)
    path = f"{RELEASES}/{draft['id']}"
    status, edited, _ = await api.rest("PATCH", path, {"body": "Notes"})
    assert (status, edited["body"], edited["draft"]) == (200, "Notes", True)
    status, published, _ = await api.rest("PATCH", path, {"draft": False})
    assert (status, published["draft"], await latest(api)) == (200, False, "v1.0.0")
    tip = await team.tip("develop")
    assert (await api.rest("GET", f"{HOME}/git/ref/tags/v1.0.0"))[1]["object"]["sha"] == tip
    assert (await api.rest("PATCH", path, {"draft": True}))[1]["published_at"] is None
    assert await latest(api) is None


async def test_the_latest_is_who_says_so(api: Any, team: Any) -> None:
    await release(api, "v2.0.0")
    await release(api, "v1.0.1", make_latest="false")
    assert await latest(api) == "v2.0.0"
    patch = await release(api, "v1.0.2")  # the default steals it (V9)
    assert await latest(api) == "v1.0.2"
    await release(api, "v3.0.0-rc.1", prerelease=True, make_latest="true")
    assert await latest(api) == "v1.0.2"
    await release(api, "v1.0.3", make_latest="legacy")  # of one commit: the greatest version
    assert await latest(api) == "v2.0.0"
    path = f"{RELEASES}/{patch['id']}"
    assert (await api.rest("PATCH", path, {"make_latest": "true"}))[0] == 200
    assert await latest(api) == "v1.0.2"
    assert (await api.rest("PATCH", path, {"name": "Patch"}))[0] == 200
    assert await latest(api) == "v1.0.2"
    assert (await api.rest("PATCH", path, {"make_latest": "false"}))[0] == 200
    assert await latest(api) == "v2.0.0"
    await team.clone.commit("later", {"later.txt": "1"}, at="2050-01-01T12:00:00Z")
    await team.push("develop")
    newest = await release(api, "v1.1.0", target_commitish="develop", make_latest="legacy")
    assert await latest(api) == "v1.1.0"  # of a newer commit
    found = team.hub.world.releases[newest["id"]]
    await team.hub.releases.delete(found, by=team.mina)
    assert await latest(api) == "v2.0.0"


async def test_no_release_is_the_latest_when_none_wants_to_be(api: Any) -> None:
    await release(api, "v1.0.0", make_latest="false")
    assert await latest(api) is None


@pytest.mark.parametrize(
    ("said", "errors"),
    [
        ({"tag_name": "v1"}, [("already_exists", "tag_name")]),
        ({"tag_name": "a..b"}, [("custom", "tag_name")]),
        ({"tag_name": "v2", "target_commitish": "nowhere"}, [("invalid", "target_commitish")]),
        ({"tag_name": "v2", "make_latest": "yes"}, []),
        ({"tag_name": "v2", "generate_release_notes": True}, []),
        ({"name": "v2"}, []),
    ],
)
async def test_a_release_that_cannot_be(api: Any, said: object, errors: list[tuple[str, str]]) -> None:
    await release(api, "v1")
    status, body, _ = await api.rest("POST", RELEASES, said)
    told = [(one["code"], one["field"]) for one in body.get("errors", [])]
    assert (status, told, {one["resource"] for one in body.get("errors", [])} <= {"Release"}) == (
        422,
        errors,
        True,
    )
    assert [one["tag_name"] for one in (await api.rest("GET", RELEASES))[1]] == ["v1"]


async def test_the_name_of_an_immutable_release_is_used_up(team: Any, api: Any) -> None:
    team.hub.repositories.keep_releases(team.shop)
    made = await release(api, "v1.0.0")
    assert made["immutable"]
    path, ref = f"{RELEASES}/{made['id']}", f"{HOME}/git/refs/tags/v1.0.0"
    assert (await api.rest("PATCH", path, {"body": "Better words"}))[0] == 200
    for change in ({"draft": True}, {"tag_name": "v1.0.1"}):
        assert (await api.rest("PATCH", path, change))[0] == 422
    assert (await api.rest("DELETE", ref))[0] == 422
    moved = {"sha": await team.tip("develop")}
    assert "Cannot update" in (await api.rest("PATCH", ref, moved))[1]["message"]
    await team.hub.releases.delete(team.hub.world.releases[made["id"]], by=team.mina)
    used = "tag_name was used by an immutable release"
    status, body, _ = await api.rest("POST", RELEASES, {"tag_name": "v1.0.0"})
    assert (status, [one["message"] for one in body["errors"]]) == (422, [used])
    assert (await api.rest("DELETE", ref))[0] == 204
    status, body, _ = await api.rest("POST", RELEASES, {"tag_name": "v1.0.0"})
    assert (status, [one["field"] for one in body["errors"]]) == (422, ["pre_receive", "tag_name"])
    status, body, _ = await api.rest("POST", f"{HOME}/git/refs", {"ref": "refs/tags/v1.0.0", **moved})
    assert (status, "creations being restricted" in body["message"]) == (422, True)
    assert (await release(api, "v1.0.1"))["immutable"]


async def test_releases_are_listed_newest_first_and_by_name(team: Any, api: Any, ask: Any) -> None:
    for tag in ("b", "a", "c"):
        await release(api, tag)
    _, page, headers = await api.rest("GET", f"{RELEASES}?per_page=2")
    assert [one["tag_name"] for one in page] == ["c", "a"]
    assert 'rel="next"' in headers["Link"]
    found = await ask(QUERY, id=team.shop.id, tag="a")
    assert [one["tagName"] for one in found["node"]["releases"]["nodes"]] == ["c", "a", "b"]
    order = {"field": "NAME", "direction": "ASC"}
    found = await ask(QUERY, id=team.shop.id, tag="a", order=order)
    assert [one["tagName"] for one in found["node"]["releases"]["nodes"]] == ["a", "b", "c"]


async def test_drafts_are_for_who_may_write(team: Any, api: Any) -> None:
    eve = team.hub.person("eve")
    own = await team.hub.repositories.fork(team.shop, eve)
    draft = await team.hub.releases.create(own, "v1", by=eve, is_draft=True)
    assert (await api.rest("GET", "/repos/eve/shop/releases"))[:2] == (200, [])
    assert (await api.rest("GET", f"/repos/eve/shop/releases/{draft.database_id}"))[0] == 404
    assert (await api.rest("GET", f"{RELEASES}/{draft.database_id}"))[0] == 404
    assert (await api.rest("POST", "/repos/eve/shop/releases", {"tag_name": "v2"}))[0] == 403
    assert (await api.rest("GET", f"{RELEASES}/x"))[0] == 404
    team.hub.delete_account(eve)
    await team.hub.releases.edit(draft, by=team.mina, is_draft=False)
    assert (await api.rest("GET", "/repos/eve/shop/releases/tags/v1"))[1]["author"] is None
