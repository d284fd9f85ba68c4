"""Read `.github/signalbox.yml`: lay it over its preset, and tell its author everything that is wrong.

There are three outcomes beside each other and no fourth: a `Rulebook`, an `Invalid` one (somebody must
mend it) and an `Unreadable` one (what GitHub or the disk gave is not its text). The absent rulebook is
`DEFAULT`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import zip_longest
from typing import Any, Final, TypeAlias

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz.distance import OSA

from bot.message import Message, say
from bot.rules.consistency import inconsistencies
from bot.rules.document import Document, Path, Problem, load
from bot.rules.models import NAMED, Labels, Rulebook, Rules
from bot.rules.part import Refused
from bot.rules.presets import PRESETS
from bot.rules.verdict import Enforcement

__all__ = [
    "DEFAULT",
    "Invalid",
    "Problem",
    "Reading",
    "Rulebook",
    "Unreadable",
    "read",
    "schema",
]

MOST_PROBLEMS: Final = 50  # more help nobody, and anybody may propose a rulebook of thousands


@dataclass(frozen=True, slots=True)
class Invalid:
    """A rulebook that is there and wrong, with its problems in the order of the text.

    After `MOST_PROBLEMS` comes one last that says how many more there are, placed at the first of them.
    """

    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A rulebook that is there and whose text cannot be had: binary, truncated, too large."""

    reason: Message


Reading: TypeAlias = Rulebook | Invalid | Unreadable


def read(text: str) -> Rulebook | Invalid:
    """Read the text of a rulebook. Raises nothing: what is wrong with it is in the answer."""
    document = load(text)
    if document.problems:
        return _invalid(document.problems)
    given = {} if document.data is None else document.data
    if not isinstance(given, dict):
        return Invalid((document.problem((), say("expected keys and their values")),))
    preset = PRESETS.get(str(given.get("preset", "git-flow")), PRESETS["git-flow"])
    try:
        rulebook = Rulebook.model_validate(_laid_over(preset, given))
    except ValidationError as error:
        return _invalid([_problem(document, details) for details in error.errors()])
    problems = [document.problem(where, message) for where, message in inconsistencies(rulebook)]
    return _invalid(problems) if problems else rulebook


def _invalid(problems: list[Problem]) -> Invalid:
    told = sorted(problems, key=lambda problem: (problem.line, problem.column))
    rest = told[MOST_PROBLEMS:]
    if rest:
        message = say("problems not listed here: {count}", count=len(rest))
        told[MOST_PROBLEMS:] = [replace(rest[0], key="", message=message)]
    return Invalid(tuple(told))


def _laid_over(preset: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Merge mappings by key, and replace everything else.

    Named things are dropped where they are given as null, and stand in the order in which they are given.
    """
    whole = dict(preset)
    for key, value in given.items():
        ours = preset.get(key)
        if not (isinstance(ours, Mapping) and isinstance(value, Mapping)):
            whole[key] = value
            continue
        whole[key] = _laid_over(ours, value)
        if key in NAMED:
            removed = {name for name in ours if value.get(name, ...) is None}
            names = [name for name in _ordered(list(ours), list(value)) if name not in removed]
            whole[key] = {name: whole[key][name] for name in names}
    return whole


def _ordered(ours: list[str], given: list[str]) -> list[str]:
    """The names in the order given; those that only the preset has stand before what follows them there."""
    names = list(given)
    for name, follower in reversed(list(zip_longest(ours, ours[1:]))):
        if name not in names:
            names.insert(names.index(follower) if follower else len(names), name)
    return names


def _problem(document: Document, details: ErrorDetails) -> Problem:
    path: Path = details["loc"]
    if details["type"] == "extra_forbidden":
        return document.problem(path, _unknown(path), at_key=True)
    return document.problem(path, _expectation(details))


def _expectation(details: ErrorDetails) -> Message:
    """Say what was expected where pydantic found something else."""
    context = details.get("ctx", {})
    match details["type"]:
        case "value_error" if isinstance(context["error"], Refused):
            return context["error"].message
        case "enum" | "literal_error":
            return _choice(re.findall(r"'([^']*)'", context["expected"]), details["input"])
        case kind:
            return _EXPECTED.get(kind, _EXPECTED["value_error"])


_EXPECTED: Mapping[str, Message] = {
    "missing": say("this key is missing"),
    "string_type": say("expected text; put it in quotes"),
    "bool_type": say("expected {yes} or {no}", yes="true", no="false"),
    "int_type": say("expected a whole number"),
    "greater_than_equal": say("expected a number that is not negative"),
    "tuple_type": say("expected a list"),
    "model_type": say("expected keys and their values"),
    "dict_type": say("expected keys and their values"),
    "value_error": say("this value has no meaning here"),
}


def _choice(allowed: list[str], found: object) -> Message:
    nearest = _nearest(found, allowed) if isinstance(found, str) else None
    if nearest:
        return say(
            "expected one of {allowed}; the nearest to {found} is {nearest}",
            allowed=tuple(allowed),
            found=str(found),
            nearest=nearest,
        )
    return say("expected one of {allowed}", allowed=tuple(allowed))


def _unknown(path: Path) -> Message:
    key, known = str(path[-1]), _known(path[:-1])
    nearest = _nearest(key, known)
    if nearest:
        return say("{key} is not known here; the nearest key is {nearest}", key=key, nearest=nearest)
    return say("{key} is not known here; the keys are {known}", key=key, known=tuple(known))


def _nearest(word: str, known: list[str]) -> str | None:
    """The known word that `word` was probably meant to be."""
    far = max(1, len(word) // 2)
    best = min(known, key=lambda other: OSA.distance(word.lower(), other.lower()))
    return best if OSA.distance(word.lower(), best.lower()) <= far else None


def _known(path: Path) -> list[str]:
    """The keys that may stand in the mapping at `path`, by the schema."""
    whole = schema()
    here = whole
    for step in path:
        here = _inside(here, step)
        here = whole["$defs"][here["$ref"].rpartition("/")[2]] if "$ref" in here else here
    return list(here["properties"])


def _inside(part: Mapping[str, Any], step: str | int) -> dict[str, Any]:
    """The schema of what stands at `step` in `part`."""
    if isinstance(step, int):
        options = [part["items"]]
    elif "properties" in part:
        options = [part["properties"][step]]
    else:
        options = part["additionalProperties"]["anyOf"]
    inner: dict[str, Any] = options[0]
    return inner


@cache
def schema() -> Mapping[str, Any]:
    """The JSON Schema (2020-12) of a rulebook file, for editors: nothing is required, the preset fills in."""
    whole = Rulebook.model_json_schema()
    for part in _parts(whole):
        part.pop("required", None)
    for name in NAMED:
        named = whole["properties"][name]
        named["additionalProperties"] = {"anyOf": [named["additionalProperties"], {"type": "null"}]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:signalbox:rulebook",
        **whole,
        "title": "Signalbox rulebook",
    }


def _parts(part: Any) -> Iterator[dict[str, Any]]:
    """Every schema within a schema, itself first."""
    if isinstance(part, dict):
        yield part
        for inner in part.values():
            yield from _parts(inner)


def _absent() -> Rulebook:
    preset = PRESETS["git-flow"]
    silent = {
        "rules": dict.fromkeys(Rules.model_fields, Enforcement.ADVISED),
        "reviews": {**preset["reviews"], "states": False},
        "labels": dict.fromkeys(Labels.model_fields, False),
    }
    return Rulebook.model_validate({**preset, **silent})


# What stands where no rulebook is: git-flow that only advises, and writes nothing but its checks.
DEFAULT = _absent()
