"""Why a pull request stands as it does: the ledger's JSON, read for people."""

from dataclasses import replace
from typing import Any

import pytest
from support.clock import Clock
from support.room import SHOP, finding

from service.ledger.decisions import Decision, DecisionPage
from service.web.why import Change, Facts, Review, checks, steps, stood_on


def decision(*findings: dict[str, Any], **conclusions: str) -> Decision:
    return Decision(SHOP, 1, "a" * 40, conclusions, findings, {}, Clock()())


def test_rules_stand_under_their_check() -> None:
    found = checks(
        decision(
            finding("branch", "naming", "pass", "Right."),
            finding("review", "levels", "fail", "Wrong.", commands=["git fetch"]),
            branch="success", review="failure", release="success",
        )
    )  # fmt: skip
    assert [(check.name, [rule.name for rule in check.rules]) for check in found] == [
        ("branch", ["naming"]), ("review", ["levels"]), ("release", [])
    ]  # fmt: skip
    rule = found[1].rules[0]
    assert (rule.reason["en"], rule.commands, rule.mend["ko"]) == (
        "Wrong.",
        ("git fetch",),
        "적힌 대로 하십시오.",
    )


@pytest.mark.parametrize(
    ("outcome", "enforcement", "overridden", "signal", "holds"),
    [
        ("pass", "required", None, "success", False),
        ("pass", "advised", None, "success", False),
        ("advice", "required", None, "neutral", False),
        ("wait", "required", None, "in_progress", True),
        ("fail", "required", None, "failure", True),
        ("fail", "advised", None, "neutral", False),
        ("fail", "required", "mina", "neutral", False),
        ("unknown", "required", None, "action_required", True),
        ("something new", "required", None, "action_required", True),
    ],
)
def test_the_signal_of_a_rule(
    outcome: str, enforcement: str, overridden: str | None, signal: str, holds: bool
) -> None:
    said = finding("branch", "base", outcome, "…", enforcement=enforcement, overridden_by=overridden)
    (check,) = checks(decision(said, branch="failure"))
    assert (check.rules[0].signal, check.rules[0].may_be_overridden) == (signal, holds)


def test_what_one_decision_changed() -> None:
    first = decision(finding("branch", "naming", "fail", "…"), branch="failure")
    second = replace(first, conclusions={"branch": "success", "review": "success"}, head="b" * 40)
    third = replace(second, findings=[finding("branch", "naming", "pass", "…")])
    newest, middle, oldest = steps(DecisionPage((third, second, first), None))
    assert newest.changes == (Change("branch", "naming", "fail", "pass"),)
    assert not newest.moved
    assert middle.changes == (
        Change("branch", None, "failure", "success"), Change("review", None, None, "success")
    )  # fmt: skip
    assert middle.moved
    assert (oldest.is_first, oldest.changes) == (True, ())


def test_the_last_of_a_page_is_compared_with_what_follows_on_the_next() -> None:
    older, newer = decision(branch="failure"), decision(branch="success")
    (step,) = steps(DecisionPage((newer,), 7, older))
    assert step.changes == (Change("branch", None, "failure", "success"),)
    assert not step.is_first


def test_facts_are_read() -> None:
    facts = stood_on({
        "head": "feat/x", "base": "develop", "author": "mina", "from_fork": True, "labels": ["P1"],
        "reviews": [["jiho", "APPROVED", "c"]], "checks": [["build", "passed"]], "required": ["build"],
    })  # fmt: skip
    reviews = (Review("jiho", "APPROVED", "c"),)
    assert facts == Facts(
        "feat/x", "develop", "mina", True, ("P1",), reviews, (("build", "passed"),), ("build",)
    )


@pytest.mark.parametrize(
    "facts", [{}, {"labels": "P1", "reviews": [["a"], 3, None], "checks": 5, "head": []}]
)
def test_facts_of_another_shape_are_left_out(facts: dict[str, Any]) -> None:
    assert stood_on(facts) == Facts("", "", "", False, (), (), (), ())


def test_findings_of_another_shape_are_left_out() -> None:
    (check,) = checks(
        decision({"check": "branch", "reason": "text", "commands": "rm", "rule": 3}, branch="x")
    )
    assert (check.rules[0].reason, check.rules[0].commands, check.rules[0].name) == ({}, (), "")
