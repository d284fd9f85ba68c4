"""The words of Signalbox as data, so that one decision can be read in every language.

Pure code says *what* there is to say; `bot.text` says it, in English or Korean, as plain text or as
Markdown. Every value is quoted at that edge, so nothing here needs escaping.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

Value: TypeAlias = "str | int | Message | Link | Mention | tuple[Value, ...]"


@dataclass(frozen=True, slots=True)
class Link:
    """A place that a person may go to; where nothing can be clicked, the `text` alone is said."""

    text: Value
    url: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A person who is to hear of it, by login; every other login is only a name."""

    login: str


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence, not yet in any language.

    `id` is the English sentence with `{name}` fields (the gettext msgid); `values` fills the fields.
    A `str` value is somebody's name for something (a branch, a login) and is quoted; a `Message` is
    translated in its turn; a tuple is a list of them.
    """

    id: str
    values: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))


def say(id: str, /, **values: Value) -> Message:
    """Make a `Message`. Babel collects the first argument of every call, so it must be a literal."""
    return Message(id, MappingProxyType(values))
