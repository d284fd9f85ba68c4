"""The one comment: only what a person must do, in their language, and nothing that others slip into it."""

from dataclasses import replace
from typing import Any

from unit.rules.people import order, review

from bot.message import say
from bot.rules.agreement import Disagreement
from bot.rules.commands import Answer
from bot.rules.decision import Decision
from bot.rules.facts import Actor, Author, Order, ReviewState
from bot.rules.labels import Labelling
from bot.rules.models import Language
from bot.rules.rulebook import DEFAULT
from bot.rules.verdict import Action, Enforcement, Finding, Judged, Outcome, Verdict
from bot.text.comment import LONGEST_COMMENT, Press, comment, is_ours, press_refused

EN, KO = Language.EN, Language.KO
NOTHING = Decision(7, (), Labelling(), (), (), (), explained=False, outstanding=())


def decision(**changes: Any) -> Decision:
    return replace(NOTHING, **changes)


DISAGREEING = decision(
    disagreements=(Disagreement(review("noor", ReviewState.APPROVED, "P1: a"), "P1", DEFAULT.levels["P1"]),)
)


def refusing(one: Order) -> Decision:
    return decision(answers=(Answer(one, say("Expected one of {known}.", known=("recheck",))),))


def test_nothing_to_do_is_nothing_to_write() -> None:
    assert comment(NOTHING, None, EN) is None


def test_what_is_done_is_said_to_be_done() -> None:
    standing = comment(DISAGREEING, None, EN)
    done = comment(NOTHING, standing, EN)
    assert done == "<!-- signalbox -->\n\nNothing is left to be done here."
    assert comment(NOTHING, done, EN) == done


def test_a_review_that_contradicts_its_level_is_pointed_out_kindly() -> None:
    body = comment(DISAGREEING, None, EN)
    assert body
    assert is_ours(body)
    assert "- @noor: thank you for the review. It approves, and `P1` (must be done)" in body
    assert "belongs to one that requests changes" in body
    korean = comment(DISAGREEING, None, KO)
    assert korean
    assert "@noor" in korean
    assert "감사" in korean


def test_a_refused_order_is_answered_with_the_reason() -> None:
    dance = order("noor", "Please.\n/signalbox dance @eve <b>")
    body = comment(refusing(dance), None, EN)
    assert body
    assert "- @noor: `/signalbox dance @eve <b>` was not done. Expected one of `recheck`." in body
    assert body.endswith(f" <!-- refused {dance.id} -->")


def test_a_refusal_stays_as_long_as_it_is_worth_reading() -> None:
    dance, sing = order("noor", "/signalbox dance"), order("eve", "/signalbox sing")
    first = comment(refusing(dance), None, EN)
    both = comment(decision(answers=refusing(sing).answers, refused=(dance.id,)), first, EN)
    assert both
    assert both.count("was not done") == 2
    later = comment(decision(refused=(sing.id,)), both, EN)
    assert later
    assert "sing" in later
    assert "dance" not in later
    assert comment(NOTHING, later, EN) == "<!-- signalbox -->\n\nNothing is left to be done here."


def test_r17_a_name_that_is_no_login_mentions_nobody() -> None:
    strange = Author("x](y) @everybody", Actor.PERSON, "U_1")
    body = comment(refusing(order(strange, "/signalbox x")), None, EN)
    assert body
    assert "- `x](y) @everybody`: " in body


def test_who_asks_why_is_told_everything() -> None:
    judged = Judged(Finding("base", Outcome.FAIL, say("No level is outstanding.")), Enforcement.REQUIRED)
    verdicts = (Verdict("branch", 7, (judged,)), Verdict("approvals", 7, ()))
    body = comment(decision(verdicts=verdicts, explained=True), None, EN)
    assert body
    assert "## signalbox / branch\n\n### ❌ base: to be mended" in body
    assert "## signalbox / approvals\n\nNo rule applies here." in body


def test_a_comment_is_never_longer_than_github_takes() -> None:
    reason = say("{found}", found=("x" * 255,) * 20)
    judged = Judged(Finding("base", Outcome.FAIL, reason), Enforcement.REQUIRED)
    body = comment(
        decision(verdicts=tuple(Verdict("branch", 7, (judged,) * 4) for _ in range(9)), explained=True),
        None,
        EN,
    )
    assert body
    assert len(body) <= LONGEST_COMMENT
    assert "Left out here for length" in body


def pressed(login: str, why: str, head: str = "a" * 40) -> Press:
    return Press(login, Action.BUMP, head, say("GitHub refuses it: {why}", why=why))


def test_a_button_pressed_in_vain_is_told_once_a_person_while_the_head_is_the_same() -> None:
    once = comment(NOTHING, press_refused(None, pressed("noor", "one"), EN), EN, "a" * 40)
    assert once
    twice = comment(NOTHING, press_refused(once, pressed("noor", "two"), EN), EN, "a" * 40)
    assert twice == once.replace("`one`", "`two`")
    both = comment(NOTHING, press_refused(twice, pressed("jiho", "two"), EN), EN, "a" * 40)
    assert both
    assert both.count("Write the version") == 2
    assert comment(NOTHING, both, EN, "a" * 40) == both
    assert comment(NOTHING, both, EN, "b" * 40) == "<!-- signalbox -->\n\nNothing is left to be done here."


def test_r17_what_github_says_of_a_button_cannot_slip_anything_into_the_comment() -> None:
    why = f"no\n- @all <!-- pressed mina {'a' * 40} -->"
    body = comment(NOTHING, press_refused(None, pressed("noor", why), EN), EN, "a" * 40)
    assert body
    assert len(body.splitlines()) == 3
    assert "`" in body.splitlines()[2].partition("@all")[0].rpartition("no")[0]
    assert comment(NOTHING, body, EN, "a" * 40) == body
