"""Pull requests that people merge, and what is then known of them and of their commits."""

from typing import Any

import pytest

from bot.localhub.refusals import Forbidden, MethodNotAllowed, Unprocessable

MERGED = """
query Merged($id: ID!, $oid: String!) {
  node(id: $id) { ... on PullRequest {
    merged mergedAt closedAt state mergeable baseRefOid createdAt updatedAt body
    mergedBy { type: __typename login }
    mergeCommit { oid message parents(first: 2) { nodes { oid } }
      author { name email date user { login } }
      associatedPullRequests(first: 5) { nodes {
        number title author { login } labels(first: 5) { nodes { name } } mergeCommit { oid }
      } }
    }
    baseRepository { object(expression: $oid) { ... on Commit {
      associatedPullRequests(first: 5) { nodes { number } }
    } } }
  } }
}
"""
LIST = """
query List($id: ID!, $states: [PullRequestState!], $base: String, $order: IssueOrder) {
  node(id: $id) { ... on Repository {
    pullRequests(first: 10, states: $states, baseRefName: $base, orderBy: $order) { nodes { number } }
  } }
}
"""
HISTORY = """
query History($id: ID!, $ref: String!, $since: GitTimestamp, $until: GitTimestamp) {
  rateLimit { cost }
  node(id: $id) { ... on Repository { ref(qualifiedName: $ref) { target { ... on Commit {
    history(first: 100, since: $since, until: $until) { totalCount nodes {
      messageHeadline associatedPullRequests(first: 5) { nodes { number labels(first: 3) { totalCount } } }
    } }
  } } } } }
}
"""
MERGEABLE = "query M($id: ID!) { node(id: $id) { ... on PullRequest { mergeable } } }"


async def meanwhile(team: Any, files: dict[str, str] | None = None) -> str:
    """Let develop go on, and answer its head."""
    await team.clone.git("switch", "--quiet", "develop")
    oid = await team.clone.commit("meanwhile", files or {"meanwhile.txt": "1"})
    await team.push("develop")
    return str(oid)


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
async def test_a_person_merges(team: Any, ear: Any, ask: Any, method: str) -> None:
    pull = await team.open()
    second = await team.clone.commit("more", {"more.txt": "1"})
    await team.push("feat/login")
    base = await meanwhile(team)
    await team.hub.settled()
    ear.heard.clear()
    merged = await team.hub.pulls.merge(pull, by=team.mina, method=method, delete_branch=True)
    tip = await team.tip("develop")
    data = (await ask(MERGED, id=pull.id, oid=merged.merge_commit))["node"]
    assert (data["merged"], data["state"], data["mergeable"]) == (True, "MERGED", "UNKNOWN")
    assert (data["mergedAt"], data["mergedBy"]) == (data["closedAt"], {"type": "User", "login": "mina"})
    commit = data["mergeCommit"]
    assert (commit["oid"], data["baseRefOid"]) == (tip, base)
    parents = [one["oid"] for one in commit["parents"]["nodes"]]
    git = team.hub.world.git(team.shop)
    made = [one.message for one in reversed(await git.log(tip, base))]
    titles = {
        "merge": ["work on feat/login", "more", "Merge pull request #1 from acme/feat/login\n\nfeat/login"],
        "squash": ["feat/login (#1)\n\n* work on feat/login\n\n* more"],
        "rebase": ["work on feat/login", "more"],
    }
    assert made == titles[method]
    assert parents == ([base, second] if method == "merge" else parents[:1])
    assert {one.path for one in await git.changes(base, tip)} == {"feat/login.txt", "more.txt"}
    assert [one["number"] for one in commit["associatedPullRequests"]["nodes"]] == [1]
    await team.hub.settled()
    (closed,) = [one["pull_request"] for one in ear.payloads("pull_request", "closed")]
    assert (closed["merged"], closed["merge_commit_sha"]) == (True, tip)
    assert (closed["merged_by"]["login"], closed["base"]["sha"]) == ("mina", base)
    pushes = [(one["ref"], one["deleted"]) for one in ear.payloads("push")]
    assert pushes == [("refs/heads/develop", False), ("refs/heads/feat/login", True)]
    assert [one["ref"] for one in ear.payloads("delete")] == ["feat/login"]
    assert {one["sender"]["login"] for one in ear.payloads("push")} == {"mina"}


