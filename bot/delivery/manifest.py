"""The images that a manifest names: found by parsed position, written by place, byte by byte (D3, D4).

A manifest is one of Kubernetes, a kustomization, or the values of a Helm chart, by what each document says.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Final, TypeAlias

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from bot.delivery.image import InvalidReference, Reference, normalised, parse, spelled, split
from bot.delivery.yaml_text import (
    BOM,
    Edit,
    Unwritable,
    added,
    documents,
    get,
    is_empty,
    line_of,
    replaced,
    spliced,
    text_at,
)
from bot.errors import TellUser
from bot.message import say

_TEMPLATE: Final = ("spec", "template", "spec")
# Where each kind keeps the pods that it runs.
_PODS: Mapping[str, tuple[str, ...]] = {
    "Pod": ("spec",),
    "Deployment": _TEMPLATE,
    "StatefulSet": _TEMPLATE,
    "DaemonSet": _TEMPLATE,
    "ReplicaSet": _TEMPLATE,
    "Job": _TEMPLATE,
    "CronJob": ("spec", "jobTemplate", *_TEMPLATE),
    "Rollout": _TEMPLATE,  # argoproj.io
}
_VALUE: Final = re.compile(r"[A-Za-z0-9_](?:[\w./:@-]*[\w.-])?", re.ASCII)
_CONTAINERS: Final = ("initContainers", "containers", "ephemeralContainers")
_KUSTOMIZATIONS: Final = frozenset({"Kustomization", "Component", ""})


class ImageAbsent(TellUser):
    """A file that holds no such image, or a path that leads nowhere in it: never a silence (D3)."""


@dataclass(frozen=True, slots=True)
class Use:
    """An image that a manifest names; `line` counts from 1."""

    reference: Reference
    line: int


@dataclass(frozen=True, slots=True)
class _Whole:
    """An image in one scalar, as containers have it."""

    node: ScalarNode
    use: Use

    @property
    def repositories(self) -> frozenset[str]:
        return frozenset({self.use.reference.repository})

    def edits(self, text: str, tag: str | None, digest: str | None) -> Iterator[Edit]:
        name, _, _ = split(self.node.value.strip())
        yield from _changed(text, self.node, spelled(name, tag, digest))


@dataclass(frozen=True, slots=True)
class _Parts:
    """An image in several keys of a mapping; `keys` are those of its tag and its digest.

    `repositories` are all that it answers to. `open` says that whatever reads it knows both keys, so that one
    can be added.
    """

    node: MappingNode
    use: Use
    repositories: frozenset[str]
    keys: tuple[str, str]
    open: bool

    def edits(self, text: str, tag: str | None, digest: str | None) -> Iterator[Edit]:
        for key, value in zip(self.keys, (tag, digest), strict=True):
            node = get(self.node, key)
            if value is None:
                _leave(key, node)
            elif isinstance(node, ScalarNode):
                yield from _changed(text, node, value)
            elif node is None and self.open:
                yield added(text, self.node, key, value)
            else:
                problem = say("expected a text at {key}, beside the repository; found none", key=key)
                raise Unwritable(line_of(node or self.node), problem)


_Place: TypeAlias = _Whole | _Parts


def images(text: str) -> tuple[Use, ...]:
    """Return every image that a file names, once each place, from top to bottom. Raises `Unreadable`.

    What is spelt as no image can be (a placeholder, say) is left out.
    """
    return tuple(sorted((place.use for place in _places(documents(text))), key=lambda use: use.line))


@lru_cache(maxsize=1024)
def repositories(text: str) -> frozenset[str]:
    """Return all repositories that `set_image` would find in a file. Raises `Unreadable`.

    Who looks for many images in many files, again and again, parses each text once.
    """
    return frozenset(chain.from_iterable(place.repositories for place in _places(documents(text))))


def set_image(text: str, image: str, tag: str | None, digest: str | None) -> str:
    """Return a file's text with another tag and digest for an image, wherever it names that image.

    `image` is a repository with its registry; at least one of `tag` and `digest` is given, and together they
    are all that names the image afterwards. Where all of that stands already, the same text comes back.

    Raises `ImageAbsent` where the file names no such image, `Unreadable` where it is no YAML, `Unwritable`
    where more than a few characters would have to change, `InvalidReference` for what is no image.
    """
    spelt = spelled(image, tag, digest)
    wanted = parse(spelt)
    if split(spelt) != (image, tag, digest) or not (tag or digest):
        raise InvalidReference(
            say("Expected a repository and a tag or a digest; found {found}.", found=spelt)
        )
    roots, body = documents(text), text.removeprefix(BOM)
    places = tuple(_places(roots))
    ours = [place for place in places if wanted.repository in place.repositories]
    if not ours:
        raise _absent(wanted.repository, sorted({each.use.reference.repository for each in places}))
    edits = [edit for place in ours for edit in place.edits(body, tag, digest)]
    _refuse_shared(edits, (place for place in places if wanted.repository not in place.repositories))
    return spliced(text, dict.fromkeys(edits))


def set_value(text: str, path: str, value: str) -> str:
    """Return the text of a file of values with another scalar at a path, such as `web.image.tag`.

    Its steps are keys, or numbers from 0 in a list. `value` is an image, a tag or a digest. Where it stands
    already, the same text comes back.

    Raises `ImageAbsent` where nothing stands at the path, and what `set_image` raises.
    """
    _checked(value)
    roots, body = documents(text), text.removeprefix(BOM)
    found = [node for root in roots if (node := _at(root, path)) is not None]
    if not found:
        raise ImageAbsent(
            say(
                "Expected a value at {path}; found none. Write one there once, or name another path.",
                path=path,
            )
        )
    return spliced(text, dict.fromkeys(edit for node in found for edit in _changed(body, node, value)))


def _checked(value: str) -> None:
    if not _VALUE.fullmatch(value):
        raise InvalidReference(say("Expected an image, a tag or a digest; found {found}.", found=value))


def _absent(wanted: str, found: list[str]) -> ImageAbsent:
    if not found:
        return ImageAbsent(
            say(
                "Expected the image {image} in the file; found no image. Write it there once, or name "
                "another file.",
                image=wanted,
            )
        )
    return ImageAbsent(
        say(
            "Expected the image {image} in the file; found {found}. Write it there once, or name "
            "another file.",
            image=wanted,
            found=tuple(found),
        )
    )


def _leave(key: str, node: Node | None) -> None:
    """A digest wins over the tag beside it, so neither may stay as it was; none is removed in silence."""
    if node is None or (isinstance(node, ScalarNode) and is_empty(node)):
        return
    problem = say("{key} stands here and would no longer be right; set it as well, or take it out", key=key)
    raise Unwritable(line_of(node), problem)


def _changed(text: str, node: Node, value: str) -> Iterator[Edit]:
    """The edit that makes a node say this; none where it does."""
    if not isinstance(node, ScalarNode):
        raise Unwritable(line_of(node), say("expected a text; found a list or a mapping"))
    if node.value != value:
        yield replaced(text, node, value)


def _refuse_shared(edits: list[Edit], others: Iterable[_Place]) -> None:
    """An alias may give two images one tag; who sets one of them does not mean the other."""
    for other in others:
        for node in _scalars(other):
            if any(node.start_mark.index <= edit.start < node.end_mark.index for edit in edits):
                problem = say(
                    "this tag or digest is also that of {image}, by an alias", image=str(other.use.reference)
                )
                raise Unwritable(line_of(node), problem)


def _scalars(place: _Place) -> list[Node]:
    if isinstance(place, _Whole):
        return [place.node]
    return [node for key in place.keys if (node := get(place.node, key)) is not None]


def _at(root: Node, path: str) -> Node | None:
    node: Node | None = root
    for step in path.split("."):
        if isinstance(node, SequenceNode):
            node = node.value[int(step)] if step.isdecimal() and int(step) < len(node.value) else None
        else:
            node = get(node, step)
    return node


def _places(roots: list[Node]) -> Iterator[_Place]:
    """Every place that names an image, once: what is aliased stands where its anchor does."""
    found: dict[int, _Place] = {}
    for document in _objects(roots):
        kind = text_at(document, "kind")
        for place in chain(_contained(document, kind), _kustomized(document, kind), _valued(document, kind)):
            found.setdefault(id(place.node), place)
    yield from found.values()


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


def _contained(document: MappingNode, kind: str) -> Iterator[_Place]:
    """The containers of a workload."""
    if kind not in _PODS:
        return
    pod = get(document, *_PODS[kind])
    for container in chain.from_iterable(_items(get(pod, key)) for key in _CONTAINERS):
        node = get(container, "image")
        if isinstance(node, ScalarNode) and (use := _use(node, node.value.strip())):
            yield _Whole(node, use)


def _kustomized(document: MappingNode, kind: str) -> Iterator[_Place]:
    """The entries of a kustomization, which may leave out its kind."""
    if kind not in _KUSTOMIZATIONS:
        return
    for entry in _items(get(document, "images")):
        name, new, tag, digest = (text_at(entry, key) for key in ("name", "newName", "newTag", "digest"))
        use = _use(entry, spelled(new or name, tag, digest))
        if isinstance(entry, MappingNode) and use and (kind or new or tag or digest):
            names = frozenset({normalised(name), use.reference.repository})
            yield _Parts(entry, use, names, ("newTag", "digest"), open=True)


def _valued(document: MappingNode, kind: str) -> Iterator[_Place]:
    """The images among the values of a Helm chart: a `repository` with a `tag` or a `digest` beside it."""
    if kind:
        return
    for node in _mappings(document):
        registry, name, tag, digest = (
            text_at(node, key) for key in ("registry", "repository", "tag", "digest")
        )
        is_image = get(node, "tag") is not None or get(node, "digest") is not None
        use = _use(node, spelled(f"{registry}/{name}" if registry else name, tag, digest))
        if is_image and use:
            yield _Parts(node, use, frozenset({use.reference.repository}), ("tag", "digest"), open=False)


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


def _use(node: Node, text: str) -> Use | None:
    """What a text names at a node; None where it is no image."""
    try:
        return Use(parse(text), line_of(node))
    except InvalidReference:
        return None


def _items(node: Node | None) -> list[Node]:
    return list(node.value) if isinstance(node, SequenceNode) else []
