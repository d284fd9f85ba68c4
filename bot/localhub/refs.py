"""Branches and tags as the API moves them: made, updated, deleted, merged into, committed to."""

import re
from collections.abc import Mapping, Sequence

from bot.localhub.commits import edited_commit, merge_commit, signature_of, tag_object
from bot.localhub.git import NO_COMMIT, Git, GitFailed, Pointer, Signature, Tag
from bot.localhub.model import Account, Repository
from bot.localhub.protection import CREATION_RESTRICTED, is_classic, unmet
from bot.localhub.refusals import Conflict, NotFound, StaleData, Unprocessable
from bot.localhub.repositories import Repositories
from bot.localhub.world import World

HEADS = "refs/heads/"
TAGS = "refs/tags/"

_OID = re.compile("[0-9a-f]{40}")
_REF = re.compile("refs/[^/]+/.")


class Refs:
    """What the API does with refs; each act tells the App of it. Refs are named in full: refs/heads/main."""

    def __init__(self, world: World, repositories: Repositories) -> None:
        self._world = world
        self._repositories = repositories

    async def create(self, repository: Repository, ref: str, oid: str, *, by: Account) -> Pointer:
        """A new branch or tag on an object that exists."""
        git = self._world.git(repository)
        await self._must_be_a_name(repository, ref)
        if ref in await git.refs():
            raise Unprocessable("Reference already exists")
        if (repository.database_id, ref.removeprefix(TAGS)) in self._world.burnt_tags:
            raise Unprocessable(CREATION_RESTRICTED)
        await self._must_fit(git, ref, oid)
        return await self._move(repository, ref, oid, NO_COMMIT, by)

    async def update(
        self, repository: Repository, ref: str, oid: str, *, by: Account, force: bool = False
    ) -> Pointer:
        """Move a ref forward, or with `force` anywhere."""
        git = self._world.git(repository)
        pointers = await git.pointers()
        if ref not in pointers:
            raise Unprocessable("Reference does not exist")
        was = pointers[ref].oid
        self._must_not_be_kept(repository, ref, "update")
        await self._must_fit(git, ref, oid)
        backward = bool(await git.count(was, oid))
        if backward and not force:
            raise Unprocessable("Update is not a fast forward")
        if ref.startswith(HEADS):
            branch = ref.removeprefix(HEADS)
            if backward and is_classic(self._world, repository, branch):
                raise Unprocessable("Cannot force-push to a protected branch")
            if problem := unmet(self._world, repository, branch, oid):
                raise Unprocessable(problem)
        return await self._move(repository, ref, oid, was, by)

    async def must_be_at(self, repository: Repository, refs: Mapping[str, str | None]) -> None:
        """Refuse refs that are not where the caller saw them; None where he did not look."""
        pointers = await self._world.git(repository).pointers()
        found = {ref: pointers[ref].oid if ref in pointers else NO_COMMIT for ref in refs}
        if any(oid not in (None, found[ref]) for ref, oid in refs.items()):
            raise Unprocessable("Reference update failed")

    async def delete(self, repository: Repository, ref: str, *, by: Account, was: str | None = None) -> None:
        """Remove a branch or a tag that `was` there; the default branch and protected ones stay."""
        repository = self._world.repositories[repository.database_id]
        if ref not in await self._world.git(repository).refs():
            raise Unprocessable("Reference does not exist")
        self._must_not_be_kept(repository, ref, "delete")
        if ref == HEADS + repository.default_branch:
            raise Unprocessable("Cannot delete the default branch")
        if ref.startswith(HEADS) and is_classic(self._world, repository, ref.removeprefix(HEADS)):
            raise Unprocessable("Cannot delete a protected branch")
        try:
            await self._repositories.move(repository, ref, None, by=by, was=was)
        except GitFailed as error:
            raise Unprocessable("Reference update failed") from error

    async def tag(
        self,
        repository: Repository,
        name: str,
        target: str,
        *,
        by: Account,
        message: str,
        kind: str = "commit",
        tagger: Signature | None = None,
    ) -> Tag:
        """An annotated tag; no ref points at it before `create` makes one."""
        git = self._world.git(repository)
        if await git.kind(target) != kind:
            raise Unprocessable("Object does not exist")
        await self._must_be_a_name(repository, TAGS + name)
        signed = tagger or signature_of(by, self._world.now())
        return await git.tag(await tag_object(git, name, target, kind, message, signed))

    async def merge(
        self, repository: Repository, base: str, head: str, *, by: Account, message: str | None = None
    ) -> str | None:
        """Merge a branch or a commit into a branch. Answers the merge commit, None where nothing is new."""
        git = self._world.git(repository)
        refs = await git.refs()
        tip, other = refs.get(HEADS + base), refs.get(HEADS + head)
        if tip is None:
            raise NotFound("Base does not exist")
        if other is None:
            if not _OID.fullmatch(head) or await git.kind(head) != "commit":
                raise NotFound("Head does not exist")
            other = head
        if not await git.count(other, tip):
            return None
        author = signature_of(by, self._world.now())
        try:
            made = await merge_commit(git, tip, other, message or f"Merge {head} into {base}", author)
        except GitFailed as error:
            raise Conflict("Merge Conflict") from error
        if problem := unmet(self._world, repository, base, made):
            raise Conflict(problem)
        try:
            await self._repositories.move(repository, HEADS + base, made, by=by, was=tip)
        except GitFailed as error:
            raise Conflict("Base branch was modified. Review and try the merge again.") from error
        return made

    async def commit(
        self,
        repository: Repository,
        branch: str,
        message: str,
        *,
        by: Account,
        expected: str,
        additions: Mapping[str, bytes],
        deletions: Sequence[str] = (),
    ) -> str:
        """Commit other files to a branch that is where it is `expected`; answers the commit."""
        git = self._world.git(repository)
        tip = (await git.refs()).get(HEADS + branch)
        if tip is None:
            raise NotFound(f"Could not resolve to a branch named '{branch}'.")
        moved = f'Expected branch to point to "{expected}" but it did not. Pull and try again.'
        if tip != expected:
            raise StaleData(moved)
        await _must_be_paths(git, tip, additions, deletions)
        author = signature_of(by, self._world.now())
        try:
            made = await edited_commit(git, tip, additions, deletions, message, author)
        except GitFailed as error:
            raise Unprocessable(f"The files could not be written: {error}") from error
        if problem := unmet(self._world, repository, branch, made):
            raise Unprocessable(problem)
        try:
            await self._repositories.move(repository, HEADS + branch, made, by=by, was=tip)
        except GitFailed as error:
            raise StaleData(moved) from error
        return made

    async def is_name(self, repository: Repository, ref: str) -> bool:
        """Whether git takes this for the name of a ref."""
        try:
            await self._world.git(repository).run("check-ref-format", ref)
        except GitFailed:
            return False
        return True

    async def _must_be_a_name(self, repository: Repository, ref: str) -> None:
        """Refuse what is no ref as GitHub takes it: refs/, a kind, and a name that git allows."""
        if not _REF.match(ref):
            raise Unprocessable("Reference name must start with 'refs' and have at least two slashes.")
        if not await self.is_name(repository, ref):
            raise Unprocessable(f"{ref} is not a valid ref name.")

    async def _move(self, repository: Repository, ref: str, oid: str, was: str, by: Account) -> Pointer:
        try:
            await self._repositories.move(repository, ref, oid, by=by, was=was)
        except GitFailed as error:  # a branch "a" leaves no room for a branch "a/b"
            raise Unprocessable("Reference update failed") from error
        return (await self._world.git(repository).pointers())[ref]

    async def _must_fit(self, git: Git, ref: str, oid: str) -> None:
        """Refuse an object that is not there, or that no branch can stand on."""
        kind = await git.kind(oid) if _OID.fullmatch(oid) else None
        if kind is None:
            raise Unprocessable("Object does not exist")
        if ref.startswith(HEADS) and kind != "commit":
            raise Unprocessable("Reference update failed")

    def _must_not_be_kept(self, repository: Repository, ref: str, act: str) -> None:
        """Refuse to touch the tag of an immutable release."""
        name = ref.removeprefix(TAGS)
        release = self._world.release(repository, name) if name != ref else None
        if release and release.immutable:
            raise Unprocessable(f"Repository rule violations found\n\nCannot {act} this protected ref.\n\n")


async def _must_be_paths(
    git: Git, tip: str, additions: Mapping[str, bytes], deletions: Sequence[str]
) -> None:
    """Refuse what no file can be called, and to delete a file that is not there."""
    if any("\0" in path for path in (*additions, *deletions)):
        raise Unprocessable("A path contains a NUL character")
    for path in deletions:
        if await git.blob(tip, path) is None:
            raise Unprocessable(f"The path '{path}' is to be deleted and does not exist in {tip}")
