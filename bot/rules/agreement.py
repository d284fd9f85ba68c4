"""Whether the state of a review contradicts the levels that it brings."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.rules.facts import Actor, Facts, Review, ReviewState
from bot.rules.marks import marks
from bot.rules.models import Level, Rulebook
from bot.rules.standing import opinions


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A review that says one thing by its state and another by a level, the gravest that contradicts it."""

    review: Review
    name: str
    level: Level


def disagreements(facts: Facts, rulebook: Rulebook) -> tuple[Disagreement, ...]:
    """Return the opinions in force that contradict their own levels; a mere comment contradicts none.

    An approval is contradicted by a level that blocks, a request for changes by having no levels but such as
    belong to an approval.
    """
    if not rulebook.reviews.states:
        return ()
    return tuple(_disagreements(facts, rulebook))


def _disagreements(facts: Facts, rulebook: Rulebook) -> Iterator[Disagreement]:
    for review in opinions(facts):
        if review.author.actor is not Actor.PERSON:
            continue
        said = _levels(review, facts, rulebook)
        levels = {name: level for name, level in rulebook.levels.items() if name in said}
        minor = [name for name, level in levels.items() if level.state == "approve"]
        if review.state is ReviewState.APPROVED:
            wrong = [name for name, level in levels.items() if level.blocks and name not in minor]
        else:
            wrong = minor if len(minor) == len(levels) else []
        if wrong:
            yield Disagreement(review, wrong[0], levels[wrong[0]])


def _levels(review: Review, facts: Facts, rulebook: Rulebook) -> set[str]:
    """The levels in a review's body, and in its comments that are not resolved."""
    found = set(marks(review.body, rulebook.levels))
    for thread in facts.threads:
        for remark in () if thread.resolved else thread.remarks:
            if remark.review == review.id:
                found.update(marks(remark.body, rulebook.levels))
    return found
