"""The tags of a repository that are versions, and which of them a commit contains."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.github import nodes
from bot.github.connection import InstallationConnection
from bot.github.lists import pages
from bot.github.nodes import Node
from bot.rules.facts import Tag
from bot.rules.models import Rulebook
from bot.rules.tags import version_of_tag

# How many tags are compared in one request; the first ones nearly always are those that matter.
_AT_ONCE: Final = 20


@dataclass(frozen=True, slots=True)
class Ends:
    """Two commits that tags are looked for in, each as a comparison names it (an oid, or "owner:branch")."""

    base: str
    head: str


async def read_tags(
    connection: InstallationConnection, repository: str, rulebook: Rulebook, ends: Ends
) -> tuple[Tag, ...]:
    """Read every tag that is a version (R11), the greatest first; `repository` is a node id.

    Which of them the base and the head contain is read as far as the greatest final version of each: what is
    below it changes no judgement.
    """
    listed = [
        node
        async for _, page in pages(connection, "tags", {"repository": repository}, ("refs",))
        for node in page["nodes"]
    ]
    found = sorted(versions(listed, rulebook), key=lambda tag: tag.version, reverse=True)
    tags = {tag.name: tag for tag in found}
    nowhere = {node["name"] for node in listed if commit_of(node["target"]) is None}
    looked_for = [tag for tag in found if tag.name not in nowhere]
    for start in range(0, len(looked_for), _AT_ONCE):
        placed = await _placed(connection, repository, looked_for[start : start + _AT_ONCE], ends)
        tags.update((tag.name, tag) for tag in placed)
        if _is_enough(tags.values()):
            break
    return tuple(tags.values())


def _is_enough(tags: Iterable[Tag]) -> bool:
    finals = [tag for tag in tags if not tag.version.prerelease]
    return any(tag.in_base for tag in finals) and any(tag.in_head for tag in finals)


def versions(listed: Iterable[Node], rulebook: Rulebook) -> Iterator[Tag]:
    """Return those of some tags that are versions; one that is on no commit takes its name all the same."""
    for node in listed:
        version = version_of_tag(rulebook, node["name"])
        if version is not None:
            annotated = node["target"]["__typename"] == "Tag"
            yield Tag(node["name"], version, peeled(node["target"])["oid"], annotated)


def peeled(target: Node) -> Node:
    """Return the object that a tag leads to; a tag may name a tag (V2)."""
    while target["__typename"] == "Tag" and target.get("target"):
        target = target["target"]
    return target


def commit_of(target: Node) -> str | None:
    """Return the commit that a tag leads to; None where it leads to something else."""
    found = peeled(target)
    return found["oid"] if found["__typename"] == "Commit" else None


async def _placed(
    connection: InstallationConnection, repository: str, tags: Sequence[Tag], ends: Ends
) -> list[Tag]:
    """The tags with what is known of where they are."""
    if not tags:
        return []
    names = {f"tag{index}": f"refs/tags/{tag.name}" for index, tag in enumerate(tags)}
    variables = {"repository": repository, "base": ends.base, "head": ends.head, **names}
    data = await connection.ask(placing(len(tags)), variables)
    node = nodes.present(data["repository"], f"repository {repository}")
    placed = [(tag, nodes.announced(node[name], names[name])) for name, tag in zip(names, tags, strict=True)]
    return [replace(tag, in_base=_holds(at, "base"), in_head=_holds(at, "head")) for tag, at in placed]


def placing(count: int) -> str:
    """Return the document that compares so many tags, `$tag0` and on, with `$base` and `$head`."""
    parameters = "".join(f", $tag{index}: String!" for index in range(count))
    fields = "\n".join(
        f"      tag{index}: ref(qualifiedName: $tag{index}) {{ ...Place }}" for index in range(count)
    )
    return (
        f"query Placed($repository: ID!, $base: String!, $head: String!{parameters}) {{\n"
        f"  repository: node(id: $repository) {{\n    ... on Repository {{\n{fields}\n    }}\n  }}\n}}\n"
        "fragment Place on Ref {\n"
        "  base: compare(headRef: $base) { behindBy }\n  head: compare(headRef: $head) { behindBy }\n}\n"
    )


def _holds(tag: Node, end: str) -> bool:
    """Whether an end contains a tag: then it is not behind it. Unrelated histories cannot be compared."""
    compared = tag[end]
    return compared is not None and compared["behindBy"] == 0
