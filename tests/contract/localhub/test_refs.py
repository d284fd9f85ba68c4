"""Refs, tags and merges of branches by the API: statuses, words and events as GitHub has them."""

from typing import Any

import pytest

HOME = "/repos/acme/shop"
# What GitHub's OpenAPI description (npm @octokit/openapi 23.0.2) requires of these answers.
GIT_REF = {"ref", "node_id", "url", "object"}
GIT_TAG = {"sha", "url", "node_id", "tagger", "object", "tag", "message"}
COMMIT = {"url", "sha", "node_id", "html_url", "comments_url", "commit", "author", "committer", "parents"}

REFS = """
query Refs($id: ID!, $prefix: String!, $order: RefOrder, $first: Int, $after: String) {
  node(id: $id) { ... on Repository {
    refs(refPrefix: $prefix, orderBy: $order, first: $first, after: $after) {
      totalCount pageInfo { hasNextPage endCursor }
      nodes { name prefix target { type: __typename oid
        ... on Tag { name message tagger { name email date user { login } } target { type: __typename oid } }
        ... on Commit { messageHeadline }
      } }
    }
  } }
}
"""
TAGGED = """
query Tagged($id: ID!, $name: String!, $other: String!) {
  node(id: $id) { ... on Repository {
    defaultBranchRef { name }
    object(expression: $name) { type: __typename oid }
    ref(qualifiedName: $name) { id name
      compare(headRef: $other) { aheadBy baseTarget { oid } headTarget { oid }
        commits(first: 10) { nodes {
          messageHeadline associatedPullRequests(first: 5) { nodes { number } }
        } } }
    }
  } }
}
"""
RULES = """
query Rules($id: ID!, $name: String!) {
  node(id: $id) { ... on Repository { ref(qualifiedName: $name) {
    refUpdateRule { requiredApprovingReviewCount requiredStatusCheckContexts }
    rules(first: 5) { nodes { id type parameters {
      ... on PullRequestParameters { requiredApprovingReviewCount allowedMergeMethods }
      ... on RequiredStatusChecksParameters { requiredStatusChecks { context } }
    } } }
  } } }
}
"""
CREATE = "mutation C($m: CreateRefInput!) { createRef(input: $m) { ref { id name target { oid } } } }"
UPDATE = "mutation U($m: UpdateRefInput!) { updateRef(input: $m) { ref { target { oid } } } }"
MOVE = "mutation M($m: UpdateRefsInput!) { updateRefs(input: $m) { clientMutationId } }"
DELETE = "mutation D($m: DeleteRefInput!) { deleteRef(input: $m) { clientMutationId } }"


async def tag(team: Any, api: Any, name: str, branch: str = "main") -> tuple[str, str]:
    """Make an annotated tag as the API makes it; answer the tag object and its commit."""
    oid = await team.tip(branch)
    said = {"tag": name, "message": f"Release {name}", "object": oid, "type": "commit"}
    _, made, _ = await api.rest("POST", f"{HOME}/git/tags", said)
    status, _, _ = await api.rest(
        "POST", f"{HOME}/git/refs", {"ref": f"refs/tags/{name}", "sha": made["sha"]}
    )
    assert status == 201
    return made["sha"], oid


async def refused(api: Any, verb: str, path: str, said: object = None) -> tuple[int, str]:
    """The status and the message of a refusal."""
    status, body, _ = await api.rest(verb, HOME + path, said)
    assert {"message", "documentation_url"} <= set(body)
    return status, body["message"]


