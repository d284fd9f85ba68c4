"""Pull requests and what happens to them: opened, edited, closed, reopened, pushed to, merged.

Acts take a pull request as it was when it was looked at, and act on it as it is by now.
"""

from dataclasses import replace
from datetime import datetime
from typing import TypedDict

from bot.localhub.model import Account, PullRequest, PullRequestState, Repository
from bot.localhub.payloads.pulls import pull_json
from bot.localhub.refusals import Unprocessable
from bot.localhub.world import Json, World


class PullFields(TypedDict, total=False):
    """What may change of a pull request; what is left out stays as it is."""

    title: str
    base_ref_name: str
    base_ref_oid: str
    head_ref_oid: str
    state: PullRequestState
    closed_at: datetime | None
    merge_commit: str
    is_draft: bool
    labels: frozenset[int]


class Pulls:
    """What people (and the App) do with pull requests; each act tells the App of it."""

    def __init__(self, world: World) -> None:
        self._world = world

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
        now = world.now()
        pull = PullRequest(
            database_id=world.number(),
            repository=repository.database_id,
            number=1 + len(world.pulls_of(repository)),
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

    async def branch_moved(self, repository: Repository, branch: str, oid: str | None, by: Account) -> None:
        """A branch was pushed to, or deleted (`oid` None): heads follow, and what it contains is merged."""
        for pull in list(self._world.pulls.values()):
            here = (pull.head_repository, pull.head_ref_name) == (repository.database_id, branch)
            if not pull.is_open:
                continue
            if here and oid is None:
                await self.close(pull, by=by)
            elif here and oid is not None and oid != pull.head_ref_oid:
                await self._follow(pull, oid, by)
            elif oid and (pull.repository, pull.base_ref_name) == (repository.database_id, branch):
                await self._merge_if_contained(pull, oid, by)

    async def _follow(self, pull: PullRequest, oid: str, by: Account) -> None:
        before = pull.head_ref_oid
        await self._fetch_head(pull)
        await self.changed(pull, "synchronize", by, {"head_ref_oid": oid}, before=before, after=oid)

    async def _merge_if_contained(self, pull: PullRequest, base_oid: str, by: Account) -> None:
        git = self._world.git(self._world.repositories[pull.repository])
        if await git.count(pull.head_ref_oid, base_oid):
            return
        now = self._world.now()
        merged = PullFields(state=PullRequestState.MERGED, closed_at=now, merge_commit=base_oid)
        await self.changed(pull, "closed", by, merged)

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
