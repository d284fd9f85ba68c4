"""Who must approve which pull requests, whose approval counts, and what it waits for."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from unit.rules.people import GHOST, HEAD, OLDER, bot, person, review

from bot.message import Value, say
from bot.rules import approvals
from bot.rules.facts import CheckState, Facts, OtherCheck, Owners, Review, ReviewState
from bot.rules.models import Rulebook
from bot.rules.rulebook import DEFAULT, read
from bot.rules.standing import Why, objections, opinions, standing
from bot.rules.verdict import Finding, Outcome

APPROVED, REQUESTED = ReviewState.APPROVED, ReviewState.CHANGES_REQUESTED
COMMENTED, DISMISSED = ReviewState.COMMENTED, ReviewState.DISMISSED
MakeFacts = Callable[..., Facts]


def rulebook(text: str = "") -> Rulebook:
    reading = read(text)
    assert isinstance(reading, Rulebook), reading
    return reading


def asking(**approval: object) -> Rulebook:
    """A rulebook that asks for approvals of releases, without waiting for checks."""
    text = ", ".join(f"{key}: {value}" for key, value in {"checks": "false", **approval}.items())
    return rulebook(f"approvals: {{release: {{{text}}}}}")


@pytest.fixture
def release(facts: MakeFacts) -> Callable[..., Facts]:
    """The facts of a release that mina opened, with reviews of it."""

    def made(*reviews: Review, **more: Any) -> Facts:
        plain = facts("release-v1.2.0", "main")
        pull = replace(plain.pull, author=person("mina"))
        return replace(plain, pull=pull, reviews=reviews, **more)

    return made


Release = Callable[..., Facts]


def found(facts: Facts, by: Rulebook) -> Finding:
    finding = approvals.find(facts, by)
    assert finding
    return finding


def why(facts: Facts, by: Rulebook) -> Why | None:
    """Why the one approval does not count."""
    ((_, reason),) = standing("release", by.approvals["release"], facts, None).approvals
    return reason


# For which pull requests.


@pytest.mark.parametrize(
    ("preset", "head", "base", "expected"),
    [
        ("git-flow", "feat/x", "develop", []),
        ("git-flow", "release-v1.2.0", "main", ["release"]),
        ("git-flow", "release/v1.2.0", "develop", ["release"]),
        ("git-flow", "hotfix/x", "main", ["release"]),
        ("git-flow", "feat/x", "release-v1.2.0", ["release"]),
        ("git-flow", "whatever", "release/v1.2.0", ["release"]),
        ("trunk", "feature/x", "main", ["main"]),
        ("trunk", "fix/x", "release/1.2.0", ["release"]),
        ("trunk", "release/1.2.0", "main", ["main"]),
        ("trunk", "feature/x", "feature/y", []),
    ],
)
def test_the_presets_ask_for_approvals_of_releases(
    facts: MakeFacts, preset: str, head: str, base: str, expected: list[str]
) -> None:
    asked = approvals.applicable(rulebook(f"preset: {preset}"), facts(head, base).pull)
    assert list(asked) == expected


def test_the_presets_require_with_all_checks_and_trunk_advises_on_main(facts: MakeFacts) -> None:
    required = approvals.applicable(rulebook(), facts("release-v1.2.0", "main").pull)["release"]
    assert (required.enforcement, required.checks, required.count) == ("required", True, 1)
    trunk = rulebook("preset: trunk")
    advised = approvals.applicable(trunk, facts("feature/x", "main").pull)["main"]
    assert (advised.enforcement, advised.checks) == ("advised", False)


def test_where_none_is_asked_for_it_does_not_apply(facts: MakeFacts) -> None:
    assert approvals.find(facts("feat/x"), rulebook()) is None
    assert approvals.find(facts("release-v1.2.0", "main"), rulebook("approvals: {release: null}")) is None
    off = asking(enforcement="off")
    assert approvals.find(facts("release-v1.2.0", "main"), off) is None


# How many.


def test_it_waits_for_as_many_as_the_rulebook_says(release: Release) -> None:
    two = asking(count=2)
    one, both = [review("noor")], [review("noor"), review("eve")]
    assert found(release(), two).outcome is Outcome.WAIT
    assert found(release(*one), two).outcome is Outcome.WAIT
    assert found(release(*one, review("noor")), two).outcome is Outcome.WAIT  # twice is once
    assert found(release(*both), two).outcome is Outcome.PASS


def test_what_is_advised_is_only_a_word(facts: MakeFacts) -> None:
    trunk = rulebook("preset: trunk")
    finding = found(facts("feature/x", "main"), trunk)
    assert finding.outcome is Outcome.ADVICE
    approved = facts("feature/x", "main", reviews=(review("noor"),))
    assert found(approved, trunk).outcome is Outcome.PASS


def test_what_is_required_decides_before_what_is_advised(release: Release) -> None:
    both = rulebook(
        "approvals: {release: {checks: false}, more: {into: [main], enforcement: advised, count: 3}}"
    )
    assert found(release(), both).outcome is Outcome.WAIT
    assert found(release(review("noor")), both).outcome is Outcome.ADVICE
    assert found(release(review("noor"), review("eve"), review("kim")), both).outcome is Outcome.PASS


def test_without_a_rulebook_it_is_advice(facts: MakeFacts) -> None:
    assert DEFAULT.enforcement("approvals", from_fork=False) == "advised"
    assert found(facts("release-v1.2.0", "main"), DEFAULT).outcome is Outcome.WAIT


# Whose approval counts.


def test_the_authors_own_approval_does_not_count(release: Release) -> None:
    assert why(release(review("mina")), asking()) is Why.AUTHOR


def test_r8_bots_and_ghosts_never_count(release: Release) -> None:
    assert why(release(review(bot("approver"))), asking()) is Why.BOT
    assert why(release(review(bot("approver"))), asking(by="['approver[bot]']")) is Why.BOT
    assert why(release(review(GHOST)), asking()) is Why.GHOST


def test_r13_whoever_may_not_write_any_more_does_not_count(release: Release) -> None:
    assert why(release(review("noor", may_write=False)), asking()) is Why.STRANGER
    assert why(release(review("noor", may_write=False)), asking(by="[noor]")) is Why.STRANGER


def test_r5_an_approval_belongs_to_the_commit_that_was_looked_at(release: Release) -> None:
    older, gone = review("noor", commit=OLDER), review("noor", commit="")
    assert why(release(older), asking()) is Why.OLDER
    assert why(release(gone), asking()) is Why.OLDER
    assert why(release(older), asking(current_head="false")) is None
    assert why(release(review("noor", commit=HEAD)), asking()) is None


def test_whoever_pushed_last_does_not_count_where_the_rulebook_says_so(release: Release) -> None:
    strict = asking(last_pusher="false")
    facts = release(review("noor"))
    assert why(facts, asking()) is None
    assert why(replace(facts, pusher=person("noor")), strict) is Why.PUSHER
    assert why(replace(facts, pusher=person("eve")), strict) is None
    assert why(facts, strict) is Why.UNKNOWN_PUSHER
    assert found(facts, strict).outcome is Outcome.UNKNOWN


def test_only_those_whom_the_rulebook_names_count(release: Release) -> None:
    named = asking(by="[Noor, acme/Core]")
    teams = {"acme/core": frozenset({"U_eve"})}
    assert why(release(review("noor"), teams=teams), named) is None
    assert why(release(review("eve"), teams=teams), named) is None
    assert why(release(review("kim"), teams=teams), named) is Why.UNASKED


def test_a_team_that_cannot_be_read_proves_nothing(release: Release) -> None:
    named = asking(by="[acme/core]")
    facts = release(review("eve"), teams={"acme/core": None})
    assert why(facts, named) is Why.UNREAD
    assert found(facts, named).outcome is Outcome.UNKNOWN
    assert found(release(teams={"acme/core": None}), named).outcome is Outcome.WAIT
    # Nobody needs the team any more once a person who is named has approved.
    either = asking(by="[acme/core, noor]")
    enough = release(review("eve"), review("noor"), teams={"acme/core": None})
    assert found(enough, either).outcome is Outcome.PASS


# What people think now.


def test_r6_a_comment_replaces_no_opinion(release: Release) -> None:
    facts = release(review("noor", APPROVED), review("noor", COMMENTED, "by the way"))
    assert found(facts, asking()).outcome is Outcome.PASS
    facts = release(review("noor", REQUESTED), review("noor", COMMENTED), review("eve", APPROVED))
    assert found(facts, asking()).outcome is Outcome.FAIL


def test_r6_a_request_stands_until_it_is_withdrawn_or_dismissed(release: Release) -> None:
    approved = review("eve", APPROVED)
    assert found(release(approved, review("noor", REQUESTED)), asking()).outcome is Outcome.FAIL
    old = review("noor", REQUESTED, commit=OLDER)
    assert found(release(approved, old), asking()).outcome is Outcome.FAIL
    withdrawn = release(approved, review("noor", REQUESTED), review("noor", APPROVED))
    assert found(withdrawn, asking()).outcome is Outcome.PASS
    assert found(release(approved, review("noor", DISMISSED)), asking()).outcome is Outcome.PASS


def test_r6_dismissing_a_request_revives_no_earlier_approval(release: Release) -> None:
    facts = release(review("noor", APPROVED), review("noor", DISMISSED))
    assert opinions(facts) == ()
    assert found(facts, asking()).outcome is Outcome.WAIT


def test_r12_requests_of_those_who_may_not_write_hold_nothing(release: Release) -> None:
    facts = release(
        review("eve", APPROVED),
        review("stranger", REQUESTED, may_write=False),
        review(bot("linter"), REQUESTED),
    )
    assert objections(facts) == ()
    assert found(facts, asking()).outcome is Outcome.PASS


# Code owners.

OWNERS = "* @noor\n/web/ @acme/web\n"
TEAMS = {"acme/web": frozenset({"U_eve"})}


def owned(release: Release, *reviews: Review, paths: tuple[str, ...] = ("web/a.js", "b.py")) -> Facts:
    return release(*reviews, owners=Owners(OWNERS, paths), teams=TEAMS)


def test_an_owner_of_every_changed_file_must_approve(release: Release) -> None:
    by_owners = asking(code_owners="true")
    assert found(owned(release, review("noor")), by_owners).outcome is Outcome.WAIT
    assert found(owned(release, review("noor"), review("eve")), by_owners).outcome is Outcome.PASS
    assert found(owned(release, review("noor"), paths=("b.py",)), by_owners).outcome is Outcome.PASS
    finding = found(owned(release, review("noor")), by_owners)
    assert finding.table
    assert finding.table.rows[1:] == (
        (("acme/web",), say("missing: one, for {files}", files="web/a.js"), "release"),
    )


def test_an_owner_need_not_be_one_of_those_who_are_asked(release: Release) -> None:
    both = asking(by="[jiho]", code_owners="true")
    facts = release(review("jiho"), review("noor"), owners=Owners("* @noor\n", ("a.py",)))
    finding = found(facts, both)
    assert finding.outcome is Outcome.PASS
    assert finding.table
    said = [(row[0], getattr(row[1], "id", "")) for row in finding.table.rows]
    assert said == [("jiho", "approved"), ("noor", "approved, as an owner of files alone")]
    # An owner who is not asked makes up no number, and an approval that does not count is no owner's.
    owner = replace(facts, reviews=(review("noor"),))
    assert found(owner, both).outcome is Outcome.WAIT
    older = replace(facts, reviews=(review("jiho"), review("noor", commit=OLDER)))
    assert found(older, both).outcome is Outcome.WAIT


def test_an_owner_counts_where_the_team_that_is_asked_cannot_be_read(release: Release) -> None:
    both = asking(by="[acme/core, jiho]", code_owners="true")
    owners, teams = Owners("* @noor\n", ("a.py",)), {"acme/core": None}
    facts = release(review("jiho"), review("noor"), owners=owners, teams=teams)
    assert found(facts, both).outcome is Outcome.PASS


def test_several_files_of_the_same_owners_are_one_row(release: Release) -> None:
    facts = release(review("eve"), owners=Owners("* @noor\n", ("a.py", "b.py", "c.py")))
    table = found(facts, asking(code_owners="true")).table
    assert table
    files = getattr(table.rows[-1][1], "values", {})["files"]
    assert files == say("{path} and {count} more files", path="a.py", count=2)


def test_owners_that_cannot_be_read_prove_nothing(release: Release) -> None:
    by_owners = asking(code_owners="true")
    for owners in (None, Owners(None, ("a",)), Owners(OWNERS, None)):
        facts = release(review("noor"), owners=owners)
        assert found(facts, by_owners).outcome is Outcome.UNKNOWN
    unread = replace(owned(release, review("noor"), review("eve")), teams={"acme/web": None})
    assert found(unread, by_owners).outcome is Outcome.UNKNOWN


def test_files_that_nobody_owns_need_no_owner(release: Release) -> None:
    facts = release(review("kim"), owners=Owners("", ("a.py",)))
    assert found(facts, asking(code_owners="true")).outcome is Outcome.PASS


def test_addresses_of_owners_are_ignored_with_a_note(release: Release) -> None:
    facts = release(review("noor"), owners=Owners("* docs@example.com\n", ("a.py",)))
    finding = found(facts, asking(code_owners="true"))
    assert finding.outcome is Outcome.PASS
    (item,) = finding.items
    assert item.values["addresses"] == ("docs@example.com",)


# The checks of others.


def checked(*states: CheckState, required: tuple[str, ...] = ()) -> dict[str, Any]:
    checks = tuple(OtherCheck(f"ci / {state}", state) for state in states)
    return {"checks": checks, "required": required}


@pytest.mark.parametrize(
    ("states", "required", "outcome"),
    [
        ((), (), Outcome.PASS),
        ((CheckState.PASSED,), (), Outcome.PASS),
        ((CheckState.PASSED, CheckState.PENDING), (), Outcome.WAIT),
        ((CheckState.PENDING, CheckState.FAILED), (), Outcome.FAIL),
        ((CheckState.PASSED,), ("ci / passed",), Outcome.PASS),
        ((CheckState.PASSED,), ("ci / passed", "e2e"), Outcome.WAIT),
    ],
)
def test_every_other_check_must_have_passed(
    release: Release, states: tuple[CheckState, ...], required: tuple[str, ...], outcome: Outcome
) -> None:
    facts = release(review("noor"), **checked(*states, required=required))
    assert found(facts, asking(checks="true")).outcome is outcome
    assert found(facts, asking(checks="false")).outcome is Outcome.PASS


def test_a_required_check_that_is_missing_is_named(release: Release) -> None:
    facts = release(review("noor"), **checked(CheckState.PENDING, required=("e2e",)))
    finding = found(facts, asking(checks="true"))
    assert finding.reason.values["checks"] == ("ci / pending", "e2e")
    assert [item.values["checks"] for item in finding.items] == [("ci / pending",), ("e2e",)]


# What it says.


def test_a_table_says_who_approved_and_why_an_approval_does_not_count(release: Release) -> None:
    facts = release(review("noor"), review("eve", commit=OLDER), review("kim", REQUESTED))
    finding = found(facts, asking(count=2))
    assert finding.table
    said = [(row[0], getattr(row[1], "id", "")) for row in finding.table.rows]
    assert said[:2] == [("noor", "approved"), ("eve", "does not count: an older commit")]


def missing(facts: Facts, by: Rulebook) -> list[Value]:
    """Who can still approve, of each row that says so."""
    table = found(facts, by).table
    rows = table.rows if table else ()
    return [row[0] for row in rows if getattr(row[1], "id", "").startswith("missing")]


def test_the_table_says_what_is_missing_and_who_can_give_it(release: Release) -> None:
    two = asking(count=2, by="[noor, eve, acme/core]")
    table = found(release(review("noor")), two).table
    assert table
    assert table.rows[1] == (("eve", "acme/core"), say("missing: {count}", count=1), "release")
    assert missing(release(), asking()) == [say("anyone who may write, but the author")]
    assert missing(release(review("noor")), asking()) == []


def test_whoever_does_not_count_cannot_give_what_is_missing(release: Release) -> None:
    assert missing(release(), asking(count=2, by="[Mina, jiho, 'approver[bot]']")) == [("jiho",)]
    strict = asking(by="[jiho, eve]", last_pusher="false")
    assert missing(release(pusher=person("eve")), strict) == [("jiho",)]
    assert missing(release(), asking(by="[mina]")) == [say("nobody of those who are asked")]
    owned_by_author = release(review("eve"), owners=Owners("* @mina @noor\n", ("a.py",)))
    assert missing(owned_by_author, asking(code_owners="true")) == [("noor",)]


def test_the_title_counts_the_approvals(release: Release) -> None:
    two = asking(count=2)
    brief = found(release(review("noor")), two).brief
    assert brief
    assert (brief.values["count"], brief.values["wanted"]) == (1, 2)
    brief = found(release(review("noor", REQUESTED)), two).brief
    assert brief
    assert brief.values["logins"] == ("noor",)
