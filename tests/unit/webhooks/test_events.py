"""Which questions an event raises, and which it does not."""

import json
from typing import Any

import msgspec
import pytest

from bot.webhooks.events import Malformed, Reader

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


@pytest.mark.parametrize("action", ["opened", "reopened", "synchronize", "edited", "closed"])
def test_a_pull_request_raises_its_question(action: str) -> None:
    expected = {**WHERE, "number": 9, "head": OID, "compare": OID, "before": ""}
    assert ask("pull_request", action=action, pull_request=pull()) == [("pull/1/9", expected)]


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
    subject = {**WHERE, "check_run": 4, "identifier": "retarget:9", "head": OID, "login": "mina"}
    assert pressed == [("button/1/4/retarget:9/mina", subject)]


@pytest.mark.parametrize("action", ["created", "completed", "rerequested", "requested_action"])
def test_r16_checks_of_other_apps_raise_none(action: str) -> None:
    assert run(APP + 1, action=action, requested_action={"identifier": "retarget:9"}) == []


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


def test_a_departure_raises_none() -> None:
    assert ask("installation", action="deleted") == []
    assert ask("installation_repositories", action="removed", repositories_added=[]) == []


@pytest.mark.parametrize("change", ["added", "modified", "removed"])
def test_a_rulebook_that_changed_on_the_default_branch_looks_at_the_repository(change: str) -> None:
    commits = [{"modified": ["README.md"]}, {change: [RULEBOOK]}]
    assert ask("push", ref="refs/heads/main", commits=commits) == [("repository/1", WHERE)]


def test_a_forced_push_may_have_taken_a_rulebook_away() -> None:
    assert ask("push", ref="refs/heads/main", forced=True, commits=[]) == [("repository/1", WHERE)]


def test_the_shared_rulebook_of_an_owner_looks_at_the_installation() -> None:
    shared = {**REPOSITORY, "full_name": "acme/.github"}
    commits = [{"modified": [RULEBOOK]}]
    asked = ask("push", ref="refs/heads/main", commits=commits, repository=shared)
    assert asked == [("installation/5", {"installation": 5})]


def test_another_default_branch_looks_at_the_repository() -> None:
    changes = {"default_branch": {"from": "master"}}
    assert ask("repository", action="edited", changes=changes) == [("repository/1", WHERE)]
    assert ask("repository", action="edited", changes={"description": {"from": ""}}) == []
    assert ask("repository", action="archived") == []


def test_r14_a_merge_group_waits_for_its_checks() -> None:
    group = {"head_sha": OID, "base_ref": "refs/heads/main"}
    assert ask("merge_group", action="checks_requested", merge_group=group) == [
        (f"queue/1/{OID}", {**WHERE, "head": OID})
    ]
    assert ask("merge_group", action="destroyed", merge_group=group) == []


@pytest.mark.parametrize(
    "payload",
    [
        {"ref": "refs/heads/feat/x", "commits": [{"modified": [RULEBOOK]}]},
        {"ref": "refs/tags/main", "commits": [{"modified": [RULEBOOK]}]},
        {"ref": "refs/heads/main", "commits": [{"modified": ["README.md"]}]},
        {"ref": "refs/heads/main", "commits": []},
    ],
)
def test_other_pushes_raise_none(payload: dict[str, Any]) -> None:
    assert ask("push", **payload) == []


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
