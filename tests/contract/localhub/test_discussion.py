"""What people and the App say about a pull request: reviews, threads, comments and labels."""

from datetime import timedelta
from typing import Any

import pytest

from bot.localhub.model import Account, PullRequest
from bot.localhub.payloads.common import moment
from bot.localhub.refusals import MOST_BODY, NotFound, Unprocessable

SAID = """
query Said($pull: ID!, $first: Int, $after: String) {
  node(id: $pull) { ... on PullRequest {
    isDraft
    labels(first: $first, after: $after) { nodes { id name color description } totalCount }
    reviews(first: $first, after: $after) { nodes {
      id author { ...Who } authorCanPushToRepository body commit { oid } createdAt submittedAt lastEditedAt
      state url
    } totalCount pageInfo { ...Page } }
    reviewThreads(first: $first, after: $after) { nodes {
      id isResolved isOutdated path line
      comments(first: $first) { nodes {
        id author { ...Who } body createdAt lastEditedAt url
        pullRequestReview { id authorCanPushToRepository }
      } totalCount pageInfo { ...Page } }
    } totalCount pageInfo { ...Page } }
    comments(first: $first, after: $after) { nodes {
      id author { ...Who } body createdAt lastEditedAt url viewerDidAuthor
      reactionGroups { content viewerHasReacted }
    } totalCount pageInfo { ...Page } }
  } }
}
fragment Who on Actor { type: __typename login ... on Node { id } ... on User { databaseId } }
fragment Page on PageInfo { hasNextPage endCursor }
"""
REST_OF_THREAD = """
query Rest($id: ID!, $after: String) {
  node(id: $id) { ... on PullRequestReviewThread {
    comments(first: 100, after: $after) { nodes { body } pageInfo { hasNextPage endCursor } }
  } }
}
"""
OPINIONS = """
query Opinions($pull: ID!) { node(id: $pull) { ... on PullRequest {
  reviews(first: 100, states: [APPROVED, CHANGES_REQUESTED]) { nodes { state } totalCount }
} } }
"""
KIND = "query Kind($id: ID!) { node(id: $id) { type: __typename id } }"
LABEL = """
query Label($owner: String!, $name: String!, $label: String!) {
  repository(owner: $owner, name: $name) { label(name: $label) { id name color description } }
}
"""
WRITES = """
mutation Writes(
  $label: CreateLabelInput!, $comment: AddCommentInput!, $edit: UpdateIssueCommentInput!
  $reaction: AddReactionInput!
) {
  label: createLabel(input: $label) { clientMutationId label { id name color description } }
  comment: addComment(input: $comment) {
    clientMutationId subject { id } commentEdge { node { id body viewerDidAuthor author { login } } }
  }
  edit: updateIssueComment(input: $edit) { clientMutationId issueComment { body lastEditedAt } }
  reaction: addReaction(input: $reaction) {
    clientMutationId reactionGroups { content viewerHasReacted }
  }
}
"""
LABELLING = """
mutation Labelling($add: AddLabelsToLabelableInput!, $remove: RemoveLabelsFromLabelableInput!) {
  add: addLabelsToLabelable(input: $add) { clientMutationId labelable { ...Names } }
  remove: removeLabelsFromLabelable(input: $remove) { clientMutationId labelable { ...Names } }
}
fragment Names on Labelable { labels(first: 10) { nodes { name } } }
"""


def mutation(name: str) -> str:
    """A document of one mutation."""
    kind = name[0].upper() + name[1:]
    return f"mutation M($m0: {kind}Input!) {{ m0: {name}(input: $m0) {{ clientMutationId }} }}"


@pytest.fixture
async def pull(team: Any) -> PullRequest:
    await team.branch("feat/login", files={"login.txt": "one\ntwo\nthree\n"})
    opened: PullRequest = await team.hub.pulls.open(
        team.shop, head="feat/login", base="develop", by=team.mina, body="As agreed."
    )
    return opened


@pytest.fixture
async def noor(team: Any) -> Account:
    """Who may write, and reviews."""
    noor: Account = team.hub.person("noor")
    team.hub.allow(team.shop, noor, "write")
    return noor


