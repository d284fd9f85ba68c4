"""What the hub tells the App is what GitHub would tell it: headers, signature, and payload field by field."""

import hashlib
import hmac
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from bot.localhub import Hub
from bot.localhub.model import PullRequest
from bot.localhub.refusals import Unprocessable

COMMENT = "mutation C($m0: AddCommentInput!) { m0: addComment(input: $m0) { clientMutationId } }"

# GitHub documents these, or that they may be null, and no example happens to show it.
UNSHOWN = {
    ("pull_request", "changes"),
    ("pull_request", "changes.base"),
    ("pull_request", "changes.base.ref"),
    ("pull_request", "changes.base.ref.from"),
    ("pull_request", "changes.base.sha"),
    ("pull_request", "changes.base.sha.from"),
    ("pull_request", "changes.title"),
    ("pull_request", "changes.title.from"),
    ("pull_request", "label.description"),
    ("pull_request", "pull_request.labels[].description"),
    ("label", "label.description"),
    ("merge_group", "reason"),
    ("merge_group", "repository.description"),
    ("merge_group", "repository.homepage"),
    ("issue_comment", "issue.body"),
    ("issue_comment", "issue.pull_request"),
    ("issue_comment", "issue.pull_request.url"),
    ("issue_comment", "issue.pull_request.html_url"),
    ("issue_comment", "issue.pull_request.diff_url"),
    ("issue_comment", "issue.pull_request.patch_url"),
    ("issue_comment", "issue.pull_request.merged_at"),
    ("issue_comment", "comment.performed_via_github_app"),
    ("member", "changes.permission"),
    ("member", "changes.permission.from"),
    ("member", "changes.permission.to"),
    ("member", "changes.role_name"),
    ("member", "changes.role_name.to"),
    ("pull_request_review", "changes"),
    ("pull_request_review", "changes.body"),
    ("pull_request_review", "changes.body.from"),
    ("pull_request_review", "pull_request.body"),
    ("pull_request_review", "pull_request.merge_commit_sha"),
    ("pull_request_review", "review.body"),
    ("pull_request_review_comment", "comment.in_reply_to_id"),
    ("pull_request_review_comment", "comment.line"),
    ("pull_request_review_comment", "comment.position"),
    ("pull_request_review_comment", "pull_request.body"),
    ("pull_request_review_comment", "pull_request.draft"),
    ("pull_request_review_comment", "pull_request.merge_commit_sha"),
    ("pull_request_review_thread", "thread.comments[].in_reply_to_id"),
    ("pull_request_review_thread", "pull_request.body"),
    ("pull_request_review_thread", "pull_request.merge_commit_sha"),
    ("pull_request", "pull_request.merged_at"),
    ("pull_request", "pull_request.merged_by"),
    ("release", "release.immutable"),
    ("release", "release.published_at"),
    ("release", "release.tarball_url"),
    ("release", "release.zipball_url"),
    ("release", "release.updated_at"),
    ("status", "commit.commit.verification.verified_at"),
    ("status", "description"),
}
# GitHub documents these for one event, and examples of another show what they are made of.
SHOWN_ELSEWHERE = {
    ("issue_comment", "comment.performed_via_github_app"): ("check_run", "check_run.app"),
    ("label", "organization"): ("pull_request", "organization"),
    ("member", "organization"): ("pull_request", "organization"),
    ("pull_request", "pull_request.merged_by"): ("pull_request", "pull_request.user"),
    ("release", "organization"): ("pull_request", "organization"),
    ("status", "organization"): ("pull_request", "organization"),
}
# Names that a team chose: what is beneath them is no field of GitHub's.
CHOSEN = {"permissions"}


def fields(value: Any, path: str = "") -> Iterable[tuple[str, str]]:
    """Every field of a payload with the JSON type of its value; all items of a list count as one."""
    match value:
        case dict():
            for name, inner in value.items():
                here = f"{path}.{name}" if path else name
                yield here, type(inner).__name__
                if name not in CHOSEN:
                    yield from fields(inner, here)
        case list():
            for inner in value:
                yield from fields(inner, f"{path}[]")


