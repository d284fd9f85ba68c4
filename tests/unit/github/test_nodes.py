"""GraphQL nodes: every null that GitHub's schema allows has an answer, and none of them is a pass."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.errors import GiveUp, Retry
from bot.github import nodes
from bot.github.nodes import Published, Target
from bot.rules import RULEBOOK_PATH
from bot.rules.facts import Actor, Author, Commit
from bot.rules.rulebook import Rulebook, Unreadable

HEAD, OTHER = "a" * 40, "b" * 40
LAST, MORE = {"hasNextPage": False, "endCursor": None}, {"hasNextPage": True, "endCursor": "x"}
BLOB = {"oid": OTHER, "byteSize": 20, "isBinary": False, "isTruncated": False, "text": "preset: trunk\n"}


def pull(**changes: Any) -> dict[str, Any]:
    return {
        "number": 7,
        "state": "OPEN",
        "isCrossRepository": False,
        "headRefName": "feat/x",
        "headRefOid": HEAD,
        "baseRefName": "develop",
        "headRepository": {"owner": {"login": "acme"}},
        "baseRepository": {"owner": {"login": "acme"}},
        "author": {"__typename": "User", "login": "mina"},
        **changes,
    }


def commit(oid: str = HEAD) -> dict[str, Any]:
    return {
        "oid": oid,
        "messageHeadline": "feat: x",
        "authoredDate": "2026-11-23T10:00:00Z",
        "committedDate": "2026-11-23T11:00:00Z",
        "parents": {"nodes": [{"oid": OTHER}]},
    }


def ref(**changes: Any) -> dict[str, Any]:
    comparison = {"headTarget": {"oid": HEAD}, "commits": {"nodes": [commit()], "pageInfo": LAST}}
    return {
        "name": "develop",
        "target": {"oid": OTHER, "history": {"nodes": [commit(OTHER)]}},
        "compare": comparison,
        **changes,
    }


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ({"__typename": "User", "login": "mina"}, Author("mina", Actor.PERSON)),
        ({"__typename": "User", "login": "not-a-bot[bot]"}, Author("not-a-bot[bot]", Actor.PERSON)),
        ({"__typename": "Bot", "login": "dependabot"}, Author("dependabot", Actor.BOT)),
        ({"__typename": "EnterpriseUserAccount", "login": "mina_acme"}, Author("mina_acme", Actor.PERSON)),
        (None, Author("ghost", Actor.GHOST)),
    ],
)
def test_r8_an_author_is_known_by_type_and_null_is_a_ghost(author: Any, expected: Author) -> None:
    assert nodes.pull(pull(author=author)).author == expected


@pytest.mark.parametrize(
    ("changes", "compare"),
    [
        ({}, HEAD),
        ({"isCrossRepository": True, "headRepository": {"owner": {"login": "noor"}}}, "noor:feat/x"),
        ({"isCrossRepository": True, "headRepository": None}, HEAD),
        ({"isCrossRepository": True, "headRepository": {"owner": {"login": "acme"}}}, HEAD),
    ],
)
def test_r9_how_a_head_is_named_in_comparisons(changes: dict[str, Any], compare: str) -> None:
    asked = Target("R_1", 7, OTHER, OTHER)
    assert nodes.settled(asked, pull(**changes)) == Target("R_1", 7, HEAD, compare)


def test_r3_only_open_pull_requests_with_this_very_head_share_it() -> None:
    page = {"nodes": [pull(number=1), pull(number=2, state="MERGED"), pull(number=3, headRefOid=OTHER)]}
    assert [one["number"] for one in nodes.sharing(page, HEAD)] == [1]


def test_a_line_carries_what_the_head_has_ahead_of_it() -> None:
    line = nodes.line(ref(), HEAD)
    moment = datetime(2026, 11, 23, 10, tzinfo=UTC)
    expected = Commit(HEAD, (OTHER,), "feat: x", moment, moment.replace(hour=11))
    assert (line.name, line.tip, line.ahead, line.whole) == ("develop", OTHER, (expected,), True)
    assert [one.oid for one in line.recent] == [OTHER]


def test_a_comparison_that_could_not_be_made_is_not_an_empty_one() -> None:
    line = nodes.line(ref(compare=None), HEAD)
    assert (line.ahead, line.whole) == (None, False)


def test_a_branch_without_a_commit_has_no_history() -> None:
    assert nodes.line(ref(target=None), HEAD).tip == ""


def test_r10_a_comparison_with_another_commit_is_read_again() -> None:
    with pytest.raises(Retry):
        nodes.line(ref(), OTHER)


@pytest.mark.parametrize(
    "blob",
    [{}, {**BLOB, "isBinary": True, "text": None}, {**BLOB, "isTruncated": True}, {**BLOB, "text": None}],
)
def test_a_rulebook_that_is_no_text_is_unreadable(blob: dict[str, Any]) -> None:
    assert isinstance(nodes.rulebook(blob), Unreadable)


def test_a_rulebook_is_read() -> None:
    assert isinstance(nodes.rulebook(BLOB), Rulebook)


def test_r1_a_head_with_the_rulebook_in_force_proposes_none() -> None:
    assert nodes.proposal({"rulebook": BLOB, "proposal": BLOB}) is None
    assert nodes.proposal({"rulebook": None, "proposal": None}) is None


def test_a_changed_or_removed_rulebook_is_a_proposal() -> None:
    changed = nodes.proposal({"rulebook": None, "proposal": BLOB})
    assert changed is not None
    assert (changed.path, changed.text, changed.removed) == (RULEBOOK_PATH, BLOB["text"], False)
    removed = nodes.proposal({"rulebook": BLOB, "proposal": None})
    assert removed is not None
    assert (removed.text, removed.removed) == (None, True)


def suites(*pages: dict[str, Any], more: bool = False, status: str = "COMPLETED") -> dict[str, Any]:
    found = [{"status": status, "checkRuns": page} for page in pages]
    return {"oid": HEAD, "checkSuites": {"nodes": found, "pageInfo": MORE if more else LAST}}


def test_check_runs_are_read_with_every_null() -> None:
    run = {
        "id": "CR_1",
        "name": "signalbox / branch",
        "status": "QUEUED",
        "conclusion": None,
        "externalId": None,
        "startedAt": None,
        "summary": None,
    }
    found = nodes.check_runs(suites({"nodes": [run], "pageInfo": LAST}, {"nodes": [], "pageInfo": LAST}))
    assert found == (Published("CR_1", "signalbox / branch", "QUEUED", "", ""),)


def test_a_suite_that_was_asked_for_again_has_no_completed_run() -> None:
    run = {
        "id": "CR_1",
        "name": "x",
        "status": "COMPLETED",
        "conclusion": "SUCCESS",
        "externalId": "d",
        "startedAt": "2026-11-23T10:00:00Z",
        "summary": "s",
    }
    page = {"nodes": [run], "pageInfo": LAST}
    assert [each.status for each in nodes.check_runs(suites(page))] == ["COMPLETED"]
    assert [each.status for each in nodes.check_runs(suites(page, status="QUEUED"))] == ["QUEUED"]


def test_r11_more_check_runs_than_a_page_are_refused_not_forgotten() -> None:
    for commit_node in (suites(more=True), suites({"nodes": [], "pageInfo": MORE})):
        with pytest.raises(Retry):
            nodes.check_runs(commit_node)


def test_what_is_gone_is_given_up_and_what_was_announced_is_asked_again() -> None:
    assert nodes.present({"id": "R_1"}, "repository") == {"id": "R_1"}
    assert nodes.announced({"id": "R_1"}, "repository") == {"id": "R_1"}
    with pytest.raises(GiveUp):
        nodes.present(None, "repository")
    with pytest.raises(Retry):
        nodes.announced(None, "pull request 7")
