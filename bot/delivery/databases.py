"""What a manifest names a database by: hosts, wherever they stand, and secrets, by name.

A host may stand in the value of a variable or of a ConfigMap, in an argument, in an address
(`mysql://user@host:3306/shop`), among the values of a Helm chart: whatever YAML can say is looked through, in
workloads of every kind. What names the object itself is left out.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from yaml import MappingNode, Node, ScalarNode

from bot.delivery.yaml_text import documents, line_of
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


def _named(root: Node) -> Iterator[Referral]:
    """What a document names; an alias is looked at where its anchor stands."""
    waiting: list[tuple[Node, str]] = [(root, "")]
    seen: set[tuple[int, str]] = set()
    while waiting:
        node, parent = waiting.pop()
        if (id(node), parent) in seen:
            continue
        seen.add((id(node), parent))
        if isinstance(node, ScalarNode):
            yield from _hosts(node)
        elif isinstance(node, MappingNode):
            for key, value in node.value:
                name = key.value if isinstance(key, ScalarNode) else ""
                is_secret = name in _SECRETS or name in _REFERENCES.get(parent, ())
                if is_secret and isinstance(value, ScalarNode):
                    yield Referral(Referred.SECRET, value.value.strip(), line_of(value))
                elif name not in _OWN:
                    waiting.append((value, name))
        else:
            waiting += [(each, parent) for each in node.value]


def _hosts(node: ScalarNode) -> Iterator[Referral]:
    """The words of a text that may be hosts: all but those of paths, and users before an `@`."""
    first = line_of(node) + (node.style == "|")  # a block begins below its sign
    for number, line in enumerate(node.value.split("\n")):
        text = _USER.sub("", line)
        for word in _WORD.finditer(text):
            start, stop = word.span()
            in_path = text[start - 1 : start] == "/" and text[max(0, start - 2) : start] != "//"
            name = word[0].strip(".-_")
            if in_path or text[stop : stop + 1] == "@" or len(name) > _LONGEST or not _LETTER.search(name):
                continue
            yield Referral(Referred.HOST, name, first + (number if node.style == "|" else 0))