class Shown(NamedTuple):
    """The fields of an event's examples with their types, and those that every example has at the top."""

    types: dict[str, set[str]]
    always: set[str]


def shown(examples: Iterable[Any], event: str) -> Shown:
    known: dict[str, set[str]] = {}
    payloads = [example.payload for example in examples if example.event == event]
    for payload in payloads:
        for path, kind in fields(payload):
            known.setdefault(path, set()).add(kind)
    return Shown(known, set.intersection(*(set(payload) for payload in payloads)))


def types_of(known: Mapping[str, Shown], event: str, path: str) -> set[str]:
    """The types that examples show for a field."""
    for (where, what), (elsewhere, as_what) in SHOWN_ELSEWHERE.items():
        if where == event and f"{path}.".startswith(f"{what}."):
            event, path = elsewhere, as_what + path.removeprefix(what)
    return known[event].types.get(path, set())


async def review(team: Any, pull: PullRequest) -> None:
    """Let everything happen that reviews and their threads can tell of."""
    reviews, mina, noor = team.hub.reviews, team.mina, team.hub.person("noor")
    remark = ("feat/login.txt", 1, "P2: a better name?")
    asked = await reviews.submit(pull, by=noor, state="CHANGES_REQUESTED", comments=[remark])
    await reviews.edit(asked, "P1: see below", by=noor)
    await reviews.dismiss(asked, by=mina, message="Done")
    await reviews.submit(pull, by=noor, state="APPROVED")
    thread = await reviews.comment(pull, by=noor, path="feat/login.txt", line=1, body="P3: why?")
    answer = await reviews.reply(thread, by=mina, body="Because.")
    await reviews.edit_comment(answer, "Because of the law.", by=mina)
    await reviews.unresolve(await reviews.resolve(thread, by=mina), by=noor)
    await team.clone.commit("rewrite", {"feat/login.txt": "anew"})
    await team.push("feat/login")
    await reviews.delete_comment(answer, by=mina)


async def discuss(team: Any, api: Any, pull: PullRequest) -> None:
    """Let everything happen that labels and comments can tell of."""
    hub, mina = team.hub, team.mina
    must = await hub.labels.create(team.shop, "P1", by=mina, color="d73a4a", description="Must be done")
    await hub.labels.create(team.shop, "P2", by=mina)
    for name in ("P1", "P2"):
        await hub.labels.add(pull, name, by=mina)
    await hub.labels.remove(pull, "P2", by=mina)
    await hub.labels.delete(must, by=mina)
    comment = await hub.comments.write(pull, by=mina, body="/signalbox check")
    await hub.comments.edit(comment, "/signalbox help", by=mina)
    await hub.comments.react(comment, "EYES", by=mina)
    assert "errors" not in await api.graphql(COMMENT, m0={"subjectId": pull.id, "body": "Done."})
    await hub.comments.delete(comment, by=mina)


async def others(team: Any, pull: PullRequest) -> None:
    """Let everything happen that other Apps, bots and owners can be told of."""
    hub, mina, noor = team.hub, team.mina, team.hub.person("noor")
    await hub.checks.report(team.shop, pull.head_ref_oid, "build", status="IN_PROGRESS")
    await hub.checks.report(team.shop, pull.head_ref_oid, "build", conclusion="FAILURE")
    hub.protect(team.shop, "develop", checks=["build"])
    for description in ("", "All is well"):
        await hub.statuses.set(
            team.shop, pull.head_ref_oid, "lint", "SUCCESS", by=mina, description=description
        )
    for permission in ("write", "maintain", "none"):
        hub.allow(team.shop, noor, permission)
    reviewers = hub.teams.create(team.shop.owner, "reviewers", [mina])
    hub.teams.leave(hub.teams.join(reviewers, noor, by=mina), noor, by=mina)
    hub.teams.remove_member(team.shop.owner, noor, by=mina)


