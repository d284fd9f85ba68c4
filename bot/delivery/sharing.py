"""Values that stand in several places at once, by an alias or a merge (`<<`): writing one writes all (D3)."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from yaml import MappingNode, Node, SequenceNode

from bot.delivery.places import Path
from bot.delivery.yaml_text import Unwritable, at, is_merge, line_of
from bot.message import say

# What holds a node, and under which key; None where it is merged into it.
_Above: TypeAlias = Mapping[int, list[tuple[Node, str | None]]]

_MOST: Final = 10_000  # steps: aliases of aliases make more places than anybody could look at


def refuse_shared(roots: list[Node], changed: Iterable[Node], is_ours: Callable[[Node, Path], bool]) -> None:
    """Raise Unwritable where a node that is to be changed also stands in a place that is not meant.

    `roots` are those of the documents; `is_ours` is asked for a root and a path from it. What is no scalar
    gets another key, so it must stand in one place alone.
    """
    above = _above(roots)
    for node in {id(each): each for each in changed}.values():
        stands = list(_stands(roots, above, node))
        if isinstance(node, MappingNode):
            ours, others = stands[:1], stands[1:]
        else:
            ours = [(root, path) for root, path in stands if at(root, path) is node and is_ours(root, path)]
            others = [each for each in stands if each not in ours]
        if others:
            problem = say(
                "one value stands at {place} and, by an alias or a merge, at {other}, which must not change; "
                "write it out in both",
                place=_spelt(ours[0] if ours else stands[0]), other=_spelt(others[0]),
            )  # fmt: skip
            raise Unwritable(line_of(node), problem)


def _spelt(stand: tuple[Node, Path]) -> str:
    return ".".join(stand[1])


def _above(roots: Iterable[Node]) -> _Above:
    """What holds each node, by its id."""
    found: dict[int, list[tuple[Node, str | None]]] = {}
    waiting, seen = deque(roots), set()
    while waiting:
        node = waiting.popleft()
        if id(node) in seen:
            continue
        seen.add(id(node))
        for step, child in _below(node):
            found.setdefault(id(child), []).append((node, step))
            waiting.append(child)
    return found


def _below(node: Node) -> Iterator[tuple[str | None, Node]]:
    if isinstance(node, SequenceNode):
        yield from ((str(index), each) for index, each in enumerate(node.value))
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            if is_merge(key):
                merged = value.value if isinstance(value, SequenceNode) else [value]
                yield from ((None, each) for each in merged)
            else:
                step = key.value if isinstance(key.value, str) else "?"
                yield from ((step, each) for each in (key, value))


def _stands(roots: Iterable[Node], above: _Above, node: Node) -> Iterator[tuple[Node, Path]]:
    """Where a node stands: the root and the path of each place, but for those in which it is overridden."""
    tops = {id(root) for root in roots}
    waiting: list[tuple[Node, tuple[str | None, ...], frozenset[int]]] = [(node, (), frozenset())]
    for _ in range(_MOST):
        if not waiting:
            return
        here, way, passed = waiting.pop()
        path = tuple(step for step in way if step is not None)
        is_merged = len(path) < len(way)
        if id(here) in tops and not (is_merged and _is_overridden(here, path, node)):
            yield here, path
        passed |= {id(here)}
        holders = reversed(above.get(id(here), []))
        waiting += [(each, (step, *way), passed) for each, step in holders if id(each) not in passed]
    raise Unwritable(
        line_of(node), say("more aliases lead here than can be followed; write some of them out")
    )


def _is_overridden(root: Node, path: Path, node: Node) -> bool:
    """Whether something else stands at a path where a merge would bring a scalar."""
    return not isinstance(node, MappingNode) and at(root, path) is not node
