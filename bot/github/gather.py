"""Everything that a pull request is judged by, read from GitHub as one frozen value.

One GraphQL request carries it all. More are made only where one cannot: when the head or the names of
the permanent branches were not known beforehand, or when a list does not fit into one page.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from cachetools import LRUCache, TTLCache

from bot.errors import Retry
from bot.github import nodes
from bot.github.connection import InstallationConnection, TooMuch, query
from bot.github.nodes import Node, Published, Target
from bot.rules.facts import Facts, Line
from bot.rules.rulebook import DEFAULT, RULEBOOK_PATH, Reading, Rulebook

_PAGE_SIZES: Final = (100, 50, 25, 10)
# A comparison is followed this far; what is cut off is never taken for a pass (R11).
MOST_COMMITS: Final = 1000
_ROUNDS: Final = 4
_SHARED_RULEBOOK: Final = ("repository", "owner", "shared")


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that is known about one head: the facts of every open pull request that shares it (R3).

    `repository` and `pull` are GraphQL node ids, `pull` that of the pull request that was asked about.
    """

    repository: str
    pull: str
    head: str
    reading: Reading
    facts: tuple[Facts, ...]
    published: tuple[Published, ...]


@dataclass(frozen=True, slots=True)
class _Names:
    """What the permanent branches of a repository are called; `develop` is None where there is none."""

    main: str
    develop: str | None


class Gatherer:
    """Reads pull requests, and remembers what costs a request to find out.

    Rulebooks are kept by blob id, and by repository what its permanent branches are called.
    """

    def __init__(self, app_id: int) -> None:
        self._app_id = app_id
        self._readings: LRUCache[str, Reading] = LRUCache(512)
        # By repository, what its permanent branches are called and which accepted names it has or has not.
        # Not for ever: a branch that is missing now may come.
        self._known: TTLCache[str, tuple[_Names, dict[str, bool]]] = TTLCache(4096, ttl=3600)

    async def pull(self, connection: InstallationConnection, target: Target) -> Gathered:
        """Read a pull request, and all that share its head.

        Raises `Retry` when it is not visible yet or moves faster than it can be read (R10), `GiveUp`
        when it is gone for good.
        """
        if not target.head:
            target = await self._find_head(connection, target)
        names, exists = self._known.get(target.repository, (_choose(DEFAULT, {}), {}))
        for _ in range(_ROUNDS):
            repository = await self._ask(connection, target, names)
            reading = self._reading(repository)
            exists = exists | {names.main: repository["main"] is not None}
            if names.develop is not None:
                exists |= {names.develop: repository["develop"] is not None}
            true_target = nodes.settled(target, repository["pullRequest"])
            true_names = _choose(reading if isinstance(reading, Rulebook) else DEFAULT, exists)
            if true_target == target and true_names in {names, _Names(names.main, None)}:
                self._known[target.repository] = true_names, exists
                return await self._gathered(connection, target, repository, true_names, reading)
            target, names = true_target, true_names
        raise Retry(f"pull request {target.number} moves faster than it can be read")

    async def open_pulls(self, connection: InstallationConnection, repository: str) -> list[Target]:
        """Return a repository's open pull requests, with their heads."""
        pages = _pages(connection, "pulls", {"repository": repository}, ("pullRequests",))
        return [_target(repository, pull) async for page in pages for pull in page["nodes"]]

    async def pulls_of(self, connection: InstallationConnection, repository: str, head: str) -> list[Target]:
        """Return the open pull requests whose head is this commit, forks included (R9)."""
        data = await connection.ask(query("commit"), {"repository": repository, "head": head})
        commit = nodes.present(data["repository"], f"repository {repository}")["head"]
        sharing = nodes.sharing(nodes.announced(commit, f"commit {head}"), head)
        return [_target(repository, pull) for pull in sharing]

    async def _find_head(self, connection: InstallationConnection, target: Target) -> Target:
        data = await connection.ask(query("head"), {"repository": target.repository, "number": target.number})
        repository = nodes.present(data["repository"], f"repository {target.repository}")
        return nodes.settled(
            target, nodes.announced(repository["pullRequest"], f"pull request {target.number}")
        )

    async def _ask(self, connection: InstallationConnection, target: Target, names: _Names) -> Node:
        """Ask the whole question, in smaller pages when GitHub finds it too large (G5)."""
        variables = {
            "repository": target.repository,
            "number": target.number,
            "head": target.head,
            "compare": target.compare,
            "proposal": f"{target.head}:{RULEBOOK_PATH}",
            "main": f"refs/heads/{names.main}",
            "develop": f"refs/heads/{names.develop or names.main}",
            "hasDevelop": names.develop is not None,
            "app": self._app_id,
        }
        data = await _in_smaller_pages(
            lambda page: connection.ask(
                query("pull"), {**variables, "page": page}, may_miss=[_SHARED_RULEBOOK]
            )
        )
        repository: Node = nodes.present(data["repository"], f"repository {target.repository}")
        nodes.announced(repository["pullRequest"], f"pull request {target.number}")
        return repository

    def _reading(self, repository: Node) -> Reading:
        """Read the rulebook in force: the repository's own, else its owner's, else the default (R1)."""
        blob = repository["rulebook"]
        if blob is None:
            blob = (repository["owner"]["shared"] or {}).get("rulebook")
        if blob is None:
            return DEFAULT
        oid = blob.get("oid", "")
        if oid not in self._readings:
            self._readings[oid] = nodes.rulebook(blob)
        return self._readings[oid]

    async def _gathered(
        self,
        connection: InstallationConnection,
        target: Target,
        repository: Node,
        names: _Names,
        reading: Reading,
    ) -> Gathered:
        asked: Node = repository["pullRequest"]
        commit = nodes.announced(repository["head"], f"commit {target.head}")
        pulls = {node["number"]: node for node in [asked, *nodes.sharing(commit, target.head)]}
        open_pulls = [node for node in pulls.values() if node["state"] == "OPEN"]
        refs = [repository["main"], repository.get("develop"), *(node["baseRef"] for node in open_pulls)]
        lines = {
            name: await _line(connection, target, ref)
            for name, ref in {ref["name"]: ref for ref in refs if ref is not None}.items()
        }
        facts = []
        for node in open_pulls:
            pull = replace(nodes.pull(node), base_line=lines.get(node["baseRefName"]))
            proposal = nodes.proposal(repository)
            if proposal is not None and not await _touches(connection, target, node, proposal.path):
                proposal = None
            develop = lines.get(names.develop) if names.develop else None
            facts.append(Facts(repository["nameWithOwner"], pull, lines.get(names.main), develop, proposal))
        published = nodes.check_runs(commit)
        return Gathered(repository["id"], asked["id"], target.head, reading, tuple(facts), published)