async def test_a_review_is_told_and_read(team: Any, ask: Any, ear: Any, pull: Any, noor: Any) -> None:
    remarks = [("login.txt", 1, "P2: a better name?"), ("login.txt", 3, "P3: why?")]
    review = await team.hub.reviews.submit(
        pull, by=noor, state="CHANGES_REQUESTED", body="P1: no", comments=remarks
    )
    said = (await ask(SAID, pull=pull.id, first=100))["node"]
    (read,) = said["reviews"]["nodes"]
    who = {"type": "User", "login": "noor", "id": noor.id, "databaseId": noor.database_id}
    assert (read["id"], read["state"], read["body"]) == (review.id, "CHANGES_REQUESTED", "P1: no")
    assert (read["author"], read["authorCanPushToRepository"]) == (who, True)
    assert (read["commit"], read["lastEditedAt"]) == ({"oid": pull.head_ref_oid}, None)
    assert read["createdAt"] == read["submittedAt"]
    assert read["url"] == f"{team.hub.url}/acme/shop/pull/1#{review.anchor}"
    threads = said["reviewThreads"]["nodes"]
    assert [(one["path"], one["line"]) for one in threads] == [("login.txt", 1), ("login.txt", 3)]
    assert {(one["isResolved"], one["isOutdated"]) for one in threads} == {(False, False)}
    belongs = {"id": review.id, "authorCanPushToRepository": True}
    comments = [one["comments"]["nodes"][0] for one in threads]
    assert [one["body"] for one in comments] == ["P2: a better name?", "P3: why?"]
    assert all(one["pullRequestReview"] == belongs and one["author"] == who for one in comments)
    await team.hub.settled()
    (told,) = ear.payloads("pull_request_review", "submitted")
    assert (told["review"]["state"], told["review"]["body"]) == ("changes_requested", "P1: no")
    assert (told["review"]["node_id"], told["pull_request"]["number"]) == (review.id, pull.number)
    created = ear.payloads("pull_request_review_comment", "created")
    assert [one["comment"]["pull_request_review_id"] for one in created] == [review.database_id] * 2
    assert [one["comment"]["line"] for one in created] == [1, 3]


async def test_a_push_outdates_what_it_changes_and_moves_the_rest(
    team: Any, ask: Any, ear: Any, pull: Any, noor: Any
) -> None:
    remarks = [("login.txt", 1, "P2: a"), ("login.txt", 3, "P3: b")]
    review = await team.hub.reviews.submit(pull, by=noor, state="COMMENTED", comments=remarks)
    await team.clone.commit("rewrite", {"login.txt": "uno\nmore\ntwo\nthree\n"})
    await team.push("feat/login")
    said = (await ask(SAID, pull=pull.id, first=100))["node"]
    lines = [(one["line"], one["isOutdated"]) for one in said["reviewThreads"]["nodes"]]
    assert lines == [(None, True), (4, False)]
    assert said["reviews"]["nodes"][0]["commit"]["oid"] == pull.head_ref_oid == review.commit
    gone, moved = team.hub.world.threads.values()
    for thread in (gone, moved):
        await team.hub.reviews.resolve(thread, by=team.mina)
        await team.hub.reviews.resolve(thread, by=team.mina)
    await team.hub.settled()
    told = [one["thread"] for one in ear.payloads("pull_request_review_thread", "resolved")]
    assert [one["node_id"] for one in told] == [gone.id, moved.id]
    assert [one["comments"][0]["line"] for one in told] == [None, 4]
    assert [one["comments"][0]["original_line"] for one in told] == [1, 3]


