"""What the resolvers of one request share: the world, who asks, and each repository's refs as of now."""

import asyncio
from dataclasses import dataclass, field

from bot.localhub.checks import Checks
from bot.localhub.gate import Call
from bot.localhub.git import Git
from bot.localhub.limits import Meter
from bot.localhub.model import Installation, Repository
from bot.localhub.pulls import Pulls
from bot.localhub.refusals import Forbidden
from bot.localhub.world import World


@dataclass(slots=True)
class Context:
    """One request. Refs are read once a repository, so that the whole answer is about one moment."""

    world: World
    pulls: Pulls
    checks: Checks
    meter: Meter
    call: Call
    _refs: dict[int, "asyncio.Task[dict[str, str]]"] = field(default_factory=dict)

    @property
    def visitor(self) -> Installation:
        """The installation that asks."""
        return self.call.visitor

    def git(self, repository: Repository) -> Git:
        """The repository on disk."""
        return self.world.git(repository)

    async def refs(self, repository: Repository) -> dict[str, str]:
        """Every ref of the repository with its commit."""
        number = repository.database_id
        if number not in self._refs:
            self._refs[number] = asyncio.ensure_future(self.git(repository).refs())
        return await self._refs[number]

    def may_see(self, repository: Repository) -> bool:
        """An installation sees what it was given, and what is public."""
        return not repository.is_private or self.visitor.covers(repository)

    def must_own(self, repository: Repository) -> None:
        """Refuse a write to a repository that the installation was not given."""
        if not self.visitor.covers(repository):
            raise Forbidden("Resource not accessible by integration")
