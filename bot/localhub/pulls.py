"""Pull requests and what happens to them: opened, edited, closed, reopened, pushed to, merged.

Acts take a pull request as it was when it was looked at, and act on it as it is by now.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal, TypeAlias, TypedDict

from bot.localhub.commits import (
    merge_commit,
    merged_tree,
    rebased_commits,
    signature_of,
    squash_commit,
)
from bot.localhub.git import NO_COMMIT, Commit, GitFailed
from bot.localhub.model import Account, BaseRefChangedEvent, PullRequest, PullRequestState, Repository
from bot.localhub.payloads.pulls import pull_json
from bot.localhub.payloads.pushes import Moved
from bot.localhub.protection import unmet
from bot.localhub.refusals import Forbidden, MethodNotAllowed, Unprocessable
from bot.localhub.repositories import Repositories
from bot.localhub.world import Json, World

MergeMethod: TypeAlias = Literal["merge", "squash", "rebase"]

_MAY_MERGE = {"admin", "maintain", "write"}
_METHODS = {"merge": "Merge commits", "squash": "Squash merges", "rebase": "Rebase merges"}


class PullFields(TypedDict, total=False):
    """What may change of a pull request; what is left out stays as it is."""

    title: str
    base_ref_name: str
    base_ref_oid: str
    base_changes: tuple[BaseRefChangedEvent, ...]
    head_ref_oid: str
    state: PullRequestState
    closed_at: datetime | None
    merge_commit: str
    merged_by: Account
    is_draft: bool
    labels: frozenset[int]


class Pulls:
    """What people (and the App) do with pull requests; each act tells the App of it."""

    def __init__(self, world: World, repositories: Repositories) -> None:
        self._world = world
        self._repositories = repositories
        repositories.branch_moved = self._branch_moved

    async def open(
        self,
        repository: Repository,
        *,
        head: str,
        base: str,
        by: Account,
        title: str = "",
        body: str = "",
        draft: bool = False,
    ) -> PullRequest:
        """Open a pull request. `head` is a branch, or "owner:branch" of a fork; `base` a branch."""
        world = self._world
        owner, _, branch = head.rpartition(":")
        home = world.fork_of(repository, owner) if owner else repository
        if home is None:
            raise Unprocessable(f"{owner} has no fork of {repository.name_with_owner}")
        head_oid = await self._tip(home, branch)
        base_oid = await self._tip(repository, base)
        self._must_be_new(repository, home, branch, base)
        now, number = world.now(), world.next_number(repository)
        pull = PullRequest(
            database_id=world.number(),
            repository=repository.database_id,
            number=number,
            title=title or branch,
            body=body,
            author=by,
            head_repository=home.database_id,
            head_repository_owner=home.owner,
            head_ref_name=branch,
            head_ref_oid=head_oid,
            base_ref_name=base,
            base_ref_oid=base_oid,
            created_at=now,
            updated_at=now,
            is_draft=draft,
        )
        await world.git(repository).fetch(world.git(home), branch, pull.ref)
        if not await world.git(repository).count(head_oid, base_oid):
            raise Unprocessable(f"No commits between {base} and {head}")
        world.pulls[pull.repository, pull.number] = pull
        return await self.changed(pull, "opened", by, {})

    async def edit(
        self, pull: PullRequest, *, by: Account, base: str | None = None, title: str | None = None
    ) -> PullRequest:
        """Give a pull request another base, or another title. What stays the same is not told."""
        pull, fields = self._world.current(pull), PullFields()
        changes: Json = {}
        if title is not None and title != pull.title:
            changes["title"] = {"from": pull.title}
            fields["title"] = title
        if base is not None and base != pull.base_ref_name:
            repository = self._world.repositories[pull.repository]
            fields["base_ref_name"], fields["base_ref_oid"] = base, await self._tip(repository, base)
            home = pull.head_repository and self._world.repositories[pull.head_repository]
            self._must_be_new(repository, home or None, pull.head_ref_name, base)
            number, now = self._world.number(), self._world.now()
            moved = BaseRefChangedEvent(number, pull.base_ref_name, base, now)
            fields["base_changes"] = (*pull.base_changes, moved)
            changes["base"] = {"ref": {"from": pull.base_ref_name}, "sha": {"from": pull.base_ref_oid}}
        return await self.changed(pull, "edited", by, fields, changes=changes) if changes else pull

    async def close(self, pull: PullRequest, *, by: Account) -> PullRequest:
        """Close without merging."""
        pull = self._world.current(pull)
        if not pull.is_open:
            return pull
        closed = PullFields(state=PullRequestState.CLOSED, closed_at=self._world.now())
        return await self.changed(pull, "closed", by, closed)

    async def reopen(self, pull: PullRequest, *, by: Account) -> PullRequest:
        """Open a closed pull request again, at the head that its branch has now."""
        pull = self._world.current(pull)
        if pull.state is not PullRequestState.CLOSED or pull.head_repository is None:
            raise Unprocessable("state cannot be changed. The pull request cannot be reopened.")
        home = self._world.repositories[pull.head_repository]
        head = await self._tip(home, pull.head_ref_name)
        await self._fetch_head(pull)
        opened = PullFields(head_ref_oid=head, state=PullRequestState.OPEN, closed_at=None)
        return await self.changed(pull, "reopened", by, opened)

    async def ready(self, pull: PullRequest, *, by: Account) -> PullRequest:
        """Say that a draft is ready for review."""
        pull = self._world.current(pull)
        if not pull.is_draft:
            return pull
        return await self.changed(pull, "ready_for_review", by, {"is_draft": False})

    async def merge(
        self, pull: PullRequest, *, by: Account, method: MergeMethod = "merge", delete_branch: bool = False
    ) -> PullRequest:
        """Merge as the button does: with a merge commit, squashed, or rebased; then delete the head branch.

        Refused as GitHub refuses: who may not write, a draft, a conflict, a base whose required checks have
        not passed.
        """
        world = self._world
        pull = world.current(pull)
        repository = world.repositories[pull.repository]
        if world.permission(repository, by.login) not in _MAY_MERGE:
            raise Forbidden(f"{by.login} must have write access to {repository.name_with_owner}")
        ruled = world.merge_methods.get((repository.database_id, pull.base_ref_name), (method,))
        allowed = {
            "merge": repository.merge_commit_allowed,
            "squash": repository.squash_merge_allowed,
            "rebase": repository.rebase_merge_allowed,
        }
        if not (allowed[method] and method in ruled):
            raise MethodNotAllowed(f"{_METHODS[method]} are not allowed on this repository.")
        base = await self._mergeable_base(repository, pull)
        try:
            made = await self._merged(pull, base, method, by)
            ref = f"refs/heads/{pull.base_ref_name}"
            await self._repositories.move(repository, ref, made, by=by, was=base)
        except GitFailed as error:
            raise MethodNotAllowed("Pull Request is not mergeable") from error
        if world.current(pull).is_open:  # a base that contains its head has merged it
            await self._close_merged(pull, base, made, by)
        if delete_branch and not pull.is_cross_repository:
            await self._repositories.move(repository, f"refs/heads/{pull.head_ref_name}", None, by=by)
        return world.current(pull)

    async def mergeable(self, pull: PullRequest) -> str:
        """GraphQL's `MergeableState`: whether it would merge without a conflict, while it is open."""
        if not pull.is_open:
            return "UNKNOWN"
        repository = self._world.repositories[pull.repository]
        try:
            base = await self._tip(repository, pull.base_ref_name)
            await merged_tree(self._world.git(repository), base, pull.head_ref_oid)
        except (GitFailed, Unprocessable):
            return "CONFLICTING"
        return "MERGEABLE"

    async def changed(
        self, pull: PullRequest, action: str, by: Account, fields: PullFields, **more: object
    ) -> PullRequest:
        """Write down what has changed, the `fields`, and tell the App; `more` is told besides.

        They are written over what the pull request is at that moment: another act may have come between.
        """
        world = self._world
        pull = replace(world.current(pull), **fields, updated_at=world.now())
        world.pulls[pull.repository, pull.number] = pull
        if not pull.is_open:
            world.leave_queue(pull)
        repository = world.repositories[pull.repository]
        git = world.git(repository)
        commits = await git.count(pull.head_ref_oid, pull.base_ref_oid)
        changes = await git.changes(pull.base_ref_oid, pull.head_ref_oid)
        described = pull_json(world, pull, commits, changes)
        body = {"number": pull.number, "pull_request": described, **more, "sender": by}
        world.announce("pull_request", action, repository, body)
        return pull

    async def _branch_moved(self, repository: Repository, moved: Moved, by: Account) -> None:
        """A branch was pushed to, or deleted: heads follow, and what it contains is merged."""
        branch = moved.ref.removeprefix("refs/heads/")
        oid = None if moved.after == NO_COMMIT else moved.after
        for pull in list(self._world.pulls.values()):
            here = (pull.head_repository, pull.head_ref_name) == (repository.database_id, branch)
            if not pull.is_open:
                continue
            if here and oid is None:
                await self.close(pull, by=by)
            elif here and oid is not None and oid != pull.head_ref_oid:
                await self._follow(pull, oid, by)
            elif oid and (pull.repository, pull.base_ref_name) == (repository.database_id, branch):
                await self._merge_if_contained(pull, moved, by)

    async def _follow(self, pull: PullRequest, oid: str, by: Account) -> None:
        before = pull.head_ref_oid
        await self._fetch_head(pull)
        await self.changed(pull, "synchronize", by, {"head_ref_oid": oid}, before=before, after=oid)

    async def _merge_if_contained(self, pull: PullRequest, base: Moved, by: Account) -> None:
        git = self._world.git(self._world.repositories[pull.repository])
        if await git.count(pull.head_ref_oid, base.after):
            return
        merge = await git.merged_by(pull.head_ref_oid, base.after) or base.after
        before = pull.base_ref_oid if base.before == NO_COMMIT else base.before
        await self._close_merged(pull, before, merge, by)

    async def _close_merged(self, pull: PullRequest, base: str, merge: str, by: Account) -> None:
        fields = PullFields(
            state=PullRequestState.MERGED,
            closed_at=self._world.now(),
            base_ref_oid=base,
            merge_commit=merge,
            merged_by=by,
        )
        await self.changed(pull, "closed", by, fields)

    async def _mergeable_base(self, repository: Repository, pull: PullRequest) -> str:
        """The head of the base, once nothing but a conflict is in the way."""
        if not pull.is_open:
            raise MethodNotAllowed("Pull Request is not mergeable")
        if pull.is_draft:
            raise MethodNotAllowed("Pull Request is still a draft")
        problem = unmet(self._world, repository, pull.base_ref_name, pull.head_ref_oid, pulled=True)
        if problem:
            raise MethodNotAllowed(problem)
        return await self._tip(repository, pull.base_ref_name)

    async def _merged(self, pull: PullRequest, base: str, method: MergeMethod, by: Account) -> str:
        """The commit that the base is to stand on; on no branch yet."""
        git, now = self._world.git(self._world.repositories[pull.repository]), self._world.now()
        match method:
            case "merge":
                owner = pull.head_repository_owner.login if pull.head_repository_owner else "unknown"
                message = f"Merge pull request #{pull.number} from {owner}/{pull.head_ref_name}"
                text = f"{message}\n\n{pull.title}"
                return await merge_commit(git, base, pull.head_ref_oid, text, signature_of(by, now))
            case "squash":
                text = _squash_message(pull, await git.log(pull.head_ref_oid, base))
                author = signature_of(pull.author or by, now)
                return await squash_commit(git, base, pull.head_ref_oid, text, author)
            case "rebase":
                return await rebased_commits(git, base, pull.head_ref_oid, now)

    async def _fetch_head(self, pull: PullRequest) -> None:
        world = self._world
        if pull.head_repository is not None:
            source = world.git(world.repositories[pull.head_repository])
            home = world.git(world.repositories[pull.repository])
            await home.fetch(source, pull.head_ref_name, pull.ref)

    async def _tip(self, repository: Repository, branch: str) -> str:
        oid = (await self._world.git(repository).refs()).get(f"refs/heads/{branch}")
        if oid is None:
            raise Unprocessable(f"{repository.name_with_owner} has no branch '{branch}'")
        return oid

    def _must_be_new(self, repository: Repository, home: Repository | None, head: str, base: str) -> None:
        if home == repository and head == base:
            raise Unprocessable(f"There are no new commits between base branch '{base}' and head '{head}'")
        for pull in self._world.pulls_of(repository, PullRequestState.OPEN):
            same_head = home is not None and pull.head_repository == home.database_id
            if same_head and (pull.head_ref_name, pull.base_ref_name) == (head, base):
                raise Unprocessable(
                    f"A pull request already exists for base branch '{base}' and head '{head}'"
                )


def _squash_message(pull: PullRequest, commits: Sequence[Commit]) -> str:
    """The message of the one commit: its title and what it is made of, newest last."""
    if len(commits) == 1:
        headline, _, body = commits[0].message.partition("\n\n")
    else:
        headline, body = pull.title, "\n\n".join(f"* {one.message}" for one in reversed(commits))
    return f"{headline} (#{pull.number})\n\n{body}".rstrip()