async def test_an_edit_shows_its_time_and_what_was_there(
    team: Any, ask: Any, ear: Any, pull: Any, noor: Any
) -> None:
    reviews, comments = team.hub.reviews, team.hub.comments
    review = await reviews.submit(pull, by=noor, state="APPROVED", body="P3: fine")
    await reviews.comment(pull, by=noor, path="login.txt", line=1, body="P2: a")
    (remark,) = team.hub.world.review_comments.values()
    comment = await comments.write(pull, by=noor, body="/signalbox check")
    assert await reviews.edit(review, "P3: fine", by=noor) == review
    assert await reviews.edit_comment(remark, "P2: a", by=noor) == remark
    assert await comments.edit(comment, "/signalbox check", by=noor) == comment
    later = team.hub.world.now() + timedelta(minutes=5)
    team.hub.world.now = lambda: later
    await reviews.edit(review, "P2: wait", by=noor)
    await reviews.edit_comment(remark, "P1: a", by=team.mina)
    await comments.edit(comment, "never mind", by=noor)
    said = (await ask(SAID, pull=pull.id, first=100))["node"]
    (thread,) = said["reviewThreads"]["nodes"]
    edited = [said[field]["nodes"][0] for field in ("reviews", "comments")] + thread["comments"]["nodes"]
    assert [one["body"] for one in edited] == ["P2: wait", "never mind", "P1: a"]
    assert {one["lastEditedAt"] for one in edited} == {moment(later)}
    await team.hub.settled()
    for event, before in (
        ("pull_request_review", "P3: fine"),
        ("pull_request_review_comment", "P2: a"),
        ("issue_comment", "/signalbox check"),
    ):
        (told,) = ear.payloads(event, "edited")
        assert told["changes"] == {"body": {"from": before}}
    assert ear.payloads("pull_request_review_comment", "edited")[0]["sender"]["login"] == "mina"


async def test_a_dismissed_review_says_no_more(team: Any, ask: Any, ear: Any, pull: Any, noor: Any) -> None:
    review = await team.hub.reviews.submit(pull, by=noor, state="APPROVED")
    await team.hub.reviews.submit(pull, by=noor, state="COMMENTED", body="P3: by the way")
    assert (await ask(OPINIONS, pull=pull.id))["node"]["reviews"]["totalCount"] == 1
    dismissed = await team.hub.reviews.dismiss(review, by=team.mina, message="The head has moved")
    assert (dismissed.state, dismissed.dismissal_message) == ("DISMISSED", "The head has moved")
    assert (await ask(OPINIONS, pull=pull.id))["node"]["reviews"]["nodes"] == []
    await team.hub.settled()
    (told,) = ear.payloads("pull_request_review", "dismissed")
    assert (told["review"]["state"], told["sender"]["login"]) == ("dismissed", "mina")


async def test_an_answer_is_a_review_of_one_comment(
    team: Any, ask: Any, ear: Any, pull: Any, noor: Any
) -> None:
    reviews = team.hub.reviews
    thread = await reviews.comment(pull, by=noor, path="login.txt", line=2, body="P2: why two?")
    answer = await reviews.reply(thread, by=team.mina, body="It follows one.")
    said = (await ask(SAID, pull=pull.id, first=100))["node"]
    assert [(one["state"], one["body"]) for one in said["reviews"]["nodes"]] == [("COMMENTED", "")] * 2
    (read,) = said["reviewThreads"]["nodes"]
    assert [one["author"]["login"] for one in read["comments"]["nodes"]] == ["noor", "mina"]
    await team.hub.settled()
    assert [one["review"]["body"] for one in ear.payloads("pull_request_review", "submitted")] == [None] * 2
    first, second = (one["comment"] for one in ear.payloads("pull_request_review_comment", "created"))
    assert ("in_reply_to_id" not in first, second["in_reply_to_id"]) == (True, first["id"])

    (opening,) = (one for one in team.hub.world.review_comments.values() if one != answer)
    await reviews.delete_comment(opening, by=noor)
    said = (await ask(SAID, pull=pull.id, first=100))["node"]
    assert said["reviewThreads"]["nodes"][0]["comments"]["totalCount"] == 1
    await reviews.delete_comment(answer, by=team.mina)
    assert (await ask(SAID, pull=pull.id, first=100))["node"]["reviewThreads"]["totalCount"] == 0
    await team.hub.settled()
    deleted = ear.payloads("pull_request_review_comment", "deleted")
    assert [one["comment"]["id"] for one in deleted] == [opening.database_id, answer.database_id]
    for act in (
        reviews.reply(thread, by=noor, body="Hello?"),
        reviews.resolve(thread, by=noor),
        reviews.delete_comment(answer, by=noor),
        reviews.edit_comment(answer, "Hello?", by=noor),
    ):
        with pytest.raises(NotFound):
            await act


