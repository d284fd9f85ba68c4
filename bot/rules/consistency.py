"""What the parts of a rulebook get wrong about each other, where each alone has its shape."""

import re
from collections.abc import Iterator
from typing import TypeAlias
from unicodedata import normalize

from bot.message import Message, say
from bot.rules.models import Rulebook
from bot.rules.shipping import value_place
from bot.rules.version_files import is_known

# A level is the name of a label, and is written at the start of a line.
_LEVEL = re.compile(r"[^\W_](?:[\w .+-]{0,18}[\w+])?")

Location: TypeAlias = tuple[str | int, ...]


def inconsistencies(rulebook: Rulebook) -> Iterator[tuple[Location, Message]]:
    """What the parts of `rulebook` get wrong about each other: where, and what was expected."""
    allowed = [*_permanent(rulebook), *rulebook.kinds]
    for where, name, choices in _references(rulebook, allowed):
        if name not in choices:
            yield where, say("expected one of {allowed}; found {found}", allowed=tuple(choices), found=name)
    for position, name in enumerate(rulebook.branches.develop or ()):
        if name in rulebook.branches.main:
            yield ("branches", "develop", position), say("{found} is already the name of main", found=name)
    yield from _misnamed_levels(rulebook)
    yield from _misplaced_versions(rulebook)
    yield from _idle_approvals(rulebook)
    taken: dict[str, str] = {}
    for kind, body in rulebook.kinds.items():
        for position, pattern in enumerate(body.names):
            if taken.setdefault(pattern, kind) != kind:
                message = say("{found} is already a name of {kind}", found=pattern, kind=taken[pattern])
                yield ("kinds", kind, "names", position), message


def _misplaced_versions(rulebook: Rulebook) -> Iterator[tuple[Location, Message]]:
    """Version files of which nothing says where their version stands."""
    for position, file in enumerate(rulebook.versions.files):
        if file.pattern is None and not is_known(file.path):
            message = say("expected {key} beside a path of which the name does not say it", key="pattern")
            yield ("versions", "files", position), message


def _misnamed_levels(rulebook: Rulebook) -> Iterator[tuple[Location, Message]]:
    """Levels that nobody could write, or that could not be told apart: case and width do not matter."""
    taken: dict[str, str] = {}
    for name in rulebook.levels:
        if _LEVEL.fullmatch(name) is None:
            message = say("expected a word of at most {most} characters as the name of a level", most=20)
            yield ("levels", name), message
        folded = normalize("NFKC", name).casefold()
        if (other := taken.setdefault(folded, name)) != name:
            yield ("levels", name), say("{found} is read as {other}", found=name, other=other)


def _idle_approvals(rulebook: Rulebook) -> Iterator[tuple[Location, Message]]:
    """Approvals that are for no pull request at all."""
    for name, approval in rulebook.approvals.items():
        if not approval.kinds and not approval.into:
            message = say(
                "expected {kinds} or {into}, or it is for no pull request", kinds="kinds", into="into"
            )
            yield ("approvals", name), message


def _permanent(rulebook: Rulebook) -> list[str]:
    return ["main"] if rulebook.branches.develop is None else ["main", "develop"]


def _references(rulebook: Rulebook, allowed: list[str]) -> Iterator[tuple[Location, str, list[str]]]:
    """Every word that must be the name of something else: where it stands, itself, what it may be."""
    permanent, kinds = _permanent(rulebook), list(rulebook.kinds)
    for name, kind in rulebook.kinds.items():
        yield ("kinds", name, "from"), kind.source, [*permanent, "base"]
        yield from _each(("kinds", name, "without"), kind.without, permanent)
        yield from _each(("kinds", name, "into"), kind.into, allowed)
    if rulebook.forks.kind is not None:
        yield ("forks", "kind"), rulebook.forks.kind, kinds
    for name, approval in rulebook.approvals.items():
        yield from _each(("approvals", name, "kinds"), approval.kinds, kinds)
        yield from _each(("approvals", name, "into"), approval.into, allowed)
    for name, environment in rulebook.environments.items():
        yield ("environments", name, "from"), environment.source, [*allowed, "tag"]
        for position, value in enumerate(environment.values):
            if (image := value_place(value).image) and rulebook.delivery.images:
                yield ("environments", name, "values", position), image, [*rulebook.delivery.images]
    yield from _each(("images", "delete_merged"), rulebook.images.delete_merged, kinds)


def _each(
    where: Location, names: tuple[str, ...], choices: list[str]
) -> Iterator[tuple[Location, str, list[str]]]:
    for position, name in enumerate(names):
        yield (*where, position), name, choices
