import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.conventional import Conventional, asked, parse, step
from bot.rules.facts import Change
from bot.rules.succession import Step


@pytest.mark.parametrize(
    ("headline", "expected"),
    [
        ("feat: add a cart", Conventional("feat", "", False, "add a cart")),
        ("Feat(cart): add it", Conventional("feat", "cart", False, "add it")),
        ("feat(api)!: send an email", Conventional("feat", "api", True, "send an email")),
        ("refactor!: drop Node 6", Conventional("refactor", "", True, "drop Node 6")),
        ("fix(a b): x (#12)", Conventional("fix", "a b", False, "x (#12)")),
        ("hot-fix: x", Conventional("hot-fix", "", False, "x")),
        ("feat:no space", None),
        ("feat : x", None),
        ("feat(): x", None),
        ("feat: ", None),
        (": x", None),
        ("Merge pull request #12 from acme/feat/cart", None),
        ("Add a cart", None),
        ("12: x", None),
    ],
)
def test_headlines(headline: str, expected: Conventional | None) -> None:
    assert parse(headline) == expected


@pytest.mark.parametrize(
    ("headline", "body", "expected"),
    [
        ("feat: x", "", Step.MINOR),
        ("fix: x", "", Step.PATCH),
        ("chore: x", "", None),
        ("chore!: x", "", Step.MAJOR),
        ("fix: x", "why\n\nReviewed-by: Z\nBREAKING CHANGE: the key is gone", Step.MAJOR),
        ("fix: x", "BREAKING-CHANGE: the key is gone", Step.MAJOR),
        ("fix: x", "breaking change: only capitals count", Step.PATCH),
        ("fix: x", "this is no BREAKING CHANGE: it stands in a line", Step.PATCH),
        ("fix: x", "BREAKING CHANGE:", Step.PATCH),
        ("Rework the API", "BREAKING CHANGE: all of it", Step.MAJOR),
        ("Rework the API", "", None),
    ],
)
def test_what_a_commit_asks_of_the_version(headline: str, body: str, expected: Step | None) -> None:
    assert step(headline, body) is expected


@given(st.text(), st.text())
def test_any_text_is_read(headline: str, body: str) -> None:
    assert parse(headline, body) is None or step(headline, body) in {None, *Step}


def change(letter: str, headline: str, reverts: str = "") -> Change:
    return Change(letter * 40, headline, f"This reverts commit {reverts * 40}." if reverts else "")


def test_what_was_reverted_asks_nothing() -> None:
    commits = [change("c", 'Revert "feat: x"', "a"), change("b", "fix: y"), change("a", "feat: x")]
    assert asked(commits) == ((commits[1], Step.PATCH),)


def test_what_was_brought_back_asks_again() -> None:
    commits = [
        change("d", 'Revert "Revert "feat: x""', "c"),
        change("c", 'Revert "feat: x"', "a"),
        change("a", "feat: x"),
    ]
    assert asked(commits) == ((commits[2], Step.MINOR),)