async def test_reviews_that_github_refuses(team: Any, pull: Any, noor: Any) -> None:
    reviews, mina = team.hub.reviews, team.mina
    remark, blank = [("login.txt", 1, "P2: a")], [("login.txt", 1, " ")]
    for by, state, body, comments in (
        (mina, "APPROVED", "", ()),
        (mina, "CHANGES_REQUESTED", "P1: oh", ()),
        (noor, "COMMENTED", "", ()),
        (noor, "COMMENTED", "\n", ()),
        (noor, "CHANGES_REQUESTED", "", ()),
        (noor, "APPROVED", "", blank),
        (noor, "COMMENTED", "x" * (MOST_BODY + 1), ()),
        (noor, "DISMISSED", "P1: oh", remark),
    ):
        with pytest.raises(Unprocessable):
            await reviews.submit(pull, by=by, state=state, body=body, comments=comments)
    with pytest.raises(ValueError, match="PENDING"):
        await reviews.submit(pull, by=noor, state="PENDING", body="later")
    with pytest.raises(Unprocessable):
        await reviews.comment(pull, by=noor, path="login.txt", line=1, body="")
    assert team.hub.world.reviews == team.hub.world.threads == {}
    await reviews.submit(pull, by=mina, state="COMMENTED", body="x" * MOST_BODY)
    commented = await reviews.submit(pull, by=noor, state="COMMENTED", comments=remark)
    with pytest.raises(Unprocessable, match="commented"):
        await reviews.dismiss(commented, by=mina)
    dismissed = await reviews.dismiss(await reviews.submit(pull, by=noor, state="APPROVED"), by=mina)
    with pytest.raises(Unprocessable, match="dismissed"):
        await reviews.dismiss(dismissed, by=mina)


@pytest.mark.parametrize(
    ("permission", "may"),
    [
        ("admin", True),
        ("maintain", True),
        ("write", True),
        ("triage", False),
        ("read", False),
        ("none", False),
    ],
)
async def test_who_may_push_is_asked_at_that_moment(
    team: Any, ask: Any, pull: Any, noor: Any, permission: str, may: bool
) -> None:
    await team.hub.reviews.submit(pull, by=noor, state="APPROVED")
    team.hub.allow(team.shop, noor, permission)
    (read,) = (await ask(SAID, pull=pull.id, first=1))["node"]["reviews"]["nodes"]
    assert read["authorCanPushToRepository"] is may


async def test_a_ghost_said_what_it_said(team: Any, ask: Any, ear: Any, pull: Any, noor: Any) -> None:
    hub = team.hub
    thread = await hub.reviews.comment(pull, by=noor, path="login.txt", line=1, body="P2: a")
    review = await hub.reviews.submit(pull, by=noor, state="APPROVED")
    await hub.comments.write(pull, by=noor, body="Bye.")
    hub.delete_account(noor)
    said = (await ask(SAID, pull=pull.id, first=100))["node"]
    assert [one["author"] for one in said["reviews"]["nodes"]] == [None, None]
    assert [one["authorCanPushToRepository"] for one in said["reviews"]["nodes"]] == [False, False]
    assert said["comments"]["nodes"][0]["author"] is None
    assert said["reviewThreads"]["nodes"][0]["comments"]["nodes"][0]["author"] is None
    await hub.reviews.resolve(thread, by=team.mina)
    await hub.reviews.dismiss(review, by=team.mina)
    await hub.settled()
    assert ear.payloads("pull_request_review", "dismissed")[0]["review"]["user"] is None
    assert ear.payloads("pull_request_review_thread", "resolved")[0]["thread"]["comments"][0]["user"] is None


