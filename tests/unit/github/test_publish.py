"""Writing: only differences, in one document, with everything that an evaluation decides in the digest."""

from dataclasses import replace
from typing import Any

from graphql import parse
from unit.rules.people import order

from bot.github.conversation import OwnComment
from bot.github.nodes import Published
from bot.github.publish import (
    Write,
    check_writes,
    comment_writes,
    create_label,
    document,
    label_writes,
    reaction_writes,
    retarget,
)
from bot.message import say
from bot.rules.commands import Answer
from bot.rules.verdict import Conclusion
from bot.text.check import CheckAction, CheckOutput

HEAD = "a" * 40
OUTPUT = CheckOutput("signalbox / branch", Conclusion.FAILURE, "Look at: naming", "summary", "text")


def published(write: Write, **changes: Any) -> Published:
    content = write.input
    run = Published(
        "CR_1", OUTPUT.name, content["status"], content.get("conclusion", ""), content["externalId"]
    )
    return replace(run, **changes)


def test_a_check_that_is_missing_is_created() -> None:
    (write,) = check_writes("R_1", HEAD, [OUTPUT], [])
    assert write.mutation == "createCheckRun"
    assert {
        name: write.input[name] for name in ("repositoryId", "headSha", "name", "status", "conclusion")
    } == {
        "repositoryId": "R_1",
        "headSha": HEAD,
        "name": "signalbox / branch",
        "status": "COMPLETED",
        "conclusion": "FAILURE",
    }


def test_a_check_that_stands_is_not_written_again() -> None:
    (write,) = check_writes("R_1", HEAD, [OUTPUT], [])
    assert check_writes("R_1", HEAD, [OUTPUT], [published(write)]) == []


def test_a_check_that_differs_in_anything_is_updated() -> None:
    (write,) = check_writes("R_1", HEAD, [OUTPUT], [])
    standing = published(write)
    button = CheckAction("Change the base", "#7 into develop", "retarget:7")
    for changed in (
        replace(OUTPUT, conclusion=Conclusion.NEUTRAL),
        replace(OUTPUT, title="other"),
        replace(OUTPUT, summary="other"),
        replace(OUTPUT, text="other"),
        replace(OUTPUT, actions=(button,)),
        replace(OUTPUT, details_url="https://signalbox.example.com/acme/shop/pull/7"),
    ):
        (update,) = check_writes("R_1", HEAD, [changed], [standing])
        assert (update.mutation, update.input["checkRunId"]) == ("updateCheckRun", "CR_1")


def test_a_check_that_was_asked_for_again_is_answered_again() -> None:
    (write,) = check_writes("R_1", HEAD, [OUTPUT], [])
    (update,) = check_writes("R_1", HEAD, [OUTPUT], [published(write, status="QUEUED", conclusion="")])
    assert update.mutation == "updateCheckRun"


def test_a_check_that_waits_is_in_progress_and_has_no_conclusion() -> None:
    waiting = replace(OUTPUT, conclusion=Conclusion.PENDING)
    (create,) = check_writes("R_1", HEAD, [waiting], [])
    assert (create.input["status"], "conclusion" in create.input) == ("IN_PROGRESS", False)
    assert check_writes("R_1", HEAD, [waiting], [published(create)]) == []
    stale = published(create, status="COMPLETED", conclusion="STALE")  # as GitHub does after two weeks
    assert [each.mutation for each in check_writes("R_1", HEAD, [waiting], [stale])] == ["updateCheckRun"]
    (done,) = check_writes("R_1", HEAD, [OUTPUT], [published(create)])
    assert (done.input["status"], done.input["conclusion"]) == ("COMPLETED", "FAILURE")


def test_checks_of_other_names_are_left_alone() -> None:
    (write,) = check_writes("R_1", HEAD, [OUTPUT], [])
    other = published(write, name="signalbox / review")
    assert [each.mutation for each in check_writes("R_1", HEAD, [OUTPUT], [other])] == ["createCheckRun"]


def test_labels_change_by_the_difference_alone() -> None:
    assert label_writes("PR_1", [], []) == []
    assert label_writes("PR_1", ["LA_1"], ["LA_2", "LA_3"]) == [
        Write("addLabelsToLabelable", {"labelableId": "PR_1", "labelIds": ["LA_1"]}),
        Write("removeLabelsFromLabelable", {"labelableId": "PR_1", "labelIds": ["LA_2", "LA_3"]}),
    ]


def test_the_one_comment_is_written_once_and_then_kept() -> None:
    standing = OwnComment("IC_1", "old\r\ntext\n")
    assert comment_writes("PR_1", None, None) == []
    assert comment_writes("PR_1", standing, None) == []
    assert comment_writes("PR_1", standing, "old\ntext") == []
    assert comment_writes("PR_1", None, "new") == [Write("addComment", {"subjectId": "PR_1", "body": "new"})]
    assert comment_writes("PR_1", standing, "new") == [
        Write("updateIssueComment", {"id": "IC_1", "body": "new"})
    ]


def test_every_answer_is_a_reaction() -> None:
    done, refused = order("noor", "/signalbox recheck"), order("eve", "/signalbox dance")
    assert reaction_writes([Answer(done), Answer(refused, say("no"))]) == [
        Write("addReaction", {"subjectId": done.id, "content": "THUMBS_UP"}),
        Write("addReaction", {"subjectId": refused.id, "content": "THUMBS_DOWN"}),
    ]


def test_a_label_that_is_made_answers_its_id() -> None:
    text = document([create_label("R_1", "P1", "d73a4a", "Review level")])
    assert "m0: createLabel(input: $input0) { label { id } }" in text


def test_all_writes_are_one_document_with_a_variable_each() -> None:
    (create,) = check_writes("R_1", HEAD, [OUTPUT], [])
    text = document([create, retarget("PR_1", "develop")])
    (operation,) = parse(text).to_dict()["definitions"]
    assert [field["alias"]["value"] for field in operation["selection_set"]["selections"]] == ["m0", "m1"]
    assert [each["variable"]["name"]["value"] for each in operation["variable_definitions"]] == [
        "input0",
        "input1",
    ]
