from collections.abc import Callable

import pytest

from bot.rules import base
from bot.rules.facts import Facts
from bot.rules.rulebook import DEFAULT, Rulebook, read
from bot.rules.verdict import Action, Button, Finding, Outcome

MakeFacts = Callable[..., Facts]


def rulebook(text: str) -> Rulebook:
    reading = read(text)
    assert isinstance(reading, Rulebook)
    return reading


TRUNK = rulebook("preset: trunk")


def found(facts: Facts, book: Rulebook = DEFAULT) -> Finding:
    finding = base.find(facts, book)
    assert finding is not None
    return finding


@pytest.mark.parametrize(
    ("head", "into"),
    [
        ("feat/x", "develop"),
        ("feat/x", "development"),
        ("release-v1.0.0", "main"),
        ("release-v1.0.0", "develop"),
        ("hotfix/x", "main"),
        ("hotfix/x", "develop"),
        ("hotfix/x", "release/v1.0.0"),
        ("main", "develop"),
        ("main", "release-v1.0.0"),
    ],
)
def test_right_bases_of_git_flow(facts: MakeFacts, head: str, into: str) -> None:
    assert found(facts(head, into)).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("head", "into"),
    [("feature/x", "main"), ("release/1.0.0", "main"), ("fix/x", "main"), ("fix/x", "release/1.0.0")],
)
def test_right_bases_of_trunk(facts: MakeFacts, head: str, into: str) -> None:
    assert found(facts(head, into), TRUNK).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("head", "into", "right"),
    [
        ("feat/x", "main", "develop"),
        ("feat/x", "feat/y", "develop"),
        ("release-v1.0.0", "feat/x", "main"),
        ("hotfix/x", "feat/x", "main"),
        ("main", "feat/x", "develop"),
    ],
)
def test_a_wrong_base_fails_with_a_button_and_a_command(
    facts: MakeFacts, head: str, into: str, right: str
) -> None:
    finding = found(facts(head, into))
    assert finding.outcome is Outcome.FAIL
    assert finding.button == Button(Action.RETARGET, right)
    assert finding.commands == (f"gh pr edit 7 --base {right}",)


def test_a_base_that_does_not_exist_gets_no_button(facts: MakeFacts) -> None:
    finding = found(facts("feat/x", "main", develop=None))
    assert finding.outcome is Outcome.FAIL
    assert finding.button is None


def test_a_kind_that_goes_only_into_a_kind_has_no_obvious_base(facts: MakeFacts) -> None:
    book = rulebook("kinds: {polish: {names: ['polish/*'], from: base, into: [release]}}")
    finding = found(facts("polish/x", "main"), book)
    assert (finding.outcome, finding.button) == (Outcome.FAIL, None)


def test_the_name_that_the_repository_has_is_the_one_offered(facts: MakeFacts) -> None:
    made = facts("feat/x", "main")
    assert made.develop
    book = rulebook("branches: {develop: [next, develop]}")
    assert found(made, book).button == Button(Action.RETARGET, "develop")


@pytest.mark.parametrize("into", ["main", "feat/x", "release-v1.0.0"])
def test_develop_goes_nowhere_by_itself(facts: MakeFacts, into: str) -> None:
    finding = found(facts("develop", into))
    assert (finding.outcome, finding.button) == (Outcome.FAIL, None)
    assert finding.mend is not None
    assert finding.mend.values["pattern"] == "release-v{version}"


def test_develop_without_a_release_kind_has_no_way_to_offer(facts: MakeFacts) -> None:
    book = rulebook(
        "kinds: {release: null, hotfix: {into: [main, develop]}}\n"
        "approvals: {release: null}\nenvironments: {stage: null}"
    )
    assert found(facts("develop", "main"), book).mend is None


@pytest.mark.parametrize("into", ["release/1.0.0", "feature/x"])
def test_trunks_main_goes_nowhere(facts: MakeFacts, into: str) -> None:
    finding = found(facts("main", into, develop=None), TRUNK)
    assert (finding.outcome, finding.button) == (Outcome.FAIL, None)


def test_a_branch_of_no_kind_has_no_right_base(facts: MakeFacts) -> None:
    assert base.find(facts("whatever", "main"), DEFAULT) is None


@pytest.mark.parametrize(
    ("head", "into", "outcome"),
    [
        ("patch-1", "develop", Outcome.PASS),
        ("patch-1", "main", Outcome.FAIL),
        ("main", "develop", Outcome.PASS),
        ("main", "main", Outcome.FAIL),
        ("develop", "main", Outcome.FAIL),
        ("hotfix/x", "main", Outcome.PASS),
    ],
)
def test_a_forks_branch_of_no_kind_is_held_to_the_kind_for_forks(
    facts: MakeFacts, head: str, into: str, outcome: Outcome
) -> None:
    assert found(facts(head, into, from_fork=True)).outcome is outcome


def test_without_a_kind_for_forks_their_branches_of_no_kind_go_anywhere(facts: MakeFacts) -> None:
    free = rulebook("forks: {kind: null}")
    assert base.find(facts("patch-1", "main", from_fork=True), free) is None
    assert found(facts("feat/x", "main", from_fork=True), free).outcome is Outcome.FAIL