async def test_bots_and_the_app_are_actors_too(team: Any, ask: Any, pull: Any) -> None:
    dependabot = team.hub.bot("dependabot")
    await team.hub.reviews.submit(pull, by=dependabot, state="APPROVED")
    await team.hub.comments.write(pull, by=team.hub.app.bot, body="Done.")
    said = (await ask(SAID, pull=pull.id, first=100))["node"]
    assert said["reviews"]["nodes"][0]["author"] == {
        "type": "Bot",
        "login": "dependabot",
        "id": dependabot.id,
    }
    assert said["comments"]["nodes"][0]["author"]["login"] == "signalbox"


async def test_lists_of_what_was_said_page_at_a_hundred(team: Any, ask: Any, pull: Any, noor: Any) -> None:
    texts = [f"P3: {number}" for number in range(250)]
    remarks = [("login.txt", 1, text) for text in texts]
    await team.hub.reviews.submit(pull, by=noor, state="COMMENTED", comments=remarks)
    await team.clone.commit("rewrite", {"login.txt": "anew\n"})
    await team.push("feat/login")
    found, sizes, after, more = [], [], None, True
    while more:
        said = (await ask(SAID, pull=pull.id, first=100, after=after))["node"]["reviewThreads"]
        sizes.append(len(said["nodes"]))
        found += [one["comments"]["nodes"][0]["body"] for one in said["nodes"]]
        assert (said["totalCount"], {one["isOutdated"] for one in said["nodes"]}) == (250, {True})
        after, more = said["pageInfo"]["endCursor"], said["pageInfo"]["hasNextPage"]
    assert (sizes, found) == ([100, 100, 50], texts)


async def test_the_comments_of_a_thread_page_too(team: Any, ask: Any, pull: Any, noor: Any) -> None:
    thread = await team.hub.reviews.comment(pull, by=noor, path="login.txt", line=1, body="0")
    for number in range(1, 120):
        await team.hub.reviews.reply(thread, by=noor, body=str(number))
    first = (await ask(REST_OF_THREAD, id=thread.id))["node"]["comments"]
    assert first["pageInfo"]["hasNextPage"]
    rest = (await ask(REST_OF_THREAD, id=thread.id, after=first["pageInfo"]["endCursor"]))["node"]
    bodies = [one["body"] for one in (*first["nodes"], *rest["comments"]["nodes"])]
    assert bodies == [str(number) for number in range(120)]
    said = (await ask(SAID, pull=pull.id, first=100))["node"]
    assert (said["reviews"]["totalCount"], said["reviews"]["pageInfo"]["hasNextPage"]) == (120, True)


async def test_everything_that_was_said_is_a_node(
    team: Any, ask: Any, api: Any, pull: Any, noor: Any
) -> None:
    hub = team.hub
    review = await hub.reviews.submit(pull, by=noor, state="APPROVED", comments=[("login.txt", 1, "P3: a")])
    (thread,), (remark,) = hub.world.threads.values(), hub.world.review_comments.values()
    comment = await hub.comments.write(pull, by=noor, body="Well.")
    label = await hub.labels.create(team.shop, "P3", by=noor)
    for said, kind in (
        (pull, "PullRequest"),
        (review, "PullRequestReview"),
        (thread, "PullRequestReviewThread"),
        (remark, "PullRequestReviewComment"),
        (comment, "IssueComment"),
        (label, "Label"),
    ):
        assert (await ask(KIND, id=said.id))["node"] == {"type": kind, "id": said.id}
    await hub.repositories.delete(team.shop)
    for said in (review, thread, remark, comment, label):
        body = await api.graphql(KIND, id=said.id)
        assert [error["type"] for error in body["errors"]] == ["NOT_FOUND"]


async def test_a_comment_says_whether_the_app_wrote_it(
    team: Any, api: Any, ask: Any, ear: Any, pull: Any
) -> None:
    await team.hub.comments.write(pull, by=team.mina, body="/signalbox check")
    assert "errors" not in await api.graphql(
        mutation("addComment"), m0={"subjectId": pull.id, "body": "Yes."}
    )
    said = (await ask(SAID, pull=pull.id, first=100))["node"]["comments"]["nodes"]
    assert [(one["body"], one["viewerDidAuthor"]) for one in said] == [
        ("/signalbox check", False),
        ("Yes.", True),
    ]
    await team.hub.settled()
    theirs, ours = ear.payloads("issue_comment", "created")
    assert (theirs["comment"]["performed_via_github_app"], theirs["sender"]["login"]) == (None, "mina")
    assert ours["comment"]["performed_via_github_app"]["id"] == team.hub.app.database_id
    assert (ours["sender"]["login"], ours["sender"]["type"]) == ("signalbox[bot]", "Bot")
    assert ours["issue"]["pull_request"]["url"].endswith(f"/repos/acme/shop/pulls/{pull.number}")
    assert [one["issue"]["comments"] for one in (theirs, ours)] == [1, 2]


