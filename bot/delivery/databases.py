"""What a manifest names a database by: hosts, wherever they stand, and secrets, by name.

A host may stand in the value of a variable or of a ConfigMap, in an argument, in an address
(`mysql://user@host:3306/shop`), among the values of a Helm chart: whatever YAML can say is looked through, in
workloads of every kind. What names the object itself is left out.
"""

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from typing import Final

from yaml import MappingNode, Node, ScalarNode

from bot.delivery.yaml_text import Unreadable, documents, get, is_merge, line_of, text_at
from bot.rules import databases as rule
from bot.rules.databases import Crossing
from bot.rules.facts import Referral, Referred
from bot.rules.shipping import DatabaseClass, Databases

# Keys whose values name no host that is reached: the object itself, its kind, its parts, its image.
_OWN: Final = frozenset({"apiVersion", "image", "kind", "metadata", "name", "selector"})
_SECRETS: Final = frozenset({"existingSecret", "secret", "secretName"})
# Where in what kind of reference the name of a secret is; the last two are those of external-secrets.io.
_REFERENCES: Final[Mapping[str, frozenset[str]]] = {
    "secret": frozenset({"name", "secretName"}),
    "secretKeyRef": frozenset({"name"}),
    "secretRef": frozenset({"name"}),
    "secretGenerator": frozenset({"name"}),
    "remoteRef": frozenset({"key"}),
    "extract": frozenset({"key"}),
}
# What kustomize patches with, and the keys of a patch that is a text (which is YAML again).
_PATCHES: Final = frozenset({"patches", "patchesJson6902"})
_PATCH: Final = "patch of a kustomization"
_TEXTS: Final = frozenset({_PATCH, "patchesStrategicMerge"})
_ENCODED: Final = "data of a Secret"
_USER: Final = re.compile(r"(?<=//)[^/?#\s]*@")  # a password may hold an @ too
_WORD: Final = re.compile(r"[\w.-]+", re.ASCII)
_LETTER: Final = re.compile(r"[A-Za-z.]", re.ASCII)
_LONGEST: Final = 253  # characters of a host name (RFC 1035, as text)


def crossings(text: str, databases: Databases, expected: DatabaseClass) -> tuple[Crossing, ...]:
    """Return what a file names that is not of the class expected, from top to bottom. Raises Unreadable."""
    return rule.crossings(referrals(text), databases, expected)


@lru_cache(maxsize=1024)
def referrals(text: str) -> tuple[Referral, ...]:
    """Return every host and secret that a file may name, from top to bottom. Raises Unreadable."""
    found = dict.fromkeys(each for root in documents(text) for each in _named(root))
    return tuple(sorted(found, key=lambda each: (each.line, each.name)))


def _named(root: Node, *, is_patch: bool = False) -> Iterator[Referral]:
    """What a document names; an alias is looked at where its anchor stands, and where it is merged."""
    waiting: list[tuple[Node, str]] = [(root, "")]
    seen: set[tuple[int, str]] = set()
    while waiting:
        node, parent = waiting.pop()
        if (id(node), parent) in seen:
            continue
        seen.add((id(node), parent))
        if isinstance(node, MappingNode):
            for holder, key, value in _entries(node, parent):
                is_secret = key in _SECRETS or key in _REFERENCES.get(holder, ())
                if is_secret and isinstance(value, ScalarNode):
                    yield Referral(Referred.SECRET, value.value.strip(), line_of(value))
                elif key not in _OWN:
                    waiting.append((value, key))
        elif isinstance(node, ScalarNode):
            yield from _said(node, parent, is_patch)
        else:
            waiting += [(each, parent) for each in node.value]


def _entries(mapping: MappingNode, parent: str) -> Iterator[tuple[str, str, Node]]:
    """The values of a mapping, each with what holds it and its key."""
    if (operation := _operation(mapping)) is not None:
        yield from operation
        return
    has_data = text_at(mapping, "kind") == "Secret"
    for name, value in mapping.value:
        key = name.value if isinstance(name, ScalarNode) else ""
        if is_merge(name):
            yield "", parent, value
        elif parent == _ENCODED or (has_data and key == "data"):
            yield parent, _ENCODED, value
        elif key == "patch" and parent in _PATCHES:
            yield parent, _PATCH, value
        else:
            yield parent, key, value


def _operation(mapping: MappingNode) -> list[tuple[str, str, Node]] | None:
    """What an operation of a JSON patch (RFC 6902) writes, where its path says; None where it is none."""
    path, value = text_at(mapping, "path"), get(mapping, "value")
    if value is None or not path.startswith("/") or not text_at(mapping, "op"):
        return None
    steps = [step for step in path.split("/") if not step.isdecimal() and step != "-"]
    *above, holder, key = ["", *steps]
    return [] if _OWN.intersection([*above, holder]) else [(holder, key, value)]


def _said(node: ScalarNode, key: str, is_patch: bool) -> Iterator[Referral]:
    """What a text names: by itself, as base64, or as YAML within it."""
    is_block = node.style == "|"
    first = line_of(node) + is_block  # a block begins below its sign
    if key == _ENCODED:
        yield from _hosts(_decoded(node.value), line_of(node), 0)
        return
    if key in _TEXTS and not is_patch and (roots := _within(node.value)):
        for each in chain.from_iterable(_named(root, is_patch=True) for root in roots):
            yield replace(each, line=first + (each.line - 1 if is_block else 0))
        return
    yield from _hosts(node.value, first, int(is_block))


def _within(text: str) -> list[Node]:
    """The documents in a text that is a patch; none where it is the name of a file, or no YAML."""
    try:
        return [root for root in documents(text) if not isinstance(root, ScalarNode)]
    except Unreadable:
        return []


def _decoded(text: str) -> str:
    """The text in base64; none where it is not that."""
    try:
        return b64decode("".join(text.split()), validate=True).decode()
    except ValueError:
        return ""


def _hosts(text: str, first: int, step: int) -> Iterator[Referral]:
    """The words of a text that may be hosts: all but those of paths, and users before an `@`.

    `first` is the line on which it begins, from 1, and `step` how many lines each of its lines takes there.
    """
    for number, line in enumerate(text.split("\n")):
        here = _USER.sub("", line)
        for word in _WORD.finditer(here):
            start, stop = word.span()
            in_path = here[start - 1 : start] == "/" and here[max(0, start - 2) : start] != "//"
            name = word[0].strip(".-_")
            if in_path or here[stop : stop + 1] == "@" or len(name) > _LONGEST or not _LETTER.search(name):
                continue
            yield Referral(Referred.HOST, name, first + number * step)
