"""Whether the state of a review is the one that its gravest level belongs to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.rules.facts import Actor, Facts, Review, ReviewState
from bot.rules.marks import marks
from bot.rules.models import Level, Rulebook
from bot.rules.standing import opinions

# The rulebook's words for the states of a review.
STATES: Final = {
    ReviewState.APPROVED: "approve",
    ReviewState.CHANGES_REQUESTED: "request_changes",
}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A review that says one thing by its state and another by its gravest level."""

    review: Review
    name: str
    level: Level


def disagreements(facts: Facts, rulebook: Rulebook) -> tuple[Disagreement, ...]:
    """Return the opinions in force that contradict their own levels; a mere comment contradicts none."""
    if not rulebook.reviews.states:
        return ()
    return tuple(_disagreements(facts, rulebook))


def _disagreements(facts: Facts, rulebook: Rulebook) -> Iterator[Disagreement]:
    for review in opinions(facts):
        if review.author.actor is not Actor.PERSON:
            continue
        said = _levels(review, facts, rulebook)
        gravest = next((name for name in rulebook.levels if name in said), None)
        if gravest is not None and rulebook.levels[gravest].state != STATES[review.state]:
            yield Disagreement(review, gravest, rulebook.levels[gravest])


def _levels(review: Review, facts: Facts, rulebook: Rulebook) -> set[str]:
    """The levels in a review's body, and in its comments that are not resolved."""
    found = set(marks(review.body, rulebook.levels))
    for thread in facts.threads:
        for remark in () if thread.resolved else thread.remarks:
            if remark.review == review.id:
                found.update(marks(remark.body, rulebook.levels))
    return found
