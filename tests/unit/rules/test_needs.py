"""What else has to be asked of GitHub, and when it need not be."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from unit.rules.people import review, said, thread

from bot.rules import needs
from bot.rules.facts import Facts, Owners, ReviewState
from bot.rules.rulebook import Rulebook, read

MakeFacts = Callable[..., Facts]
REQUESTED = ReviewState.CHANGES_REQUESTED


def rulebook(text: str = "") -> Rulebook:
    reading = read(text)
    assert isinstance(reading, Rulebook), reading
    return reading


def test_the_checks_of_others_matter_only_to_who_waits_for_them(facts: MakeFacts) -> None:
    assert needs.checks(rulebook(), facts("release-v1.2.0", "main").pull)
    assert not needs.checks(rulebook(), facts("feat/x").pull)
    assert not needs.checks(
        rulebook("approvals: {release: {checks: false}}"), facts("release-v1.2.0", "main").pull
    )


def test_owners_matter_only_where_they_must_approve(facts: MakeFacts) -> None:
    owning = rulebook("approvals: {release: {code_owners: true}}")
    assert needs.may_need_owners(owning)
    assert not needs.may_need_owners(rulebook())
    assert needs.owners(owning, facts("release-v1.2.0", "main").pull)
    assert not needs.owners(owning, facts("feat/x").pull)


def test_teams_matter_once_somebody_has_approved(facts: MakeFacts) -> None:
    book = rulebook("approvals: {release: {by: [mina, Acme/Core], code_owners: true}}")
    release = facts("release-v1.2.0", "main", owners=Owners("* @acme/web @eve\n", ("a",)))
    assert needs.teams(release, book) == frozenset()
    assert needs.teams(replace(release, reviews=(review("noor", REQUESTED),)), book) == frozenset()
    approved = replace(release, reviews=(review("noor"),))
    assert needs.teams(approved, book) == {"acme/core", "acme/web"}
    assert needs.teams(replace(approved, owners=None), book) == {"acme/core"}
    assert needs.teams(facts("feat/x", reviews=(review("noor"),)), book) == frozenset()


def test_teams_of_reviewers_matter_once_a_level_is_outstanding(facts: MakeFacts) -> None:
    book = rulebook("reviews: {by: [acme/core, mina]}")
    assert needs.teams(facts("feat/x"), book) == frozenset()
    talked = facts("feat/x", threads=(thread(said("noor", "P1: a")),))
    assert needs.teams(talked, book) == {"acme/core"}


def test_who_pushed_last_matters_once_somebody_has_approved(facts: MakeFacts) -> None:
    strict = rulebook("approvals: {release: {last_pusher: false}}")
    release = facts("release-v1.2.0", "main")
    approved = replace(release, reviews=(review("noor"),))
    assert not needs.pusher(release, strict)
    assert needs.pusher(approved, strict)
    assert not needs.pusher(approved, rulebook())


@pytest.mark.parametrize(
    ("head", "base", "branch", "matters"),
    [
        ("feat/x", "develop", "develop", True),
        ("feat/x", "develop", "main", False),
        ("hotfix/x", "main", "develop", True),  # it must not carry what is on develop
        ("feat/x", "release-v1.2.0", "release-v1.2.0", True),
        ("feat/x", "develop", "feat/y", False),
    ],
)
def test_a_branch_that_moved_matters_to_what_is_judged_against_it(
    facts: MakeFacts, head: str, base: str, branch: str, matters: bool
) -> None:
    assert needs.line(rulebook(), facts(head, base).pull, branch) is matters


@pytest.mark.parametrize(
    ("branch", "possible"),
    [("main", True), ("develop", True), ("release-v1.2.0", True), ("feat/x", False), ("whatever", False)],
)
def test_most_branches_are_nobodys_base(branch: str, possible: bool) -> None:
    assert needs.may_be_base(rulebook(), branch) is possible


def test_access_matters_to_whom_somebody_approves_or_holds(facts: MakeFacts) -> None:
    without = rulebook("levels: {P1: null, P2: null, P3: null}")
    assert needs.access(without, facts("release-v1.2.0", "main").pull)
    assert not needs.access(without, facts("feat/x").pull)
    assert needs.access(rulebook(), facts("feat/x").pull)


def test_tags_matter_where_a_version_would_be_made(facts: MakeFacts) -> None:
    assert needs.release(rulebook(), facts("hotfix/x", "main").pull)
    assert not needs.release(rulebook(), facts("hotfix/x").pull)
