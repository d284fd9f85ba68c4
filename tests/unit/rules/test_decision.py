"""Everything that is decided about a pull request together: orders, overrides, disagreements."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from unit.rules.people import NOON, bot, order, person, review, said, thread

from bot.rules.agreement import disagreements
from bot.rules.decision import Decision, decide
from bot.rules.facts import Facts, Inline, Order, Override, Review, ReviewState, Role
from bot.rules.rulebook import DEFAULT, Invalid, Rulebook, read
from bot.rules.verdict import Conclusion

APPROVED, REQUESTED = ReviewState.APPROVED, ReviewState.CHANGES_REQUESTED
COMMENTED, DISMISSED = ReviewState.COMMENTED, ReviewState.DISMISSED
MakeFacts = Callable[..., Facts]
OVERRIDE = '/signalbox override base "a spike"'


def rulebook(text: str = "") -> Rulebook:
    reading = read(text)
    assert isinstance(reading, Rulebook), reading
    return reading


PLAIN = rulebook()


@pytest.fixture
def wrong(facts: MakeFacts) -> Facts:
    """A feature that goes into main, as its checks said yesterday."""
    plain = facts("feat/x", "main")
    pull = replace(plain.pull, author=person("mina"))
    return replace(plain, pull=pull, reported=dict.fromkeys(("branch", "review"), NOON))


def conclusion(decision: Decision) -> Conclusion:
    return decision.verdicts[0].conclusion


def test_an_override_counts_at_once(wrong: Facts) -> None:
    assert conclusion(decide(wrong, PLAIN)) is Conclusion.FAILURE
    ordered = decide(replace(wrong, orders=(order("noor", OVERRIDE, Role.MAINTAIN),)), PLAIN)
    assert conclusion(ordered) is Conclusion.NEUTRAL
    (judged,) = [judged for judged in ordered.verdicts[0].judged if judged.finding.rule == "base"]
    assert judged.override
    assert [one.refusal for one in ordered.answers] == [None]


def test_an_override_in_force_stays_without_being_ordered_again(wrong: Facts) -> None:
    override = Override("base", 7, "main", "noor", "a spike", NOON)
    assert conclusion(decide(replace(wrong, overrides=(override,)), PLAIN)) is Conclusion.NEUTRAL


def test_an_override_of_one_rule_lets_no_other_pass(wrong: Facts) -> None:
    misnamed = replace(wrong, pull=replace(wrong.pull, head="whatever", base="main"))
    override = Override("ancestry", 7, "main", "noor", "a spike", NOON)
    assert conclusion(decide(replace(misnamed, overrides=(override,)), PLAIN)) is Conclusion.FAILURE


def test_every_new_order_is_answered_and_an_old_one_is_not(wrong: Facts) -> None:
    orders = (
        order("noor", "/signalbox recheck", accepted=True),
        order("noor", "/signalbox dance"),
        order("eve", "/signalbox recheck"),
    )
    answers = decide(replace(wrong, orders=orders), PLAIN).answers
    assert [(one.order.author.login, one.refusal is None) for one in answers] == [
        ("noor", False),
        ("eve", True),
    ]


@pytest.mark.parametrize("body", ["release 1.4.0", "hotfix price", "retry"])
def test_orders_of_the_repository_are_left_alone(wrong: Facts, body: str) -> None:
    refused = order("noor", "/signalbox dance", accepted=False)
    of_repository = order("noor", f"/signalbox {body}", Role.READ)
    decision = decide(replace(wrong, orders=(refused, of_repository)), PLAIN)
    assert (decision.answers, decision.refused) == ((), (refused.id,))


def test_a_refusal_is_worth_reading_until_its_author_says_something_else(wrong: Facts) -> None:
    refused = order("noor", "/signalbox dance", accepted=False)
    assert decide(replace(wrong, orders=(refused,)), PLAIN).refused == (refused.id,)
    by_another = (refused, order("eve", "/signalbox recheck", accepted=True))
    assert decide(replace(wrong, orders=by_another), PLAIN).refused == (refused.id,)
    again = (refused, order("noor", "/signalbox recheck"))
    assert decide(replace(wrong, orders=again), PLAIN).refused == ()


def test_who_asked_why_is_answered_as_long_as_it_is_asked(wrong: Facts) -> None:
    def explained(*orders: Order) -> bool:
        return decide(replace(wrong, orders=orders), PLAIN).explained

    assert not explained()
    assert explained(order("noor", "/signalbox explain"))
    assert explained(order("noor", "/signalbox explain", accepted=True))
    assert not explained(order("noor", "/signalbox explain", accepted=False))
    assert not explained(order("noor", "/signalbox explain", Role.READ))
    assert not explained(order("noor", "/signalbox recheck", accepted=True))


def test_without_a_valid_rulebook_nothing_but_checks_is_decided(wrong: Facts) -> None:
    talked = replace(wrong, threads=(thread(said("noor", "P1: a")),), labels=("P2",))
    decision = decide(talked, Invalid(()))
    assert conclusion(decision) is Conclusion.FAILURE
    assert (decision.labelling.add, decision.labelling.remove, decision.disagreements) == ((), (), ())


# The state of a review and its levels.


def disagreeing(
    facts: Facts, *reviews: Review, said: tuple[Inline, ...] = (), by: Rulebook = PLAIN
) -> list[str]:
    talked = replace(facts, reviews=reviews, threads=tuple(thread(one) for one in said))
    return [each.name for each in disagreements(talked, by)]


@pytest.mark.parametrize(
    ("state", "body", "expected"),
    [
        (APPROVED, "P1: tests are missing", ["P1"]),
        (APPROVED, "P2: rename", []),
        (APPROVED, "P2: rename\nP1: tests", ["P1"]),
        (APPROVED, "P3: a typo", []),
        (APPROVED, "fine", []),
        (REQUESTED, "P3: a typo", ["P3"]),
        (REQUESTED, "P2: rename", []),
        (REQUESTED, "P2: rename\nP3: a typo", []),
        (REQUESTED, "P1: tests\nP3: a typo", []),
        (REQUESTED, "no", []),
        (COMMENTED, "P1: tests are missing", []),
        (DISMISSED, "P3: a typo", []),
    ],
)
def test_an_opinion_should_not_contradict_its_levels(
    wrong: Facts, state: ReviewState, body: str, expected: list[str]
) -> None:
    assert disagreeing(wrong, review("noor", state, body)) == expected


def test_levels_of_any_names_contradict_by_what_the_rulebook_says_of_them(wrong: Facts) -> None:
    levels = """
        P0: {meaning: now, state: request_changes, colour: b60205, blocks: true}
        P1: {meaning: first, state: comment, colour: d93f0b, blocks: true}
        P2: {meaning: soon, state: request_changes, colour: fbca04}
        P3: {meaning: idea, state: approve, colour: c2e0c6, blocks: true}
        P4: {meaning: taste, state: approve, colour: bfdadc}
    """
    five = rulebook(f"levels:{levels}")
    for state, body, expected in (
        (APPROVED, "P4: a\nP1: b\nP0: c", ["P0"]),
        (APPROVED, "P4: a\nP1: b", ["P1"]),
        (APPROVED, "P2: a", []),
        (APPROVED, "P3: a", []),
        (REQUESTED, "P4: a\nP3: b", ["P3"]),
        (REQUESTED, "P4: a\nP2: b", []),
    ):
        assert disagreeing(wrong, review("noor", state, body), by=five) == expected


def test_levels_of_its_own_comments_belong_to_a_review(wrong: Facts) -> None:
    approving, requesting = review("noor", APPROVED), review("eve", REQUESTED)
    remarks = (said("noor", "P1: a", of=approving), said("eve", "P3: b", of=requesting))
    assert disagreeing(wrong, approving, requesting, said=remarks) == ["P1", "P3"]
    assert disagreeing(wrong, review("noor", APPROVED), said=remarks) == []


def test_a_resolved_thread_contradicts_nothing(wrong: Facts) -> None:
    approving = review("noor", APPROVED)
    remark = said("noor", "P1: a", of=approving)
    talked = replace(wrong, reviews=(approving,), threads=(thread(remark, resolved=True),))
    assert disagreements(talked, PLAIN) == ()


def test_it_is_mended_by_another_review_or_by_an_edit(wrong: Facts) -> None:
    contradiction = review("noor", APPROVED, "P1: a")
    assert disagreeing(wrong, contradiction, review("noor", REQUESTED)) == []
    assert disagreeing(wrong, replace(contradiction, body="P3: a")) == []


def test_bots_are_not_told(wrong: Facts) -> None:
    assert disagreeing(wrong, review(bot("linter"), APPROVED, "P1: a")) == []


def test_nobody_is_told_where_the_rulebook_is_silent(wrong: Facts) -> None:
    silent = rulebook("reviews: {states: false}")
    assert disagreeing(wrong, review("noor", APPROVED, "P1: a"), by=silent) == []
    assert disagreeing(wrong, review("noor", APPROVED, "P1: a"), by=DEFAULT) == []