async def ship(team: Any, api: Any) -> None:
    """Let everything happen that merges, releases, commits of the App and issues can tell of."""
    hub, mina, home = team.hub, team.mina, "/repos/acme/shop"
    pull = await hub.pulls.open(team.shop, head="develop", base="main", by=mina)
    await hub.pulls.merge(pull, by=mina)
    oid = await team.tip("main")
    tag = {"tag": "v2.0.0", "message": "Two", "object": oid, "type": "commit"}
    _, made, _ = await api.rest("POST", f"{home}/git/tags", tag)
    await api.rest("POST", f"{home}/git/refs", {"ref": "refs/tags/v2.0.0", "sha": made["sha"]})
    await api.rest("POST", f"{home}/releases", {"tag_name": "v2.0.0", "name": "Two", "body": "Notes"})
    _, draft, _ = await api.rest("POST", f"{home}/releases", {"tag_name": "v3.0.0", "draft": True})
    path = f"{home}/releases/{draft['id']}"
    changes: list[dict[str, object]] = [
        {"draft": False, "prerelease": True},
        {"name": "Three"},
        {"draft": True},
    ]
    for change in changes:
        await api.rest("PATCH", path, change)
    await hub.releases.delete(hub.world.releases[draft["id"]], by=mina)
    await api.rest("DELETE", f"{home}/git/refs/tags/v2.0.0")
    deployment = await hub.deployments.create(team.shop, "main", by=mina, environment="prod")
    hub.deployments.say(deployment, "success", by=mina, environment_url="https://shop.example.com")
    issue = await hub.issues.open(team.shop, title="Release", by=mina, body="")
    await hub.comments.write(issue, by=mina, body="/signalbox release 2.0.0")
    await hub.issues.close(issue, by=mina)


async def everything(team: Any, api: Any) -> None:
    """Let everything happen that the hub can tell of."""
    hub, mina = team.hub, team.mina
    hub.world.app = replace(hub.app, events=(*hub.app.events, "issues", "label", "release"))
    await ship(team, api)
    await team.clone.git("switch", "--quiet", "develop")
    await team.clone.commit("go on", {"on.txt": "1"})
    await team.push("develop")
    pull = await team.open()
    await others(team, pull)
    await discuss(team, api, pull)
    await review(team, pull)
    action = {"label": "Retarget", "description": "Send it to develop", "identifier": "retarget"}
    await api.check(pull, actions=[action])
    run = list(hub.world.runs.values())[-1]
    await hub.checks.press(run, "retarget", by=mina)
    await hub.checks.rerequest(run, by=mina)
    await hub.checks.rerequest_suite(hub.world.suite_of(run), by=mina)
    await team.clone.commit("again", {"again.txt": "1"})
    await team.push("feat/login")
    await hub.queue.enqueue(pull, by=mina)
    await hub.queue.dequeue(pull, by=mina)
    await team.branch("feat/draft")
    draft = await hub.pulls.open(team.shop, head="feat/draft", base="develop", by=mina, draft=True)
    await hub.pulls.ready(draft, by=mina)
    pull = await hub.pulls.edit(team.now(pull), by=mina, base="main", title="Log in")
    pull = await hub.pulls.reopen(await hub.pulls.close(pull, by=mina), by=mina)
    eve = hub.person("eve")
    fork = await hub.repositories.fork(team.shop, eve)
    await hub.pulls.open(team.shop, head="eve:develop", base="main", by=eve)
    await hub.repositories.delete(fork)
    await team.clone.git("tag", "-a", "v1.0.0", "-m", "one")
    await team.push("v1.0.0")
    await team.push(":feat/login")
    await hub.repositories.change_default(team.shop, "develop", by=mina)
    await hub.settled()
    api.token = ""
    hub.installations.unsuspend(hub.installations.suspend(team.installation))
    hub.installations.delete(team.installation)
    await hub.settled()


