"""YAML as text: where a value stands, and how it is written to without touching another character (D3).

Nodes are composed, never constructed, and written back by their places: a file is never dumped. The parser is
libyaml, whose port to Go is that of kubectl, kustomize, Helm and Argo CD. Places count from after a byte
order mark, as libyaml counts them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from bot.errors import TellUser
from bot.message import Message, say
from bot.rules.patterns import strict_version

BOM: Final = "\ufeff"

_MERGE: Final = "tag:yaml.org,2002:merge"
_NULL: Final = "tag:yaml.org,2002:null"
# What may stand between a colon and its scalar: an anchor, a tag, white space and comments.
_PROPERTIES: Final = re.compile(r"(?:[&!]\S*(?:\s|#[^\r\n]*)*)*")
_LINE_END: Final = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
# What is read as text without quotes, in YAML 1.1 too.
_NAME: Final = re.compile(r"[A-Za-z][\w./:@-]*", re.ASCII)
_KEYWORDS: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


class Unreadable(TellUser):
    """A text whose YAML says nothing certain; `line` and `column` count from 1."""

    def __init__(self, line: int, column: int, problem: Message) -> None:
        super().__init__(
            say("line {line}, column {column}: {problem}", line=line, column=column, problem=problem)
        )
        self.line, self.column = line, column


class NotYaml(Unreadable):
    """A text that no parser of YAML takes."""


class Unwritable(TellUser):
    """A value that cannot be written to by replacing a few characters; `line` counts from 1."""

    def __init__(self, line: int, problem: Message) -> None:
        super().__init__(say("line {line}: {problem}", line=line, problem=problem))
        self.line = line


@dataclass(frozen=True, slots=True)
class Edit:
    """The characters from `start` up to `stop` are to become `text`."""

    start: int
    stop: int
    text: str


def documents(text: str) -> list[Node]:
    """Return the root of every document in a text. Raises NotYaml."""
    body = text.removeprefix(BOM)
    try:
        return list(yaml.compose_all(body, Loader=yaml.CSafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        detail = " ".join(filter(None, (error.context, error.problem)))
        raise NotYaml(line, column, say("this is not YAML: {detail}", detail=detail)) from None
    except yaml.reader.ReaderError as error:
        raise _forbidden(body.encode()[: error.position].decode()) from None
    except UnicodeEncodeError as error:
        raise _forbidden(body[: error.start]) from None


def get(mapping: Node | None, *keys: str) -> Node | None:
    """Find the value at a path of keys, as `<<` merges them; None where there is none.

    Raises Unreadable where a key on the way is there twice.
    """
    node = mapping
    for key in keys:
        node = _value(node, key)
    return node


def at(root: Node | None, path: Iterable[str]) -> Node | None:
    """Find what stands at a path of keys, and of numbers from 0 in lists; None where nothing does.

    Raises Unreadable as `get`.
    """
    node = root
    for step in path:
        if isinstance(node, SequenceNode):
            node = node.value[int(step)] if step.isdecimal() and int(step) < len(node.value) else None
        else:
            node = _value(node, step)
    return node


def is_merge(key: Node) -> bool:
    """Say whether a key is `<<`, which merges another mapping into its own."""
    return bool(key.tag == _MERGE)


def text_at(mapping: Node | None, key: str) -> str:
    """Return the text at a key, without white space around it; empty where there is none."""
    node = _value(mapping, key)
    return "" if not isinstance(node, ScalarNode) or is_empty(node) else str(node.value).strip()


def is_empty(node: ScalarNode) -> bool:
    """Say whether nothing stands in a scalar: no text, or `null`."""
    return node.tag == _NULL or not node.value


def line_of(node: Node) -> int:
    """Return the line on which a node begins, from 1."""
    return int(node.start_mark.line) + 1


def replaced(text: str, scalar: ScalarNode, value: str) -> Edit:
    """Write a scalar, in the quotes that it has. `value` needs no escape in any of them.

    Raises Unwritable for a block scalar, and where a key has no place for its value.
    """
    if scalar.style in {"|", ">"}:
        problem = say(
            "expected {value} on one line; found a block ({style})", value=value, style=scalar.style
        )
        raise Unwritable(line_of(scalar), problem)
    start, stop = int(scalar.start_mark.index), int(scalar.end_mark.index)
    whole = text[start:stop]
    bare = _PROPERTIES.sub("", whole, count=1)
    start = stop - len(bare)
    if scalar.style:
        return Edit(start + 1, stop - 1, value)
    if bare:
        return Edit(start, stop, plain(value))
    before = text[:start].rstrip(" \t\r\n")
    if not whole and not before.endswith(":"):
        raise Unwritable(line_of(scalar), say("expected a value to replace; found a key without one"))
    space = "" if text[start - 1].isspace() else " "
    return Edit(start, stop, f"{space}{plain(value)}")


def added(text: str, mapping: MappingNode, key: str, value: str) -> Edit:
    """Write another key after the last of a mapping that has its scalar beside it. Raises Unwritable."""
    for name, scalar in reversed(mapping.value):
        # An alias stands where its anchor does, before the key.
        beside = name.end_mark.index < scalar.start_mark.index and name.end_mark.line == scalar.end_mark.line
        if isinstance(scalar, ScalarNode) and beside:
            break
    else:
        problem = say(
            "expected a key with its value on one line, to write {key} after it; found none", key=key
        )
        raise Unwritable(line_of(mapping), problem)
    place = int(scalar.end_mark.index)
    if mapping.flow_style:
        return Edit(place, place, f", {key}: {plain(value)}")
    end = _LINE_END.search(text, place)
    place = end.start() if end else len(text)
    line_end = end or _LINE_END.search(text)
    indent = " " * int(name.start_mark.column)
    return Edit(place, place, f"{line_end[0] if line_end else chr(10)}{indent}{key}: {plain(value)}")


def plain(value: str) -> str:
    """Spell a value without quotes, unless YAML might read a number, a date or a keyword in it."""
    is_name = _NAME.fullmatch(value) and value.lower() not in _KEYWORDS
    return value if is_name or "/" in value or strict_version(value) else f'"{value}"'


def spliced(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with all edits made; the same text where there are none."""
    shift = len(text) - len(text.removeprefix(BOM))
    done, pieces = 0, []
    for edit in sorted(edits, key=lambda each: each.start):
        pieces += [text[done : edit.start + shift], edit.text]
        done = edit.stop + shift
    return "".join([*pieces, text[done:]]) if pieces else text


def _forbidden(before: str) -> NotYaml:
    lines = before.split("\n")
    problem = say("a character stands here that YAML does not allow")
    return NotYaml(len(lines), len(lines[-1]) + 1, problem)


def _value(mapping: Node | None, key: str) -> Node | None:
    """The value at one key: a mapping's own, then those of what it merges, the first first."""
    waiting: list[Node | None] = [mapping]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop(0)
        if not isinstance(node, MappingNode) or id(node) in seen:
            continue
        seen.add(id(node))
        own: list[tuple[Node, Node]] = [pair for pair in node.value if pair[0].value == key]
        if len(own) > 1:
            place = own[1][0].start_mark
            raise Unreadable(place.line + 1, place.column + 1, say("{key} is here twice", key=key))
        if own:
            return own[0][1]
        for name, value in reversed(node.value):
            if is_merge(name):
                waiting[:0] = value.value if isinstance(value, SequenceNode) else [value]
    return None
