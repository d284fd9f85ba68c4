"""The GitOps repository: what its manifests say, read and written at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.errors import Retry
from bot.github import nodes
from bot.github.connection import InstallationConnection
from bot.github.nodes import Node
from bot.github.publish import create_commit, write
from bot.github.versions import text_of

_DEEPEST: Final = 4  # folders below the one that is named


@dataclass(frozen=True, slots=True)
class Ground:
    """A branch of the GitOps repository at its `head` (an oid): the files in some places, by path.

    A file is None where it is no text that can be written back byte by byte. `id` is the repository's node
    id.
    """

    id: str
    branch: str
    head: str
    files: Mapping[str, str | None]


async def read_ground(
    connection: InstallationConnection, full_name: str, branch: str | None, places: Sequence[str]
) -> Ground:
    """Read the files and folders at some paths of a branch (None for the default one), in one request.

    Raises as `Connection.ask`, `GiveUp` where the repository or the branch is gone, and `Retry` where it
    moved meanwhile.
    """
    owner, _, name = full_name.partition("/")
    start = "HEAD" if branch is None else f"refs/heads/{branch}"
    expressions = {f"place{index}": f"{start}:{place}" for index, place in enumerate(places)}
    data = await connection.ask(
        reading(len(places), default=branch is None),
        {"owner": owner, "name": name, **expressions, **({} if branch is None else {"ref": start})},
    )
    node = nodes.present(data["repository"], f"repository {full_name}")
    ref = nodes.present(node["before"], f"branch {branch or 'by default'} of {full_name}")
    head = ref["target"]["oid"]
    # What was read in between is of that commit alone if the branch did not move.
    if node["after"]["target"]["oid"] != head:
        raise Retry(f"{ref['name']} of {full_name} moved while it was read")
    files = dict[str, str | None]()
    for place, alias in zip(places, expressions, strict=True):
        files.update(_files(place, node[alias]))
    return Ground(node["id"], ref["name"], head, files)


async def commit(
    connection: InstallationConnection,
    full_name: str,
    ground: Ground,
    message: tuple[str, str],
    files: Mapping[str, str],
    *,
    branch: str | None = None,
) -> str:
    """Write the texts of files, by path, in one commit on the branch that was read; its oid.

    `branch` is another one that stands at the same commit. Raises `Retry` where it has moved: then it has to
    be read and decided again (D2).
    """
    made = await write(
        connection, [create_commit(full_name, branch or ground.branch, ground.head, message, files)]
    )
    return str(made["m0"]["commit"]["oid"])


def reading(count: int, *, default: bool) -> str:
    """Return the document that reads so many places, `$place0` and on, each as "rev:path"."""
    parameters = "".join(f", $place{index}: String!" for index in range(count))
    ref = "defaultBranchRef" if default else "ref(qualifiedName: $ref)"
    if not default:
        parameters = f", $ref: String!{parameters}"
    fields = "".join(
        f"    place{index}: object(expression: $place{index}) {{ ...Text ...Folder }}\n"
        for index in range(count)
    )
    return (
        f"query Manifests($owner: String!, $name: String!{parameters}) {{\n"
        f"  repository(owner: $owner, name: $name) {{\n    id\n"
        f"    before: {ref} {{ name target {{ oid }} }}\n{fields}"
        f"    after: {ref} {{ name target {{ oid }} }}\n  }}\n}}\n"
        "fragment Text on Blob { oid isBinary isTruncated text }\n"
        f"fragment Folder on Tree {{ {_entries(_DEEPEST)} }}\n"
    )


def _entries(depth: int) -> str:
    below = f" ... on Tree {{ {_entries(depth - 1)} }}" if depth else ""
    return f"entries {{ path object {{ ...Text{below} }} }}"


def _files(path: str, node: Node | None) -> Iterator[tuple[str, str | None]]:
    if node is None:
        return
    if "entries" not in node:
        if "oid" in node:
            yield path, text_of(node, exact=True)
        return
    for each in node["entries"]:
        yield from _files(each["path"], each["object"])