async def test_the_app_writes_in_one_document(team: Any, ask: Any, ear: Any, pull: Any) -> None:
    comment = await team.hub.comments.write(pull, by=team.mina, body="/signalbox check")
    data = await ask(
        WRITES,
        label={"repositoryId": team.shop.id, "name": "P1", "color": "d73a4a", "description": "Must be done"},
        comment={"subjectId": pull.id, "body": "Working on it.", "clientMutationId": "1"},
        edit={"id": comment.id, "body": "/signalbox check now"},
        reaction={"subjectId": comment.id, "content": "EYES"},
    )
    label = data["label"]["label"]
    assert (label["name"], label["color"], label["description"]) == ("P1", "d73a4a", "Must be done")
    assert (data["comment"]["clientMutationId"], data["comment"]["subject"]) == ("1", {"id": pull.id})
    node = data["comment"]["commentEdge"]["node"]
    assert (node["body"], node["author"], node["viewerDidAuthor"]) == (
        "Working on it.",
        {"login": "signalbox"},
        True,
    )
    assert data["edit"]["issueComment"]["body"] == "/signalbox check now"
    given = [one["content"] for one in data["reaction"]["reactionGroups"] if one["viewerHasReacted"]]
    assert (given, len(data["reaction"]["reactionGroups"])) == (["EYES"], 8)
    names = {"labelableId": pull.id, "labelIds": [label["id"], label["id"]]}
    data = await ask(LABELLING, add=names, remove={**names, "labelIds": []})
    assert data["remove"]["labelable"]["labels"]["nodes"] == [{"name": "P1"}]
    data = await ask(LABELLING, add=names, remove=names)
    assert data["add"]["labelable"]["labels"]["nodes"] == [{"name": "P1"}]
    assert data["remove"]["labelable"]["labels"]["nodes"] == []
    await ask(LABELLING, add={**names, "labelIds": []}, remove=names)
    await team.hub.settled()
    (added,), (removed,) = (ear.payloads("pull_request", action) for action in ("labeled", "unlabeled"))
    assert added["label"] == removed["label"]
    assert added["sender"]["login"] == removed["sender"]["login"] == "signalbox[bot]"
    assert (added["pull_request"]["labels"], removed["pull_request"]["labels"]) == ([added["label"]], [])


async def test_a_reaction_is_given_once_and_told_to_nobody(team: Any, ask: Any, ear: Any, pull: Any) -> None:
    comment = await team.hub.comments.write(pull, by=team.mina, body="/signalbox check")
    await team.hub.settled()
    ear.heard.clear()
    for by in (team.mina, team.mina, team.hub.app.bot):
        comment = await team.hub.comments.react(comment, "ROCKET", by=by)
    assert len(comment.reactions) == 2
    with pytest.raises(ValueError, match="SHRUG"):
        await team.hub.comments.react(comment, "SHRUG", by=team.mina)
    (read,) = (await ask(SAID, pull=pull.id, first=1))["node"]["comments"]["nodes"]
    assert {"content": "ROCKET", "viewerHasReacted": True} in read["reactionGroups"]
    assert ear.heard == []
    await team.hub.comments.delete(comment, by=team.mina)
    await team.hub.settled()
    (told,) = ear.payloads("issue_comment", "deleted")
    counts = told["comment"]["reactions"]
    assert (counts["rocket"], counts["total_count"], counts["+1"]) == (2, 2, 0)
    for act in (
        team.hub.comments.delete(comment, by=team.mina),
        team.hub.comments.edit(comment, "Hello?", by=team.mina),
        team.hub.comments.react(comment, "EYES", by=team.mina),
    ):
        with pytest.raises(NotFound):
            await act


