"""What people said, from GraphQL's nodes: every null has an answer, and nobody is taken for somebody else."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.github import conversation
from bot.github.conversation import OwnComment
from bot.rules.facts import Actor, Author, CheckState, MergeMethod, ReviewState

APP = 7
MINA = {"__typename": "User", "login": "mina", "id": "U_1"}
BOT = {"__typename": "Bot", "login": "mina", "id": "BOT_1"}
AT, EDITED = "2026-11-20T10:00:00Z", "2026-11-21T10:00:00Z"


def review(**changes: Any) -> dict[str, Any]:
    return {
        "id": "PRR_1",
        "state": "APPROVED",
        "body": "",
        "url": "https://x.test",
        "submittedAt": AT,
        "createdAt": AT,
        "lastEditedAt": None,
        "authorCanPushToRepository": True,
        "author": MINA,
        "commit": {"oid": "a" * 40},
        **changes,
    }


def remark(**changes: Any) -> dict[str, Any]:
    return {
        "id": "PRRC_1",
        "body": "P1: a",
        "url": "https://x.test",
        "createdAt": AT,
        "lastEditedAt": None,
        "author": MINA,
        "pullRequestReview": {"id": "PRR_1", "authorCanPushToRepository": True},
        **changes,
    }


def comment(body: str, *reactions: str, **changes: Any) -> dict[str, Any]:
    groups = [{"content": content, "viewerHasReacted": True} for content in reactions]
    groups.append({"content": "THUMBS_DOWN", "viewerHasReacted": False})
    return {
        "id": "IC_1",
        "body": body,
        "createdAt": AT,
        "lastEditedAt": None,
        "editor": None,
        "viewerDidAuthor": False,
        "author": MINA,
        "reactionGroups": groups,
        **changes,
    }


def test_reviews_keep_who_what_when_and_on_which_commit() -> None:
    (one,) = conversation.reviews([review()])
    assert one.author == Author("mina", Actor.PERSON, "U_1")
    assert (one.state, one.commit, one.may_write) == (ReviewState.APPROVED, "a" * 40, True)
    assert one.since == datetime(2026, 11, 20, 10, tzinfo=UTC)


def test_r7_an_edited_review_is_as_old_as_its_edit() -> None:
    (one,) = conversation.reviews([review(lastEditedAt=EDITED)])
    assert one.since.day == 21


def test_r8_a_ghost_may_nothing_and_a_bot_is_no_person() -> None:
    ghost, bot = conversation.reviews([review(author=None), review(author=BOT)])
    assert (ghost.author.actor, ghost.may_write, ghost.author.id) == (Actor.GHOST, False, "")
    assert bot.author == Author("mina", Actor.BOT, "BOT_1")


def test_a_review_of_a_commit_that_is_gone_is_of_none() -> None:
    assert [one.commit for one in conversation.reviews([review(commit=None)])] == [""]


def test_a_review_that_nobody_has_submitted_yet_is_none() -> None:
    assert conversation.reviews([review(state="PENDING", submittedAt=None)]) == ()


def test_a_comment_in_a_thread_may_what_its_review_may() -> None:
    allowed = remark()
    refused = remark(pullRequestReview={"id": "PRR_1", "authorCanPushToRepository": False})
    orphan, ghost = remark(pullRequestReview=None), remark(author=None)
    node = {"path": "a.py", "line": None, "isResolved": False}
    (one,) = conversation.threads([{**node, "comments": {"nodes": [allowed, refused, orphan, ghost]}}])
    assert (one.path, one.line, one.resolved) == ("a.py", None, False)
    assert [each.may_write for each in one.remarks] == [True, False, False, False]
    assert [each.review for each in one.remarks] == ["PRR_1", "PRR_1", "", "PRR_1"]


@pytest.mark.parametrize(
    ("reactions", "accepted"),
    [
        ((), None),
        (("EYES",), None),
        (("THUMBS_UP",), True),
        (("THUMBS_DOWN",), False),
        (("HEART", "THUMBS_UP"), True),
    ],
)
def test_our_reaction_says_what_became_of_an_order(reactions: tuple[str, ...], accepted: bool | None) -> None:
    (one,) = conversation.orders([comment("/signalbox recheck", *reactions)])
    assert one.accepted is accepted
    assert one.author.login == "mina"


def test_a_comment_that_nobody_may_react_to_is_not_answered_yet() -> None:
    (one,) = conversation.orders([comment("/signalbox recheck", reactionGroups=None)])
    assert one.accepted is None


def test_only_people_give_orders() -> None:
    talk = [
        comment("/signalbox recheck", author=BOT),
        comment("/signalbox recheck", author=None),
        comment("nice"),
    ]
    assert conversation.orders(talk) == ()


def test_our_answers_say_which_orders_are_answered() -> None:
    ours = {"viewerDidAuthor": True, "author": BOT}
    talk = [
        comment("<!-- signalbox order IC_7 done -->\n\nso", **ours),
        comment("<!-- signalbox order IC_8 refused -->\n\nno", **ours),
        comment("<!-- signalbox -->\n\nthe one comment", **ours),
        comment("<!-- signalbox order IC_9 done -->", **ours, editor=MINA),
        comment("<!-- signalbox order IC_10 done -->"),
    ]
    assert conversation.told(talk) == {"IC_7": True, "IC_8": False}


def test_our_comment_is_the_one_that_begins_with_our_mark() -> None:
    mark = "<!-- signalbox -->\n\nhello"
    forged = comment(mark, id="IC_2")
    other = comment("I was here", id="IC_3", viewerDidAuthor=True)
    ours = comment(mark, id="IC_4", viewerDidAuthor=True)
    assert conversation.own_comment([forged, other, ours]) == OwnComment("IC_4", mark)
    assert conversation.own_comment([forged, other]) is None


def run(status: str, conclusion: str | None, app: int | None = 9) -> dict[str, Any]:
    suite = {"app": None if app is None else {"databaseId": app}}
    return {
        "__typename": "CheckRun",
        "name": "ci",
        "status": status,
        "conclusion": conclusion,
        "checkSuite": suite,
    }


def status(state: str) -> dict[str, Any]:
    return {"__typename": "StatusContext", "context": "ci", "state": state}


@pytest.mark.parametrize(
    ("node", "state"),
    [
        (run("COMPLETED", "SUCCESS"), CheckState.PASSED),
        (run("COMPLETED", "NEUTRAL"), CheckState.PASSED),
        (run("COMPLETED", "SKIPPED", app=None), CheckState.PASSED),
        (run("COMPLETED", "FAILURE"), CheckState.FAILED),
        (run("COMPLETED", "TIMED_OUT"), CheckState.FAILED),
        (run("COMPLETED", "STALE"), CheckState.FAILED),
        (run("IN_PROGRESS", None), CheckState.PENDING),
        (run("QUEUED", None), CheckState.PENDING),
        (status("SUCCESS"), CheckState.PASSED),
        (status("PENDING"), CheckState.PENDING),
        (status("EXPECTED"), CheckState.PENDING),
        (status("FAILURE"), CheckState.FAILED),
        (status("ERROR"), CheckState.FAILED),
    ],
)
def test_the_checks_of_others_have_passed_wait_or_have_failed(
    node: dict[str, Any], state: CheckState
) -> None:
    assert [check.state for check in conversation.other_checks([node], APP)] == [state]


def test_r16_our_own_checks_are_known_by_the_apps_id() -> None:
    assert conversation.other_checks([run("COMPLETED", "SUCCESS", app=APP)], APP) == ()


def test_required_checks_come_from_protection_and_from_rulesets() -> None:
    base = {
        "refUpdateRule": {"requiredStatusCheckContexts": ["ci", None, "lint"]},
        "rules": {
            "nodes": [
                {"parameters": None},
                {"parameters": {}},
                {"parameters": {"requiredStatusChecks": [{"context": "e2e"}, {"context": "ci"}]}},
            ]
        },
    }
    assert conversation.required(base) == ("ci", "lint", "e2e")
    assert conversation.required({"refUpdateRule": None, "rules": None}) == ()
    assert conversation.required(None) == ()


def test_v4_every_ruleset_of_a_base_has_to_allow_a_way_of_merging() -> None:
    def read(*parameters: dict[str, Any] | None) -> frozenset[MergeMethod] | None:
        return conversation.merge_methods({"rules": {"nodes": [{"parameters": one} for one in parameters]}})

    assert read({"allowedMergeMethods": ["merge", "squash"]}) == frozenset(
        {MergeMethod.MERGE, MergeMethod.SQUASH}
    )
    assert read({"allowedMergeMethods": ["MERGE", "SQUASH"]}) == frozenset(
        {MergeMethod.MERGE, MergeMethod.SQUASH}
    )
    both = [{"allowedMergeMethods": ["merge", "squash"]}, {"allowedMergeMethods": ["squash", "rebase"]}]
    assert read(*both) == frozenset({MergeMethod.SQUASH})
    assert read(None, {}, {"allowedMergeMethods": None}) is None
    assert conversation.merge_methods({"rules": None}) is None
    assert conversation.merge_methods(None) is None


def blob(text: str | None = "* @mina", *, binary: bool = False, cut: bool = False) -> dict[str, Any]:
    return {"object": {"text": text, "isBinary": binary, "isTruncated": cut}}


def owned(changed: int = 1, **places: Any) -> dict[str, Any]:
    target = {"oid": "a" * 40, "github": None, "root": None, "docs": None, **places}
    return {"baseRef": {"target": target}, "changedFiles": changed}


FILES = [{"path": "a.py"}]


def test_the_first_codeowners_that_is_there_counts() -> None:
    both = owned(root=blob("root"), docs=blob("docs"))
    assert conversation.owners(both, FILES).text == "root"
    assert conversation.owners(owned(github=blob("hub"), root=blob("root")), FILES).text == "hub"
    assert conversation.owners(owned(), FILES).text == ""
    assert conversation.owners({"baseRef": None, "changedFiles": 1}, FILES).text == ""
    assert conversation.owners(owned(root={"object": None}, docs=blob("docs")), FILES).text == "docs"


def test_a_codeowners_that_cannot_be_shown_is_not_an_empty_one() -> None:
    for unreadable in (blob(None, binary=True), blob(cut=True)):
        assert conversation.owners(owned(root=unreadable), FILES).text is None


def test_r11_more_files_than_github_lists_are_not_all_files() -> None:
    assert conversation.owners(owned(changed=1), FILES).paths == ("a.py",)
    assert conversation.owners(owned(changed=3_001), FILES).paths is None
