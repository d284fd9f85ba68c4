"""What the App writes through GraphQL besides: commits, pull requests, and comments on issues."""

import base64
from typing import Any

import pytest

from bot.localhub.refusals import Unprocessable

COMMIT = """
mutation Commit($m: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $m) {
    commit { oid message author { name } parents(first: 1) { nodes { oid } } }
    ref { name target { oid } }
  }
}
"""
BLOB = """
query Blob($id: ID!, $at: String!) {
  node(id: $id) { ... on Repository { object(expression: $at) { ... on Blob { text byteSize } } } }
}
"""
OPEN = """
mutation Open($m: CreatePullRequestInput!) {
  createPullRequest(input: $m) { pullRequest {
    id number title body isDraft state headRefName baseRefName author { type: __typename login }
  } }
}
"""
ISSUE = """
query Issue($id: ID!, $number: Int!) {
  node(id: $id) { ... on Repository {
    issue(number: $number) {
      id databaseId number title body state url createdAt updatedAt closedAt author { login }
      labels(first: 5) { nodes { name } } comments(first: 5) { nodes { body url viewerDidAuthor } }
    }
  } }
}
"""
EITHER = """
query Either($id: ID!, $number: Int!) {
  node(id: $id) { ... on Repository { issueOrPullRequest(number: $number) {
    type: __typename ... on Issue { title } ... on PullRequest { headRefName }
  } } }
}
"""
COMMENT = """
mutation Comment($m: AddCommentInput!) {
  addComment(input: $m) { subject { type: __typename id } commentEdge { node { body } } }
}
"""


def edit(expected: str, /, *deletions: str, branch: str = "develop", **files: str) -> dict[str, Any]:
    """The input of a commit; `files` are spelt with two underscores for a dot."""
    additions = [
        {"path": name.replace("__", "."), "contents": base64.b64encode(text.encode()).decode()}
        for name, text in files.items()
    ]
    return {
        "branch": {"repositoryNameWithOwner": "acme/shop", "branchName": branch},
        "expectedHeadOid": expected,
        "message": {"headline": "Bump to 1.4.0", "body": "By the rulebook."},
        "fileChanges": {"additions": additions, "deletions": [{"path": path} for path in deletions]},
    }


async def refusal(api: Any, document: str, said: dict[str, Any]) -> tuple[str, str]:
    """The type and the message of the one error."""
    (error,) = (await api.graphql(document, m=said))["errors"]
    return error["type"], error["message"]


async def test_files_are_committed_to_a_branch(team: Any, ask: Any, ear: Any) -> None:
    tip = await team.tip("develop")
    made = (await ask(COMMIT, m=edit(tip, "README.md", shop__txt="closed\n", VERSION="1.4.0\n")))[
        "createCommitOnBranch"
    ]
    oid = made["commit"]["oid"]
    assert made["commit"]["message"] == "Bump to 1.4.0\n\nBy the rulebook."
    assert (made["commit"]["author"]["name"], made["commit"]["parents"]["nodes"]) == (
        "signalbox[bot]",
        [{"oid": tip}],
    )
    assert made["ref"] == {"name": "develop", "target": {"oid": oid}}
    assert await team.tip("develop") == oid
    for at, text in (
        ("develop:VERSION", "1.4.0\n"),
        (f"{oid}:shop.txt", "closed\n"),
        (f"{tip}:shop.txt", "open\n"),
    ):
        assert (await ask(BLOB, id=team.shop.id, at=at))["node"]["object"]["text"] == text
    assert (await ask(BLOB, id=team.shop.id, at="develop:README.md"))["node"]["object"] is None
    await team.hub.settled()
    push = ear.payloads("push")[-1]
    (commit,) = push["commits"]
    assert (push["ref"], push["after"], push["sender"]["login"]) == (
        "refs/heads/develop",
        oid,
        "signalbox[bot]",
    )
    assert (commit["added"], commit["removed"], commit["modified"]) == (
        ["VERSION"],
        ["README.md"],
        ["shop.txt"],
    )


async def test_a_branch_that_moved_is_stale(team: Any, api: Any) -> None:
    tip = await team.tip("develop")
    assert "errors" not in await api.graphql(COMMIT, m=edit(tip, VERSION="1"))
    now = await team.tip("develop")
    assert await refusal(api, COMMIT, edit(tip, VERSION="2")) == (
        "STALE_DATA",
        f'Expected branch to point to "{tip}" but it did not. Pull and try again.',
    )
    assert await team.tip("develop") == now


async def test_a_commit_that_cannot_be(team: Any, api: Any) -> None:
    tip = await team.tip("develop")
    bad = edit(tip, VERSION="1")
    bad["fileChanges"]["additions"][0]["contents"] = "?"
    hidden = edit(tip, VERSION="1")
    hidden["fileChanges"]["additions"][0]["path"] = "a\0b"
    unnamed = {**edit(tip), "branch": {"branchName": "develop"}}
    elsewhere = {**edit(tip), "branch": {"repositoryNameWithOwner": "acme/x", "branchName": "develop"}}
    for said, kind, words in (
        (edit(tip, "nothing.txt"), "UNPROCESSABLE", "'nothing.txt' is to be deleted and does not exist"),
        (edit(tip, **{"../x": "1"}), "UNPROCESSABLE", "could not be written"),
        (bad, "UNPROCESSABLE", "not valid Base64"),
        (hidden, "UNPROCESSABLE", "NUL"),
        (unnamed, "UNPROCESSABLE", "repositoryNameWithOwner"),
        (elsewhere, "NOT_FOUND", "Could not resolve to a Repository"),
        (edit(tip, branch="nothing"), "NOT_FOUND", "'nothing'"),
    ):
        told = await refusal(api, COMMIT, said)
        assert (told[0], words in told[1]) == (kind, True), told
    team.hub.protect(team.shop, "develop", reviewed=True)
    assert (await refusal(api, COMMIT, edit(tip)))[1] == "Changes must be made through a pull request."
    assert await team.tip("develop") == tip


