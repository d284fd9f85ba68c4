"""Main as it came to be: its first parents, what brought each of them, and the tags."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.github import nodes
from bot.github.connection import InstallationConnection, query
from bot.github.lists import in_smaller_pages, pages
from bot.github.nodes import Node
from bot.github.rulebooks import SHARED, Rulebooks
from bot.github.tags import versions
from bot.releases.mainline import Arrival, Mainline, is_kept
from bot.rules.facts import Pull
from bot.rules.models import Rulebook

_MERGED = "MERGED"


@dataclass(frozen=True, slots=True)
class MainRead:
    """Main, the rulebook in force, and the labels of the pull request that brought the tip."""

    full_name: str
    rulebook: Rulebook
    main: Mainline
    labels: tuple[str, ...]


async def read_main(
    connection: InstallationConnection, rulebooks: Rulebooks, repository: str, branch: str
) -> MainRead | None:
    """Read a branch of a repository (a node id); None where it is gone, or nobody wants to know.

    The line is told as far as a page of history shows it; the tags too, and all of them where none of the
    page is on that line.
    """
    variables = {"repository": repository, "main": f"refs/heads/{branch}"}
    data = await in_smaller_pages(
        lambda page: connection.ask(query("main"), {**variables, "page": page}, may_miss=[SHARED])
    )
    node = nodes.present(data["repository"], f"repository {repository}")
    reading, tip = rulebooks.reading(repository, node), (node["main"] or {}).get("target")
    if not isinstance(reading, Rulebook) or tip is None or not is_kept(reading, branch):
        return None
    arrivals = tuple(_arrivals(tip, branch))
    page = node["refs"]
    main = Mainline(branch, arrivals, tuple(versions(page["nodes"], reading)))
    if main.last is None and page["pageInfo"]["hasNextPage"]:
        more, after = list(main.tags), page["pageInfo"]["endCursor"]
        async for _, page in pages(connection, "tags", {"repository": repository}, ("refs",), after):
            more += versions(page["nodes"], reading)
        main = Mainline(branch, arrivals, tuple(more))
    return MainRead(node["nameWithOwner"], reading, main, _labels(tip, arrivals[0].pull))


async def holds(connection: InstallationConnection, repository: str, main: Mainline, commit: str) -> bool:
    """Say whether main has a commit (an oid), which a push by force may have taken from it."""
    if any(arrival.oid == commit for arrival in main.arrivals):
        return True
    variables = {"repository": repository, "line": f"refs/heads/{main.name}", "commit": commit}
    data = await connection.ask(query("holds"), variables)
    line = nodes.present(data["repository"], f"repository {repository}")["line"]
    compared = (line or {}).get("compare")
    return compared is not None and compared["aheadBy"] == 0


def _arrivals(tip: Node, branch: str) -> Iterator[Arrival]:
    """The first parents from the tip, as far as the page has them."""
    commits = {node["oid"]: node for node in tip["history"]["nodes"]}
    here = commits.get(tip["oid"])
    while here is not None:
        yield _arrival(here, branch)
        parents = here["parents"]["nodes"]
        here = commits.get(parents[0]["oid"]) if parents else None


def _arrival(node: Node, branch: str) -> Arrival:
    brought = (node["associatedPullRequests"] or {"nodes": ()})["nodes"]
    merged = next(
        (each for each in brought if (each["state"], each["baseRefName"]) == (_MERGED, branch)), None
    )
    author = node["author"] or {"name": None, "user": None}
    merger = (merged or {}).get("mergedBy") or author["user"] or {"login": author["name"] or "ghost"}
    return Arrival(
        oid=node["oid"],
        headline=node["messageHeadline"],
        by=merger["login"],
        committed=datetime.fromisoformat(node["committedDate"]),
        pull=nodes.listed(merged) if merged else None,
        is_root=not node["parents"]["nodes"],
    )


def _labels(tip: Node, pull: Pull | None) -> tuple[str, ...]:
    brought = (tip["associatedPullRequests"] or {"nodes": ()})["nodes"]
    return tuple(
        label["name"]
        for each in brought
        if pull is not None and each["number"] == pull.number
        for label in (each["labels"] or {"nodes": ()})["nodes"]
    )
