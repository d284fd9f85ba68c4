"""Refs, annotated tags and merges of branches."""

from datetime import UTC, datetime
from typing import Literal

from bot.localhub.gate import Call, Reply, Who
from bot.localhub.git import Pointer, Signature
from bot.localhub.model import Repository
from bot.localhub.payloads.comparisons import Compared, comparison_json
from bot.localhub.payloads.gitdata import ref_json, rest_commit_json, tag_json
from bot.localhub.refs import Refs
from bot.localhub.refusals import NotFound
from bot.localhub.rest.parts import Body, Route, body_of, readable, writable
from bot.localhub.world import Json, World

_CREATED = 201
_NOTHING = 204


class NewRef(Body):
    """The body of `POST /repos/{owner}/{repo}/git/refs`."""

    ref: str
    sha: str


class MovedRef(Body):
    """The body of `PATCH /repos/{owner}/{repo}/git/refs/{ref}`."""

    sha: str
    force: bool = False


class Tagger(Body):
    """Who tags; now where no date is given."""

    name: str
    email: str
    date: datetime | None = None


class NewTag(Body):
    """The body of `POST /repos/{owner}/{repo}/git/tags`."""

    tag: str
    message: str
    object: str
    type: Literal["commit", "tree", "blob"]
    tagger: Tagger | None = None


class NewMerge(Body):
    """The body of `POST /repos/{owner}/{repo}/merges`."""

    base: str
    head: str
    commit_message: str | None = None


class GitData:
    """Answer what the App asks of git."""

    def __init__(self, world: World, refs: Refs) -> None:
        self._world = world
        self._refs = refs

    def routes(self) -> list[Route]:
        """The routes of this part."""
        home, who = "/repos/{owner}/{repo}", Who.INSTALLATION
        return [
            ("GET", f"{home}/git/ref/{{ref}}", self.ref, who),
            ("GET", f"{home}/git/matching-refs/{{ref}}", self.matching_refs, who),
            ("POST", f"{home}/git/refs", self.create_ref, who),
            ("PATCH", f"{home}/git/refs/{{ref}}", self.update_ref, who),
            ("DELETE", f"{home}/git/refs/{{ref}}", self.delete_ref, who),
            ("POST", f"{home}/git/tags", self.create_tag, who),
            ("GET", f"{home}/git/tags/{{tag_sha}}", self.tag, who),
            ("POST", f"{home}/merges", self.merge, who),
            ("GET", f"{home}/compare/{{basehead}}", self.compare, who),
        ]

    async def ref(self, call: Call) -> Reply:
        """`GET /repos/{owner}/{repo}/git/ref/{ref}`; the ref without refs/, in whole."""
        repository, ref = readable(self._world, call), _ref(call)
        pointers = await self._world.git(repository).pointers()
        if ref not in pointers:
            raise NotFound("Not Found")
        return Reply(self._described(repository, ref, pointers[ref]))

    async def matching_refs(self, call: Call) -> Reply:
        """`GET /repos/{owner}/{repo}/git/matching-refs/{ref}`: those that begin so."""
        repository, ref = readable(self._world, call), _ref(call)
        pointers = await self._world.git(repository).pointers()
        found = [name for name in pointers if name.startswith(ref)]
        return Reply([self._described(repository, name, pointers[name]) for name in found])

    async def create_ref(self, call: Call) -> Reply:
        """`POST /repos/{owner}/{repo}/git/refs`."""
        repository, body = writable(self._world, call), await body_of(call, NewRef)
        made = await self._refs.create(repository, body.ref, body.sha, by=self._world.app.bot)
        return Reply(self._described(repository, body.ref, made), _CREATED)

    async def update_ref(self, call: Call) -> Reply:
        """`PATCH /repos/{owner}/{repo}/git/refs/{ref}`."""
        repository, ref, body = writable(self._world, call), _ref(call), await body_of(call, MovedRef)
        bot = self._world.app.bot
        moved = await self._refs.update(repository, ref, body.sha, by=bot, force=body.force)
        return Reply(self._described(repository, ref, moved))

    async def delete_ref(self, call: Call) -> Reply:
        """`DELETE /repos/{owner}/{repo}/git/refs/{ref}`."""
        await self._refs.delete(writable(self._world, call), _ref(call), by=self._world.app.bot)
        return Reply(None, _NOTHING)

    async def create_tag(self, call: Call) -> Reply:
        """`POST /repos/{owner}/{repo}/git/tags`: the object alone, no ref."""
        repository, body = writable(self._world, call), await body_of(call, NewTag)
        made = await self._refs.tag(
            repository,
            body.tag,
            body.object,
            by=self._world.app.bot,
            message=body.message,
            kind=body.type,
            tagger=None if body.tagger is None else self._signature(body.tagger),
        )
        return Reply(tag_json(self._world, repository, made), _CREATED)

    async def tag(self, call: Call) -> Reply:
        """`GET /repos/{owner}/{repo}/git/tags/{tag_sha}`."""
        repository, oid = readable(self._world, call), call.request.match_info["tag_sha"]
        git = self._world.git(repository)
        if await git.kind(oid) != "tag":
            raise NotFound("Not Found")
        return Reply(tag_json(self._world, repository, await git.tag(oid)))

    async def merge(self, call: Call) -> Reply:
        """`POST /repos/{owner}/{repo}/merges`."""
        repository, body = writable(self._world, call), await body_of(call, NewMerge)
        bot, message = self._world.app.bot, body.commit_message
        made = await self._refs.merge(repository, body.base, body.head, by=bot, message=message)
        if made is None:
            return Reply(None, _NOTHING)
        (commit,) = await self._world.git(repository).log(made, most=1)
        return Reply(rest_commit_json(self._world, repository, commit), _CREATED)

    async def compare(self, call: Call) -> Reply:
        """`GET /repos/{owner}/{repo}/compare/{basehead}`: two branches, tags or commits, as base...head."""
        repository, basehead = readable(self._world, call), call.request.match_info["basehead"]
        git = self._world.git(repository)
        base, head = [await self._commit(repository, end) for end in basehead.split("...", 1)]
        commits = await git.log(head, base)
        fork = (await git.run("merge-base", base, head)).decode().strip()
        ends = await git.commits([base, fork])
        files, behind = await git.changes(base, head), await git.count(base, head)
        found = [await git.blob(head, file.path) or await git.blob(fork, file.path) for file in files]
        blobs = {file.path: blob.oid for file, blob in zip(files, found, strict=True) if blob}
        compared = Compared(ends[base], ends[fork], commits[::-1], behind, files, blobs)
        return Reply(comparison_json(self._world, repository, basehead, compared))

    async def _commit(self, repository: Repository, revision: str) -> str:
        git = self._world.git(repository)
        pointers = await git.pointers()
        for place in ("refs/heads/", "refs/tags/"):
            if place + revision in pointers:
                return pointers[place + revision].commit
        if await git.kind(revision) != "commit":
            raise NotFound("Not Found")
        return revision

    def _described(self, repository: Repository, ref: str, pointer: Pointer) -> Json:
        return ref_json(self._world, repository, ref, pointer)

    def _signature(self, tagger: Tagger) -> Signature:
        at = tagger.date.astimezone(UTC) if tagger.date else self._world.now()
        return Signature(tagger.name, tagger.email, at)


def _ref(call: Call) -> str:
    return f"refs/{call.request.match_info['ref']}"
