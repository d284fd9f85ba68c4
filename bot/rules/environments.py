"""How the environments of a rulebook follow one another."""

from bot.rules.claim import is_release
from bot.rules.models import Rulebook

_LASTING = frozenset({"main", "develop", "tag"})


def before(rulebook: Rulebook, name: str) -> str | None:
    """Name the environment from which is promoted to another; None for the first.

    What is fed by short-lived branches (a developer's own) is nobody's predecessor.
    """
    names = list(rulebook.environments)
    earlier = reversed(names[: names.index(name)])
    return next((each for each in earlier if _lasts(rulebook, rulebook.environments[each].source)), None)


def _lasts(rulebook: Rulebook, source: str) -> bool:
    return source in _LASTING or (source in rulebook.kinds and is_release(rulebook, source))
