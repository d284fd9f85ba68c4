"""Which questions an event raises, and which it does not."""

import json
from typing import Any

import msgspec
import pytest

from bot.rules.commands import OF_REPOSITORY
from bot.webhooks.reader import Malformed, Reader

APP = 7
REPOSITORY = {"id": 1, "node_id": "R_1", "full_name": "acme/shop", "default_branch": "main", "private": True}
WHERE = {"installation": 5, "repository": "R_1", "repository_id": 1, "full_name": "acme/shop"}
COMMON = {"installation": {"id": 5}, "repository": REPOSITORY, "sender": {"login": "mina"}}
OID = "a" * 40
RULEBOOK = ".github/signalbox.yml"


def ask(event: str, **payload: Any) -> list[tuple[str, dict[str, object]]]:
    _, questions = Reader(APP, RULEBOOK).read(event, json.dumps({**COMMON, **payload}).encode())
    return [(question.key, dict(question.subject)) for question in questions]


def pull(**head: Any) -> dict[str, Any]:
    return {"number": 9, "head": {"sha": OID, "label": "acme:feat/x", "repo": REPOSITORY, **head}}


ACTIONS = (
    "opened",
    "reopened",
    "synchronize",
    "edited",
    "labeled",
    "unlabeled",
    "ready_for_review",
)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_pull_request_raises_its_question(action: str) -> None:
    expected = {**WHERE, "number": 9, "head": OID, "compare": OID, "before": "", "calm": False}
    assert ask("pull_request", action=action, pull_request=pull()) == [("pull/1/9", expected)]


@pytest.mark.parametrize("merged", [True, False])
def test_a_pull_request_that_is_closed_may_be_a_release(merged: bool) -> None:
    closed = {**pull(ref="release-v1.2.0"), "base": {"ref": "main"}, "merged": merged}
    question, release, *cleanup = ask("pull_request", action="closed", pull_request=closed)
    assert question[0] == "pull/1/9"
    images = ("cleanup/1/9", {**WHERE, "number": 9, "head": "release-v1.2.0"})
    assert cleanup == ([images] if merged else [])
    expected = {
        **WHERE,
        "number": 9,
        "head": "release-v1.2.0",
        "base": "main",
        "merged": merged,
        "from_fork": False,
    }
    assert release == ("release/1/9", expected)


@pytest.mark.parametrize("home", [None, {**REPOSITORY, "id": 2}], ids=["deleted", "there"])
def test_r9_a_forks_pull_request_that_is_closed_is_known_as_a_forks(home: dict[str, Any] | None) -> None:
    closed = {**pull(ref="signalbox/forward-7", repo=home), "merged": True}
    (_, release) = ask("pull_request", action="closed", pull_request=closed)
    assert release[1]["from_fork"] is True


@pytest.mark.parametrize("merged", [True, False])
def test_a_pull_request_that_brings_a_deployment_says_who_closed_it(merged: bool) -> None:
    closed = {**pull(ref="signalbox/deploy-prod-73"), "base": {"ref": "main"}, "merged": merged}
    questions = ask("pull_request", action="closed", pull_request=closed)
    assert questions[-1] == ("proposal/1/9", {**WHERE, "number": 9, "login": "mina"})
    assert "proposal/1/9" not in dict(ask("pull_request", action="reopened", pull_request=closed))


def test_r16_what_this_app_withdrew_is_not_asked_about() -> None:
    reader = Reader(APP, RULEBOOK)
    reader.own_login = "signalbox[bot]"
    event = {"action": "closed", "pull_request": pull(ref="signalbox/deploy-prod-73")}
    body = json.dumps({**COMMON, **event, "sender": {"login": "signalbox[bot]"}}).encode()
    assert "proposal/1/9" not in {question.key for question in reader.read("pull_request", body)[1]}


@pytest.mark.parametrize("action", ["assigned", "locked", "a_new_action"])
def test_other_actions_raise_none(action: str) -> None:
    assert ask("pull_request", action=action, pull_request=pull()) == []


def test_r9_a_forks_head_is_named_by_owner_and_branch() -> None:
    fork = {**REPOSITORY, "id": 2, "node_id": "R_2"}
    ((_, subject),) = ask("pull_request", action="opened", pull_request=pull(label="noor:feat/x", repo=fork))
    assert subject["compare"] == "noor:feat/x"


def test_r9_a_fork_of_the_same_owner_is_named_by_its_commit() -> None:
    fork = {**REPOSITORY, "id": 2, "node_id": "R_2"}
    ((_, subject),) = ask("pull_request", action="opened", pull_request=pull(repo=fork))
    assert subject["compare"] == OID