async def test_every_payload_is_made_of_fields_that_github_sends(
    team: Any, api: Any, ear: Any, webhook_examples: list[Any]
) -> None:
    await everything(team, api)
    told = {(headers["X-GitHub-Event"], json.loads(body).get("action")) for headers, body in ear.heard}
    assert told == {
        *(("pull_request", action) for action in ("opened", "synchronize", "edited", "closed", "reopened")),
        *(("pull_request", action) for action in ("ready_for_review", "labeled", "unlabeled")),
        *(("pull_request_review", action) for action in ("submitted", "edited", "dismissed")),
        *(("pull_request_review_comment", action) for action in ("created", "edited", "deleted")),
        *(("pull_request_review_thread", action) for action in ("resolved", "unresolved")),
        *(("issue_comment", action) for action in ("created", "edited", "deleted")),
        *(("label", action) for action in ("created", "deleted")),
        *(("member", action) for action in ("added", "edited", "removed")),
        *(("membership", action) for action in ("added", "removed")),
        *(("check_run", action) for action in ("created", "completed", "requested_action", "rerequested")),
        *(("check_suite", action) for action in ("requested", "completed", "rerequested")),
        *(("issues", action) for action in ("opened", "closed")),
        *(("release", action) for action in ("created", "published", "released", "prereleased")),
        *(("release", action) for action in ("edited", "unpublished", "deleted")),
        *(("installation", action) for action in ("created", "suspend", "unsuspend", "deleted")),
        *((event, None) for event in ("push", "create", "delete", "status")),
        *(("merge_group", action) for action in ("checks_requested", "destroyed")),
        ("deployment", "created"),
        ("deployment_status", "created"),
        ("organization", "member_removed"),
        ("repository", "edited"),
    }
    known = {event: shown(webhook_examples, event) for event, _ in told}
    missing, strange = set(), set()
    for headers, body in ear.heard:
        event, payload = headers["X-GitHub-Event"], json.loads(body)
        missing |= {(event, name) for name in known[event].always - set(payload)}
        strange |= {
            (event, path) for path, kind in fields(payload) if kind not in types_of(known, event, path)
        }
    assert missing == set()
    assert strange == UNSHOWN


async def test_a_merge_group_holds_a_real_merge(team: Any, ear: Any) -> None:
    pull = await team.open()
    await team.clone.git("switch", "--quiet", "develop")
    base = await team.clone.commit("meanwhile", {"meanwhile.txt": "1"})
    await team.push("develop")
    await team.hub.settled()
    ear.heard.clear()
    ref = await team.hub.queue.enqueue(pull, by=team.mina)
    await team.hub.settled()
    (told,) = ear.payloads("merge_group", "checks_requested")
    group = told["merge_group"]
    assert group["head_ref"] == ref == f"refs/heads/gh-readonly-queue/develop/pr-{pull.number}-{base}"
    assert (group["base_ref"], group["base_sha"]) == ("refs/heads/develop", base)
    git = team.hub.world.git(team.shop)
    (merge,) = await git.log(ref, most=1)
    assert (merge.oid, merge.parents) == (group["head_sha"], (base, pull.head_ref_oid))
    assert {change.path for change in await git.changes(base, merge.oid)} == {"feat/login.txt"}
    assert [push["ref"] for push in ear.payloads("push")] == [ref]
    assert [told["check_suite"]["head_sha"] for told in ear.payloads("check_suite", "requested")] == [
        merge.oid
    ]


async def test_what_conflicts_or_is_closed_is_not_queued(team: Any) -> None:
    await team.branch("feat/shop", files={"shop.txt": "closed\n"})
    pull = await team.hub.pulls.open(team.shop, head="feat/shop", base="develop", by=team.mina)
    await team.clone.git("switch", "--quiet", "develop")
    await team.clone.commit("meanwhile", {"shop.txt": "open late\n"})
    await team.push("develop")
    with pytest.raises(Unprocessable, match="conflicts with develop"):
        await team.hub.queue.enqueue(pull, by=team.mina)
    closed = await team.hub.pulls.close(pull, by=team.mina)
    with pytest.raises(Unprocessable, match="cannot be queued"):
        await team.hub.queue.enqueue(closed, by=team.mina)