async def test_labels_belong_to_their_repository(team: Any, api: Any, ask: Any, pull: Any) -> None:
    hub, names = team.hub, {"owner": "acme", "name": "shop"}
    label = await hub.labels.create(team.shop, "P1", by=team.mina, color="D73A4A")
    read = (await ask(LABEL, **names, label="p1"))["repository"]["label"]
    assert read == {"id": label.id, "name": "P1", "color": "D73A4A", "description": None}
    assert (await ask(LABEL, **names, label="P9"))["repository"]["label"] is None
    other = await hub.repositories.create("acme/other")
    theirs = await hub.labels.create(other, "P1", by=team.mina)
    assert theirs != label
    for wrong in (theirs.id, "LA_1", pull.id, ""):
        said = {"labelableId": pull.id, "labelIds": [label.id, wrong]}
        for name in ("addLabelsToLabelable", "removeLabelsFromLabelable"):
            body = await api.graphql(mutation(name), m0=said)
            assert [error["type"] for error in body["errors"]] == ["NOT_FOUND"]
    assert team.now(pull).labels == frozenset()


async def test_what_cannot_be_a_label(team: Any, api: Any, pull: Any) -> None:
    said = {"repositoryId": team.shop.id, "name": "P1", "color": "ededed"}
    assert "errors" not in await api.graphql(mutation("createLabel"), m0=said)
    for wrong in (
        {"name": "p1"},
        {"name": " "},
        {"name": "x" * 51},
        {"name": "P2", "color": "red"},
        {"name": "P2", "color": "#ededed"},
        {"name": "P2", "description": "x" * 101},
    ):
        body = await api.graphql(mutation("createLabel"), m0={**said, **wrong})
        assert [error["type"] for error in body["errors"]] == ["UNPROCESSABLE"]
    longest = {"name": "x" * 50, "description": "x" * 100}
    assert "errors" not in await api.graphql(mutation("createLabel"), m0={**said, **longest})
    with pytest.raises(NotFound):
        await team.hub.labels.add(pull, "P9", by=team.mina)


async def test_a_deleted_label_is_gone_from_its_pull_requests(
    team: Any, ask: Any, ear: Any, pull: Any
) -> None:
    """GitHub does not say which label that was."""
    label = await team.hub.labels.create(team.shop, "P1", by=team.mina)
    await team.hub.labels.create(team.shop, "P2", by=team.mina)
    for name in ("P2", "P1", "p1"):
        await team.hub.labels.add(pull, name, by=team.mina)
    said = (await ask(SAID, pull=pull.id, first=100))["node"]
    assert [one["name"] for one in said["labels"]["nodes"]] == ["P1", "P2"]
    await team.hub.labels.delete(label, by=team.mina)
    said = (await ask(SAID, pull=pull.id, first=100))["node"]
    assert [one["name"] for one in said["labels"]["nodes"]] == ["P2"]
    await team.hub.settled()
    (told,) = ear.payloads("pull_request", "unlabeled")
    assert "label" not in told
    assert [one["name"] for one in told["pull_request"]["labels"]] == ["P2"]
    with pytest.raises(NotFound):
        await team.hub.labels.delete(label, by=team.mina)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("addComment", {"subjectId": "PR_1", "body": "Hello."}),
        ("addComment", {"subjectId": "R_1003", "body": "Hello."}),
        ("updateIssueComment", {"id": "IC_1", "body": "Hello."}),
        ("deleteIssueComment", {"id": "IC_1"}),
        ("addReaction", {"subjectId": "IC_1", "content": "EYES"}),
        ("createLabel", {"repositoryId": "R_1", "name": "P1", "color": "ededed"}),
        ("addLabelsToLabelable", {"labelableId": "PR_1", "labelIds": []}),
        ("removeLabelsFromLabelable", {"labelableId": "PR_1", "labelIds": []}),
    ],
)
async def test_what_is_not_there_is_not_found(api: Any, name: str, said: dict[str, Any]) -> None:
    body = await api.graphql(mutation(name), m0=said)
    assert (body["data"], [error["type"] for error in body["errors"]]) == ({"m0": None}, ["NOT_FOUND"])