def test_r3_a_push_names_the_head_that_it_left() -> None:
    ((_, subject),) = ask("pull_request", action="synchronize", before="b" * 40, pull_request=pull())
    assert subject["before"] == "b" * 40


def test_r9_a_deleted_fork_leaves_the_commit() -> None:
    ((_, subject),) = ask("pull_request", action="opened", pull_request=pull(label=None, repo=None))
    assert subject["compare"] == OID


def test_without_an_installation_nothing_can_be_asked() -> None:
    assert ask("pull_request", action="opened", pull_request=pull(), installation=None) == []


def run(app: int, **payload: Any) -> list[tuple[str, dict[str, object]]]:
    return ask("check_run", check_run={"id": 4, "head_sha": OID, "app": {"id": app}}, **payload)


def test_r9_a_check_asked_for_again_is_found_by_its_commit() -> None:
    assert run(APP, action="rerequested") == [(f"commit/1/{OID}", {**WHERE, "head": OID})]
    suite = {"head_sha": OID, "app": {"id": APP}}
    assert ask("check_suite", action="rerequested", check_suite=suite) == [
        (f"commit/1/{OID}", {**WHERE, "head": OID})
    ]


def test_a_pressed_button_names_who_pressed_it() -> None:
    pressed = run(APP, action="requested_action", requested_action={"identifier": "retarget:9"})
    subject = {
        **WHERE, "check_run": 4, "identifier": "retarget:9", "head": OID, "login": "mina", "drawn": ""
    }  # fmt: skip
    assert pressed == [("button/1/4/retarget:9/mina", subject)]


def others(*pulls: dict[str, Any]) -> list[tuple[str, dict[str, object]]]:
    check = {"id": 4, "head_sha": OID, "app": {"id": APP + 1}, "pull_requests": list(pulls)}
    return ask("check_run", action="completed", check_run=check)


def test_r9_checks_of_other_apps_ask_who_waits_for_them() -> None:
    named = {"number": 9, "head": {"ref": "release-v1.2.0", "sha": OID}, "base": {"ref": "main"}}
    key, refs = f"checks/1/{OID}", (("release-v1.2.0", "main"),)
    assert others(named) == [(key, {**WHERE, "head": OID, "refs": refs})]
    assert others() == [(key, {**WHERE, "head": OID, "refs": ()})]
    suite = {"head_sha": OID, "app": {"id": APP + 1}, "pull_requests": [named]}
    assert ask("check_suite", action="completed", check_suite=suite) == others(named)
    assert ask("status", sha=OID, state="success", branches=[]) == others()


def test_r14_what_a_merge_queue_brought_has_buttons_of_its_own() -> None:
    suite = {"head_branch": f"gh-readonly-queue/main/pr-9-{OID}"}
    check = {"id": 4, "head_sha": OID, "app": {"id": APP}, "check_suite": suite, "external_id": "{}"}
    for identifier, key in (("hold", "button/1/4/hold/mina"), ("recheck:9", f"queue/1/{OID}")):
        pressed = {"action": "requested_action", "requested_action": {"identifier": identifier}}
        assert [each for each, _ in ask("check_run", check_run=check, **pressed)] == [key]


@pytest.mark.parametrize("action", ["rerequested", "requested_action"])
def test_r16_what_is_asked_of_other_apps_raises_none(action: str) -> None:
    assert run(APP + 1, action=action, requested_action={"identifier": "retarget:9"}) == []
    suite = {"head_sha": OID, "app": {"id": APP + 1}}
    assert ask("check_suite", action="requested", check_suite=suite) == []


REVIEWING = [
    *(("pull_request_review", action) for action in ("submitted", "edited", "dismissed")),
    *(("pull_request_review_comment", action) for action in ("created", "edited", "deleted")),
    *(("pull_request_review_thread", action) for action in ("resolved", "unresolved")),
]


@pytest.mark.parametrize(("event", "action"), REVIEWING)
def test_r7_whatever_is_said_in_a_review_raises_the_question(event: str, action: str) -> None:
    assert [key for key, _ in ask(event, action=action, pull_request=pull())] == ["pull/1/9"]


def comment(
    body: str | None, app: int | None = None, sender: str = "mina", by: str = "Bot", **issue: Any
) -> list[str]:
    """The questions of a comment; `by` is the type of whoever wrote it by way of an App."""
    user = {"type": by if app else "User"}
    written = {"body": body, "user": user, "performed_via_github_app": app and {"id": app}}
    payload = {
        **COMMON,
        "action": "created",
        "issue": {"number": 9, "pull_request": {}, **issue},
        "comment": written,
        "sender": {"login": sender},
    }
    reader = Reader(APP, RULEBOOK)
    reader.own_login = "signalbox[bot]"
    _, questions = reader.read("issue_comment", json.dumps(payload).encode())
    return [question.key for question in questions]


