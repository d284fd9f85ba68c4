import pytest
from unit.rules.releases import rulebook

from bot.message import Link
from bot.releases.notes import Group, Merged, group_of, notes
from bot.rules.facts import Actor, Author
from bot.text import Language
from bot.text.notes import LONGEST_NOTES, notes_text

BOOK = rulebook()


def merged(
    number: int, title: str = "A change", head: str = "feat/x", login: str = "mina", *labels: str
) -> Merged:
    return Merged(number, title, Author(login, Actor.PERSON), head, labels)


@pytest.mark.parametrize(
    ("title", "head", "labels", "group"),
    [
        ("A cart", "feat/cart", (), Group.FEATURE),
        ("A cart", "feature-cart", (), Group.FEATURE),
        ("A cart", "fix/cart", (), Group.FIX),
        ("A cart", "hotfix/cart", (), Group.FIX),
        ("A cart", "refact/cart", (), Group.OTHER),
        ("A cart", "patch-1", (), Group.OTHER),
        ("fix: a cart", "feat/cart", (), Group.FIX),
        ("chore: a cart", "feat/cart", (), Group.OTHER),
        ("feat!: a cart", "fix/cart", (), Group.BREAKING),
        ("feat: a cart", "feat/cart", ("Bug",), Group.FIX),
        ("A cart", "fix/cart", ("bug", "enhancement"), Group.FEATURE),
        ("A cart", "fix/cart", ("semver:major", "bug"), Group.BREAKING),
        ("A cart", "fix/cart", ("P1", "urgent"), Group.FIX),
        ("A cart", "fix/cart", ("docs",), Group.OTHER),
    ],
)
def test_the_group_of_a_pull_request(title: str, head: str, labels: tuple[str, ...], group: Group) -> None:
    assert group_of(BOOK, merged(1, title, head, "mina", *labels)) is group


def test_a_teams_own_words_count_by_their_kind() -> None:
    book = rulebook("kinds: {fix: {names: ['issue/*'], from: develop, into: [develop]}}")
    assert group_of(book, merged(1, head="issue/12")) is Group.FIX


@pytest.mark.parametrize("head", ["release-v1.3.0", "develop", "main", "signalbox/back-merge-v1.2.0"])
def test_what_only_carries_a_release_along_is_no_change(head: str) -> None:
    assert notes(BOOK, [merged(1, head=head)]).groups == ()


def test_groups_come_in_order_without_empty_or_double_entries() -> None:
    pulls = [merged(9, head="fix/b"), merged(2, head="fix/a"), merged(9, head="fix/b"), merged(4)]
    assert [(group, [each.number for each in members]) for group, members in notes(BOOK, pulls).groups] == [
        (Group.FEATURE, [4]),
        (Group.FIX, [2, 9]),
    ]


GONE = Merged(5, "A change", Author("ghost", Actor.GHOST), "fix/x")


def test_the_text() -> None:
    compare = Link("v1.2.0...v1.3.0", "https://github.com/acme/shop/compare/v1.2.0...v1.3.0")
    text = notes_text(notes(BOOK, [merged(4), GONE], compare), Language.EN)
    assert text == (
        "## Features\n\n- `A change` by @mina (#4)\n\n## Fixes\n\n- `A change` (#5)\n\n"
        "All changes: [`v1.2.0...v1.3.0`](https://github.com/acme/shop/compare/v1.2.0...v1.3.0)"
    )
    assert "기능" in notes_text(notes(BOOK, [merged(4)]), Language.KO)


def test_r17_a_title_mentions_nobody_and_hides_nothing() -> None:
    title = "Thanks @all <!-- x --> #1 [a](https://x.test) `code` @team/b\n## Heading"
    text = notes_text(notes(BOOK, [merged(4, title)]), Language.EN)
    (line,) = [line for line in text.splitlines() if line.startswith("- ")]
    assert line.startswith("- ``Thanks @all <!-- x -->")
    assert line.endswith("`` by @mina (#4)")


def test_r8_r17_a_bot_is_named_and_nobody_of_its_name_is_mentioned() -> None:
    bot = Merged(4, "A change", Author("renovate", Actor.BOT), "feat/x")
    assert "by `renovate` (#4)" in notes_text(notes(BOOK, [bot]), Language.EN)


def test_r11_what_was_not_read_is_said() -> None:
    text = notes_text(notes(BOOK, [merged(4)], most=1000), Language.EN)
    assert text.endswith("Only 1000 commits were read: what the others bring is not listed.")


def test_a_release_without_pull_requests_says_so() -> None:
    assert notes_text(notes(BOOK, []), Language.EN) == "This brings no merged pull request."


def test_notes_stay_within_what_github_takes() -> None:
    pulls = [
        merged(number, "x" * 300, head, f"person-{number}", *labels)
        for number, (head, labels) in enumerate(
            [("feat/x", ()), ("fix/x", ()), ("docs", ()), ("x", ("breaking",))] * 500
        )
    ]
    text = notes_text(notes(BOOK, pulls), Language.EN)
    assert LONGEST_NOTES // 2 < len(text) <= LONGEST_NOTES
    assert "- and 4" in text
