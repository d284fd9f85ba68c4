"""How the environments of a rulebook follow one another, and what would go where."""

from semver import Version

from bot.message import Message, say
from bot.rules.claim import is_release
from bot.rules.commands import MARK
from bot.rules.models import Rulebook
from bot.rules.shipping import Environment
from bot.rules.tags import tag_of

_LASTING = frozenset({"main", "develop", "tag"})


def before(rulebook: Rulebook, name: str) -> str | None:
    """Name the environment from which is promoted to another; None for the first.

    What is fed by short-lived branches (a developer's own) is nobody's predecessor.
    """
    names = list(rulebook.environments)
    earlier = reversed(names[: names.index(name)])
    return next((each for each in earlier if _lasts(rulebook, rulebook.environments[each].source)), None)


def onward(rulebook: Rulebook, name: str) -> str | None:
    """Name the environment to which a person promotes what runs in another; None where nobody does."""
    by_hand = (each for each, place in rulebook.environments.items() if place.deploy == "manual")
    return next((each for each in by_hand if before(rulebook, each) == name), None)


def delivers(rulebook: Rulebook) -> bool:
    """Say whether Signalbox has a hand in what is deployed."""
    return rulebook.delivery.repository is not None or bool(rulebook.delivery.images)


def outlook(rulebook: Rulebook, version: Version) -> tuple[Message, ...]:
    """Say where a version goes once it is tagged, environment by environment; nothing where others deploy."""
    if not delivers(rulebook):
        return ()
    tag = tag_of(rulebook, version)
    fed = ((name, each) for name, each in rulebook.environments.items() if each.source == "tag")
    return tuple(_outlook(rulebook, tag, name, each) for name, each in fed)


def _outlook(rulebook: Rulebook, tag: str, name: str, place: Environment) -> Message:
    if place.deploy == "auto":
        return say("{tag} goes to {environment} at once, when its image is there.", tag=tag, environment=name)
    command = f"{MARK} promote {name}"
    earlier = before(rulebook, name)
    if earlier is None:
        return say("{tag} waits for a person, who takes it to {environment}: {command}",
                   tag=tag, environment=name, command=command)  # fmt: skip
    return say("{environment} waits for a person, who promotes what runs in {earlier}: {command}",
               environment=name, earlier=earlier, command=command)  # fmt: skip


def _lasts(rulebook: Rulebook, source: str) -> bool:
    return source in _LASTING or (source in rulebook.kinds and is_release(rulebook, source))
