"""Read commits as conventionalcommits.org (1.0.0) has them, and what they ask of a version."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.rules.facts import Change
from bot.rules.succession import Step

_HEADLINE: Final = re.compile(
    r"(?P<type>[A-Za-z][\w-]*)(?:\((?P<scope>[^()\r\n]+)\))?(?P<breaking>!)?: +(?P<description>\S.*)"
)
# The only part of the specification whose case matters.
_BREAKING: Final = re.compile(r"^BREAKING[ -]CHANGE: +\S", re.MULTILINE)
_REVERTS: Final = re.compile(r"^This reverts commit ([0-9a-f]{40})\b", re.MULTILINE)
_STEPS: Final = {"feat": Step.MINOR, "fix": Step.PATCH}


@dataclass(frozen=True, slots=True)
class Conventional:
    """A commit of that style; `type` is in small letters, `scope` "" where none is given."""

    type: str
    scope: str
    breaking: bool
    description: str


def parse(headline: str, body: str = "") -> Conventional | None:
    """Read a commit message, its first line and what follows; None where it is of another style."""
    match = _HEADLINE.fullmatch(headline.strip())
    if match is None:
        return None
    return Conventional(
        match["type"].lower(),
        match["scope"] or "",
        match["breaking"] is not None or _is_breaking(body),
        match["description"],
    )


def step(headline: str, body: str = "") -> Step | None:
    """Return what a commit asks of the version; None where it asks nothing.

    A commit of another style may still say that it breaks something.
    """
    found = parse(headline, body)
    if found is None:
        return Step.MAJOR if _is_breaking(body) else None
    return Step.MAJOR if found.breaking else _STEPS.get(found.type)


def asked(changes: Iterable[Change]) -> tuple[tuple[Change, Step], ...]:
    """Return the commits that ask something of the version, and what; `changes` are newest first.

    What was reverted asks nothing, and neither does its revert.
    """
    gone: set[str] = set()
    found = []
    for change in changes:
        if change.oid in gone:
            continue
        if undone := _REVERTS.findall(change.body):
            gone.update(undone)
        elif (wanted := step(change.headline, change.body)) is not None:
            found.append((change, wanted))
    return tuple(found)


def _is_breaking(body: str) -> bool:
    return _BREAKING.search(body) is not None