async def test_another_default_branch_is_told_and_used(team: Any, api: Any, ear: Any) -> None:
    shop = await team.hub.repositories.change_default(team.shop, "develop", by=team.mina)
    await team.hub.settled()
    (told,) = ear.payloads("repository", "edited")
    assert told["changes"] == {"default_branch": {"from": "main"}}
    assert told["repository"]["default_branch"] == shop.default_branch == "develop"
    await team.branch("feat/login")
    await team.hub.settled()
    assert ear.payloads("push")[-1]["repository"]["default_branch"] == "develop"
    query = 'query Q($id: ID!) { node(id: $id) { ... on Repository { object(expression: "HEAD") { oid } } } }'
    body = await api.graphql(query, id=shop.id)
    tip = (await team.clone.git("rev-parse", "develop")).strip()
    assert body["data"]["node"]["object"]["oid"] == tip
    with pytest.raises(Unprocessable):
        await team.hub.repositories.change_default(shop, "nowhere", by=team.mina)


async def test_a_forced_push_says_so(team: Any, ear: Any) -> None:
    first = await team.branch("feat/login")
    await team.clone.git("commit", "--quiet", "--amend", "-m", "better")
    second = (await team.clone.git("rev-parse", "HEAD")).strip()
    await team.push("feat/login", options=("--force",))
    await team.clone.commit("more", {"more.txt": "1"})
    await team.push("feat/login")
    await team.hub.settled()
    pushes = [push for push in ear.payloads("push") if push["ref"] == "refs/heads/feat/login"]
    assert [push["forced"] for push in pushes] == [False, True, False]
    assert (pushes[1]["before"], pushes[1]["after"]) == (first, second)


@pytest.mark.parametrize("whole", [False, True], ids=["run", "suite"])
async def test_a_rerequest_queues_the_suite_and_leaves_the_run(
    team: Any, api: Any, ear: Any, whole: bool
) -> None:
    pull = await team.open()
    await api.check(pull)
    (run,) = team.hub.world.runs.values()
    if whole:
        await team.hub.checks.rerequest_suite(team.hub.world.suite_of(run), by=team.mina)
    else:
        await team.hub.checks.rerequest(run, by=team.mina)
    assert list(team.hub.world.runs.values()) == [run]
    await team.hub.settled()
    event = "check_suite" if whole else "check_run"
    (told,) = ear.payloads(event, "rerequested")
    suite = told["check_suite"] if whole else told["check_run"]["check_suite"]
    assert (suite["status"], suite["conclusion"]) == ("queued", None)
    ear.heard.clear()
    await team.hub.checks.update(run, conclusion="SUCCESS")
    await team.hub.settled()
    (told,) = ear.payloads("check_suite", "completed")
    assert (told["check_suite"]["status"], told["check_suite"]["conclusion"]) == ("completed", "success")


async def test_a_delivery_is_signed_and_named(team: Any, ear: Any) -> None:
    await team.hub.settled()
    headers, body = ear.heard[-1]
    secret = team.hub.app.webhook_secret.encode()
    assert headers["X-Hub-Signature-256"] == "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    assert headers["X-Hub-Signature"] == "sha1=" + hmac.new(secret, body, hashlib.sha1).hexdigest()
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"].startswith("GitHub-Hookshot/")
    assert headers["X-GitHub-Hook-Installation-Target-Type"] == "integration"
    assert headers["X-GitHub-Hook-Installation-Target-ID"] == str(team.hub.app.database_id)
    assert str(uuid.UUID(headers["X-GitHub-Delivery"])) == headers["X-GitHub-Delivery"]
    assert len({headers["X-GitHub-Delivery"] for headers, _ in ear.heard}) == len(ear.heard)


