import subprocess
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import naming
from bot.rules.branches import kind_of
from bot.rules.facts import Actor, Facts
from bot.rules.patterns import is_legal
from bot.rules.rulebook import DEFAULT, Rulebook, read
from bot.rules.suggestion import suggest
from bot.rules.verdict import Finding, Outcome

MakeFacts = Callable[..., Facts]


def rulebook(text: str) -> Rulebook:
    reading = read(text)
    assert isinstance(reading, Rulebook)
    return reading


TRUNK = rulebook("preset: trunk")


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("feat/login", "feature"),
        ("refact/login", "feature"),
        ("fix/login", "feature"),
        ("release-v1.2.3", "release"),
        ("release/v1.0.0", "release"),
        ("hotfix/v1.0.1", "hotfix"),
        ("hotfix/login", "hotfix"),
        ("main", None),
        ("development", None),
        ("feature/login", None),
        ("release-v1.2.3-rc.1", None),
        ("release-v1.02.3", None),
        ("Hotfix/x", None),
    ],
)
def test_kinds_of_git_flow(head: str, kind: str | None) -> None:
    assert kind_of(DEFAULT, head) == kind


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("feature/a/b", "feature"),
        ("release/1.2.3", "release"),
        ("fix/a/b", "fix"),
        ("develop", None),
        ("main", None),
    ],
)
def test_kinds_of_trunk(head: str, kind: str | None) -> None:
    assert kind_of(TRUNK, head) == kind


def test_prereleases_only_where_the_kind_allows_them() -> None:
    allowing = rulebook("kinds: {release: {prereleases: true}}")
    assert kind_of(allowing, "release-v1.2.3-rc.1") == "release"
    assert kind_of(DEFAULT, "release-v1.2.3+build") is None


def found(facts: Facts, book: Rulebook = DEFAULT) -> Finding:
    finding = naming.find(facts, book)
    assert finding is not None
    return finding


def test_a_right_name_passes(facts: MakeFacts) -> None:
    assert found(facts("feat/login")).outcome is Outcome.PASS


def test_a_wrong_name_fails_with_the_nearest_and_the_commands(facts: MakeFacts) -> None:
    finding = found(facts("feature/login"))
    assert finding.outcome is Outcome.FAIL
    assert finding.mend is not None
    assert finding.mend.values["name"] == "feat/login"
    assert finding.commands == (
        "git branch -m feature/login feat/login &&",
        "git push origin -u feat/login &&",
        "git push origin --delete refs/heads/feature/login",
    )


@pytest.mark.parametrize(
    ("head", "nearest"),
    [
        ("feature/login", "feat/login"),
        ("features/login", "feat/login"),
        ("Feat/login", "feat/login"),
        ("FEAT-login", "feat/login"),
        ("feat_login", "feat/login"),
        ("feat/login/page", "feat/login-page"),
        ("hotfx/x", "hotfix/x"),
        ("bugfix/x", "fix/x"),
        ("refactor/x", "refact/x"),
        ("login-page", "feat/login-page"),
        ("기능/로그인", "feat/기능-로그인"),
        ("123", "feat/123"),
        ("release-1.2.0", "release-v1.2.0"),
        ("Release/v1.2.0", "release-v1.2.0"),
        ("relase-v1.2.0", "release-v1.2.0"),
        ("hotfix-1.0.1", "hotfix/1.0.1"),
        ("release-1.2", None),
        ("release-v01.2.3", "release-v1.2.3"),
        ("release-v1.02.0", "release-v1.2.0"),
        ("release-v1.2.03-rc.1", None),
        ("release-next", None),
        ("release-v1.2.0-rc.1", None),
        ("fix", None),
        ("/", None),
    ],
)
def test_the_nearest_name_where_it_is_sure(head: str, nearest: str | None) -> None:
    assert suggest(DEFAULT, head).name == nearest


@pytest.mark.parametrize(
    ("head", "nearest"),
    [("feat/a/b", "feature/a/b"), ("release-v1.2.0", "release/1.2.0"), ("bugfix/a/b", "fix/a/b")],
)
def test_the_nearest_name_in_trunk(head: str, nearest: str) -> None:
    assert suggest(TRUNK, head).name == nearest


@pytest.mark.parametrize(
    ("head", "example"),
    [
        ("release-1.2", "release-v1.2.0"),
        ("release-next", "release-v1.2.0"),
        ("release-v1.2.0-rc.1", "release-v1.2.0"),
    ],
)
def test_an_unsure_name_asks_with_an_example_and_without_commands(
    facts: MakeFacts, head: str, example: str
) -> None:
    finding = found(facts(head))
    assert finding.mend is not None
    assert finding.mend.values["example"] == example
    assert finding.commands == ()


@given(st.text(max_size=30) | st.text("feathoixrls/-_.v0123456789~^:?*[@{ \\", max_size=20))
def test_what_is_suggested_is_legal_and_right(head: str) -> None:
    for book in (DEFAULT, TRUNK):
        name = suggest(book, head).name
        if name is not None:
            assert kind_of(book, name) is not None
            assert is_legal(name)


@pytest.mark.parametrize("head", ["feat/.lock", "a..b~^: ?*[\\", "feat/x.lock.lock", "feat/@{x}", "x/.y/z."])
def test_git_itself_takes_what_is_suggested(head: str) -> None:
    name = suggest(DEFAULT, head).name
    assert name is not None
    subprocess.run(["git", "check-ref-format", "--branch", name], check=True, capture_output=True)


def test_names_are_quoted_for_the_shell(facts: MakeFacts) -> None:
    finding = found(facts("feature/$(rm)'x"))
    assert finding.commands[0] == """git branch -m 'feature/$(rm)'"'"'x' 'feat/rm)'"'"'x' &&"""


def test_a_name_that_reads_as_an_option_gets_no_commands(facts: MakeFacts) -> None:
    assert found(facts("--upload-pack=x")).commands == ()


def test_what_has_no_name_to_judge(facts: MakeFacts) -> None:
    assert naming.find(facts("main"), DEFAULT) is None
    assert naming.find(facts("dependabot/pip/x", actor=Actor.BOT), DEFAULT) is None
    nothing = rulebook(
        "kinds: {feature: null, release: null, hotfix: null}\napprovals: {release: null}\n"
        "environments: {local: null, stage: null}\nforks: {kind: null}"
    )
    assert naming.find(facts("x"), nothing) is None


def test_a_person_on_a_bots_branch_and_a_bot_elsewhere_are_judged(facts: MakeFacts) -> None:
    assert found(facts("dependabot/pip/x")).outcome is Outcome.FAIL
    assert found(facts("x", actor=Actor.BOT)).outcome is Outcome.FAIL


def test_a_forks_main_is_a_branch_like_others(facts: MakeFacts) -> None:
    assert found(facts("main", from_fork=True)).outcome is Outcome.FAIL


def test_a_forks_branch_gets_no_commands_for_a_remote_that_is_not_its_own(facts: MakeFacts) -> None:
    made = facts("feature/login")
    finding = found(replace(made, pull=replace(made.pull, from_fork=True)))
    assert (finding.outcome, finding.commands) == (Outcome.FAIL, ())
