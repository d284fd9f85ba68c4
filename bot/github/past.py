"""The whole history of a repository, page by page: what an audit reads where there is no clone."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.github import nodes
from bot.github.connection import InstallationConnection
from bot.github.lists import pages
from bot.github.nodes import Node
from bot.github.rulebooks import SHARED, Rulebooks
from bot.github.tags import commit_of
from bot.releases.past import PastCommit, Source, TagRef
from bot.rules.rulebook import DEFAULT, Reading

# Called with how many commits are read, and how many there are at least.
Tell = Callable[[int, int], None]
_GHOST: Final = "ghost"


@dataclass(frozen=True, slots=True)
class Refs:
    """The branches with the oids of their tips, the tags, the default branch, and the rulebook in force."""

    reading: Reading
    default: str | None
    branches: Mapping[str, str]
    tags: tuple[TagRef, ...]


async def read_refs(connection: InstallationConnection, rulebooks: Rulebooks, repository: str) -> Refs:
    """Read every branch and tag of a repository (a node id)."""
    reading: Reading = DEFAULT
    default: str | None = None
    branches: dict[str, str] = {}
    variables = {"repository": repository}
    async for node, page in pages(connection, "branches", variables, ("refs",), may_miss=[SHARED]):
        reading = rulebooks.reading(repository, node)
        default = (node["defaultBranchRef"] or {}).get("name")
        branches |= {each["name"]: each["target"]["oid"] for each in page["nodes"] if each["target"]}
    tags = [
        TagRef(each["name"], commit_of(each["target"]) or "", each["target"]["__typename"] == "Tag")
        async for _, page in pages(connection, "tags", variables, ("refs",))
        for each in page["nodes"]
    ]
    return Refs(reading, default, branches, tuple(sorted(tags, key=lambda tag: tag.name)))


async def read_commits(
    connection: InstallationConnection, repository: str, tips: Iterable[str], tell: Tell
) -> Mapping[str, PastCommit]:
    """Read all that some commits (oids) have behind them; what was read for one is not read for the next."""
    found: dict[str, PastCommit] = {}
    for tip in tips:
        missing = {tip} - found.keys()
        if not missing:
            continue
        path = ("commit", "history")
        async for _, page in pages(connection, "lineage", {"repository": repository, "commit": tip}, path):
            read = {node["oid"]: _commit(node) for node in page["nodes"]}
            found |= read
            missing |= {parent for commit in read.values() for parent in commit.parents}
            missing -= found.keys()
            tell(len(found), max(len(found), page["totalCount"]))
            if not missing:
                break
    return found


async def read_sources(connection: InstallationConnection, repository: str) -> Mapping[str, Source]:
    """Read which branch each merge commit brought, as the pull requests say; also where it was squashed."""
    return {
        node["mergeCommit"]["oid"]: Source(
            node["headRefName"], (node["headRepositoryOwner"] or {"login": _GHOST})["login"]
        )
        async for _, page in pages(connection, "sources", {"repository": repository}, ("pullRequests",))
        for node in page["nodes"]
        if node["mergeCommit"]
    }


def _commit(node: Node) -> PastCommit:
    change = nodes.change(node)
    return PastCommit(
        oid=change.oid,
        parents=tuple(parent["oid"] for parent in node["parents"]["nodes"]),
        headline=change.headline,
        authored=datetime.fromisoformat(node["authoredDate"]),
        committed=datetime.fromisoformat(node["committedDate"]),
        body=change.body,
    )
