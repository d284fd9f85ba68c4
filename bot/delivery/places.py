"""The places of a manifest that name an image, found by what has been parsed (D4).

A manifest is one of Kubernetes, a kustomization, or the values of a Helm chart, by what each document says.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Final, TypeAlias

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from bot.delivery.image import InvalidReference, Reference, normalised, parse, spelled, split
from bot.delivery.yaml_text import Edit, Unwritable, added, at, get, is_empty, line_of, replaced, text_at
from bot.message import say

# The keys that lead to a value from the root of a document; in a list, numbers from 0.
Path: TypeAlias = tuple[str, ...]

_TEMPLATE: Final = ("spec", "template", "spec")
# Where each kind keeps the pods that it runs.
_PODS: Mapping[str, Path] = {
    "Pod": ("spec",),
    "Deployment": _TEMPLATE,
    "StatefulSet": _TEMPLATE,
    "DaemonSet": _TEMPLATE,
    "ReplicaSet": _TEMPLATE,
    "Job": _TEMPLATE,
    "CronJob": ("spec", "jobTemplate", *_TEMPLATE),
    "Rollout": _TEMPLATE,  # argoproj.io
}
_CONTAINERS: Final = ("initContainers", "containers", "ephemeralContainers")
_KUSTOMIZATIONS: Final = frozenset({"Kustomization", "Component", ""})


@dataclass(frozen=True, slots=True)
class Use:
    """An image that a manifest names; `line` counts from 1."""

    reference: Reference
    line: int


@dataclass(frozen=True, slots=True)
class Change:
    """An edit, and the node that it changes: a scalar, or a mapping that gets another key."""

    node: Node
    edit: Edit


@dataclass(frozen=True, slots=True)
class Whole:
    """An image in one scalar, as containers have it; `keys` are that of it alone."""

    node: ScalarNode
    use: Use
    keys: tuple[str] = ("image",)

    @property
    def repositories(self) -> frozenset[str]:
        """All that it answers to."""
        return frozenset({self.use.reference.repository})

    def changes(self, text: str, tag: str | None, digest: str | None) -> Iterator[Change]:
        """What sets both, and takes away what is None. Raises Unwritable."""
        name, _, _ = split(self.node.value.strip())
        yield from _changed(text, self.node, spelled(name, tag, digest))


@dataclass(frozen=True, slots=True)
class Parts:
    """An image in several keys of a mapping; `keys` are those of its tag (None for none) and its digest.

    `repositories` are all that it answers to. `open` says that whatever reads it knows both keys, so that one
    can be added.
    """

    node: Node
    use: Use
    repositories: frozenset[str]
    keys: tuple[str | None, str]
    open: bool

    def changes(self, text: str, tag: str | None, digest: str | None) -> Iterator[Change]:
        """What sets both. Raises Unwritable, also where what is None stands there."""
        for key, value in zip(self.keys, (tag, digest), strict=True):
            if key is None:
                continue
            node = at(self.node, (key,))
            if value is None:
                _leave(key, node)
            elif isinstance(node, ScalarNode):
                yield from _changed(text, node, value)
            elif node is None and self.open and isinstance(self.node, MappingNode):
                yield Change(self.node, added(text, self.node, key, value))
            else:
                problem = say(
                    "expected a text at {key}, beside the rest of the image; found none: write one there "
                    "once",
                    key=key,
                )
                raise Unwritable(line_of(node or self.node), problem)


Place: TypeAlias = Whole | Parts


def places(roots: list[Node]) -> Iterator[Place]:
    """Find every place that names an image, once: what is aliased stands where its anchor does.

    Raises Unreadable where a key on the way is there twice.
    """
    found: dict[int, Place] = {}
    for document in _objects(roots):
        for place in chain((place for _, place in _fixed(document)), _valued(document)):
            found.setdefault(id(place.node), place)
    yield from found.values()


def names(root: Node, path: Path, repository: str) -> bool:
    """Say whether a path from the root of a document leads to what names an image. Raises as `places`."""
    document: Node | None = root
    while text_at(document, "kind") == "List" and path[:1] == ("items",):
        document, path = at(document, path[:2]), path[2:]
    holder, key = path[:-1], path[-1:]
    here = [place for where, place in _fixed(document) if where == holder]
    if not text_at(document, "kind"):
        here += filter(None, [_value_of(at(document, holder))])
    return any(repository in place.repositories and key[0] in place.keys for place in here if key)


def use_of(node: Node, text: str) -> Use | None:
    """What a text names at a node; None where it is no image."""
    try:
        return Use(parse(text), line_of(node))
    except InvalidReference:
        return None


def _leave(key: str, node: Node | None) -> None:
    """A digest wins over the tag beside it, so neither may stay as it was; none is removed in silence."""
    if node is None or (isinstance(node, ScalarNode) and is_empty(node)):
        return
    problem = say("{key} stands here and would no longer be right; set it as well, or take it out", key=key)
    raise Unwritable(line_of(node), problem)


def _changed(text: str, node: ScalarNode, value: str) -> Iterator[Change]:
    if node.value != value:
        yield Change(node, replaced(text, node, value))


def _objects(roots: list[Node]) -> Iterator[MappingNode]:
    """The objects of a file, those in a List too."""
    waiting, seen = list(roots), set()
    while waiting:
        node = waiting.pop(0)
        if not isinstance(node, MappingNode) or id(node) in seen:
            continue
        seen.add(id(node))
        if text_at(node, "kind") == "List":
            waiting = _items(get(node, "items")) + waiting
        else:
            yield node


def _fixed(document: Node | None) -> Iterator[tuple[Path, Place]]:
    """What an object names an image by in a place of its kind, with the path of the mapping that holds it."""
    kind = text_at(document, "kind")
    yield from _contained(document, kind)
    yield from _kustomized(document, kind)


def _contained(document: Node | None, kind: str) -> Iterator[tuple[Path, Place]]:
    """The containers of a workload."""
    if kind not in _PODS:
        return
    pod = get(document, *_PODS[kind])
    for key in _CONTAINERS:
        for index, container in enumerate(_items(get(pod, key))):
            node = get(container, "image")
            if isinstance(node, ScalarNode) and (use := use_of(node, node.value.strip())):
                yield (*_PODS[kind], key, str(index)), Whole(node, use)


def _kustomized(document: Node | None, kind: str) -> Iterator[tuple[Path, Place]]:
    """The entries of a kustomization, which may leave out its kind."""
    if kind not in _KUSTOMIZATIONS:
        return
    for index, entry in enumerate(_items(get(document, "images"))):
        name, new, tag, digest = (text_at(entry, key) for key in ("name", "newName", "newTag", "digest"))
        use = use_of(entry, spelled(new or name, tag, digest))
        if isinstance(entry, MappingNode) and use and (kind or new or tag or digest):
            answers = frozenset({normalised(name), use.reference.repository})
            yield ("images", str(index)), Parts(entry, use, answers, ("newTag", "digest"), open=True)


def _valued(document: MappingNode) -> Iterator[Place]:
    """The images among the values of a Helm chart, wherever they are."""
    if not text_at(document, "kind"):
        yield from filter(None, map(_value_of, _mappings(document)))


def _value_of(node: Node | None) -> Place | None:
    """The image that a mapping of values is: a `repository` with a `tag` or a `digest` beside it."""
    if not isinstance(node, MappingNode) or (get(node, "tag") is None and get(node, "digest") is None):
        return None
    registry, name, tag, digest = (text_at(node, key) for key in ("registry", "repository", "tag", "digest"))
    use = use_of(node, spelled(f"{registry}/{name}" if registry else name, tag, digest))
    if use is None:
        return None
    return Parts(node, use, frozenset({use.reference.repository}), ("tag", "digest"), open=False)


def _mappings(root: Node) -> Iterator[MappingNode]:
    """Every mapping in a document, once, in the order of the text."""
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, ScalarNode) or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, MappingNode):
            yield node
            waiting += [value for _, value in reversed(node.value)]
        else:
            waiting += reversed(node.value)


def _items(node: Node | None) -> list[Node]:
    return list(node.value) if isinstance(node, SequenceNode) else []
