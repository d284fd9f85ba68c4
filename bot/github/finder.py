"""Find the pull requests that an event is about, with what tells whether a rule looks at them."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.github import nodes
from bot.github.connection import InstallationConnection, query
from bot.github.described import Home, home
from bot.github.lists import pages
from bot.github.nodes import Node, Target
from bot.github.rulebooks import SHARED, Rulebooks
from bot.rules.facts import Pull
from bot.rules.rulebook import DEFAULT, Reading


@dataclass(frozen=True, slots=True)
class Group:
    """What a merge group holds: its own pull request, and all before it. `behind` is the group after it."""

    held: tuple[Target, ...] = ()
    behind: Target | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """An open pull request: how to ask about it, and where it comes from and goes."""

    target: Target
    pull: Pull


@dataclass(frozen=True, slots=True)
class OpenPulls:
    """All open pull requests of a repository, and the rulebook in force there."""

    home: Home
    reading: Reading
    found: tuple[Found, ...]


class Finder:
    """Finds open pull requests, and the rulebook in force on the way."""

    def __init__(self, rulebooks: Rulebooks) -> None:
        self.rulebooks = rulebooks

    async def open_pulls(self, connection: InstallationConnection, repository: str) -> OpenPulls:
        """Return all of a repository (a node id)."""
        brought = pages(connection, "pulls", {"repository": repository}, ("pullRequests",), may_miss=[SHARED])
        node: Node = {}
        found: list[Found] = []
        reading: Reading = DEFAULT
        async for node, page in brought:
            reading = self.rulebooks.reading(repository, node)
            found += _listed(repository, page["nodes"])
        return OpenPulls(home(node), reading, tuple(found))

    async def of_commit(
        self, connection: InstallationConnection, repository: str, head: str
    ) -> tuple[Reading, list[Found]]:
        """Return those whose head is this commit, forks included (R9)."""
        variables, path = {"repository": repository, "head": head}, ("head", "associatedPullRequests")
        brought = pages(connection, "commit", variables, path, may_miss=[SHARED])
        reading: Reading = DEFAULT
        found: list[Found] = []
        async for node, page in brought:
            reading = self.rulebooks.reading(repository, node)
            found += _listed(repository, nodes.sharing(page, head))
        return reading, found

    async def queued(
        self, connection: InstallationConnection, repository: str, branch: str, head: str
    ) -> Group:
        """Return the pull requests that a merge group's head holds (R14), and the group behind it.

        Empty when the queue has gone on and knows the head no more.
        """
        entries = sorted(await _entries(connection, repository, branch), key=lambda each: each["position"])
        heads = [(each["headCommit"] or {}).get("oid", "") for each in entries]
        if head not in heads:
            return Group()
        own = heads.index(head)
        held = [each["pullRequest"] for each in entries[: own + 1] if each["pullRequest"]]
        after = [(entry["pullRequest"], oid) for entry, oid in zip(entries, heads, strict=True)][own + 1 :]
        behind = next((Target(repository, pull["number"], oid) for pull, oid in after if pull and oid), None)
        return Group(tuple(nodes.target(repository, pull) for pull in held), behind)


def _listed(repository: str, pulls: Sequence[Node]) -> list[Found]:
    return [Found(nodes.target(repository, pull), nodes.listed(pull)) for pull in pulls]


async def _entries(connection: InstallationConnection, repository: str, branch: str) -> list[Node]:
    entries: list[Node] = []
    after, more = None, True
    while more:
        variables = {"repository": repository, "branch": branch, "after": after}
        data = await connection.ask(query("queue"), variables)
        queue = nodes.present(data["repository"], f"repository {repository}")["mergeQueue"]
        if queue is None:
            break
        entries += queue["entries"]["nodes"]
        info = queue["entries"]["pageInfo"]
        more, after = info["hasNextPage"], info["endCursor"]
    return entries
