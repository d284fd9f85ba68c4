"""Commit statuses: what others say of a commit without a check run."""

from bot.localhub.model import Account, Repository, StatusContext
from bot.localhub.payloads.statuses import status_json
from bot.localhub.refusals import Unprocessable
from bot.localhub.world import World

# GitHub tells of no more branches than this.
_MOST_BRANCHES = 10
_STATES = {"ERROR", "FAILURE", "PENDING", "SUCCESS"}
_HEADS = "refs/heads/"


class Statuses:
    """What people and bots say of commits; each word tells the App of it."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def set(
        self,
        repository: Repository,
        oid: str,
        context: str,
        state: str,
        *,
        by: Account,
        description: str = "",
    ) -> StatusContext:
        """Say how a commit fares in a context; `state` is ERROR, FAILURE, PENDING or SUCCESS."""
        world, git = self._world, self._world.git(repository)
        if state not in _STATES:
            raise Unprocessable(f"state '{state}' is not included in the list")
        if await git.kind(oid) != "commit":
            raise Unprocessable(f"No commit found for SHA: {oid}")
        number, now, home = world.number(), world.now(), repository.database_id
        status = StatusContext(number, home, oid, context, state, description, by, now)
        world.statuses[number] = status
        (commit,) = await git.log(oid, most=1)
        refs = await git.refs()
        holding = sorted(ref for ref in await git.refs_containing(oid) if ref.startswith(_HEADS))
        branches = {ref.removeprefix(_HEADS): refs[ref] for ref in holding[:_MOST_BRANCHES]}
        told = status_json(world, status, commit, branches)
        world.announce("status", None, repository, {**told, "sender": by})
        return status
