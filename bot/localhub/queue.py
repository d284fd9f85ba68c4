"""The merge queue: pull requests whose merge is tried on a branch of its own before it is made."""

from bot.localhub.commits import merge_commit, signature_of
from bot.localhub.git import GitFailed
from bot.localhub.model import Account, MergeQueueEntry, PullRequest
from bot.localhub.payloads.common import commit_json
from bot.localhub.refusals import Unprocessable
from bot.localhub.repositories import Repositories
from bot.localhub.world import World


class Queue:
    """What people do with the merge queue of a branch; who is merged or closed leaves it as well."""

    def __init__(self, world: World, repositories: Repositories) -> None:
        self._world = world
        self._repositories = repositories

    async def enqueue(self, pull: PullRequest, *, by: Account) -> str:
        """Put an open pull request into the queue and answer the ref of its merge group.

        The ref is refs/heads/gh-readonly-queue/<base>/pr-<number>-<base commit>; it holds a real merge
        commit, on top of the group before it or, where it is the first, of the base. Refused when the pull
        request is not open, waits already, or conflicts with what it is merged into.
        """
        world = self._world
        pull = world.current(pull)
        repository = world.repositories[pull.repository]
        git, key = world.git(repository), (pull.repository, pull.base_ref_name)
        waiting = world.queues.get(key, ())
        tip = (await git.refs()).get(f"refs/heads/{pull.base_ref_name}")
        if tip is None or not pull.is_open or world.queued(pull):
            raise Unprocessable(f"Pull request #{pull.number} cannot be queued")
        base = waiting[-1].head_commit if waiting else tip
        message = f"Merge pull request #{pull.number} from {pull.head_ref_name}\n\n{pull.title}"
        try:
            merge = await merge_commit(git, base, pull.head_ref_oid, message, signature_of(by, world.now()))
        except GitFailed as error:
            raise Unprocessable(f"Pull request #{pull.number} conflicts with {pull.base_ref_name}") from error
        entry = MergeQueueEntry(world.number(), *key, pull.number, base, merge)
        world.queues[key] = (*waiting, entry)
        await self._move(entry, merge, by)
        await self._tell(entry, "checks_requested", by)
        return entry.ref

    async def dequeue(self, pull: PullRequest, *, by: Account) -> None:
        """Take a pull request out of the queue; the groups behind it stay as they were made."""
        entry = self._world.queued(pull)
        if entry is None:
            raise Unprocessable(f"Pull request #{pull.number} is not queued")
        self._world.leave_queue(pull)
        await self._move(entry, None, by)
        await self._tell(entry, "destroyed", by, reason="dequeued")

    async def _move(self, entry: MergeQueueEntry, oid: str | None, by: Account) -> None:
        repository = self._world.repositories[entry.repository]
        await self._repositories.move(repository, entry.ref, oid, by=by)

    async def _tell(self, entry: MergeQueueEntry, action: str, by: Account, **more: object) -> None:
        world = self._world
        repository = world.repositories[entry.repository]
        (head,) = await world.git(repository).log(entry.head_commit, most=1)
        group = {
            "head_sha": entry.head_commit,
            "head_ref": entry.ref,
            "base_sha": entry.base_commit,
            "base_ref": f"refs/heads/{entry.branch}",
            "head_commit": commit_json(head),
        }
        world.announce("merge_group", action, repository, {"merge_group": group, **more, "sender": by})