async def test_an_annotated_tag_is_an_object_and_then_a_ref(team: Any, api: Any, ear: Any) -> None:
    oid = await team.tip("main")
    await team.hub.settled()
    ear.heard.clear()
    said = {"tag": "v1.0.0", "message": "One", "object": oid, "type": "commit"}
    status, made, _ = await api.rest("POST", f"{HOME}/git/tags", said)
    assert (status, set(made) >= GIT_TAG) == (201, True)
    assert (made["tag"], made["message"], made["object"]["sha"]) == ("v1.0.0", "One", oid)
    assert made["tagger"]["name"] == "signalbox[bot]"
    assert (await api.rest("GET", f"{HOME}/git/tags/{made['sha']}"))[:2] == (200, made)
    assert await refused(api, "GET", f"/git/tags/{oid}") == (404, "Not Found")
    assert await refused(api, "GET", "/git/ref/tags/v1.0.0") == (404, "Not Found")
    await team.hub.settled()
    assert ear.heard == []

    new = {"ref": "refs/tags/v1.0.0", "sha": made["sha"]}
    status, ref, _ = await api.rest("POST", f"{HOME}/git/refs", new)
    assert (status, set(ref), ref["ref"]) == (201, GIT_REF, "refs/tags/v1.0.0")
    assert (ref["object"]["type"], ref["object"]["sha"]) == ("tag", made["sha"])
    assert (await api.rest("GET", f"{HOME}/git/ref/tags/v1.0.0"))[:2] == (200, ref)
    await team.hub.settled()
    (created,), (push,) = ear.payloads("create"), ear.payloads("push")
    assert (created["ref"], created["ref_type"]) == ("v1.0.0", "tag")
    assert (push["ref"], push["after"], push["commits"][-1]["id"]) == (new["ref"], made["sha"], oid)
    assert push["pusher"]["name"] == "signalbox[bot]"
    assert {one["sender"]["login"] for one in (created, push)} == {"signalbox[bot]"}
    assert await refused(api, "POST", "/git/refs", new) == (422, "Reference already exists")


async def test_a_tagger_may_be_named(team: Any, api: Any) -> None:
    said = {"tag": "v1", "message": "One", "object": await team.tip("main"), "type": "commit"}
    tagger = {"name": "Mina", "email": "mina@example.com", "date": "2026-05-15T21:00:00+09:00"}
    _, made, _ = await api.rest("POST", f"{HOME}/git/tags", {**said, "tagger": tagger})
    assert made["tagger"] == {**tagger, "date": "2026-05-15T12:00:00Z"}


async def test_refs_are_found_by_how_they_begin(team: Any, api: Any) -> None:
    for name in ("v1.0.0", "v1.1.0", "w/1"):
        await tag(team, api, name)

    async def matching(path: str) -> list[str]:
        status, found, _ = await api.rest("GET", f"{HOME}/git/matching-refs/{path}")
        assert status == 200
        return [one["ref"] for one in found]

    assert await matching("tags/v1") == ["refs/tags/v1.0.0", "refs/tags/v1.1.0"]
    assert await matching("heads/dev") == ["refs/heads/develop"]
    assert await matching("heads/nothing") == []
    assert (await api.rest("GET", f"{HOME}/git/ref/tags%2Fw%2F1"))[1]["ref"] == "refs/tags/w/1"


@pytest.mark.parametrize(
    ("ref", "sha", "message"),
    [
        ("main", None, "Reference name must start with 'refs' and have at least two slashes."),
        ("refs/tags", None, "Reference name must start with 'refs' and have at least two slashes."),
        ("refs/tags/a..b", None, "refs/tags/a..b is not a valid ref name."),
        ("refs/tags/a", "1" * 40, "Object does not exist"),
        ("refs/tags/a", "main", "Object does not exist"),
        ("refs/heads/main/a", None, "Reference update failed"),
    ],
)
async def test_a_ref_that_cannot_be_made(
    team: Any, api: Any, ref: str, sha: str | None, message: str
) -> None:
    before = await team.hub.world.git(team.shop).refs()
    said = {"ref": ref, "sha": sha or await team.tip("main")}
    assert await refused(api, "POST", "/git/refs", said) == (422, message)
    assert await team.hub.world.git(team.shop).refs() == before


