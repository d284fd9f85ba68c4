"""The labels that a pull request should carry, as the difference from those that it carries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.message import Message, say
from bot.rules.branches import kind_of_head
from bot.rules.facts import Facts
from bot.rules.levels import Outstanding, meaning
from bot.rules.models import Rulebook

# The grey that GitHub gives to labels whose colour nobody chose.
_PLAIN = "ededed"


@dataclass(frozen=True, slots=True)
class Label:
    """A label; `colour` is six hexadecimal digits, `description` is for whoever finds it in the list."""

    name: str
    colour: str
    description: Message


@dataclass(frozen=True, slots=True)
class Labelling:
    """What has to change. Names to remove are spelt as the pull request has them."""

    add: tuple[Label, ...] = ()
    remove: tuple[str, ...] = ()


def labelling(facts: Facts, rulebook: Rulebook, outstanding: Sequence[Outstanding]) -> Labelling:
    """Compare what a pull request should carry with what it carries; other labels are left alone.

    `outstanding` are its levels, the gravest first. GitHub tells labels apart without regard to case.
    """
    wanted = {label.name.casefold(): label for label in _wanted(facts, rulebook, outstanding)}
    carried = {name.casefold(): name for name in facts.labels}
    ours = {name.casefold() for name in _ours(rulebook)}
    return Labelling(
        add=tuple(label for name, label in wanted.items() if name not in carried),
        remove=tuple(name for folded, name in carried.items() if folded in ours and folded not in wanted),
    )


def _ours(rulebook: Rulebook) -> Iterator[str]:
    """The names of all labels that the rulebook has a say in."""
    if rulebook.labels.levels:
        yield from rulebook.levels
    if rulebook.labels.kinds:
        yield from rulebook.kinds


def _wanted(facts: Facts, rulebook: Rulebook, outstanding: Sequence[Outstanding]) -> Iterator[Label]:
    if rulebook.labels.levels:
        gravest = next((each.level for each in outstanding if each.counts), None)
        if gravest is not None:
            level = rulebook.levels[gravest]
            yield Label(gravest, level.colour, say("Review level: {meaning}", meaning=meaning(level)))
    kind = kind_of_head(rulebook, facts.pull)
    if rulebook.labels.kinds and kind is not None:
        yield Label(kind, _PLAIN, say("A branch of the kind {kind}", kind=kind))
