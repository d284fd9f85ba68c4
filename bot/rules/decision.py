"""All that is decided about one pull request: verdicts, labels, answers to orders, what to tell whom."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.rules.agreement import Disagreement, disagreements
from bot.rules.checks import judge
from bot.rules.commands import OF_REPOSITORY, Answer, Verb, answer, verb_of
from bot.rules.facts import Facts, Order
from bot.rules.labels import Labelling, labelling
from bot.rules.levels import Outstanding, outstanding
from bot.rules.models import Rulebook
from bot.rules.rulebook import Reading
from bot.rules.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to stand on a pull request.

    `answers` are to the orders that were not answered yet. `refused` are the ids of earlier orders whose
    refusal is still worth reading; `explained` says that somebody asked for every rule's reasons.
    `outstanding` are the levels that are still to be answered, None without a rulebook to tell.
    """

    number: int
    verdicts: tuple[Verdict, ...]
    labelling: Labelling
    answers: tuple[Answer, ...]
    disagreements: tuple[Disagreement, ...]
    refused: tuple[str, ...]
    explained: bool
    outstanding: tuple[Outstanding, ...] | None


def decide(facts: Facts, reading: Reading) -> Decision:
    """Decide by the rulebook in force; an override that is ordered and accepted counts at once.

    Orders of the repository are somebody else's to answer.
    """
    orders = tuple(order for order in facts.orders if verb_of(order.body) not in OF_REPOSITORY)
    verdicts = judge(facts, reading)
    answers: list[Answer] = []
    for order in orders:
        if order.accepted is None:
            answers.append(answer(order, facts, verdicts))
            if override := answers[-1].override:
                facts = replace(facts, overrides=(*facts.overrides, override))
                verdicts = judge(facts, reading)
    rulebook = reading if isinstance(reading, Rulebook) else None
    found = outstanding(facts, rulebook) if rulebook else None
    return Decision(
        number=facts.pull.number,
        verdicts=verdicts,
        labelling=labelling(facts, rulebook, found or ()) if rulebook else Labelling(),
        answers=tuple(answers),
        disagreements=disagreements(facts, rulebook) if rulebook else (),
        refused=_refused(orders),
        explained=_explained(orders, answers),
        outstanding=found,
    )


def _refused(orders: Sequence[Order]) -> tuple[str, ...]:
    """The refused orders that are the last word of whoever gave them."""
    latest = {order.author: order for order in orders}
    return tuple(order.id for order in latest.values() if order.accepted is False)


def _explained(orders: Sequence[Order], answers: Sequence[Answer]) -> bool:
    done = [order for order in orders if order.accepted]
    done += [one.order for one in answers if one.refusal is None]
    return any(verb_of(order.body) is Verb.EXPLAIN for order in done)
