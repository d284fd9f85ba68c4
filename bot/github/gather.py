"""Everything that a pull request is judged by, read from GitHub as one frozen value.

One GraphQL request carries it all. More are made only where one cannot: when the head or the names of
the permanent branches were not known beforehand, or when a list does not fit into one page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from cachetools import TTLCache

from bot.errors import Retry
from bot.github import nodes
from bot.github.assemble import Assembled, Shared, assemble
from bot.github.connection import InstallationConnection, query
from bot.github.described import Described, Home, described, home
from bot.github.finder import Finder
from bot.github.lines import read_lines
from bot.github.lists import in_smaller_pages
from bot.github.nodes import Node, Published, Target
from bot.github.rulebooks import SHARED
from bot.rules import RULEBOOK_PATH, needs
from bot.rules.ancestry import compared
from bot.rules.rulebook import DEFAULT, Reading, Rulebook

_ROUNDS: Final = 4
# What the App may not see of a base branch is only named in a text.
_BASE: Final = ("repository", "pullRequest", "baseRef")
_MAY_MISS: Final = (SHARED, (*_BASE, "refUpdateRule"), (*_BASE, "rules"))


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that is known about one head: the facts of every open pull request that shares it (R3).

    `repository` is a GraphQL node id, `home` what people know it by. `described` is the pull request that was
    asked about, and `asked` its facts, None when it is not open; `others` share its head. `left` are the pull
    requests that still have the head which it has left.
    """

    repository: str
    home: Home
    head: str
    reading: Reading
    described: Described
    asked: Assembled | None
    others: tuple[Assembled, ...]
    published: tuple[Published, ...]
    left: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class _Wants:
    """What the one request asks for: the names of the permanent branches, and whether owners matter.

    `develop` is None where there is none. `spare` is another name that it may have, whose existence is asked
    for on the way.
    """

    main: str
    develop: str | None
    spare: str | None = None
    owners: bool = False

    def covers(self, other: "_Wants") -> bool:
        """Whether an answer to this has all that `other` needs."""
        return (
            self.main == other.main
            and other.develop in {self.develop, None}
            and (self.owners or not other.owners)
        )


class Gatherer:
    """Reads pull requests, and remembers what costs a request to find out.

    By repository that is what its permanent branches are called, and whether code owners matter.
    """

    def __init__(self, app_id: int, finder: Finder) -> None:
        self._app_id, self._finder = app_id, finder
        # By repository, the names of its permanent branches and which accepted names it has or has not.
        # Not for ever: a branch that is missing now may come.
        self._known: TTLCache[str, tuple[_Wants, dict[str, bool]]] = TTLCache(4096, ttl=3600)

    async def pull(self, connection: InstallationConnection, target: Target, before: str = "") -> Gathered:
        """Read a pull request, and all that share its head; `before` is the head that it has left, if known.

        Raises `Retry` when it is not visible yet or moves faster than it can be read (R10), `GiveUp`
        when it is gone for good.
        """
        if not target.head:
            target = await self._find_head(connection, target)
        wants, exists = self._known.get(target.repository, (_choose(DEFAULT, {}), {}))
        for _ in range(_ROUNDS):
            repository = await self._ask(connection, target, wants, before)
            reading = self._finder.rulebooks.reading(target.repository, repository)
            exists = exists | _found(repository, wants)
            true_target = nodes.settled(target, repository["pullRequest"])
            true_wants = _choose(reading if isinstance(reading, Rulebook) else DEFAULT, exists)
            if true_target == target and wants.covers(true_wants):
                self._known[target.repository] = true_wants, exists
                return await self._gathered(connection, target, repository, true_wants, reading)
            target, wants = true_target, true_wants
        raise Retry(f"pull request {target.number} moves faster than it can be read")

    async def checks(
        self, connection: InstallationConnection, repository: str, head: str
    ) -> tuple[Reading, tuple[Published, ...]]:
        """Read the rulebook in force, and the checks on a commit that no pull request has as its head."""
        variables = {"repository": repository, "head": head, "app": self._app_id}
        data = await connection.ask(query("checks"), variables, may_miss=[SHARED])
        node = nodes.present(data["repository"], f"repository {repository}")
        return self._finder.rulebooks.reading(repository, node), nodes.check_runs(
            nodes.announced(node["head"], f"commit {head}")
        )

    async def _find_head(self, connection: InstallationConnection, target: Target) -> Target:
        data = await connection.ask(query("head"), {"repository": target.repository, "number": target.number})
        repository = nodes.present(data["repository"], f"repository {target.repository}")
        return nodes.settled(
            target, nodes.announced(repository["pullRequest"], f"pull request {target.number}")
        )

    async def _ask(
        self, connection: InstallationConnection, target: Target, wants: _Wants, before: str = ""
    ) -> Node:
        """Ask the whole question, in smaller pages when GitHub finds it too large (G5)."""
        variables = {
            "repository": target.repository,
            "number": target.number,
            "head": target.head,
            "compare": target.compare,
            "proposal": f"{target.head}:{RULEBOOK_PATH}",
            "main": f"refs/heads/{wants.main}",
            "develop": f"refs/heads/{wants.develop or wants.main}",
            "hasDevelop": wants.develop is not None,
            "spare": f"refs/heads/{wants.spare or wants.main}",
            "hasSpare": wants.spare is not None,
            "before": before or target.head,
            "hasBefore": bool(before) and before != target.head,
            "owners": wants.owners,
            "app": self._app_id,
        }
        data = await in_smaller_pages(
            lambda page: connection.ask(query("pull"), {**variables, "page": page}, may_miss=_MAY_MISS)
        )
        repository: Node = nodes.present(data["repository"], f"repository {target.repository}")
        nodes.announced(repository["pullRequest"], f"pull request {target.number}")
        return repository

    async def _gathered(
        self,
        connection: InstallationConnection,
        target: Target,
        repository: Node,
        wants: _Wants,
        reading: Reading,
    ) -> Gathered:
        asked: Node = repository["pullRequest"]
        commit = nodes.announced(repository["head"], f"commit {target.head}")
        others = [
            (await self._ask(connection, replace(target, number=other.number), wants))["pullRequest"]
            for other in await self._others(connection, target, asked, commit)
        ]
        is_open = asked["state"] == "OPEN"
        open_pulls = [asked, *others] if is_open else others
        needed = _needed(reading, wants, open_pulls)
        shared = Shared(
            app_id=self._app_id,
            repository=repository["nameWithOwner"],
            reading=reading,
            commit=commit,
            published=nodes.check_runs(commit),
            lines=await read_lines(connection, target, repository, open_pulls, needed),
            main=wants.main,
            develop=wants.develop,
            proposal=nodes.proposal(repository),
            node=repository,
        )
        return Gathered(
            repository=repository["id"],
            home=home(repository, _called(repository["main"]), _called(repository.get("develop"))),
            head=target.head,
            reading=reading,
            described=described(asked),
            asked=await assemble(connection, target, shared, asked, answering=True) if is_open else None,
            others=await _assembled(connection, target, shared, others),
            published=shared.published,
            left=_left(target, repository),
        )

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
            nodes.target(target.repository, pull)
            for pull in [*nodes.sharing(page, target.head), *same_branch]
            if pull["baseRepository"] == asked["baseRepository"]
        ]
        if page["pageInfo"]["hasNextPage"]:
            _, found = await self._finder.of_commit(connection, target.repository, target.head)
            sharing += [each.target for each in found]
        return list({other.number: other for other in sharing if other.number != target.number}.values())


