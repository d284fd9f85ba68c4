"""Which levels are outstanding, who can block, and what the check says."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from unit.rules.people import GHOST, bot, review, said, thread

from bot.message import Link, say
from bot.rules import levels
from bot.rules.facts import Facts, Remark, Review, ReviewState, Thread
from bot.rules.levels import outstanding
from bot.rules.models import Rulebook
from bot.rules.rulebook import read
from bot.rules.verdict import Outcome

APPROVED, REQUESTED = ReviewState.APPROVED, ReviewState.CHANGES_REQUESTED
COMMENTED, DISMISSED = ReviewState.COMMENTED, ReviewState.DISMISSED
MakeFacts = Callable[..., Facts]


def rulebook(text: str = "") -> Rulebook:
    reading = read(text)
    assert isinstance(reading, Rulebook), reading
    return reading


PLAIN = rulebook()


def found(facts: Facts, by: Rulebook = PLAIN) -> list[str]:
    return [each.level for each in outstanding(facts, by)]


@pytest.fixture
def talk(facts: MakeFacts) -> Callable[..., Facts]:
    """The facts of a pull request about which this was said."""

    def made(*said: Review | Thread, **more: Any) -> Facts:
        reviews = tuple(one for one in said if isinstance(one, Review))
        threads = tuple(one for one in said if isinstance(one, Thread))
        return replace(facts("feat/x"), reviews=reviews, threads=threads, **more)

    return made


Talk = Callable[..., Facts]


def test_nothing_said_is_nothing_outstanding(talk: Talk) -> None:
    finding = levels.find(talk(), PLAIN)
    assert finding
    assert (finding.outcome, finding.table) == (Outcome.PASS, None)


def test_a_level_in_a_thread_stands_until_the_thread_is_resolved(talk: Talk) -> None:
    remark = said("noor", "P1: rename this")
    assert found(talk(thread(remark))) == ["P1"]
    assert found(talk(thread(remark, resolved=True))) == []
    assert found(talk(thread(said("noor", "rename this")))) == []  # edited away
    assert found(talk(thread(said("mina", "done"), said("noor", "P2: and this")))) == ["P2"]


def test_a_later_approval_of_its_author_clears_a_level_in_a_thread(talk: Talk) -> None:
    asked = review("noor", COMMENTED)
    remark = thread(said("noor", "P1: rename", of=asked))
    assert found(talk(remark, asked)) == ["P1"]
    assert found(talk(remark, asked, review("noor", APPROVED))) == []
    assert found(talk(remark, asked, review("noor", APPROVED), review("noor", COMMENTED))) == []
    assert found(talk(remark, asked, review("eve", APPROVED))) == ["P1"]
    assert found(talk(remark, asked, review("noor", DISMISSED))) == ["P1"]
    assert found(talk(remark, asked, review("noor", REQUESTED))) == ["P1"]
    assert found(talk(remark, review("noor", APPROVED), asked)) == ["P1"]  # said since


def test_a_level_in_a_thread_of_the_approval_itself_stands(talk: Talk) -> None:
    approval = review("noor", APPROVED)
    assert found(talk(thread(said("noor", "P1: rename", of=approval)), approval)) == ["P1"]


def test_dismissing_a_review_clears_the_levels_in_its_threads(talk: Talk) -> None:
    dismissed, other = review("noor", DISMISSED), review("noor", COMMENTED)
    remarks = thread(said("noor", "P1: rename", of=dismissed), said("noor", "P2: and this", of=other))
    assert found(talk(remarks, dismissed, other)) == ["P2"]


def test_r8_the_approval_of_a_ghost_clears_nothing_of_another_ghost(talk: Talk) -> None:
    asked = review(GHOST, COMMENTED)
    facts = talk(thread(said(GHOST, "P1: rename", of=asked)), asked, review(GHOST, APPROVED))
    assert found(facts) == ["P1"]


def test_a_level_in_a_review_stands_until_its_author_approves(talk: Talk) -> None:
    asked = review("noor", REQUESTED, "P1: tests are missing")
    assert found(talk(asked)) == ["P1"]
    assert found(talk(asked, review("noor", APPROVED))) == []
    assert found(talk(asked, review("eve", APPROVED))) == ["P1"]
    assert found(talk(asked, review("noor", APPROVED, "P3: a typo"))) == ["P3"]


def test_r6_a_comment_takes_no_request_back(talk: Talk) -> None:
    asked = review("noor", REQUESTED, "P1: leaks the key")
    assert found(talk(asked, review("noor", COMMENTED))) == ["P1"]
    assert found(talk(asked, review("noor", COMMENTED, "nice tests"))) == ["P1"]
    assert found(talk(asked, review("noor", COMMENTED, "P2: rename"))) == ["P1", "P2"]
    assert found(talk(asked, review("noor", APPROVED), review("noor", COMMENTED, "P2: rename"))) == ["P2"]


def test_of_comments_the_latest_that_says_something_counts(talk: Talk) -> None:
    earlier = review("noor", COMMENTED, "P1: tests are missing")
    assert found(talk(earlier, review("noor", COMMENTED))) == ["P1"]
    assert found(talk(earlier, review("noor", COMMENTED, "P2: fine, but rename"))) == ["P2"]
    assert found(talk(earlier, review("noor", COMMENTED, "now I see"))) == []


def test_a_later_request_that_says_something_replaces_what_was_said(talk: Talk) -> None:
    for earlier in (review("noor", REQUESTED, "P1: a"), review("noor", COMMENTED, "P1: a")):
        assert found(talk(earlier, review("noor", REQUESTED, "P2: b"))) == ["P2"]
        assert found(talk(earlier, review("noor", REQUESTED))) == ["P1"]  # it says only what its threads say


def test_r6_a_dismissed_review_is_over_and_revives_nothing(talk: Talk) -> None:
    for earlier in (review("noor", COMMENTED, "P1: a"), review("noor", REQUESTED, "P1: a")):
        assert found(talk(earlier, review("noor", DISMISSED, "P2: b"))) == []
        # An approval without a word, dismissed: what it took back does not come back.
        assert found(talk(earlier, review("noor", DISMISSED))) == []
    assert found(talk(review("noor", DISMISSED, "P1: tests"))) == []
    assert found(talk(review("noor", DISMISSED), review("noor", COMMENTED, "P2: b"))) == ["P2"]


def test_every_person_has_a_latest_review(talk: Talk) -> None:
    said_by_two = talk(review("noor", REQUESTED, "P2: a"), review("eve", COMMENTED, "P1: b\nP3: c"))
    assert found(said_by_two) == ["P1", "P2", "P3"]


def test_the_gravest_come_first_and_of_one_level_the_oldest(talk: Talk) -> None:
    first, second = said("noor", "P2: a"), said("eve", "P2: b")
    facts = talk(thread(second), thread(first), thread(said("noor", "P1: c")))
    assert [each.remark.body for each in outstanding(facts, PLAIN)] == ["P1: c", "P2: a", "P2: b"]


def test_r13_only_levels_of_people_who_may_write_count(talk: Talk) -> None:
    facts = talk(
        thread(said("noor", "P1: a", may_write=False)),
        thread(said(bot("linter"), "P1: b")),
        thread(said(GHOST, "P1: c")),
        thread(said("eve", "P3: d")),
    )
    assert [each.counts for each in outstanding(facts, PLAIN)] == [False, False, False, True]
    finding = levels.find(facts, PLAIN)
    assert finding
    assert finding.outcome is Outcome.PASS
    assert finding.table
    assert len(finding.table.rows) == 4  # those that do not count are shown


def test_levels_that_do_not_count_alone_hold_nothing_and_are_shown(talk: Talk) -> None:
    finding = levels.find(talk(thread(said("noor", "P1: a", may_write=False))), PLAIN)
    assert finding
    assert finding.outcome is Outcome.PASS
    assert finding.table


def test_the_rulebook_names_whose_levels_count(talk: Talk) -> None:
    named = rulebook("reviews: {by: [Noor, acme/core, 'linter[bot]']}")
    remarks = [
        said("noor", "P1: a", may_write=False),
        said("eve", "P1: b"),
        said(bot("linter"), "P1: c", may_write=False),
        said("linter", "P1: d"),
        said("core", "P1: e"),
    ]
    facts = talk(*map(thread, remarks), teams={"acme/core": frozenset({"U_core"})})
    assert [each.counts for each in outstanding(facts, named)] == [True, False, True, False, True]


def test_whoever_may_be_in_a_team_that_cannot_be_read_counts(talk: Talk) -> None:
    named = rulebook("reviews: {by: [acme/core]}")
    facts = talk(thread(said("eve", "P1: b")), teams={"acme/core": None})
    (one,) = outstanding(facts, named)
    assert one.counts


@pytest.mark.parametrize(
    ("text", "body", "outcome"),
    [
        ("", "P1: a", Outcome.FAIL),
        ("", "P2: a", Outcome.PASS),
        ("reviews: {lower: neutral}", "P2: a", Outcome.ADVICE),
        ("levels: {P2: {blocks: true}}", "P2: a", Outcome.FAIL),
        ("levels: {P1: {blocks: false}}", "P1: a", Outcome.PASS),
        ("levels: {P1: null}", "P1: a", Outcome.PASS),
    ],
)
def test_what_blocks_is_the_rulebooks(talk: Talk, text: str, body: str, outcome: Outcome) -> None:
    finding = levels.find(talk(thread(said("noor", body))), rulebook(text))
    assert finding
    assert finding.outcome is outcome


FIVE = """
levels:
  P1: {meaning: now, state: request_changes, colour: b60205, blocks: true}
  P2: {meaning: before the merge, state: request_changes, colour: d93f0b, blocks: true}
  P3: {meaning: soon, state: comment, colour: fbca04, blocks: false}
  P4: {meaning: some day, state: comment, colour: c2e0c6, blocks: false}
  P5: {meaning: taste, state: approve, colour: bfdadc, blocks: false}
