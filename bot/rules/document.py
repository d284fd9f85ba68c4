"""Read a YAML 1.2 document into plain data that remembers the line and column of every key and value.

The text is somebody else's: whatever is wrong with it becomes a `Problem`, several at once, and nothing
in it (an alias bomb, a self-reference, a deep nest) costs more than its size.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from warnings import filterwarnings

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from bot.message import Message, say

# YAML lets an anchor be used again; a rulebook with thousands of them must not fill a log.
filterwarnings("ignore", category=ReusedAnchorWarning)

# Characters: five times a preset in full. The reader is slow, and anybody may propose a rulebook.
LARGEST = 16 * 1024
MOST_NODES = 10_000  # after every alias is followed
DEEPEST = 32
LONGEST_NUMBER = 18  # digits: what fits into 64 bits

Path: TypeAlias = tuple[str | int, ...]
Data: TypeAlias = "bool | int | str | list[Data] | dict[str, Data] | None"

_KEYWORDS: Mapping[str, Data] = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a rulebook; `line` and `column` count from 1, `key` is like `kinds.x.into[0]`."""

    line: int
    column: int
    key: str
    message: Message


@dataclass(slots=True)
class Document:
    """A document in plain data, with the (line, column) of every key and of every value."""

    data: Data = None
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    values: dict[Path, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    nodes: int = 0

    def problem(self, path: Path, message: Message, *, at_key: bool = False) -> Problem:
        """Place a problem at `path`, or at the nearest thing around it that the document has."""
        near = path
        while near and near not in self.values:
            near = near[:-1]
        places = self.keys if at_key or near != path else self.values
        line, column = places.get(near) or self.values.get(near, (1, 1))
        return Problem(line, column, spelled(path), message)


class _Excess(Exception):
    """The document is larger than any rulebook."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.id)
        self.message = message


class _Composer(Composer):
    """Stops at the first bracket too deep: the reader's look-ahead makes deep nests slow to go through."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.depth > DEEPEST:
            raise _Excess(say("the file is nested too deeply"))
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def spelled(path: Path) -> str:
    """Spell a path as people write it: `kinds.feature.into[0]`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def load(text: str) -> Document:
    """Read `text`; `problems` is empty when the data is whole."""
    document = Document()
    if len(text) > LARGEST:
        return _refused(document, say("the file is larger than {most} characters", most=LARGEST))
    try:
        yaml = YAML(typ="safe", pure=True)
        yaml.Composer = _Composer
        node = yaml.compose(text)
        document.data = None if node is None else _build(document, node, ())
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = say("this is not YAML: {detail}", detail=str(error.problem or error.context))
        document.problems.append(Problem(line, column, "", message))
    except ReaderError as error:
        lines = text[: error.position].split("\n")
        message = say("a character stands here that YAML does not allow")
        document.problems.append(Problem(len(lines), len(lines[-1]) + 1, "", message))
    except _Excess as error:
        return _refused(document, error.message)
    except (
        YAMLError,
        ValueError,
        OverflowError,
    ) as error:  # the last two: an escape or a version out of range
        return _refused(document, say("this is not YAML: {detail}", detail=str(error)))
    return document


def _refused(document: Document, message: Message) -> Document:
    document.problems.append(Problem(1, 1, "", message))
    return document


def _build(document: Document, node: Node, path: Path) -> Data:
    """Turn a node into data, noting where it stands."""
    document.nodes += 1
    if document.nodes > MOST_NODES:
        message = say("the file holds more than {most} values once aliases are followed", most=MOST_NODES)
        raise _Excess(message)
    if len(path) > DEEPEST:
        raise _Excess(say("the file is nested too deeply"))
    document.values[path] = _place(node)
    if isinstance(node, MappingNode):
        return _mapping(document, node, path)
    if isinstance(node, SequenceNode):
        return [_build(document, item, (*path, index)) for index, item in enumerate(node.value)]
    return _scalar(node)


def _mapping(document: Document, node: MappingNode, path: Path) -> dict[str, Data]:
    data: dict[str, Data] = {}
    for key_node, value_node in node.value:
        key = _scalar(key_node) if isinstance(key_node, ScalarNode) else None
        if not isinstance(key, str):
            message = say("expected text as a key")
            document.problems.append(Problem(*_place(key_node), spelled(path), message))
            continue
        here = (*path, key)
        if key in data:
            message = say("{key} is here twice", key=key)
            document.problems.append(Problem(*_place(key_node), spelled(here), message))
            continue
        document.keys[here] = _place(key_node)
        data[key] = _build(document, value_node, here)
    return data


def _place(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _scalar(node: Node) -> Data:
    """Read a scalar by the tag that YAML resolved; what no key of a rulebook takes stays text."""
    value = str(node.value)
    match str(node.tag).rpartition(":")[2]:
        case "null":
            return None
        case "bool":
            return _KEYWORDS.get(value.lower(), value)
        case "int":
            return int(value) if value.lstrip("+-").isdecimal() and len(value) <= LONGEST_NUMBER else value
        case _:
            return value