async def test_a_failed_delivery_is_not_made_again_by_itself(team: Any, ear: Any) -> None:
    await team.hub.settled()
    ear.heard.clear()
    ear.status = 503
    await team.open()
    await team.hub.settled()
    assert len(ear.payloads("pull_request")) == 1
    last = list(team.hub.webhooks.deliveries.values())[-1]
    assert (last.answer.code, last.answer.status, last.succeeded) == (503, "Service Unavailable", False)


async def test_nobody_at_the_other_end_is_written_down(team: Any, unused_tcp_port: int) -> None:
    await team.hub.settled()
    team.hub.webhooks.url = f"http://127.0.0.1:{unused_tcp_port}/"
    await team.open()
    await team.hub.settled()
    last = list(team.hub.webhooks.deliveries.values())[-1]
    assert (last.answer.code, last.answer.status) == (0, "failed to connect to host")


async def test_a_redelivery_repeats_the_guid(team: Any, api: Any, ear: Any) -> None:
    await team.hub.settled()
    ear.heard.clear()
    ear.status = 500
    await team.open()
    await team.hub.settled()
    ear.status = 202
    status, failed, _ = await api.rest("GET", "/app/hook/deliveries?status=failure", token=api.app_token())
    assert status == 200
    one = next(each for each in failed if each["event"] == "pull_request")
    path = f"/app/hook/deliveries/{one['id']}"
    assert (await api.rest("POST", f"{path}/attempts", token=api.app_token()))[0] == 202
    await team.hub.settled()
    first, second = (
        headers["X-GitHub-Delivery"]
        for headers, _ in ear.heard
        if headers["X-GitHub-Event"] == "pull_request"
    )
    assert first == second == one["guid"]
    _, newest, _ = await api.rest("GET", "/app/hook/deliveries?per_page=1", token=api.app_token())
    assert (newest[0]["redelivery"], newest[0]["guid"], newest[0]["status"]) == (True, one["guid"], "OK")
    _, full, _ = await api.rest("GET", path, token=api.app_token())
    assert full["request"]["payload"]["action"] == "opened"
    assert full["request"]["headers"]["X-GitHub-Delivery"] == one["guid"]


async def test_the_app_hears_nothing_where_it_is_not_installed(team: Any, ear: Any) -> None:
    await team.hub.settled()
    ear.heard.clear()
    eve = team.hub.person("eve")
    fork = await team.hub.repositories.fork(team.shop, eve)
    await team.hub.pulls.open(fork, head="develop", base="main", by=eve)
    suspended = team.hub.installations.suspend(team.installation)
    await team.open()
    await team.hub.settled()
    assert [headers["X-GitHub-Event"] for headers, _ in ear.heard] == ["installation"]
    team.hub.installations.unsuspend(suspended)


async def test_without_an_address_nothing_is_sent(team: Any) -> None:
    await team.hub.settled()
    team.hub.webhooks.url = None
    known = len(team.hub.webhooks.deliveries)
    await team.open()
    await team.hub.settled()
    assert len(team.hub.webhooks.deliveries) == known


@pytest.mark.parametrize("event", ["check_run", "check_suite"])
async def test_a_fork_is_not_named_in_checks(team: Any, api: Any, ear: Any, event: str) -> None:
    hub: Hub = team.hub
    eve = hub.person("eve")
    fork = await hub.repositories.fork(team.shop, eve)
    await team.clone.branch("feat/theirs", "develop")
    await team.clone.commit("theirs", {"theirs.txt": "1"})
    await team.clone.git("push", "--quiet", str(hub.clone_path(fork)), "feat/theirs")
    pull = await hub.pulls.open(team.shop, head="eve:feat/theirs", base="develop", by=eve)
    await api.check(pull)
    await hub.settled()
    assert ear.payloads(event, "completed")[-1][event]["pull_requests"] == []