async def test_a_branch_may_be_named_by_its_id(team: Any, ask: Any) -> None:
    tip = await team.tip("develop")
    said = {**edit(tip, VERSION="1"), "branch": {"id": f"REF_{team.shop.database_id}_refs/heads/develop"}}
    made = await ask(COMMIT, m=said)
    assert made["createCommitOnBranch"]["ref"]["name"] == "develop"


async def test_the_app_opens_a_pull_request(team: Any, api: Any, ask: Any, ear: Any) -> None:
    await team.branch("signalbox/back-merge-v1")
    said = {
        "repositoryId": team.shop.id,
        "baseRefName": "main",
        "headRefName": "signalbox/back-merge-v1",
        "title": "Merge v1 back",
        "body": "It conflicts.",
    }
    made = (await ask(OPEN, m=said))["createPullRequest"]["pullRequest"]
    assert made.pop("id").startswith("PR_")
    assert made == {
        "number": 1,
        "title": "Merge v1 back",
        "body": "It conflicts.",
        "isDraft": False,
        "state": "OPEN",
        "headRefName": "signalbox/back-merge-v1",
        "baseRefName": "main",
        "author": {"type": "Bot", "login": "signalbox"},
    }
    await team.hub.settled()
    (opened,) = ear.payloads("pull_request", "opened")
    assert {opened["sender"]["login"], opened["pull_request"]["user"]["login"]} == {"signalbox[bot]"}
    exists = "A pull request already exists for base branch 'main' and head 'signalbox/back-merge-v1'"
    for wrong, words in (
        ({}, exists),
        ({"headRefName": "nothing"}, "acme/shop has no branch 'nothing'"),
        ({"headRefName": "main", "baseRefName": "develop"}, "No commits between develop and main"),
        ({"title": " "}, "title can't be blank"),
    ):
        assert await refusal(api, OPEN, {**said, **wrong}) == ("UNPROCESSABLE", words)


async def test_an_issue_shares_its_numbers_with_pull_requests(team: Any, ask: Any, ear: Any) -> None:
    bug = await team.hub.labels.create(team.shop, "bug", by=team.mina)
    first = await team.hub.issues.open(team.shop, title="Broken", by=team.mina, body="How?", labels=[bug])
    pull = await team.open()
    second = await team.hub.issues.open(team.shop, title="Release", by=team.mina)
    assert [first.number, pull.number, second.number] == [1, 2, 3]
    made = await ask(COMMENT, m={"subjectId": first.id, "body": "Fixed."})
    assert made["addComment"]["subject"] == {"type": "Issue", "id": first.id}
    await team.hub.comments.write(first, by=team.mina, body="/signalbox release 1.4.0")
    closed = await team.hub.issues.close(first, by=team.mina)
    assert await team.hub.issues.close(first, by=team.mina) == closed
    found = (await ask(ISSUE, id=team.shop.id, number=1))["node"]["issue"]
    assert (found["title"], found["body"], found["state"]) == ("Broken", "How?", "CLOSED")
    assert (found["author"]["login"], found["labels"]["nodes"]) == ("mina", [{"name": "bug"}])
    said = [(one["body"], one["viewerDidAuthor"]) for one in found["comments"]["nodes"]]
    assert said == [("Fixed.", True), ("/signalbox release 1.4.0", False)]
    assert found["url"] == f"{team.hub.url}/acme/shop/issues/1"
    assert found["comments"]["nodes"][0]["url"].startswith(f"{found['url']}#issuecomment-")
    await team.hub.settled()
    told = ear.payloads("issue_comment", "created")
    assert [(one["issue"]["number"], "pull_request" in one["issue"]) for one in told] == [
        (1, False),
        (1, False),
    ]
    assert ear.payloads("issues") == []  # the App does not listen to them


async def test_either_is_found_by_its_number(team: Any, api: Any, ask: Any) -> None:
    await team.hub.issues.open(team.shop, title="Broken", by=team.mina)
    await team.open()
    found = [
        (await ask(EITHER, id=team.shop.id, number=number))["node"]["issueOrPullRequest"] for number in (1, 2)
    ]
    assert found == [
        {"type": "Issue", "title": "Broken"},
        {"type": "PullRequest", "headRefName": "feat/login"},
    ]
    for document, number in ((EITHER, 9), (ISSUE, 9), (ISSUE, 2)):
        body = await api.graphql(document, id=team.shop.id, number=number)
        assert body["errors"][0]["type"] == "NOT_FOUND"


@pytest.mark.parametrize("title", ["", "  "])
async def test_an_issue_has_a_title(team: Any, title: str) -> None:
    with pytest.raises(Unprocessable, match="blank"):
        await team.hub.issues.open(team.shop, title=title, by=team.mina)