async def _assembled(
    connection: InstallationConnection, target: Target, shared: Shared, others: Sequence[Node]
) -> tuple[Assembled, ...]:
    """The facts of those that share a head; they are answered when they are asked about themselves."""
    targets = [replace(target, number=node["number"]) for node in others]
    return tuple(
        [
            await assemble(connection, each, shared, node, answering=False)
            for each, node in zip(targets, others, strict=True)
        ]
    )


def _called(ref: Node | None) -> str | None:
    return ref["name"] if ref else None


def _found(repository: Node, wants: _Wants) -> dict[str, bool]:
    """Say which of the names that were asked for exist."""
    asked = {"main": wants.main, "develop": wants.develop, "spare": wants.spare}
    return {name: repository[field] is not None for field, name in asked.items() if name is not None}


def _choose(rulebook: Rulebook, exists: Mapping[str, bool]) -> _Wants:
    """Take, of the names that the rulebook accepts, the first that is not known to be absent."""
    mains, develops = rulebook.branches.main, rulebook.branches.develop or ()
    main = next((name for name in mains if exists.get(name, True)), mains[0])
    possible = [name for name in develops if exists.get(name, True)]
    unknown = [name for name in possible[1:] if name not in exists]
    return _Wants(
        main, next(iter(possible), None), next(iter(unknown), None), needs.may_need_owners(rulebook)
    )


def _needed(reading: Reading, wants: _Wants, pulls: Sequence[Node]) -> frozenset[str]:
    """Name the branches whose comparison with the head some rule needs in full."""
    if not isinstance(reading, Rulebook):
        return frozenset()
    return frozenset(
        {"main": wants.main, "develop": wants.develop or "", "base": node["baseRefName"]}[word]
        for node in pulls
        for word in compared(reading, nodes.pull(node))
    )


def _left(target: Target, repository: Node) -> tuple[Target, ...]:
    """Return who still has the head that this pull request has left: that check was about both (R3)."""
    if not repository.get("before"):
        return ()
    before = repository["before"]
    still = nodes.sharing(before["associatedPullRequests"], before["oid"])
    return tuple(nodes.target(target.repository, pull) for pull in still if pull["number"] != target.number)