async def test_a_squash_of_one_commit_keeps_its_words(team: Any) -> None:
    merged = await team.hub.pulls.merge(await team.open(), by=team.mina, method="squash")
    (commit,) = await team.hub.world.git(team.shop).log(merged.merge_commit, most=1)
    assert (commit.message, commit.author.name) == ("work on feat/login (#1)", "mina")


async def test_what_is_not_to_be_merged_is_refused(team: Any) -> None:
    merge = team.hub.pulls.merge
    await team.branch("feat/draft")
    draft = await team.hub.pulls.open(team.shop, head="feat/draft", base="develop", by=team.mina, draft=True)
    with pytest.raises(MethodNotAllowed, match="still a draft"):
        await merge(draft, by=team.mina)
    with pytest.raises(Forbidden, match="noor must have write access"):
        await merge(draft, by=team.hub.person("noor"))
    pull = await team.open()
    closed = await team.hub.pulls.close(pull, by=team.mina)
    with pytest.raises(MethodNotAllowed, match="not mergeable"):
        await merge(closed, by=team.mina)
    assert await team.tip("develop") == pull.base_ref_oid


async def test_a_conflict_is_told_before_and_refused_after(team: Any, ask: Any) -> None:
    await team.branch("feat/shop", files={"shop.txt": "closed\n"})
    pull = await team.hub.pulls.open(team.shop, head="feat/shop", base="develop", by=team.mina)
    assert (await ask(MERGEABLE, id=pull.id))["node"]["mergeable"] == "MERGEABLE"
    base = await meanwhile(team, {"shop.txt": "open late\n"})
    assert (await ask(MERGEABLE, id=pull.id))["node"]["mergeable"] == "CONFLICTING"
    for method in ("merge", "squash", "rebase"):
        with pytest.raises(MethodNotAllowed, match="not mergeable"):
            await team.hub.pulls.merge(pull, by=team.mina, method=method)
    assert (await team.tip("develop"), team.now(pull).state) == (base, "OPEN")


@pytest.mark.parametrize("ruleset", [False, True])
async def test_required_checks_hold_a_merge(team: Any, ruleset: bool) -> None:
    hub, pull = team.hub, await team.open()
    hub.protect(team.shop, "develop", checks=["build", "lint"], ruleset=ruleset, reviewed=True)
    with pytest.raises(MethodNotAllowed, match="2 of 2 required status checks have not succeeded"):
        await hub.pulls.merge(pull, by=team.mina)
    await hub.checks.report(team.shop, pull.head_ref_oid, "build", conclusion="NEUTRAL")
    with pytest.raises(MethodNotAllowed, match='Required status check "lint" is expected'):
        await hub.pulls.merge(pull, by=team.mina)
    for state, word in (("PENDING", "pending"), ("FAILURE", "failing")):
        await hub.statuses.set(team.shop, pull.head_ref_oid, "lint", state, by=team.mina)
        with pytest.raises(MethodNotAllowed, match=f'"lint" is {word}'):
            await hub.pulls.merge(pull, by=team.mina)
    await hub.statuses.set(team.shop, pull.head_ref_oid, "lint", "SUCCESS", by=team.mina)
    assert (await hub.pulls.merge(pull, by=team.mina)).merged


async def test_a_ruleset_lets_pull_requests_in_in_some_ways_only(team: Any) -> None:
    hub, pull = team.hub, await team.open()
    hub.protect(team.shop, "develop", ruleset=True, reviewed=True, methods=["squash"])
    with pytest.raises(MethodNotAllowed, match="Merge commits are not allowed on this repository"):
        await hub.pulls.merge(pull, by=team.mina)
    assert (await hub.pulls.merge(pull, by=team.mina, method="squash")).merged


async def test_a_ruleset_wants_the_check_of_its_app(team: Any) -> None:
    hub, pull = team.hub, await team.open()
    hub.protect(
        team.shop, "develop", checks=["build"], ruleset=True, app=hub.world.other_app("ci").database_id
    )
    await hub.checks.report(team.shop, pull.head_ref_oid, "build", app="forger")
    await hub.statuses.set(team.shop, pull.head_ref_oid, "build", "SUCCESS", by=team.mina)
    with pytest.raises(MethodNotAllowed, match="Repository rule violations found"):
        await hub.pulls.merge(pull, by=team.mina)
    await hub.checks.report(team.shop, pull.head_ref_oid, "build", app="ci")
    assert (await hub.pulls.merge(pull, by=team.mina)).merged


