"""The labels that a pull request should carry, as a difference."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from unit.rules.people import said, thread

from bot.message import say
from bot.rules.facts import Facts
from bot.rules.labels import Labelling, labelling
from bot.rules.levels import outstanding
from bot.rules.rulebook import DEFAULT, Rulebook, read

MakeFacts = Callable[..., Facts]


def rulebook(text: str = "") -> Rulebook:
    reading = read(text)
    assert isinstance(reading, Rulebook), reading
    return reading


def labelled(facts: Facts, book: Rulebook) -> Labelling:
    """The labelling by all that is outstanding."""
    return labelling(facts, book, outstanding(facts, book))


def change(one: Labelling) -> tuple[list[str], list[str]]:
    return [label.name for label in one.add], list(one.remove)


@pytest.mark.parametrize(
    ("bodies", "carried", "added", "removed"),
    [
        ([], (), [], []),
        ([], ("bug",), [], []),
        (["P1: a", "P3: b"], (), ["P1"], []),
        (["P1: a"], ("P1", "bug"), [], []),
        (["P1: a"], ("p1",), [], []),
        (["P1: a"], ("P2", "P3", "bug"), ["P1"], ["P2", "P3"]),
        (["P3: b"], ("P1",), ["P3"], ["P1"]),
        ([], ("P1", "p2", "bug"), [], ["P1", "p2"]),
    ],
)
def test_the_gravest_level_is_the_one_label(
    facts: MakeFacts, bodies: list[str], carried: tuple[str, ...], added: list[str], removed: list[str]
) -> None:
    threads = tuple(thread(said("noor", body)) for body in bodies)
    assert change(labelled(facts("feat/x", threads=threads, labels=carried), rulebook())) == (added, removed)


def test_a_label_has_the_colour_and_the_meaning_of_its_level(facts: MakeFacts) -> None:
    (label,) = labelled(facts("feat/x", threads=(thread(said("noor", "P2: a")),)), rulebook()).add
    assert (label.name, label.colour) == ("P2", "fbca04")
    assert label.description.values["meaning"] == say("should be done")


def test_a_level_of_somebody_whose_levels_do_not_count_labels_nothing(facts: MakeFacts) -> None:
    threads = (thread(said("noor", "P1: a", may_write=False)),)
    assert change(labelled(facts("feat/x", threads=threads), rulebook())) == ([], [])


def test_the_kind_of_the_branch_where_the_rulebook_asks(facts: MakeFacts) -> None:
    kinds = rulebook("labels: {kinds: true}")
    assert change(labelled(facts("hotfix/x", "main"), kinds)) == (["hotfix"], [])
    moved = facts("release-v1.2.0", "main", labels=("hotfix", "Release"))
    assert change(labelled(moved, kinds)) == ([], ["hotfix"])
    assert change(labelled(facts("whatever", labels=("feature",)), kinds)) == ([], ["feature"])
    assert change(labelled(facts("hotfix/x", "main", labels=("feature",)), rulebook())) == ([], [])


def test_labels_that_are_off_are_left_alone(facts: MakeFacts) -> None:
    facts_ = replace(facts("feat/x", threads=(thread(said("noor", "P1: a")),)), labels=("P2",))
    assert change(labelled(facts_, rulebook("labels: {levels: false}"))) == ([], [])
    assert change(labelled(facts_, DEFAULT)) == ([], [])