def _target(repository: str, pull: Node) -> Target:
    return nodes.settled(Target(repository, pull["number"]), pull)


def _choose(rulebook: Rulebook, exists: Mapping[str, bool]) -> _Names:
    """Take, of the names that the rulebook accepts, the first that is not known to be absent."""

    def first(accepted: Sequence[str]) -> str | None:
        return next((name for name in accepted if exists.get(name, True)), next(iter(accepted), None))

    return _Names(first(rulebook.branches.main) or "", first(rulebook.branches.develop or ()))


async def _line(connection: InstallationConnection, target: Target, ref: Node) -> Line:
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
    async for page in _pages(connection, "ahead", variables, ("line", "compare", "commits"), after):
        ahead += nodes.commits(page)
        if not page["pageInfo"]["hasNextPage"]:
            return replace(line, ahead=tuple(ahead), whole=True)
        if len(ahead) >= MOST_COMMITS:
            break
    return replace(line, ahead=tuple(ahead), whole=False)


async def _touches(connection: InstallationConnection, target: Target, pull: Node, path: str) -> bool:
    """Whether a pull request changes a file: a branch that is merely older differs without changing it."""
    first: Node = pull["files"] or {"nodes": [], "pageInfo": {"hasNextPage": False}}
    if any(file["path"] == path for file in first["nodes"]):
        return True
    if not first["pageInfo"]["hasNextPage"]:
        return False
    variables = {"repository": target.repository, "number": pull["number"]}
    after = first["pageInfo"]["endCursor"]
    async for page in _pages(connection, "files", variables, ("pullRequest", "files"), after):
        if any(file["path"] == path for file in page["nodes"]):
            return True
    return False


async def _in_smaller_pages(ask: Callable[[int], Awaitable[Node]]) -> Node:
    """Ask with ever smaller pages while GitHub finds the answer too large (G5)."""
    for page in _PAGE_SIZES[:-1]:
        try:
            return await ask(page)
        except TooMuch:
            continue
    return await ask(_PAGE_SIZES[-1])


async def _pages(
    connection: InstallationConnection,
    name: str,
    variables: Mapping[str, Any],
    path: Sequence[str],
    after: str | None = None,
) -> AsyncIterator[Node]:
    """Yield every page of a connection, which `path` names below the repository (R11)."""
    more = True
    while more:
        data = await connection.ask(query(name), {**variables, "after": after})
        page: Any = nodes.present(data["repository"], f"repository {variables['repository']}")
        for step in path:
            page = nodes.announced(page[step], step)
        yield page
        more, after = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
