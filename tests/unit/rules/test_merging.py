from dataclasses import replace

import pytest
from unit.rules.releases import facts, rulebook

from bot.rules import merging
from bot.rules.facts import Facts, MergeMethod
from bot.rules.verdict import Finding, Outcome

MERGE, SQUASH, REBASE = MergeMethod.MERGE, MergeMethod.SQUASH, MergeMethod.REBASE
BOOK = rulebook()


def found(given: Facts) -> Finding:
    finding = merging.find(given, BOOK)
    assert finding is not None
    return finding


@pytest.mark.parametrize(
    ("methods", "outcome", "command"),
    [
        ((MERGE,), Outcome.PASS, ()),
        ((MERGE, SQUASH), Outcome.ADVICE, ("gh pr merge 7 --merge",)),
        ((SQUASH, MERGE), Outcome.ADVICE, ("gh pr merge 7 --merge",)),
        ((SQUASH, REBASE), Outcome.FAIL, ("gh repo edit acme/shop --enable-merge-commit",)),
    ],
)
def test_v4_what_would_break_the_back_merge_is_told_before_the_merge(
    methods: tuple[MergeMethod, ...], outcome: Outcome, command: tuple[str, ...]
) -> None:
    finding = found(facts("release-v1.3.0", "1.2.0", methods=methods))
    assert (finding.outcome, finding.commands) == (outcome, command)


@pytest.mark.parametrize(
    ("ruled", "outcome"),
    [
        (None, Outcome.ADVICE),
        ({MERGE, SQUASH, REBASE}, Outcome.ADVICE),
        ({MERGE}, Outcome.PASS),
        ({SQUASH}, Outcome.FAIL),
        ({REBASE}, Outcome.FAIL),
    ],
)
def test_v4_what_the_rulesets_of_the_base_leave_counts(
    ruled: set[MergeMethod] | None, outcome: Outcome
) -> None:
    leaves = None if ruled is None else frozenset(ruled)
    finding = found(facts("hotfix/x", methods=(MERGE, SQUASH), ruled=leaves))
    assert finding.outcome is outcome
    if outcome is Outcome.FAIL:
        assert finding.commands == ()  # the settings of the repository are not what forbids it


def test_v4_settings_and_rulesets_that_leave_no_way_at_all() -> None:
    finding = found(facts("hotfix/x", methods=(SQUASH,), ruled=frozenset({MERGE})))
    assert finding.outcome is Outcome.FAIL
    assert "no way" in finding.reason.id
    assert finding.commands == ("gh repo edit acme/shop --enable-merge-commit",)


def test_what_github_proposes_is_named_where_it_is_the_wrong_one() -> None:
    proposed = found(facts("hotfix/x", methods=(SQUASH, MERGE))).reason.values
    assert proposed["first"] == "squash"
    assert "first" not in found(facts("hotfix/x", methods=(MERGE, SQUASH))).reason.values


def test_a_branch_without_a_pull_request_has_no_command() -> None:
    given = facts("hotfix/x", methods=(MERGE, SQUASH))
    assert found(replace(given, pull=replace(given.pull, number=0))).commands == ()


def test_other_pull_requests_are_merged_in_any_way() -> None:
    assert merging.find(facts("feat/x", base="develop", methods=(SQUASH,)), BOOK) is None
    assert merging.find(replace(facts("hotfix/x"), release=None), BOOK) is None