async def test_a_branch_stands_on_a_commit_alone(team: Any, api: Any) -> None:
    oid, _ = await tag(team, api, "v1")
    assert await refused(api, "POST", "/git/refs", {"ref": "refs/heads/a", "sha": oid}) == (
        422,
        "Reference update failed",
    )


@pytest.mark.parametrize(
    "said",
    [{"ref": "refs/tags/a"}, {"ref": 1, "sha": "2"}, [], {"ref": "r", "sha": "s", "key": "k"}],
    ids=["lacking", "wrong", "list", "unknown"],
)
async def test_a_body_that_github_does_not_describe(api: Any, said: object) -> None:
    status, message = await refused(api, "POST", "/git/refs", said)
    assert (status, message.startswith("Invalid request.")) == (422, True)


async def test_a_body_that_is_no_json(api: Any) -> None:
    headers = {"Authorization": f"Bearer {api.token}"}
    async with api.session.post(f"{api.hub.api_url}{HOME}/merges", data=b"{", headers=headers) as answer:
        assert (answer.status, (await answer.json())["message"]) == (400, "Problems parsing JSON")


async def test_a_branch_moves_forward_and_with_force_anywhere(team: Any, api: Any, ear: Any) -> None:
    main, develop = await team.tip("main"), await team.tip("develop")
    path = f"{HOME}/git/refs/heads/main"
    status, ref, _ = await api.rest("PATCH", path, {"sha": develop})
    assert (status, ref["object"]["sha"], await team.tip("main")) == (200, develop, develop)
    back = (422, "Update is not a fast forward")
    assert await refused(api, "PATCH", "/git/refs/heads/main", {"sha": main}) == back
    assert (await api.rest("PATCH", path, {"sha": main, "force": True}))[0] == 200
    await team.hub.settled()
    pushes = [one for one in ear.payloads("push") if one["sender"]["login"] == "signalbox[bot]"]
    assert [(one["after"], one["forced"]) for one in pushes] == [(develop, False), (main, True)]
    gone = (422, "Reference does not exist")
    assert await refused(api, "PATCH", "/git/refs/heads/nothing", {"sha": main}) == gone


async def test_a_branch_is_deleted_once(team: Any, api: Any, ear: Any) -> None:
    await team.branch("feat/login")
    assert (await api.rest("DELETE", f"{HOME}/git/refs/heads/feat/login"))[:2] == (204, None)
    assert await refused(api, "DELETE", "/git/refs/heads/feat/login") == (422, "Reference does not exist")
    await team.hub.settled()
    (deleted,) = ear.payloads("delete")
    assert (deleted["ref"], deleted["sender"]["login"]) == ("feat/login", "signalbox[bot]")
    assert ear.payloads("push")[-1]["deleted"]
    assert await refused(api, "DELETE", "/git/refs/heads/main") == (422, "Cannot delete the default branch")


async def test_what_others_pushed_is_told_as_theirs(team: Any, api: Any, ear: Any) -> None:
    await team.clone.branch("feat/theirs", "develop")
    await team.clone.commit("theirs", {"theirs.txt": "1"})
    await team.clone.push("feat/theirs")  # and nobody has looked yet
    new = {"ref": "refs/heads/release/v1", "sha": await team.tip("develop")}
    assert (await api.rest("POST", f"{HOME}/git/refs", new))[0] == 201
    await team.hub.settled()
    senders = {one["ref"]: one["sender"]["login"] for one in ear.payloads("create")}
    assert (senders["feat/theirs"], senders["release/v1"]) == ("mina", "signalbox[bot]")


