"""Writing: only differences, in one document, with everything that an evaluation decides in the digest."""

from dataclasses import replace

from graphql import parse

from bot.github.nodes import Published
from bot.github.publish import Write, check_writes, document, retarget
from bot.rules.verdict import Conclusion
from bot.text.check import CheckAction, CheckOutput

HEAD = "a" * 40
OUTPUT = CheckOutput("signalbox / branch", Conclusion.FAILURE, "Look at: naming", "summary", "text")


def published(write: Write, **changes: str) -> Published:
    run = Published(
        "CR_1", OUTPUT.name, "COMPLETED", str(write.input["conclusion"]), str(write.input["externalId"])
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


def test_checks_of_other_names_are_left_alone() -> None:
    (write,) = check_writes("R_1", HEAD, [OUTPUT], [])
    other = published(write, name="signalbox / review")
    assert [each.mutation for each in check_writes("R_1", HEAD, [OUTPUT], [other])] == ["createCheckRun"]


def test_all_writes_are_one_document_with_a_variable_each() -> None:
    (create,) = check_writes("R_1", HEAD, [OUTPUT], [])
    text = document([create, retarget("PR_1", "develop")])
    (operation,) = parse(text).to_dict()["definitions"]
    assert [field["alias"]["value"] for field in operation["selection_set"]["selections"]] == ["m0", "m1"]
    assert [each["variable"]["name"]["value"] for each in operation["variable_definitions"]] == [
        "input0",
        "input1",
    ]
