"""What the resolvers of one request share: the world, who asks, and each repository's refs as of now."""

import asyncio
from dataclasses import dataclass, field
from typing import TypeVar

from bot.localhub.checks import Checks
from bot.localhub.comments import Comments
from bot.localhub.discussion import Issue, IssueComment, Label
from bot.localhub.gate import Call
from bot.localhub.git import Git, Pointer
from bot.localhub.labels import Labels
from bot.localhub.limits import Meter
from bot.localhub.model import CheckRun, Installation, PullRequest, Repository
from bot.localhub.pulls import Pulls
from bot.localhub.refs import Refs
from bot.localhub.refusals import Forbidden, NotFound
from bot.localhub.world import Node, Subject, World

# What the App may write to.
T = TypeVar("T", Repository, PullRequest, Issue, CheckRun, Label, IssueComment)


@dataclass(frozen=True, slots=True)
class Acts:
    """What the App may do through GraphQL."""

    pulls: Pulls
    checks: Checks
    labels: Labels
    comments: Comments
    refs: Refs


@dataclass(slots=True)
class Context:
    """One request. Refs are read once a repository, so that the whole answer is about one moment.

    `moved` forgets them, once the request itself has moved one.
    """

    world: World
    acts: Acts
    meter: Meter
    call: Call
    _refs: dict[int, "asyncio.Task[dict[str, Pointer]]"] = field(default_factory=dict)

    @property
    def visitor(self) -> Installation:
        """The installation that asks."""
        return self.call.visitor

    def git(self, repository: Repository) -> Git:
        """The repository on disk."""
        return self.world.git(repository)

    async def refs(self, repository: Repository) -> dict[str, Pointer]:
        """Every ref of the repository with what it points at."""
        number = repository.database_id
        if number not in self._refs:
            self._refs[number] = asyncio.ensure_future(self.git(repository).pointers())
        return await self._refs[number]

    def moved(self, repository: Repository) -> None:
        """Read the refs of a repository anew from here on."""
        self._refs.pop(repository.database_id, None)

    def may_see(self, repository: Repository) -> bool:
        """An installation sees what it was given, and what is public."""
        return not repository.is_private or self.visitor.covers(repository)

    def node(self, id: str) -> Node:
        """Anything with a node id that the installation may see."""
        found = self.world.node(id)
        home = self.world.home_of(found) if found else None
        if found is None or home is None or not self.may_see(home):
            raise NotFound(f"Could not resolve to a node with the global id of '{id}'")
        return found

    def own(self, id: str, kind: type[T]) -> T:
        """The node of an id, to write to: of this kind, in a repository that the installation was given."""
        found = self.node(id)
        if not isinstance(found, kind):
            raise NotFound(f"Could not resolve to {kind.__name__} node with the global id of '{id}'")
        home = self.world.home_of(found)
        if home is None or not self.visitor.covers(home):
            raise Forbidden("Resource not accessible by integration")
        return found

    def own_subject(self, id: str) -> Subject:
        """The pull request or issue of an id, to write to."""
        if isinstance(self.node(id), Issue):
            return self.own(id, Issue)
        return self.own(id, PullRequest)