def test_a_command_in_a_comment_raises_the_question() -> None:
    assert comment("/signalbox recheck") == ["pull/1/9"]
    assert comment("please\n\n/signalbox recheck", app=APP + 1) == ["pull/1/9"]


def test_other_talk_raises_none() -> None:
    assert comment("I like it") == []
    assert comment(None) == []


@pytest.mark.parametrize("verb", sorted(OF_REPOSITORY))
def test_a_command_of_the_repository_raises_the_question_wherever_it_is_written(verb: str) -> None:
    assert comment(f"It is time.\n/signalbox  {verb} now") == ["pull/1/9", "orders/1/9"]
    assert comment(f"/signalbox {verb}", pull_request=None) == ["orders/1/9"]
    assert comment(f"/signalbox {verb}", state="closed") == ["orders/1/9"]
    assert comment(f"/signalbox {verb}", app=APP, sender="mina") == ["pull/1/9"]


def test_every_other_command_is_answered_where_no_pull_request_is_open() -> None:
    assert comment("/signalbox recheck", pull_request=None) == ["orders/1/9"]
    assert comment("/signalbox recheck", state="closed") == ["orders/1/9"]
    assert comment("I like it", pull_request=None) == []
    assert comment("ours", pull_request=None, app=APP, sender="mina") == []


def test_r16_its_own_comment_is_looked_at_only_in_other_hands() -> None:
    assert comment("/signalbox", app=APP, sender="signalbox[bot]") == []
    assert comment("gone", app=APP, sender="mina") == ["pull/1/9"]


def test_what_a_person_orders_by_way_of_this_app_is_theirs() -> None:
    assert comment("/signalbox retry", app=APP, by="User", state="closed") == ["orders/1/9"]
    assert comment("/signalbox recheck", app=APP, by="User") == ["pull/1/9"]
    assert comment("I like it", app=APP, by="User") == []


def test_r16_labels_of_its_own_raise_none() -> None:
    reader = Reader(APP, RULEBOOK)
    own = {**COMMON, "action": "labeled", "pull_request": pull(), "sender": {"login": "signalbox[bot]"}}
    _, before = reader.read("pull_request", json.dumps(own).encode())
    assert len(before) == 1  # it does not know its own name yet, and looks once more
    reader.own_login = "signalbox[bot]"
    assert reader.read("pull_request", json.dumps(own).encode())[1] == []
    own["action"] = "opened"
    assert len(reader.read("pull_request", json.dumps(own).encode())[1]) == 1


@pytest.mark.parametrize("event", ["member", "team"])
def test_r13_who_may_write_to_a_repository_changes_its_approvals(event: str) -> None:
    assert ask(event, action="removed") == [("access/1", WHERE)]


def test_r13_who_is_in_a_team_or_an_organisation_changes_all_approvals() -> None:
    everywhere = [("members/5", {"installation": 5})]
    assert ask("team", action="deleted", repository=None) == everywhere
    assert ask("membership", action="removed", repository=None) == everywhere
    assert ask("organization", action="member_removed", repository=None) == everywhere
    assert ask("organization", action="member_invited", repository=None) == []
    assert ask("membership", action="removed", installation=None) == []


@pytest.mark.parametrize("action", ["created", "completed"])
def test_r16_its_own_writes_raise_none(action: str) -> None:
    assert run(APP, action=action) == []


def test_a_check_of_nobody_raises_none() -> None:
    assert ask("check_run", action="rerequested", check_run={"id": 4, "head_sha": OID, "app": None}) == []


@pytest.mark.parametrize("action", ["created", "unsuspend", "new_permissions_accepted"])
def test_an_arrival_looks_at_the_installation(action: str) -> None:
    assert ask("installation", action=action) == [("installation/5", {"installation": 5})]


def test_repositories_that_are_added_are_looked_at() -> None:
    others = [{"id": 8, "node_id": "R_8", "full_name": "acme/api"}, REPOSITORY]
    added = ask("installation_repositories", action="added", repositories_added=others)
    assert [key for key, _ in added] == ["repository/8", "repository/1"]


def test_a_departure_asks_what_is_still_there() -> None:
    gone = [("visible/5", {"installation": 5})]
    assert ask("installation", action="deleted") == gone
    assert ask("installation_repositories", action="removed", repositories_added=[]) == gone
    assert ask("repository", action="deleted") == gone


@pytest.mark.parametrize("action", ["renamed", "transferred", "privatized", "publicized"])
def test_a_repository_that_is_known_by_another_name_is_looked_at(action: str) -> None:
    assert ask("repository", action=action) == [("repository/1", WHERE)]