async def test_a_protected_branch_is_neither_forced_nor_deleted(team: Any, api: Any) -> None:
    await team.branch("release/v1")
    team.hub.protect(team.shop, "release/v1", checks=["build"])
    path, oid = "/git/refs/heads/release/v1", await team.tip("main")
    assert await refused(api, "DELETE", path) == (422, "Cannot delete a protected branch")
    forced = {"sha": oid, "force": True}
    assert await refused(api, "PATCH", path, forced) == (422, "Cannot force-push to a protected branch")
    ahead = await team.branch("ahead", "release/v1")
    expected = (422, 'Required status check "build" is expected.')
    assert await refused(api, "PATCH", path, {"sha": ahead}) == expected
    await team.hub.checks.report(team.shop, ahead, "build")
    assert (await api.rest("PATCH", HOME + path, {"sha": ahead}))[0] == 200


async def test_a_branch_is_merged_into_another(team: Any, api: Any, ear: Any) -> None:
    base, head = await team.tip("main"), await team.branch("feat/login")
    said = {"base": "main", "head": "feat/login"}
    status, made, _ = await api.rest("POST", f"{HOME}/merges", said)
    assert (status, set(made) >= COMMIT) == (201, True)
    assert [one["sha"] for one in made["parents"]] == [base, head]
    assert made["commit"]["message"] == "Merge feat/login into main"
    assert await team.tip("main") == made["sha"]
    await team.hub.settled()
    push = ear.payloads("push")[-1]
    assert (push["ref"], push["after"]) == ("refs/heads/main", made["sha"])
    assert push["sender"]["login"] == "signalbox[bot]"
    assert (await api.rest("POST", f"{HOME}/merges", said))[:2] == (204, None)
    assert (await api.rest("POST", f"{HOME}/merges", {**said, "head": head}))[:2] == (204, None)
    again = await team.branch("feat/again")
    worded = {"base": "main", "head": again, "commit_message": "Bring it"}
    assert (await api.rest("POST", f"{HOME}/merges", worded))[1]["commit"]["message"] == "Bring it"


async def test_a_merge_that_cannot_be(team: Any, api: Any) -> None:
    await team.branch("theirs", "main", {"README.md": "theirs\n"})
    await team.branch("ours", "main", {"README.md": "ours\n"})
    tip = await team.tip("ours")
    conflict = {"base": "ours", "head": "theirs"}
    assert await refused(api, "POST", "/merges", conflict) == (409, "Merge Conflict")
    missing = {"base": "nothing", "head": "theirs"}
    assert await refused(api, "POST", "/merges", missing) == (404, "Base does not exist")
    for head in ("nothing", "1" * 40):
        missing = {"base": "ours", "head": head}
        assert await refused(api, "POST", "/merges", missing) == (404, "Head does not exist")
    assert await team.tip("ours") == tip


@pytest.mark.parametrize(
    ("protection", "message"),
    [
        ({"checks": ["build"]}, 'Required status check "build" is expected.'),
        ({"reviewed": True}, "Changes must be made through a pull request."),
        (
            {"checks": ["build"], "ruleset": True, "reviewed": True},
            "Repository rule violations found\n\nChanges must be made through a pull request.\n\n"
            'Required status check "build" is expected.\n\n',
        ),
    ],
    ids=["checks", "reviewed", "ruleset"],
)
async def test_a_protected_branch_refuses_a_merge(
    team: Any, api: Any, protection: dict[str, Any], message: str
) -> None:
    await team.branch("feat/login")
    team.hub.protect(team.shop, "develop", **protection)
    tip = await team.tip("develop")
    said = {"base": "develop", "head": "feat/login"}
    assert await refused(api, "POST", "/merges", said) == (409, message)
    assert await team.tip("develop") == tip
    team.hub.protect(team.shop, "develop")
    team.hub.protect(team.shop, "develop", ruleset=True)
    assert (await api.rest("POST", f"{HOME}/merges", said))[0] == 201


