"""What is commanded on an issue or a pull request, and the branches that a command is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.github import conversation, nodes
from bot.github.connection import InstallationConnection
from bot.github.lists import pages
from bot.github.nodes import Node
from bot.github.rulebooks import SHARED, Rulebooks
from bot.rules.facts import Order, Pull
from bot.rules.rulebook import DEFAULT, Reading

_OPEN, _MERGED = "OPEN", "MERGED"


@dataclass(frozen=True, slots=True)
class Subject:
    """An issue or a pull request, on which something is commanded.

    `id` is its node id, `full_name` that of the repository. `pull` is None for an issue; `is_open` and
    `is_merged` are about a pull request. `told` are the orders, by id, that a comment of this App has
    answered, and whether they were done.
    """

    id: str
    full_name: str
    reading: Reading
    orders: tuple[Order, ...]
    told: Mapping[str, bool]
    pull: Pull | None = None
    is_open: bool = False
    is_merged: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch, the commit (an oid) at its tip, and the numbers of its open pull requests by their bases."""

    name: str
    tip: str
    pulls: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


async def read_subject(
    connection: InstallationConnection, rulebooks: Rulebooks, repository: str, number: int
) -> Subject:
    """Read an issue or a pull request with all that was said on it; `repository` is a node id."""
    said: list[Node] = []
    reading: Reading = DEFAULT
    node: Node = {}
    variables = {"repository": repository, "number": number}
    path = ("subject", "comments")
    async for node, page in pages(connection, "orders", variables, path, may_miss=[SHARED]):
        reading = rulebooks.reading(repository, node)
        said += page["nodes"]
    subject = node["subject"]
    is_pull = subject["__typename"] == "PullRequest"
    return Subject(
        id=subject["id"],
        full_name=node["nameWithOwner"],
        reading=reading,
        orders=conversation.orders(said),
        told=conversation.told(said),
        pull=nodes.pull(subject) if is_pull else None,
        is_open=is_pull and subject["state"] == _OPEN,
        is_merged=is_pull and subject["state"] == _MERGED,
    )


async def read_branches(
    connection: InstallationConnection, repository: str, names: Sequence[str]
) -> Mapping[str, Branch]:
    """Read those of some branches that are there, by name, in the order of `names`."""
    aliases = {f"branch{index}": f"refs/heads/{name}" for index, name in enumerate(names)}
    data = await connection.ask(branches(len(names)), {"repository": repository, **aliases})
    node = nodes.present(data["repository"], f"repository {repository}")
    found = zip(names, (node[alias] for alias in aliases), strict=True)
    return {name: _branch(name, ref, repository) for name, ref in found if ref is not None}


def branches(count: int) -> str:
    """Return the document that looks at so many branches, `$branch0` and on, by their full names."""
    parameters = "".join(f", $branch{index}: String!" for index in range(count))
    fields = "\n".join(
        f"      branch{index}: ref(qualifiedName: $branch{index}) {{ ...Tip }}" for index in range(count)
    )
    return (
        f"query Branches($repository: ID!{parameters}) {{\n"
        f"  repository: node(id: $repository) {{\n    ... on Repository {{\n{fields}\n    }}\n  }}\n}}\n"
        "fragment Tip on Ref {\n  target { oid }\n  associatedPullRequests(states: OPEN, first: 100) {"
        " nodes { number baseRefName baseRepository { id } } }\n}\n"
    )


def _branch(name: str, ref: Node, repository: str) -> Branch:
    pulls = {
        pull["baseRefName"]: int(pull["number"])
        for pull in ref["associatedPullRequests"]["nodes"]
        if (pull["baseRepository"] or {}).get("id") == repository
    }
    return Branch(name, ref["target"]["oid"], pulls)
