"""Every page of every list that belongs to a pull request (R11).

The first page of each list comes with the pull request itself; the pages that follow come together, so that
the longest list alone decides how many requests are made.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from bot.github import nodes
from bot.github.connection import InstallationConnection, TooMuch, query
from bot.github.nodes import Node, Target

_NAMES: Final = ("reviews", "threads", "comments", "contexts", "files")
# The fields of a pull request that hold them; contexts are the commit's.
_FIELDS: Final = {
    "reviews": "reviews",
    "threads": "reviewThreads",
    "comments": "comments",
    "files": "files",
}
_PAGE_SIZES: Final = (100, 50, 25, 10)

Lists: TypeAlias = Mapping[str, Sequence[Node]]


async def read_lists(
    connection: InstallationConnection, target: Target, pull: Node, head: Node, optional: Mapping[str, bool]
) -> Lists:
    """Read the lists to their ends, by name, beginning with what `pull` and its `head` commit brought.

    `optional` says whether a list that not every rule needs ("contexts", "files") is wanted whole. Raises
    `Retry` when the pull request is not visible any more.
    """
    found: dict[str, list[Node]] = {name: [] for name in _NAMES}
    brought = _pages(pull, head)
    while brought:
        for name, page in brought.items():
            found[name] += page["nodes"]
        more = {
            name: page["pageInfo"]["endCursor"]
            for name, page in brought.items()
            if page["pageInfo"]["hasNextPage"] and optional.get(name, True)
        }
        brought = await _next(connection, target, more) if more else {}
    found["threads"] = [await _whole(connection, thread) for thread in found["threads"]]
    return found


async def in_smaller_pages(ask: Callable[[int], Awaitable[Node]]) -> Node:
    """Ask with ever smaller pages while GitHub finds the answer too large (G5)."""
    for page in _PAGE_SIZES[:-1]:
        try:
            return await ask(page)
        except TooMuch:
            continue
    return await ask(_PAGE_SIZES[-1])


def _pages(pull: Node, head: Node | None) -> dict[str, Node]:
    """The pages that an answer brought, by the name of the list."""
    brought = {name: pull[field] for name, field in _FIELDS.items() if pull.get(field)}
    rollup = (head or {}).get("statusCheckRollup")
    return {**brought, "contexts": rollup["contexts"]} if rollup else brought


async def _next(
    connection: InstallationConnection, target: Target, after: Mapping[str, str]
) -> dict[str, Node]:
    """The next page of each list in `after`, which says where its last page ended."""
    variables: dict[str, Any] = {
        "repository": target.repository,
        "number": target.number,
        "head": target.head,
    }
    for name in _NAMES:
        variables |= {name: name in after, f"{name}After": after.get(name)}
    data = await in_smaller_pages(
        lambda page: connection.ask(query("conversation"), {**variables, "page": page})
    )
    repository = nodes.present(data["repository"], f"repository {target.repository}")
    pull = nodes.announced(repository["pullRequest"], f"pull request {target.number}")
    return _pages(pull, repository.get("head"))


async def _whole(connection: InstallationConnection, thread: Node) -> Node:
    """A thread with all its comments."""
    page, remarks = thread["comments"], list(thread["comments"]["nodes"])
    while page["pageInfo"]["hasNextPage"]:
        variables = {"thread": thread["id"], "after": page["pageInfo"]["endCursor"]}
        data = await connection.ask(query("thread"), variables)
        page = nodes.announced(data["thread"], f"thread {thread['id']}")["comments"]
        remarks += page["nodes"]
    return {**thread, "comments": {"nodes": remarks}}


async def pages(
    connection: InstallationConnection,
    name: str,
    variables: Mapping[str, Any],
    path: Sequence[str],
    after: str | None = None,
    *,
    may_miss: Sequence[Sequence[str]] = (),
) -> AsyncIterator[tuple[Node, Node]]:
    """Yield the repository and every page of a connection, which `path` names below it (R11)."""
    more = True
    while more:
        data = await connection.ask(query(name), {**variables, "after": after}, may_miss=may_miss)
        repository: Any = nodes.present(data["repository"], f"repository {variables['repository']}")
        page = repository
        for step in path:
            page = nodes.announced(page[step], step)
        yield repository, page
        more, after = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