async def test_writes_stop_where_the_installation_ends(team: Any, api: Any) -> None:
    await team.hub.repositories.fork(team.shop, team.hub.person("eve"))
    await team.hub.repositories.create("eve/secret", private=True)
    said = {"base": "main", "head": "develop"}
    status, body, _ = await api.rest("POST", "/repos/eve/shop/merges", said)
    assert (status, body["message"]) == (403, "Resource not accessible by integration")
    assert (await api.rest("POST", "/repos/eve/secret/merges", said))[0] == 404
    assert (await api.rest("GET", "/repos/eve/secret/git/ref/heads/main"))[0] == 404
    assert (await api.rest("GET", "/repos/eve/shop/git/ref/heads/main"))[0] == 200


async def test_tags_are_listed_as_they_are(team: Any, api: Any, ask: Any) -> None:
    one, commit = await tag(team, api, "v2.0.0")
    later = await team.tip("develop")
    await team.clone.git("tag", "v1.0.0", "develop")
    await team.push("v1.0.0")
    wanted = {"id": team.shop.id, "prefix": "refs/tags/", "first": 1}
    first = (await ask(REFS, **wanted))["node"]["refs"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (2, True)
    assert first["nodes"] == [
        {
            "name": "v1.0.0",
            "prefix": "refs/tags/",
            "target": {"type": "Commit", "oid": later, "messageHeadline": "go on"},
        }
    ]
    second = (await ask(REFS, **wanted, after=first["pageInfo"]["endCursor"]))["node"]["refs"]
    (annotated,) = [node["target"] for node in second["nodes"]]
    assert (annotated["type"], annotated["oid"], annotated["name"]) == ("Tag", one, "v2.0.0")
    assert annotated["message"] == "Release v2.0.0"
    assert annotated["target"] == {"type": "Commit", "oid": commit}
    assert (annotated["tagger"]["name"], annotated["tagger"]["user"]) == ("signalbox[bot]", None)
    for direction, names in (("DESC", ["v2.0.0", "v1.0.0"]), ("ASC", ["v1.0.0", "v2.0.0"])):
        order = {"field": "ALPHABETICAL", "direction": direction}
        found = (await ask(REFS, **{**wanted, "first": 9}, order=order))["node"]["refs"]["nodes"]
        assert [node["name"] for node in found] == names


async def test_tags_are_ordered_by_the_dates_of_their_commits(team: Any, ask: Any) -> None:
    await team.clone.branch("old", "main")
    for name, day in (("v1", 3), ("v2", 1), ("v3", 2)):
        await team.clone.commit(name, {}, at=f"2020-01-0{day}T12:00:00Z")
        await team.clone.git("tag", "-a", name, "-m", name)
    await team.push("old", "v1", "v2", "v3")
    order = {"field": "TAG_COMMIT_DATE", "direction": "DESC"}
    found = await ask(REFS, id=team.shop.id, prefix="refs/tags/", first=9, order=order)
    assert [node["name"] for node in found["node"]["refs"]["nodes"]] == ["v1", "v3", "v2"]
    nothing = await ask(REFS, id=team.shop.id, prefix="refs/notes/", first=9, order=order)
    assert nothing["node"]["refs"]["nodes"] == []


async def test_a_tag_is_compared_by_its_commit(team: Any, api: Any, ask: Any) -> None:
    oid, commit = await tag(team, api, "v1.0.0")
    await team.hub.pulls.merge(await team.open(), by=team.mina)
    _, later = await tag(team, api, "v1.1.0", "develop")
    data = (await ask(TAGGED, id=team.shop.id, name="v1.0.0", other="v1.1.0"))["node"]
    assert (data["object"], data["defaultBranchRef"]) == ({"type": "Tag", "oid": oid}, {"name": "main"})
    compared = data["ref"]["compare"]
    assert (compared["baseTarget"]["oid"], compared["headTarget"]["oid"]) == (commit, later)
    brought = {
        node["messageHeadline"]: [one["number"] for one in node["associatedPullRequests"]["nodes"]]
        for node in compared["commits"]["nodes"]
    }
    assert (compared["aheadBy"], brought) == (
        3,
        {"go on": [], "work on feat/login": [1], "Merge pull request #1 from acme/feat/login": [1]},
    )
    other = (await ask(TAGGED, id=team.shop.id, name="v1.0.0", other=oid))["node"]["ref"]["compare"]
    assert (other["aheadBy"], other["headTarget"]["oid"]) == (0, commit)


async def test_refs_move_where_they_are_as_the_caller_saw_them(team: Any, api: Any, ask: Any) -> None:
    main, develop = await team.tip("main"), await team.tip("develop")
    nothing = "0" * 40

    def move(before: str, after: str) -> dict[str, object]:
        update = {"name": "refs/heads/release/v1", "beforeOid": before, "afterOid": after}
        return {"repositoryId": team.shop.id, "refUpdates": [update]}

    for before, after in ((nothing, main), (main, develop), (develop, nothing)):
        await ask(MOVE, m=move(before, after))
        (error,) = (await api.graphql(MOVE, m=move(before, after)))["errors"]
        assert (error["type"], error["message"]) == ("UNPROCESSABLE", "Reference update failed")


async def test_refs_are_written_through_graphql(team: Any, api: Any, ask: Any, ear: Any) -> None:
    main, develop = await team.tip("main"), await team.tip("develop")
    new = {"repositoryId": team.shop.id, "name": "refs/heads/release/v1", "oid": main}
    ref = (await ask(CREATE, m=new))["createRef"]["ref"]
    assert (ref["name"], ref["target"]["oid"]) == ("release/v1", main)
    moved = await ask(UPDATE, m={"refId": ref["id"], "oid": develop})
    assert moved["updateRef"]["ref"]["target"]["oid"] == develop
    for wrong, said, kind, message in (
        (
            CREATE,
            new,
            "UNPROCESSABLE",
            'A ref named "refs/heads/release/v1" already exists in the repository.',
        ),
        (UPDATE, {"refId": ref["id"], "oid": main}, "UNPROCESSABLE", "Update is not a fast forward"),
        (
            DELETE,
            {"refId": "PR_1"},
            "NOT_FOUND",
            "Could not resolve to Ref node with the global id of 'PR_1'",
        ),
    ):
        (error,) = (await api.graphql(wrong, m=said))["errors"]
        assert (error["type"], error["message"]) == (kind, message)
    await ask(UPDATE, m={"refId": ref["id"], "oid": main, "force": True})
    await ask(DELETE, m={"refId": ref["id"]})
    (error,) = (await api.graphql(DELETE, m={"refId": ref["id"]}))["errors"]
    assert error["type"] == "NOT_FOUND"
    await team.hub.settled()
    assert [one["ref"] for one in ear.payloads("delete")] == ["release/v1"]
    assert ear.payloads("create")[-1]["sender"]["login"] == "signalbox[bot]"


async def test_rules_say_what_may_lead_into_a_branch(team: Any, ask: Any) -> None:
    team.hub.protect(team.shop, "main", checks=["build"], reviewed=True)
    team.hub.protect(team.shop, "develop", ruleset=True, reviewed=True)
    main = (await ask(RULES, id=team.shop.id, name="main"))["node"]["ref"]
    assert main == {
        "refUpdateRule": {"requiredApprovingReviewCount": 0, "requiredStatusCheckContexts": ["build"]},
        "rules": {"nodes": []},
    }
    develop = (await ask(RULES, id=team.shop.id, name="develop"))["node"]["ref"]
    (rule,) = develop["rules"]["nodes"]
    every = {"requiredApprovingReviewCount": 0, "allowedMergeMethods": ["merge", "squash", "rebase"]}
    assert (rule["type"], rule["parameters"]) == ("PULL_REQUEST", every)
    team.hub.protect(team.shop, "develop", ruleset=True, reviewed=True, methods=["merge"])
    (rule,) = (await ask(RULES, id=team.shop.id, name="develop"))["node"]["ref"]["rules"]["nodes"]
    assert rule["parameters"]["allowedMergeMethods"] == ["merge"]
