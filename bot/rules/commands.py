"""Commands that people write in comments: `/signalbox recheck`, `explain`, `override RULE "reason"`.

Those of the repository are only read here: `bot.releases.orders` goes on with `release`, `hotfix` and
`retry`, `bot.delivery.orders` with what is done to environments.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rapidfuzz.distance import OSA

from bot.message import Message, say
from bot.rules.facts import Actor, Author, Facts, Order, Override, Role
from bot.rules.marks import lines
from bot.rules.verdict import Conclusion, Judged, Verdict

MARK: Final = "/signalbox"
_LONGEST_REASON: Final = 500
_QUOTED: Final = re.compile(r"""["“”„«'‘’「『](.*)["“”»'‘’」』]""")


class Verb(StrEnum):
    """What can be commanded."""

    RECHECK = "recheck"
    EXPLAIN = "explain"
    OVERRIDE = "override"
    RELEASE = "release"
    HOTFIX = "hotfix"
    RETRY = "retry"
    PROMOTE = "promote"
    ROLLBACK = "rollback"
    HOLD = "hold"
    RELEASE_HOLD = "release-hold"
    FREEZE = "freeze"
    THAW = "thaw"


# What is done to an environment; who may is in the rulebook, for each of them.
OF_ENVIRONMENT: Final = frozenset(
    {Verb.PROMOTE, Verb.ROLLBACK, Verb.HOLD, Verb.RELEASE_HOLD, Verb.FREEZE, Verb.THAW}
)
# These are about the repository, wherever they are written; the others are about an open pull request.
OF_REPOSITORY: Final = frozenset({Verb.RELEASE, Verb.HOTFIX, Verb.RETRY}) | OF_ENVIRONMENT
_NEEDED: Final[Mapping[Verb, Role]] = {Verb.OVERRIDE: Role.MAINTAIN, Verb.RELEASE: Role.MAINTAIN}


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of an order: it is done, or refused for a `refusal`. `override` is what it brought."""

    order: Order
    refusal: Message | None = None
    override: Override | None = None


def is_order(body: str) -> bool:
    """Say whether a comment commands something: one of its lines, not quoted and no code, begins with us."""
    return MARK in body and line_of(body) is not None


def verb_of(body: str) -> Verb | None:
    """Name what a comment commands; None where that is nothing known."""
    word = next(iter(_words(body)[1:]), "")
    return Verb(word) if word in list(Verb) else None


def arguments_of(body: str) -> str:
    """Return what follows the verb, on the line that commands."""
    return _words(body)[2]


def answer(order: Order, facts: Facts, verdicts: Sequence[Verdict]) -> Answer:
    """Decide about an order, given what the rules say of the pull request without it."""
    verb = verb_of(order.body)
    if verb is None:
        return Answer(order, refusal=unknown(order.body))
    refusal = forbidden(verb, order, facts.pull.author)
    if refusal is not None or verb is not Verb.OVERRIDE:
        return Answer(order, refusal)
    return _override(order, arguments_of(order.body), facts, verdicts)


def unknown(body: str) -> Message:
    """Say what could have been commanded instead."""
    return _unknown(_words(body)[1], list(Verb))


def forbidden(verb: Verb, order: Order, author: Author | None = None) -> Message | None:
    """Say why this person may not command this; None when they may.

    `author` is whose the pull request is, where being its author is a right.
    """
    if order.author.actor is not Actor.PERSON:
        return say("Only people command Signalbox.")
    if order.by_other:
        return say("Somebody else has written into this comment: whoever commands writes it alone.")
    needed = _NEEDED.get(verb, Role.WRITE)
    if order.role >= needed:
        return None
    if author is None or needed > Role.WRITE:
        return say("This needs the permission {role}, or more.", role=needed.name.lower())
    if order.author.is_same(author):
        return None
    return say("This needs the permission {role}, or more, or to be the author.", role="write")


def line_of(body: str) -> str | None:
    """Return the line that commands: the first that begins with the mark; None where none does."""
    found = (line.strip() for line in lines(body))
    return next((line for line in found if line.split(maxsplit=1)[:1] == [MARK]), None)


def _words(body: str) -> tuple[str, str, str]:
    """The mark, the word that follows it, and the rest, of the line that commands."""
    mark, word, rest, *_ = [*(line_of(body) or "").split(maxsplit=2), "", "", ""]
    return mark, word, rest.strip()


def _override(order: Order, arguments: str, facts: Facts, verdicts: Sequence[Verdict]) -> Answer:
    rule, quoted, *_ = [*arguments.split(maxsplit=1), "", ""]
    reason = unquoted(quoted)
    judged = {each.finding.rule: (verdict, each) for verdict in verdicts for each in verdict.judged}
    refusal = (
        _unknown(rule, judged)
        if rule not in judged
        else say("Expected a reason: {command}", command=f'{MARK} override {rule} "…"')
        if not reason
        else _too_soon(*judged[rule], order, facts)
    )
    if refusal is not None:
        return Answer(order, refusal)
    pull = facts.pull
    login, reason = order.author.login, reason[:_LONGEST_REASON]
    override = Override(rule, pull.number, pull.base, login, reason, order.at)
    return Answer(order, override=override)


def unquoted(text: str) -> str:
    """Return what stands in quotes, of any language; the text itself where none are around it."""
    text = text.strip()
    quoted = _QUOTED.fullmatch(text)
    return quoted[1].strip() if quoted else text


def _too_soon(verdict: Verdict, judged: Judged, order: Order, facts: Facts) -> Message | None:
    """Refuse to override what does not block, and what nobody could have seen when the order was given.

    A check that reported before the comment was written stood on this very head: a push in between, which
    the maintainer did not see, has left that behind. Nor did she see what another base brought.
    """
    if judged.conclusion in {Conclusion.SUCCESS, Conclusion.NEUTRAL}:
        return say(
            "The rule {rule} blocks nothing here, so there is nothing to override.", rule=judged.finding.rule
        )
    reported = facts.reported.get(verdict.check)
    if reported is None or reported > order.at:
        return say(
            "The head has moved since, and its checks were not there yet: look at them, and say it again."
        )
    if facts.pull.retargeted is not None and facts.pull.retargeted >= order.at:
        return say("The base has changed since: look at the checks, and say it again.")
    return None


def _unknown(word: str, known: Iterable[str]) -> Message:
    known = tuple(known)
    nearest = min(known, key=lambda other: OSA.distance(word, other), default="")
    if word and nearest and OSA.distance(word, nearest) <= max(1, len(word) // 2):
        return say("{word} is not known; did you mean {nearest}?", word=word, nearest=nearest)
    return say("Expected one of {known}.", known=known)