async def test_a_pushed_merge_is_found_among_later_commits(team: Any, ask: Any) -> None:
    pull = await team.open()
    base = await meanwhile(team)
    await team.clone.merge("feat/login")
    merge = (await team.clone.git("rev-parse", "HEAD")).strip()
    after = await team.clone.commit("after", {"after.txt": "1"})
    await team.push("develop")
    data = (await ask(MERGED, id=pull.id, oid=after))["node"]
    assert (data["mergeCommit"]["oid"], data["baseRefOid"]) == (merge, base)
    assert data["mergedBy"]["login"] == "mina"
    assert data["baseRepository"]["object"]["associatedPullRequests"]["nodes"] == []


async def test_merged_pull_requests_are_listed_by_base_and_order(team: Any, ask: Any) -> None:
    pulls = [await team.open(f"feat/{name}") for name in ("one", "two", "three")]
    for pull in (pulls[1], pulls[0]):
        await team.hub.pulls.merge(pull, by=team.mina)
    release = await team.hub.pulls.open(team.shop, head="develop", base="main", by=team.mina)
    await team.hub.comments.write(pulls[0], by=team.mina, body="well")
    await team.hub.pulls.merge(release, by=team.mina)

    async def listed(**wanted: Any) -> list[int]:
        data = await ask(LIST, id=team.shop.id, **wanted)
        return [one["number"] for one in data["node"]["pullRequests"]["nodes"]]

    assert await listed(states="MERGED", base="develop") == [1, 2]
    assert await listed(states="MERGED") == [1, 2, 4]
    newest = {"field": "CREATED_AT", "direction": "DESC"}
    assert await listed(states="MERGED", base="develop", order=newest) == [2, 1]
    assert (await listed(order={"field": "COMMENTS", "direction": "DESC"}))[0] == 1
    assert await listed(states=["OPEN"], order={"field": "UPDATED_AT", "direction": "ASC"}) == [3]


async def test_a_history_names_what_brought_each_commit(team: Any, ask: Any) -> None:
    one, two = await team.open("feat/one"), await team.open("feat/two")
    await team.hub.labels.create(team.shop, "bug", by=team.mina)
    await team.hub.labels.add(one, "bug", by=team.mina)
    await team.hub.pulls.merge(one, by=team.mina, method="squash")
    await team.hub.pulls.merge(two, by=team.mina, method="rebase")
    data = await ask(HISTORY, id=team.shop.id, ref="refs/heads/develop")
    assert data["rateLimit"]["cost"] == 6  # 1 + 100 + 100 x 5 lists
    history = data["node"]["ref"]["target"]["history"]
    brought = {
        node["messageHeadline"]: [
            (pull["number"], pull["labels"]["totalCount"]) for pull in node["associatedPullRequests"]["nodes"]
        ]
        for node in history["nodes"]
    }
    assert (history["totalCount"], brought) == (
        4,
        {"work on feat/two": [(2, 0)], "work on feat/one (#1)": [(1, 1)], "go on": [], "begin": []},
    )


async def test_a_history_has_a_beginning_and_an_end(team: Any, ask: Any) -> None:
    await team.clone.branch("old", "main")
    for day in (1, 2, 3):
        await team.clone.commit(f"day {day}", {"day.txt": str(day)}, at=f"2020-01-0{day}T12:00:00Z")
    await team.push("old")

    async def between(**span: str) -> tuple[int, list[str]]:
        data = await ask(HISTORY, id=team.shop.id, ref="old", **span)
        found = data["node"]["ref"]["target"]["history"]
        return found["totalCount"], [node["messageHeadline"] for node in found["nodes"]]

    until = {"until": "2020-01-03T00:00:00Z"}
    assert await between(since="2020-01-02T00:00:00Z", **until) == (1, ["day 2"])
    assert await between(since="2020-01-02T00:00:00Z") == (3, ["day 3", "day 2", "begin"])
    assert await between(**until) == (2, ["day 2", "day 1"])


async def test_nothing_new_is_no_pull_request(team: Any) -> None:
    with pytest.raises(Unprocessable, match="No commits between develop and main"):
        await team.hub.pulls.open(team.shop, head="main", base="develop", by=team.mina)
