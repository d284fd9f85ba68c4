"""Refs, and the objects that are found by them."""

import re
from datetime import UTC, datetime

from bot.localhub.git import Blob, Commit, Pointer
from bot.localhub.graphql.connections import Connection, ordered, page
from bot.localhub.graphql.context import Context
from bot.localhub.graphql.fields import (
    CommitAt,
    Comparison,
    Info,
    OtherObject,
    Ref,
    TagAt,
    TreeAt,
    answers,
    context_of,
)
from bot.localhub.graphql.files import content_at
from bot.localhub.model import Repository
from bot.localhub.world import Json

_OID = re.compile("[0-9a-f]{40}")
_EPOCH = datetime.fromtimestamp(0, UTC)


@answers("ref", "Repository")
async def ref(home: Repository, info: Info, qualified_name: str) -> Ref | None:
    """A branch or tag, by its short or its full name."""
    return find_ref(home, await context_of(info).refs(home), qualified_name)


@answers("defaultBranchRef", "Repository")
async def default_branch_ref(home: Repository, info: Info) -> Ref | None:
    """The default branch; null in an empty repository."""
    return find_ref(home, await context_of(info).refs(home), f"refs/heads/{home.default_branch}")


@answers("refs", "Repository")
async def refs(
    home: Repository,
    info: Info,
    ref_prefix: str,
    first: int | None = None,
    after: str | None = None,
    order_by: Json | None = None,
) -> Connection:
    """The refs whose names begin so, such as "refs/tags/"; by name where no other order is asked for."""
    context = context_of(info)
    found = [
        Ref(home, name, pointer)
        for name, pointer in (await context.refs(home)).items()
        if name.startswith(ref_prefix)
    ]
    commits: dict[str, Commit] = {}
    if order_by and order_by["field"] == "TAG_COMMIT_DATE":
        commits = await context.git(home).commits(one.oid for one in found)

    def date(one: Ref) -> tuple[datetime, str]:
        commit = commits.get(one.oid)  # a tag may be of a file
        return commit.committer.at if commit else _EPOCH, one.qualified_name

    orders = {"ALPHABETICAL": lambda one: one.qualified_name, "TAG_COMMIT_DATE": date}
    return page("refs", ordered(found, order_by, orders), first, after)


def find_ref(home: Repository, refs: dict[str, Pointer], name: str) -> Ref | None:
    """The ref that a name stands for, in the order in which git looks."""
    for spelling in (name, f"refs/tags/{name}", f"refs/heads/{name}"):
        if spelling in refs:
            return Ref(home, spelling, refs[spelling])
    return None


@answers("object", "Repository")
async def object_(
    home: Repository, info: Info, oid: str | None = None, expression: str | None = None
) -> CommitAt | TagAt | TreeAt | Blob | OtherObject | None:
    """An object by its name, or by `rev` or `rev:path`, where `rev` is HEAD, a ref or a commit."""
    revision, colon, path = (oid or expression or "").partition(":")
    context = context_of(info)
    start = await resolve(context, home, revision)
    if start is None:
        return None
    if colon:
        return await content_at(context, home, start.commit, path)
    return object_at(home, start)


def object_at(home: Repository, pointer: Pointer) -> CommitAt | TagAt | OtherObject:
    """The object that something points at; an annotated tag is not peeled."""
    match pointer.kind:
        case "commit":
            return CommitAt(home, pointer.oid)
        case "tag":
            return TagAt(home, pointer.oid)
    return OtherObject(pointer.kind.capitalize(), pointer.oid)


async def resolve(context: Context, home: Repository, revision: str) -> Pointer | None:
    """What a revision points at: HEAD, a ref, 40 hex digits, or "owner:branch" of the same network."""
    owner, colon, branch = revision.partition(":")
    git = context.git(home)
    if colon:
        fork = context.world.fork_of(home, owner)
        found = fork and find_ref(fork, await context.refs(fork), f"refs/heads/{branch}")
        return found.pointer if found and await git.kind(found.oid) else None
    name = f"refs/heads/{home.default_branch}" if revision == "HEAD" else revision
    known = find_ref(home, await context.refs(home), name)
    if known:
        return known.pointer
    kind = await git.kind(revision) if _OID.fullmatch(revision) else None
    if kind is None:
        return None
    return Pointer(revision, kind, (await git.tag(revision)).target if kind == "tag" else revision)


@answers("id", "Ref")
def ref_id(ref: Ref, _: Info) -> str:
    """A node id of its own."""
    return f"REF_{ref.repository.database_id}_{ref.qualified_name}"


@answers("name", "Ref")
def ref_name(ref: Ref, _: Info) -> str:
    """The name after "refs/heads/" or "refs/tags/"."""
    return ref.qualified_name.split("/", 2)[-1]


@answers("prefix", "Ref")
def ref_prefix(ref: Ref, _: Info) -> str:
    """What comes before the name."""
    return ref.qualified_name.removesuffix(ref_name(ref, _))


@answers("target", "Ref")
def ref_target(ref: Ref, _: Info) -> CommitAt | TagAt | OtherObject:
    """What it points at: a commit, or an annotated tag."""
    return object_at(ref.repository, ref.pointer)


@answers("associatedPullRequests", "Ref")
async def ref_pull_requests(
    ref: Ref, info: Info, states: list[str] | None = None, first: int | None = None, after: str | None = None
) -> Connection:
    """The pull requests whose head is this branch, whatever repository they are opened in."""
    branch, home = ref_name(ref, info), ref.repository.database_id
    found = [
        pull
        for pull in context_of(info).world.pulls.values()
        if (pull.head_repository, pull.head_ref_name) == (home, branch)
        and (states is None or pull.state.value in states)
    ]
    return page("associatedPullRequests", found, first, after)


@answers("compare", "Ref")
async def compare(ref: Ref, info: Info, head_ref: str) -> Comparison | None:
    """This ref against a head; null when there is no such head."""
    head = await resolve(context_of(info), ref.repository, head_ref)
    return Comparison(ref.repository, ref.oid, head.commit) if head else None
