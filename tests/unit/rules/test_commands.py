"""Commands in comments: what is one, who may give it, and what it does."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.rules.people import GHOST, NOON, bot, order, person

from bot.message import Message
from bot.rules.checks import judge
from bot.rules.commands import Answer, Verb, answer, arguments_of, forbidden, is_order, verb_of
from bot.rules.facts import Author, Facts, Order, Role
from bot.rules.rulebook import Rulebook, read

MakeFacts = Callable[..., Facts]
ALL = ("branch", "review", "approvals")


@pytest.fixture
def wrong(facts: MakeFacts) -> Facts:
    """A feature of mina's that goes into main, as its checks said yesterday."""
    plain = facts("feat/x", "main")
    pull = replace(plain.pull, author=person("mina"))
    return replace(plain, pull=pull, reported=dict.fromkeys(ALL, NOON))


def given_to(facts: Facts, one: Order) -> Answer:
    reading = read("")
    assert isinstance(reading, Rulebook)
    return answer(one, facts, judge(facts, reading))


def refused(one: Answer) -> str:
    assert isinstance(one.refusal, Message)
    assert one.override is None
    return one.refusal.id


@pytest.mark.parametrize(
    ("body", "verb"),
    [
        ("/signalbox recheck", Verb.RECHECK),
        ("  /signalbox   explain  ", Verb.EXPLAIN),
        ("Please.\n\n/signalbox explain\n\nThank you.", Verb.EXPLAIN),
        ("Please.\n/signalbox recheck", Verb.RECHECK),
        ('/signalbox override ancestry "a spike"', Verb.OVERRIDE),
        ("/signalbox recheck\n/signalbox explain", Verb.RECHECK),
        ("/signalbox release 1.4.0", Verb.RELEASE),
        ("/signalbox hotfix price", Verb.HOTFIX),
        ("/signalbox retry", Verb.RETRY),
        ("/signalbox", None),
        ("/signalbox dance", None),
    ],
)
def test_a_line_that_begins_with_the_mark_commands(body: str, verb: Verb | None) -> None:
    assert is_order(body)
    assert verb_of(body) is verb


@pytest.mark.parametrize(
    "body",
    [
        "",
        "say /signalbox recheck",
        "`/signalbox recheck`",
        "```\n/signalbox recheck\n```",
        "> /signalbox recheck",
        "/signalboxes recheck",
        "<!-- /signalbox recheck -->",
    ],
)
def test_talk_about_a_command_is_none(body: str) -> None:
    assert not is_order(body)
    assert verb_of(body) is None


@given(st.text(max_size=200))
def test_any_comment_can_be_read(body: str) -> None:
    assert verb_of(f"/signalbox {body}") in {None, *Verb}
    assert verb_of(body) in {None, *Verb}


@pytest.mark.parametrize("word", ["recheck", "explain"])
@pytest.mark.parametrize(
    ("login", "role", "done"),
    [
        ("noor", Role.WRITE, True),
        ("noor", Role.ADMIN, True),
        ("noor", Role.TRIAGE, False),
        ("noor", Role.NONE, False),
        ("mina", Role.READ, True),  # her own pull request
    ],
)
def test_who_may_look_again_and_ask_why(wrong: Facts, word: str, login: str, role: Role, done: bool) -> None:
    assert (given_to(wrong, order(login, f"/signalbox {word}", role)).refusal is None) is done


@pytest.mark.parametrize("author", [bot("helper"), GHOST])
def test_r8_only_people_command(wrong: Facts, author: Author) -> None:
    assert refused(given_to(wrong, order(author, "/signalbox recheck", Role.ADMIN)))


@pytest.mark.parametrize(
    ("verb", "least"),
    [(Verb.RELEASE, Role.MAINTAIN), (Verb.HOTFIX, Role.WRITE), (Verb.RETRY, Role.WRITE)],
)
@pytest.mark.parametrize("role", Role)
def test_who_may_command_the_repository(verb: Verb, least: Role, role: Role) -> None:
    assert (forbidden(verb, order("noor", f"/signalbox {verb}", role)) is None) is (role >= least)


@pytest.mark.parametrize("verb", Verb)
def test_r7_words_that_somebody_else_wrote_command_nothing(verb: Verb) -> None:
    changed = replace(order("noor", f"/signalbox {verb}", Role.ADMIN), by_other=True)
    assert forbidden(verb, changed)
    assert forbidden(verb, order(bot("helper"), f"/signalbox {verb}", Role.ADMIN))


@pytest.mark.parametrize(
    ("body", "arguments"),
    [
        ("/signalbox release", ""),
        ("/signalbox  release   1.4.0 ", "1.4.0"),
        ('/signalbox override base "a spike"', 'base "a spike"'),
        ("no command", ""),
    ],
)
def test_what_follows_the_verb_are_its_arguments(body: str, arguments: str) -> None:
    assert arguments_of(body) == arguments


OVERRIDE = '/signalbox override base "a spike for the fair"'


def test_a_maintainer_overrides_a_rule_with_a_reason(wrong: Facts) -> None:
    override = given_to(wrong, order("noor", OVERRIDE, Role.MAINTAIN)).override
    assert override
    assert (override.rule, override.number, override.base) == ("base", 7, "main")
    assert (override.by, override.reason) == ("noor", "a spike for the fair")


@pytest.mark.parametrize(
    ("quoted", "reason"),
    [
        ("“a spike”", "a spike"),
        ("'a spike'", "a spike"),
        ("a spike", "a spike"),
        ('"박람회 때문에"', "박람회 때문에"),
        ('"a" and "b"', 'a" and "b'),
    ],
)
def test_a_reason_is_quoted_as_people_quote(wrong: Facts, quoted: str, reason: str) -> None:
    override = given_to(wrong, order("noor", f"/signalbox override base {quoted}", Role.ADMIN)).override
    assert override
    assert override.reason == reason


@pytest.mark.parametrize("role", [Role.WRITE, Role.TRIAGE, Role.READ, Role.NONE])
def test_nobody_else_overrides(wrong: Facts, role: Role) -> None:
    assert "maintain" in given_to(wrong, order("noor", OVERRIDE, role)).refusal.values.values()  # type: ignore[union-attr]
    assert refused(given_to(wrong, order("mina", OVERRIDE, role)))


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("override", "Expected one of"),
        ("override bass because", "did you mean"),
        ("override base", "Expected a reason"),
        ('override base ""', "Expected a reason"),
        ('override naming "it is fine"', "blocks nothing"),
        ('override approvals "none is asked for"', "Expected one of"),
        ("overide base because", "did you mean"),
        ("", "Expected one of"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(wrong: Facts, command: str, words: str) -> None:
    assert words in refused(given_to(wrong, order("noor", f"/signalbox {command}", Role.ADMIN)))


def test_r10_what_nobody_saw_cannot_be_overridden(wrong: Facts) -> None:
    """A push between the comment and its reading: the maintainer did not see what it brought."""
    override = order("noor", OVERRIDE, Role.ADMIN)
    assert refused(given_to(replace(wrong, reported={}), override))
    after = override.at + timedelta(seconds=1)
    assert refused(given_to(replace(wrong, reported=dict.fromkeys(ALL, after)), override))
    assert given_to(replace(wrong, reported=dict.fromkeys(ALL, override.at)), override).override
    retargeted = replace(wrong, pull=replace(wrong.pull, retargeted=override.at))
    assert refused(given_to(replace(retargeted, reported=dict.fromkeys(ALL, override.at)), override))