async def test_a_blank_or_endless_comment_is_refused(team: Any, api: Any, pull: Any) -> None:
    for body in ("", " \n", "x" * (MOST_BODY + 1)):
        answer = await api.graphql(mutation("addComment"), m0={"subjectId": pull.id, "body": body})
        assert [error["type"] for error in answer["errors"]] == ["UNPROCESSABLE"]
    assert team.hub.world.issue_comments == {}
    said = {"subjectId": pull.id, "body": "x" * MOST_BODY}
    assert "errors" not in await api.graphql(mutation("addComment"), m0=said)
    (comment,) = team.hub.world.issue_comments.values()
    assert "errors" not in await api.graphql(mutation("deleteIssueComment"), m0={"id": comment.id})
    assert team.hub.world.issue_comments == {}


async def test_words_stop_where_the_installation_ends(team: Any, api: Any) -> None:
    eve = team.hub.person("eve")
    other = await team.hub.repositories.fork(team.shop, eve)
    theirs = await team.hub.pulls.open(other, head="develop", base="main", by=eve)
    comment = await team.hub.comments.write(theirs, by=eve, body="Mine.")
    for name, said in (
        ("addComment", {"subjectId": theirs.id, "body": "Hello."}),
        ("deleteIssueComment", {"id": comment.id}),
        ("createLabel", {"repositoryId": other.id, "name": "P1", "color": "ededed"}),
    ):
        body = await api.graphql(mutation(name), m0=said)
        assert [error["type"] for error in body["errors"]] == ["FORBIDDEN"]


async def test_an_older_value_of_a_pull_request_undoes_nothing(team: Any, pull: Any) -> None:
    await team.hub.labels.create(team.shop, "P1", by=team.mina)
    await team.hub.labels.add(pull, "P1", by=team.mina)
    await team.clone.commit("more", {"more.txt": "1"})
    await team.push("feat/login")
    edited = await team.hub.pulls.edit(pull, by=team.mina, title="Better")
    assert len(edited.labels) == 1
    assert edited.head_ref_oid != pull.head_ref_oid


async def test_a_draft_becomes_ready(team: Any, ask: Any, ear: Any) -> None:
    await team.branch("feat/draft")
    draft = await team.hub.pulls.open(team.shop, head="feat/draft", base="develop", by=team.mina, draft=True)
    assert (await ask(SAID, pull=draft.id, first=1))["node"]["isDraft"]
    ready = await team.hub.pulls.ready(draft, by=team.mina)
    assert await team.hub.pulls.ready(draft, by=team.mina) == ready
    assert not (await ask(SAID, pull=draft.id, first=1))["node"]["isDraft"]
    await team.hub.settled()
    assert [one["pull_request"]["draft"] for one in ear.payloads("pull_request", "opened")] == [True]
    (told,) = ear.payloads("pull_request", "ready_for_review")
    assert told["pull_request"]["draft"] is False


async def test_creations_are_counted_by_the_hour(team: Any, api: Any, pull: Any) -> None:
    now = team.hub.world.now()
    team.hub.world.now = lambda: now
    assert team.hub.limits.creations_an_hour == 500
    team.hub.limits.creations_an_hour = 2
    said = {"subjectId": pull.id, "body": "Hello."}
    for _ in range(2):
        assert "errors" not in await api.graphql(mutation("addComment"), m0=said)
    now += timedelta(minutes=10)
    headers = {"Authorization": f"Bearer {api.token}"}
    sent = {"query": mutation("addComment"), "variables": {"m0": said}}
    async with api.session.post(api.hub.url + "/graphql", json=sent, headers=headers) as answer:
        assert (answer.status, answer.headers["retry-after"]) == (403, "3000")
        assert "secondary rate limit" in (await answer.json())["message"]
    retitled = {"pullRequestId": pull.id, "title": "Better"}
    assert "errors" not in await api.graphql(mutation("updatePullRequest"), m0=retitled)
