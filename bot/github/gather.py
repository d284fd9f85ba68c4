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
from bot.rules import RULEBOOK_PATH
from bot.rules.ancestry import compared
from bot.rules.facts import Facts, Line
from bot.rules.rulebook import DEFAULT, Reading, Rulebook

_PAGE_SIZES: Final = (100, 50, 25, 10)
# A comparison is followed this far; what is cut off is never taken for a pass (R11).
MOST_COMMITS: Final = 1000
_ROUNDS: Final = 4
_SHARED_RULEBOOK: Final = ("repository", "owner", "shared")


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that is known about one head: the facts of every open pull request that shares it (R3).

    `repository` and `pull` are GraphQL node ids, `pull` that of the pull request that was asked about.
    `left` are the pull requests that still have the head which this one has left.
    """

    repository: str
    pull: str
    head: str
    reading: Reading
    facts: tuple[Facts, ...]
    published: tuple[Published, ...]
    left: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class _Names:
    """What the permanent branches are called: `develop` is None where there is none.

    `spare` is another name that develop may have, whose existence is asked for on the way.
    """

    main: str
    develop: str | None
    spare: str | None = None


class Gatherer:
    """Reads pull requests, and remembers what costs a request to find out.

    Rulebooks are kept by blob id, and by repository what its permanent branches are called.
    """

    def __init__(self, app_id: int) -> None:
        self._app_id = app_id
        self._readings: LRUCache[str, Reading] = LRUCache(512)
        # By repository, the names of its permanent branches and which accepted names it has or has not.
        # Not for ever: a branch that is missing now may come.
        self._known: TTLCache[str, tuple[_Names, dict[str, bool]]] = TTLCache(4096, ttl=3600)

    async def pull(self, connection: InstallationConnection, target: Target, before: str = "") -> Gathered:
        """Read a pull request, and all that share its head; `before` is the head that it has left, if known.

        Raises `Retry` when it is not visible yet or moves faster than it can be read (R10), `GiveUp`
        when it is gone for good.
        """
        if not target.head:
            target = await self._find_head(connection, target)
        names, exists = self._known.get(target.repository, (_choose(DEFAULT, {}), {}))
        for _ in range(_ROUNDS):
            repository = await self._ask(connection, target, names, before)
            reading = self.reading(repository)
            exists = exists | _found(repository, names)
            true_target = nodes.settled(target, repository["pullRequest"])
            true_names = _choose(reading if isinstance(reading, Rulebook) else DEFAULT, exists)
            if true_target == target and (true_names.main, true_names.develop) in {
                (names.main, names.develop),
                (names.main, None),
            }:
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
        variables = {"repository": repository, "head": head}
        pages = _pages(connection, "commit", variables, ("head", "associatedPullRequests"))
        return [_target(repository, pull) async for page in pages for pull in nodes.sharing(page, head)]

    async def queue(
        self, connection: InstallationConnection, repository: str, head: str
    ) -> tuple[Reading, tuple[Published, ...]]:
        """Read the rulebook in force, and the checks on the head of a merge group."""
        variables = {"repository": repository, "head": head, "app": self._app_id}
        data = await connection.ask(query("queue"), variables, may_miss=[_SHARED_RULEBOOK])
        node = nodes.present(data["repository"], f"repository {repository}")
        return self.reading(node), nodes.check_runs(nodes.announced(node["head"], f"commit {head}"))

    def reading(self, repository: Node) -> Reading:
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

    async def _find_head(self, connection: InstallationConnection, target: Target) -> Target:
        data = await connection.ask(query("head"), {"repository": target.repository, "number": target.number})
        repository = nodes.present(data["repository"], f"repository {target.repository}")
        return nodes.settled(
            target, nodes.announced(repository["pullRequest"], f"pull request {target.number}")
        )

    async def _ask(
        self, connection: InstallationConnection, target: Target, names: _Names, before: str = ""
    ) -> Node:
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
            "spare": f"refs/heads/{names.spare or names.main}",
            "hasSpare": names.spare is not None,
            "before": before or target.head,
            "hasBefore": bool(before) and before != target.head,
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
        published = nodes.check_runs(commit)
        open_pulls = [asked] if asked["state"] == "OPEN" else []
        for other in await self._others(connection, target, asked, commit):
            answer = await self._ask(connection, replace(target, number=other.number), names)
            open_pulls.append(answer["pullRequest"])
        lines = await _lines(connection, target, repository, open_pulls, _needed(reading, names, open_pulls))
        proposal = nodes.proposal(repository)
        facts = []
        for node in open_pulls:
            proposes = proposal and await _touches(connection, target, node, proposal.path)
            facts.append(
                Facts(
                    repository["nameWithOwner"],
                    replace(nodes.pull(node), base_line=lines.get(node["baseRefName"])),
                    lines.get(names.main),
                    lines.get(names.develop) if names.develop else None,
                    proposal if proposes else None,
                )
            )
        left = _left(target, repository)
        return Gathered(repository["id"], asked["id"], target.head, reading, tuple(facts), published, left)

    async def _others(
        self, connection: InstallationConnection, target: Target, asked: Node, commit: Node
    ) -> list[Target]:
        """Find the other open pull requests of this head, over as many pages as there are (R11).

        GitHub lists those of a commit unless it is on the default branch, as in a back-merge of main; so
        those of the branch are read too, which may also go into other repositories.
        """
        page, branch = commit["associatedPullRequests"], asked["headRef"]
        same_branch = nodes.sharing(branch["associatedPullRequests"], target.head) if branch else []
        sharing = [
            _target(target.repository, pull)
            for pull in [*nodes.sharing(page, target.head), *same_branch]
            if pull["baseRepository"] == asked["baseRepository"]
        ]
        if page["pageInfo"]["hasNextPage"]:
            sharing += await self.pulls_of(connection, target.repository, target.head)
        return list({other.number: other for other in sharing if other.number != target.number}.values())


def _found(repository: Node, names: _Names) -> dict[str, bool]:
    """Say which of the names that were asked for exist."""
    asked = {"main": names.main, "develop": names.develop, "spare": names.spare}
    return {name: repository[field] is not None for field, name in asked.items() if name is not None}


def _choose(rulebook: Rulebook, exists: Mapping[str, bool]) -> _Names:
    """Take, of the names that the rulebook accepts, the first that is not known to be absent."""
    mains, develops = rulebook.branches.main, rulebook.branches.develop or ()
    main = next((name for name in mains if exists.get(name, True)), mains[0])
    possible = [name for name in develops if exists.get(name, True)]
    unknown = [name for name in possible[1:] if name not in exists]
    return _Names(main, next(iter(possible), None), next(iter(unknown), None))


def _needed(reading: Reading, names: _Names, pulls: Sequence[Node]) -> frozenset[str]:
    """Name the branches whose comparison with the head some rule needs in full."""
    if not isinstance(reading, Rulebook):
        return frozenset()
    return frozenset(
        {"main": names.main, "develop": names.develop or "", "base": node["baseRefName"]}[word]
        for node in pulls
        for word in compared(reading, nodes.pull(node))
    )


def _left(target: Target, repository: Node) -> tuple[Target, ...]:
    """Return who still has the head that this pull request has left: that check was about both (R3)."""
    if not repository.get("before"):
        return ()
    before = repository["before"]
    still = nodes.sharing(before["associatedPullRequests"], before["oid"])
    return tuple(_target(target.repository, pull) for pull in still if pull["number"] != target.number)


def _target(repository: str, pull: Node) -> Target:
    return nodes.settled(Target(repository, pull["number"]), pull)


async def _lines(
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
    async for page in _pages(connection, "ahead", variables, ("line", "compare", "commits"), after):
        ahead += nodes.commits(page)
        if not page["pageInfo"]["hasNextPage"]:
            return replace(line, ahead=tuple(ahead), whole=True)
        if len(ahead) >= MOST_COMMITS:
            break
    return replace(line, ahead=tuple(ahead), whole=False)


async def _touches(connection: InstallationConnection, target: Target, pull: Node, path: str) -> bool:
    """Whether a pull request changes a file: a branch that is merely older differs without changing it.

    GitHub lists at most 3,000 files; what it does not list may be the one (R11).
    """
    page: Node = pull["files"] or {"nodes": [], "pageInfo": {"hasNextPage": False}}
    listed = [file["path"] for file in page["nodes"]]
    if path not in listed and page["pageInfo"]["hasNextPage"]:
        variables = {"repository": target.repository, "number": pull["number"]}
        after = page["pageInfo"]["endCursor"]
        async for more in _pages(connection, "files", variables, ("pullRequest", "files"), after):
            listed += [file["path"] for file in more["nodes"]]
    return path in listed or len(listed) < pull["changedFiles"]


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
