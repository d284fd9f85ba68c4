"""Repositories and what happens to them: made, forked, deleted, pushed to."""

import asyncio
from dataclasses import replace
from typing import Protocol

from bot.localhub.git import NO_COMMIT, Git
from bot.localhub.model import Account, Activity, CheckSuite, Repository
from bot.localhub.payloads.checks import suite_in_full
from bot.localhub.payloads.pushes import Moved, created_json, deleted_json, push_json
from bot.localhub.refusals import Unprocessable
from bot.localhub.world import World

# GitHub lists no more than this many commits of one push.
_MOST_COMMITS = 2048

_NAMESPACES = {"refs/heads/": "branch", "refs/tags/": "tag"}


class BranchMoved(Protocol):
    """Somebody who is told that a branch moved."""

    async def __call__(self, repository: Repository, moved: Moved, by: Account) -> None:
        """`moved` is about a ref under refs/heads/."""


class Repositories:
    """What people do with repositories. Pushes are made with real git, and noticed by `sync`.

    `branch_moved` is called with every branch that moved.
    """

    branch_moved: BranchMoved

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen: dict[int, dict[str, str]] = {}
        self._looking = asyncio.Lock()  # two looks at once would tell of one push twice

    async def create(
        self, name_with_owner: str, *, default_branch: str = "main", private: bool = False
    ) -> Repository:
        """An empty repository; its owner must exist. Push to `clone_path` to fill it."""
        repository, git = self._planned(name_with_owner, default_branch, private)
        await git.init(default_branch)
        self._enter(repository, git)
        return repository

    async def fork(self, repository: Repository, owner: Account) -> Repository:
        """A copy of a repository under another owner, in the same network."""
        name = f"{owner.login}/{repository.name}"
        planned, git = self._planned(name, repository.default_branch, repository.is_private)
        fork = replace(planned, parent=repository.database_id)
        await git.copy(self._world.git(repository))
        self._enter(fork, git)
        self._seen[fork.database_id] = await self._refs(fork)
        return fork

    def allow_merges(self, repository: Repository, *methods: str) -> Repository:
        """Choose the ways in which pull requests may be merged: "merge", "squash", "rebase"."""
        chosen = replace(
            self._world.repositories[repository.database_id],
            merge_commit_allowed="merge" in methods,
            squash_merge_allowed="squash" in methods,
            rebase_merge_allowed="rebase" in methods,
        )
        self._world.repositories[repository.database_id] = chosen
        return chosen

    async def delete(self, repository: Repository) -> None:
        """Forget a repository. Pull requests that came from it stay, without their head repository."""
        world, number = self._world, repository.database_id
        del world.repositories[number], world.gits[number]
        world.issues = {key: one for key, one in world.issues.items() if one.repository != number}
        world.releases = {key: one for key, one in world.releases.items() if one.repository != number}
        for key, pull in list(world.pulls.items()):
            if pull.repository == number:
                del world.pulls[key]
            elif pull.head_repository == number:
                world.pulls[key] = replace(pull, head_repository=None)

    def keep_releases(self, repository: Repository) -> Repository:
        """Make the releases that are published from now on immutable: the names of their tags are used up."""
        kept = replace(self._world.repositories[repository.database_id], immutable_releases=True)
        self._world.repositories[kept.database_id] = kept
        return kept

    async def change_default(self, repository: Repository, branch: str, *, by: Account) -> Repository:
        """Make an existing branch the default one."""
        world, was = self._world, repository.default_branch
        git = world.git(repository)
        if f"refs/heads/{branch}" not in await git.refs():
            raise Unprocessable(f"{repository.name_with_owner} has no branch '{branch}'")
        await git.set_default(branch)
        repository = world.repositories[repository.database_id] = replace(repository, default_branch=branch)
        changes = {"default_branch": {"from": was}}
        world.announce("repository", "edited", repository, {"changes": changes, "sender": by})
        return repository

    async def sync(self, repository: Repository, by: Account | None = None) -> list[str]:
        """Notice what was pushed since the last look, and tell the App. Answers the refs that moved.

        `by` is who pushed (git alone cannot say): the owner, or for an organisation its first administrator.
        """
        async with self._looking:
            moved = await self._look(repository)
        await self._tell(repository, moved, by or self._world.keeper(repository))
        return [one.ref for one in moved]

    async def move(
        self, repository: Repository, ref: str, oid: str | None, *, by: Account, was: str | None = None
    ) -> None:
        """Point a ref at an object, or remove it, and tell the App; `was` as `Git.set_ref` has it.

        What others pushed until then is told first, as theirs. Raises `GitFailed` when git refuses.
        """
        async with self._looking:
            before = await self._look(repository)
            await self._world.git(repository).set_ref(ref, oid, was)
            moved = await self._look(repository)
        await self._tell(repository, before, self._world.keeper(repository))
        await self._tell(repository, moved, by)

    async def _look(self, repository: Repository) -> list[Moved]:
        """What moved since the last look."""
        number = repository.database_id
        before, now = self._seen.get(number, {}), await self._refs(repository)
        self._seen[number] = now
        moves = (
            Moved(name, before.get(name, NO_COMMIT), now.get(name, NO_COMMIT))
            for name in sorted(before.keys() | now.keys())
        )
        return [moved for moved in moves if moved.before != moved.after]

    async def _tell(self, repository: Repository, moved: list[Moved], by: Account) -> None:
        for one in moved:  # the default branch may be another by now
            await self._pushed(self._world.repositories[repository.database_id], one, by)

    async def _pushed(self, repository: Repository, moved: Moved, by: Account) -> None:
        world, git, ref = self._world, self._world.git(repository), moved.ref
        space = next(space for space in _NAMESPACES if ref.startswith(space))
        kind, name = _NAMESPACES[space], ref.removeprefix(space)
        before, after = (None if oid == NO_COMMIT else oid for oid in moved[1:])
        new = await git.log(after, before, most=_MOST_COMMITS) if after else ()
        touched = await git.touched([commit.oid for commit in new])
        forced = bool(before and after and await git.count(before, after))
        self._remember(repository, moved, forced, by)
        push = push_json(world, repository, moved, new, touched, by)
        world.announce("push", None, repository, {**push, "forced": forced, "sender": by})
        if before is None:
            world.announce("create", None, repository, {**created_json(repository, kind, name), "sender": by})
        if after is None:
            world.announce("delete", None, repository, {**deleted_json(kind, name), "sender": by})
        if kind == "branch":
            if after:
                await self._request_checks(repository, name, before, after, by)
            await self.branch_moved(repository, moved, by)

    def _remember(self, repository: Repository, moved: Moved, forced: bool, by: Account) -> None:
        """Write down who moved a branch: the payload of a push is gone by the time somebody asks."""
        if not moved.ref.startswith("refs/heads/"):
            return
        kinds = {
            "branch_creation": moved.before == NO_COMMIT,
            "branch_deletion": moved.after == NO_COMMIT,
            "force_push": forced,
        }
        kind = next((kind for kind, so in kinds.items() if so), "push")
        number, now = self._world.number(), self._world.now()
        self._world.activities[number] = Activity(number, repository.database_id, *moved, now, kind, by)

    async def _request_checks(
        self, repository: Repository, branch: str, before: str | None, after: str, by: Account
    ) -> None:
        """Open the App's check suite on a new head, as GitHub does for each App that may write checks."""
        world, key = self._world, (repository.database_id, after)
        if key in world.suites or world.installation_on(repository) is None:
            return
        suite = CheckSuite(world.number(), *key, branch, before or NO_COMMIT, world.now(), world.app)
        world.put_suite(suite)
        (head,) = await world.git(repository).log(after, most=1)
        body = {"check_suite": suite_in_full(world, suite, head), "sender": by}
        world.announce("check_suite", "requested", repository, body)

    async def _refs(self, repository: Repository) -> dict[str, str]:
        """Every branch and tag, and the object that it points at."""
        found = await self._world.git(repository).pointers()
        return {name: one.oid for name, one in found.items() if name.startswith(tuple(_NAMESPACES))}

    def _planned(self, name_with_owner: str, branch: str, private: bool) -> tuple[Repository, Git]:
        """A repository that is not there yet, neither on disk nor in the tables."""
        world = self._world
        if world.repository(name_with_owner):
            raise ValueError(f"{name_with_owner} exists already")
        owner, _, name = name_with_owner.partition("/")
        home = world.accounts[owner.lower()]
        repository = Repository(world.number(), home, name, branch, private, world.now())
        return repository, Git(world.directory / owner / f"{name}.git")

    def _enter(self, repository: Repository, git: Git) -> None:
        self._world.repositories[repository.database_id] = repository
        self._world.gits[repository.database_id] = git
