"""levels: no review level that blocks is outstanding."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.message import Link, Message, Value, say
from bot.rules.facts import Actor, Facts, Remark, Review, ReviewState, Thread
from bot.rules.marks import marks
from bot.rules.models import Level, Rulebook
from bot.rules.people import is_named
from bot.rules.presets import MEANINGS
from bot.rules.verdict import Finding, Outcome, Table

RULE: Final = "levels"


@dataclass(frozen=True, slots=True)
class Outstanding:
    """A level that is still to be answered. `thread` is None for one in the body of a review.

    `counts` says whether its author is one whose levels count; those of others are only shown.
    """

    level: str
    remark: Remark
    thread: Thread | None
    counts: bool


def find(facts: Facts, rulebook: Rulebook) -> Finding | None:
    """Judge what is outstanding; a team without levels has nothing to judge."""
    if not rulebook.levels:
        return None
    found = outstanding(facts, rulebook)
    counted = [each.level for each in found if each.counts]
    blocking = [level for level in counted if rulebook.levels[level].blocks]
    table = _table(found, rulebook) if found else None
    if blocking:
        reason = say("Levels that hold the pull request are outstanding: {levels}.", levels=_tally(blocking))
        mend = say(
            "Do what they ask and resolve the threads. A level goes too when its author approves or edits it "
            "away, or when the review is dismissed."
        )
        return Finding(RULE, Outcome.FAIL, reason, mend, table=table, brief=_brief(counted))
    if counted:
        reason = say("Only levels that hold nothing are outstanding: {levels}.", levels=_tally(counted))
        outcome = Outcome.ADVICE if rulebook.reviews.lower == "neutral" else Outcome.PASS
        return Finding(RULE, outcome, reason, table=table, brief=_brief(counted))
    if found:
        reason = say("Only levels of people whose levels do not count are outstanding.")
        return Finding(RULE, Outcome.PASS, reason, table=table)
    return Finding(RULE, Outcome.PASS, say("No level is outstanding."))


def outstanding(facts: Facts, rulebook: Rulebook) -> tuple[Outstanding, ...]:
    """Every level in a thread that is not resolved, in each person's latest opinion, and in a comment since.

    A later approval of whoever wrote a level clears it, as does the dismissal of the review that it came
    with. The gravest come first, of one level the oldest.
    """
    order = list(rulebook.levels)
    found = [*_in_threads(facts, rulebook), *_in_reviews(facts, rulebook)]
    return tuple(sorted(found, key=lambda one: (order.index(one.level), one.remark.since, one.remark.id)))


def counts(remark: Remark, facts: Facts, rulebook: Rulebook) -> bool:
    """Whether the levels of a remark count: of whoever may write, or of those whom the rulebook names.

    Whoever may be in a team that cannot be read is taken to be.
    """
    if rulebook.reviews.by:
        return is_named(remark.author, rulebook.reviews.by, facts) is not False
    return remark.may_write and remark.author.actor is Actor.PERSON


def meaning(level: Level) -> Value:
    """Return what a level says to the author: a preset's words can be translated, a team's are its own."""
    return MEANINGS.get(level.meaning, level.meaning)


def _in_threads(facts: Facts, rulebook: Rulebook) -> Iterator[Outstanding]:
    over = _over(facts.reviews)
    for thread in facts.threads:
        for remark in () if thread.resolved else thread.remarks:
            for level in marks(remark.body, rulebook.levels) if remark.review not in over else ():
                yield Outstanding(level, remark, thread, counts(remark, facts, rulebook))


def _over(reviews: Sequence[Review]) -> frozenset[str]:
    """The ids of the reviews that were dismissed, or whose author has approved since."""
    over, approvers = set[str](), set[str]()
    for review in reversed(reviews):
        if review.state is ReviewState.DISMISSED or review.author.id in approvers:
            over.add(review.id)
        if review.state is ReviewState.APPROVED:
            approvers |= {review.author.id} - {""}
    return frozenset(over)


def _in_reviews(facts: Facts, rulebook: Rulebook) -> Iterator[Outstanding]:
    opinions, comments = dict[str, Review](), dict[str, Review]()
    for review in facts.reviews:
        who = review.author.id or review.id
        # Comments on lines and replies come with a review that says nothing itself, and takes nothing back.
        is_said = bool(review.body.strip())
        if review.state is ReviewState.COMMENTED:
            comments |= {who: review} if is_said else {}
        elif is_said or review.state is not ReviewState.CHANGES_REQUESTED:
            opinions[who] = review
            comments.pop(who, None)
    for review in (*opinions.values(), *comments.values()):
        # What was dismissed is over, and revives nothing that was said before it (R6).
        if review.state is not ReviewState.DISMISSED:
            for level in marks(review.body, rulebook.levels):
                yield Outstanding(level, review, None, counts(review, facts, rulebook))


def _tally(levels: list[str]) -> tuple[Value, ...]:
    return tuple(say("{count} × {level}", count=n, level=level) for level, n in Counter(levels).items())


def _brief(levels: list[str]) -> Message:
    return say("Outstanding: {levels}", levels=_tally(levels))


def _table(found: tuple[Outstanding, ...], rulebook: Rulebook) -> Table:
    header = (say("Level"), say("Meaning"), say("Who"), say("Where"), say("Since"))
    return Table(header, tuple(_row(each, rulebook) for each in found))


def _row(one: Outstanding, rulebook: Rulebook) -> tuple[Value, ...]:
    who: Value = one.remark.author.login
    if not one.counts:
        who = say("{login} (does not count)", login=who)
    # The day, not the age: a text that changes by itself would be written every day.
    since = one.remark.since.date().isoformat()
    said = meaning(rulebook.levels[one.level])
    return one.level, said, who, Link(_place(one.thread), one.remark.url), since


def _place(thread: Thread | None) -> Value:
    if thread is None:
        return say("review")
    return f"{thread.path}:{thread.line}" if thread.line else thread.path
