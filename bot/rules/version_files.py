"""Read and write the version in a file, text in and text out: only the version's own characters change.

Where a kind of file has a grammar, a place is found by trying it: it is the version's if, with other text
there, the parsed file differs at the version's key and nowhere else. So comments, quotes, line ends and
repeated keys need no rules of their own.
"""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from semver import Version

from bot.errors import TellUser
from bot.message import Message, say
from bot.rules.patterns import VERSION, strict_version

_Keys: TypeAlias = tuple[str, ...]

# A file may repeat a text any number of times, and each place costs a parse: so many places, and so many
# characters in all.
MOST_PLACES: Final = 100
MOST_PARSED: Final = 2_000_000
_LONGEST_KEY: Final = 40  # with what stands between a key and its text
_MARK: Final = "0.0.0-signalbox"
_BOM: Final = "\ufeff"
_KEYS: Mapping[str, tuple[_Keys, ...]] = {
    "pyproject.toml": (("project", "version"), ("tool", "poetry", "version")),
    "package.json": (("version",),),
}
_PARSERS: Mapping[str, Callable[[str], Any]] = {".toml": tomllib.loads, ".json": json.loads}
# A version as semver.org spells it, of a length that keeps the search linear.
_WORDS: Final = r"[0-9A-Za-z-]{1,60}(?:\.[0-9A-Za-z-]{1,60}){0,9}"
_NUMBER: Final = rf"(?:0|[1-9]\d{{0,9}})(?:\.(?:0|[1-9]\d{{0,9}})){{2}}(?:-{_WORDS})?(?:\+{_WORDS})?"


def is_known(path: str) -> bool:
    """Say whether a file's name alone says where its version is."""
    return _name(path) in _KEYS


def read(text: str, path: str, pattern: str | None = None) -> Version | Message:
    """Return the version that a file carries, or what is wrong with it.

    `pattern` is the text around `{version}`; without one the name of the file says where to look.
    """
    places = _places(text, path, pattern)
    if isinstance(places, Message):
        return places
    found = sorted({text[place] for place in places})
    if len(found) > 1:
        return say("{path} carries several versions: {found}", path=path, found=tuple(found))
    version = strict_version(found[0])
    if version is None:
        return say("{path} carries {found}, which is no semantic version", path=path, found=found[0])
    return version


def bump(text: str, path: str, pattern: str | None, version: Version) -> str:
    """Return the text of a file with another version in it; nothing else changes.

    Raises TellUser where the file has no place for a version.
    """
    places = _places(text, path, pattern)
    if isinstance(places, Message):
        raise TellUser(places)
    for place in sorted(places, key=lambda each: each.start, reverse=True):
        text = f"{text[: place.start]}{version}{text[place.stop :]}"
    return text


def _places(text: str, path: str, pattern: str | None) -> list[slice] | Message:
    """Where the version stands, at least once."""
    if pattern is not None:
        return _around(text, path, pattern)
    if not is_known(path):
        return say("{path}: say in {key} where the version stands", path=path, key="versions.files.pattern")
    return _keyed(text, path)


def _around(text: str, path: str, pattern: str) -> list[slice] | Message:
    before, _, after = pattern.partition(VERSION)
    # A number does not begin or end in the middle of another.
    start = re.escape(before) or r"(?<![0-9A-Za-z.+-])"
    end = re.escape(after) or r"(?![0-9A-Za-z+-]|\.[0-9A-Za-z])"
    found = re.finditer(f"{start}({_NUMBER}){end}", text)
    places = [slice(*match.span(1)) for match in found]
    return places or say("{path} has no version as in {pattern}", path=path, pattern=pattern)


def _keyed(text: str, path: str) -> list[slice] | Message:
    parse = _parser(path)
    shift = len(_BOM) if text.startswith(_BOM) else 0
    whole = text[shift:]
    try:
        document = parse(whole)
    except (ValueError, RecursionError):
        return say("{path} cannot be parsed", path=path)
    places = []
    for keys in _KEYS[_name(path)]:
        value = _at(document, keys)
        if value is None:
            continue
        place = next(
            (each for each in _quoted(whole, value, keys[-1]) if _is_at(whole, each, parse, keys, document)),
            None,
        )
        if place is None:
            return say("{path} spells {key} in a way that is not understood", path=path, key=".".join(keys))
        places.append(slice(place.start + shift, place.stop + shift))
    names = tuple(".".join(keys) for keys in _KEYS[_name(path)])
    return places or say("{path} has no text at {keys}", path=path, keys=names)


def _at(document: Any, keys: _Keys) -> str | None:
    """The text at a key of a parsed document; None where there is none."""
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document if isinstance(document, str) else None


def _quoted(text: str, value: str, key: str) -> list[slice]:
    """The places where a text stands in quotes, those after the key first, up to a cap."""
    before = re.compile(rf"{re.escape(key)}[\"']?\s*[:=]\s*[\"']\Z")
    matches = re.finditer(rf"(?<=[\"']){re.escape(value)}(?=[\"'])", text)
    places = [slice(*match.span()) for match in matches]
    places.sort(key=lambda each: not before.search(text[max(0, each.start - _LONGEST_KEY) : each.start]))
    return places[: min(MOST_PLACES, MOST_PARSED // len(text))]


def _is_at(text: str, place: slice, parse: Callable[[str], Any], keys: _Keys, document: Any) -> bool:
    """Say whether a place is the one of the key: whether another text there changes that key, and only it."""
    try:
        changed = parse(f"{text[: place.start]}{_MARK}{text[place.stop :]}")
    except ValueError:
        return False
    if _at(changed, keys) != _MARK:
        return False
    inner = changed
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = _at(document, keys)
    return repr(changed) == repr(document)  # nan is not equal to itself


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _parser(path: str) -> Callable[[str], Any]:
    return _PARSERS[f".{path.rpartition('.')[2]}"]