"""


def test_a_team_may_have_five_levels(talk: Talk) -> None:
    five = rulebook(FIVE)
    facts = talk(thread(said("noor", "P5: a")), thread(said("noor", "P2: b")), thread(said("eve", "P4: c")))
    assert found(facts, five) == ["P2", "P4", "P5"]
    finding = levels.find(facts, five)
    assert finding
    assert finding.outcome is Outcome.FAIL


def test_without_levels_there_is_nothing_to_judge(talk: Talk) -> None:
    none = rulebook("levels: {P1: null, P2: null, P3: null}")
    assert levels.find(talk(thread(said("noor", "P1: a"))), none) is None


def test_every_outstanding_level_is_listed_with_who_where_and_since(talk: Talk) -> None:
    facts = talk(
        thread(said("noor", "P1: a")),
        thread(said("noor", "P1: b"), line=None),
        review("eve", REQUESTED, "P2: c"),
    )
    finding = levels.find(facts, PLAIN)
    assert finding
    assert finding.table
    rows = finding.table.rows
    assert [row[0] for row in rows] == ["P1", "P1", "P2"]
    assert [row[1] for row in rows] == [say("must be done"), say("must be done"), say("should be done")]
    assert [row[2] for row in rows] == ["noor", "noor", "eve"]
    places = [row[3] for row in rows]
    assert [place.text for place in places if isinstance(place, Link)][:2] == [
        "src/shop.py:12",
        "src/shop.py",
    ]
    assert {row[4] for row in rows} == {"2026-11-20"}


def test_r11_hundreds_of_levels_are_all_listed(talk: Talk) -> None:
    facts = talk(*(thread(said("noor", f"P1: {number}")) for number in range(350)))
    finding = levels.find(facts, PLAIN)
    assert finding
    assert finding.table
    assert len(finding.table.rows) == 350


def test_r7_a_text_counts_from_when_it_became_what_it_is(talk: Talk) -> None:
    remark = said("noor", "P1: a")
    (one,) = outstanding(talk(thread(remark)), PLAIN)
    assert isinstance(one.remark, Remark)
    assert one.remark.since == remark.since
