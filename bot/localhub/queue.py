"""The merge queue: pull requests whose merge is tried on a branch of its own before it is made."""

from bot.localhub.git import GitFailed
from bot.localhub.model import Account, PullRequest
from bot.localhub.payloads.common import commit_json
from bot.localhub.refusals import Unprocessable
from bot.localhub.repositories import Repositories
from bot.localhub.world import World


class Queue:
    """What people do with the merge queue of a branch."""

    def __init__(self, world: World, repositories: Repositories) -> None:
        self._world = world
        self._repositories = repositories

    async def enqueue(self, pull: PullRequest, *, by: Account) -> str:
        """Put an open pull request into the queue and answer the ref of its merge group.

        The ref is refs/heads/gh-readonly-queue/<base>/pr-<number>-<base commit>; it holds a real merge
        commit. Refused when the pull request is not open, or conflicts with its base.
        """
        world = self._world
        repository = world.repositories[pull.repository]
        git, base_ref = world.git(repository), f"refs/heads/{pull.base_ref_name}"
        base = (await git.refs()).get(base_ref)
        if base is None or not pull.is_open:
            raise Unprocessable(f"Pull request #{pull.number} cannot be queued")
        message = f"Merge pull request #{pull.number} from {pull.head_ref_name}\n\n{pull.title}"
        try:
            merge = await git.merge(base, pull.head_ref_oid, message)
        except GitFailed as error:
            raise Unprocessable(f"Pull request #{pull.number} conflicts with {pull.base_ref_name}") from error
        ref = f"refs/heads/gh-readonly-queue/{pull.base_ref_name}/pr-{pull.number}-{base}"
        await git.set_ref(ref, merge)
        await self._repositories.sync(repository, by)
        (head,) = await git.log(merge, most=1)
        group = {
            "head_sha": merge,
            "head_ref": ref,
            "base_sha": base,
            "base_ref": base_ref,
            "head_commit": commit_json(head),
        }
        world.announce("merge_group", "checks_requested", repository, {"merge_group": group, "sender": by})
        return ref
