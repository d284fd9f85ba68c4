"""The branches that last, as they are seen from the head of a pull request."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.github import nodes
from bot.github.connection import InstallationConnection
from bot.github.lists import pages
from bot.github.nodes import Node, Target
from bot.rules.facts import Line

# A comparison is followed this far; what is cut off is never taken for a pass (R11).
MOST_COMMITS: Final = 1000


async def read_lines(
    connection: InstallationConnection,
    target: Target,
    repository: Node,
    pulls: Sequence[Node],
    needed: frozenset[str],
) -> dict[str, Line]:
    """Read the permanent branches and the bases as they are seen from the head."""
    refs = [repository["main"], repository.get("develop"), *(node["baseRef"] for node in pulls)]
    # A permanent branch comes with its own history, so it goes before a base of the same name.
    by_name = {ref["name"]: ref for ref in reversed(refs) if ref is not None}
    return {
        name: await _whole(connection, target, ref) if name in needed else nodes.line(ref, target.head)
        for name, ref in by_name.items()
    }


async def _whole(connection: InstallationConnection, target: Target, ref: Node) -> Line:
    """Read a branch seen from the head, with every page of what the head has ahead of it."""
    line = nodes.line(ref, target.head)
    if line.ahead is None or line.whole:
        return line
    ahead = list(line.ahead)
    variables = {
        "repository": target.repository,
        "line": f"refs/heads/{line.name}",
        "compare": target.compare,
    }
    after = ref["compare"]["commits"]["pageInfo"]["endCursor"]
    async for _, page in pages(connection, "ahead", variables, ("line", "compare", "commits"), after):
        ahead += nodes.commits(page)
        if not page["pageInfo"]["hasNextPage"]:
            return replace(line, ahead=tuple(ahead), whole=True)
        if len(ahead) >= MOST_COMMITS:
            break
    return replace(line, ahead=tuple(ahead), whole=False)