@pytest.mark.parametrize("event", ["deployment", "deployment_status"])
def test_a_deployment_raises_its_question(event: str) -> None:
    (asked,) = ask(event, action="created", deployment={"id": 42})
    assert asked == ("deployment/1/42", {**WHERE, "deployment": 42})


@pytest.mark.parametrize("change", ["added", "modified", "removed"])
def test_a_rulebook_that_changed_on_the_default_branch_looks_at_the_repository(change: str) -> None:
    commits = [{"modified": ["README.md"]}, {change: [RULEBOOK]}]
    repository, (main, subject) = ask("push", ref="refs/heads/main", commits=commits)
    assert repository == ("repository/1", WHERE)
    assert (main.startswith("main/1/"), subject) == (True, {**WHERE, "branch": "main"})


def test_a_branch_that_begins_with_a_rulebook_came_by_no_way() -> None:
    commits = [{"added": [RULEBOOK]}]
    asked = ask("push", ref="refs/heads/main", created=True, commits=commits)
    assert asked == [("repository/1", WHERE)]


def test_a_forced_push_may_have_taken_a_rulebook_away() -> None:
    repository, main = ask("push", ref="refs/heads/main", forced=True, commits=[])
    assert (repository, main[1]["branch"]) == (("repository/1", WHERE), "main")


def test_the_shared_rulebook_of_an_owner_looks_at_the_installation() -> None:
    shared = {**REPOSITORY, "full_name": "acme/.github"}
    commits = [{"modified": [RULEBOOK]}]
    installation, main = ask("push", ref="refs/heads/main", commits=commits, repository=shared)
    assert (installation, main[1]["branch"]) == (("installation/5", {"installation": 5}), "main")


def test_another_default_branch_looks_at_the_repository() -> None:
    changes = {"default_branch": {"from": "master"}}
    assert ask("repository", action="edited", changes=changes) == [("repository/1", WHERE)]
    assert ask("repository", action="edited", changes={"description": {"from": ""}}) == []
    assert ask("repository", action="archived") == []


def test_r14_a_merge_group_waits_for_its_checks() -> None:
    ref = f"refs/heads/gh-readonly-queue/main/pr-9-{OID}"
    group = {"head_sha": OID, "head_ref": ref, "base_ref": "refs/heads/main"}
    asked = ask("merge_group", action="checks_requested", merge_group=group)
    assert asked == [(f"queue/1/{OID}", {**WHERE, "head": OID, "branch": "main", "number": 9})]
    assert ask("merge_group", action="destroyed", merge_group=group) == []
    ((_, unnamed),) = ask("merge_group", action="checks_requested", merge_group={**group, "head_ref": "x"})
    assert unnamed["number"] == 0


def base_of(**payload: Any) -> list[object]:
    return [
        subject["branch"] if key.startswith("base/1/") else key for key, subject in ask("push", **payload)
    ]


def test_a_branch_that_moved_may_be_somebodys_base() -> None:
    assert base_of(ref="refs/heads/main", commits=[{"modified": ["README.md"]}]) == ["main"]
    assert base_of(ref="refs/heads/feat/x", commits=[{"modified": [RULEBOOK]}]) == ["feat/x"]
    assert base_of(ref="refs/heads/한글", commits=[]) == ["한글"]


@pytest.mark.parametrize("how", [{"created": True}, {"forced": True}, {"deleted": True}])
def test_a_tag_that_comes_moves_or_goes_looks_at_versions_alone(how: dict[str, bool]) -> None:
    commits = [{"modified": [RULEBOOK]}]
    ((key, subject),) = ask("push", ref="refs/tags/main", commits=commits, **how)
    assert key.startswith("tag/1/")
    assert subject == {**WHERE, "tag": "main"}


def test_branches_that_come_or_go_are_nobodys_base() -> None:
    assert base_of(ref="refs/heads/feat/x", deleted=True) == []
    assert base_of(ref="refs/heads/feat/x", created=True) == []


def test_an_unknown_event_is_accepted() -> None:
    assert ask("a_new_event", action="happened", pull_request={"number": "nine"}) == []


def test_a_shape_that_is_not_documented_is_told_apart_from_broken_json() -> None:
    with pytest.raises(msgspec.ValidationError):
        ask("pull_request", action="opened", pull_request={"number": "nine"})


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"action": "opened"', b"\xff\xfe", b'{"action": "\xff"}', b'{"a":' * 100_000],
)
def test_broken_json_is_an_error_for_known_and_unknown_events(body: bytes) -> None:
    for event in ("pull_request", "a_new_event"):
        with pytest.raises(Malformed):
            Reader(APP, RULEBOOK).read(event, body)


@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"[" * 100_000])
def test_json_that_is_no_object_is_not_as_documented(body: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        Reader(APP, RULEBOOK).read("a_new_event", body)
