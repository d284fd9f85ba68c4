"""Commits, comparisons of commits, and the other objects of git."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from bot.localhub.git import Blob, Commit, Signature
from bot.localhub.graphql.connections import Connection, bounds, connection, page
from bot.localhub.graphql.fields import (
    CommitAt,
    Comparison,
    Info,
    OtherObject,
    TagAt,
    TreeAt,
    answers,
    context_of,
)
from bot.localhub.graphql.files import entry
from bot.localhub.model import AccountType, PullRequest
from bot.localhub.payloads.common import moment
from bot.localhub.world import Json, World

T = TypeVar("T")


@answers("id", "Blob", "Commit", "Tag", "Tree")
def object_id(found: Blob | CommitAt | TagAt | TreeAt | OtherObject, _: Info) -> str:
    """A node id of its own."""
    return f"OBJ_{found.oid}"


@answers("name", "Tag")
async def tag_name(at: TagAt, info: Info) -> str:
    """The name that the tag itself has, which the ref may have another than."""
    return (await context_of(info).git(at.repository).tag(at.oid)).name


@answers("message", "Tag")
async def tag_message(at: TagAt, info: Info) -> str:
    """What was written into the tag."""
    return (await context_of(info).git(at.repository).tag(at.oid)).message


@answers("tagger", "Tag")
async def tagger(at: TagAt, info: Info) -> Json | None:
    """Who tagged; null in tags from before git wrote that down."""
    context = context_of(info)
    signed = (await context.git(at.repository).tag(at.oid)).tagger
    return None if signed is None else _actor(context.world, signed)


@answers("target", "Tag")
async def tag_target(at: TagAt, info: Info) -> CommitAt | TagAt | OtherObject:
    """What was tagged: a commit, as a rule."""
    tag = await context_of(info).git(at.repository).tag(at.oid)
    match tag.kind:
        case "commit":
            return CommitAt(at.repository, tag.target)
        case "tag":
            return TagAt(at.repository, tag.target)
    return OtherObject(tag.kind.capitalize(), tag.target)


def _actor(world: World, who: Signature) -> Json:
    """Who did something to git. Only the address that GitHub gives tells an account."""
    login = who.email.removesuffix("@users.noreply.localhub").partition("+")[2]
    account = world.accounts.get(login.lower())
    return {
        "name": who.name,
        "email": who.email,
        "date": moment(who.at),
        "user": account if account and account.type is AccountType.USER else None,
    }


def _of(at: CommitAt, info: Info, read: Callable[[Commit], T]) -> T | Awaitable[T]:
    """Something of a commit, read from git only when it is not at hand: lists bring theirs along."""
    return _read(at, info, read) if at.commit is None else read(at.commit)


async def _read(at: CommitAt, info: Info, read: Callable[[Commit], T]) -> T:
    (commit,) = await context_of(info).git(at.repository).log(at.oid, most=1)
    return read(commit)


@answers("message", "Commit")
def message(at: CommitAt, info: Info) -> str | Awaitable[str]:
    """The whole message."""
    return _of(at, info, lambda commit: commit.message)


@answers("messageHeadline", "Commit")
def message_headline(at: CommitAt, info: Info) -> str | Awaitable[str]:
    """The first line of the message."""
    return _of(at, info, lambda commit: commit.message.partition("\n")[0])


@answers("author", "Commit")
def author(at: CommitAt, info: Info) -> Json | Awaitable[Json]:
    """Who wrote it."""
    return _of(at, info, lambda commit: _actor(context_of(info).world, commit.author))


@answers("authoredDate", "Commit")
def authored_date(at: CommitAt, info: Info) -> str | Awaitable[str]:
    """When it was written."""
    return _of(at, info, lambda commit: moment(commit.author.at))


@answers("committedDate", "Commit")
def committed_date(at: CommitAt, info: Info) -> str | Awaitable[str]:
    """When it was committed."""
    return _of(at, info, lambda commit: moment(commit.committer.at))


@answers("parents", "Commit")
def parents(
    at: CommitAt, info: Info, first: int | None = None, after: str | None = None
) -> Connection | Awaitable[Connection]:
    """The parents, in git's order."""

    def read(commit: Commit) -> Connection:
        return page("parents", [CommitAt(at.repository, oid) for oid in commit.parents], first, after)

    return _of(at, info, read)


@answers("history", "Commit")
async def history(
    at: CommitAt,
    info: Info,
    first: int | None = None,
    after: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Connection:
    """The commit and its ancestors, newest first; those that were committed in a span of time."""
    start, size = bounds("history", first, after)
    git = context_of(info).git(at.repository)
    found = await git.log(at.oid, skip=start, most=size, since=since, until=until)
    nodes = [CommitAt(at.repository, commit.oid, commit) for commit in found]
    return connection(nodes, start, await git.count(at.oid, since=since, until=until))


@answers("associatedPullRequests", "Commit")
async def associated_pull_requests(
    at: CommitAt, info: Info, first: int | None = None, after: str | None = None
) -> Connection:
    """The merged pull requests that brought this commit, and the open ones that would bring it.

    A closed one is listed for its head alone. As GitHub documents it, open ones are not listed for a commit
    of the default branch.
    """
    context = context_of(info)
    git, pulls = context.git(at.repository), context.world.pulls_of(at.repository)
    some_open = any(pull.is_open for pull in pulls)
    containing = await git.refs_containing(at.oid) if some_open else set()
    on_default = f"refs/heads/{at.repository.default_branch}" in containing

    async def brings(pull: PullRequest) -> bool:
        if pull.merge_commit is not None:
            brought = await git.log(pull.merge_commit, pull.base_ref_oid)
            return any(commit.oid == at.oid for commit in brought)
        if not pull.is_open:
            return pull.head_ref_oid == at.oid
        leads = pull.ref in containing and f"refs/heads/{pull.base_ref_name}" not in containing
        return leads and not on_default

    found = [pull for pull in pulls if await brings(pull)]
    return page("associatedPullRequests", found, first, after)


@answers("file", "Commit")
async def file(at: CommitAt, info: Info, path: str) -> dict[str, Any] | None:
    """A file as the commit has it; null where it has none."""
    found = await context_of(info).git(at.repository).blob(at.oid, path)
    return None if found is None else entry(at.repository, at.oid, path, "blob")


@answers("id", "Comparison")
def comparison_id(comparison: Comparison, _: Info) -> str:
    """A node id of its own."""
    return f"CMP_{comparison.base}_{comparison.head}"


@answers("baseTarget", "Comparison")
def base_target(comparison: Comparison, _: Info) -> CommitAt:
    """The commit compared against."""
    return CommitAt(comparison.repository, comparison.base)


@answers("headTarget", "Comparison")
def head_target(comparison: Comparison, _: Info) -> CommitAt:
    """The commit that is compared."""
    return CommitAt(comparison.repository, comparison.head)


@answers("aheadBy", "Comparison")
async def ahead_by(comparison: Comparison, info: Info) -> int:
    """How many commits the head has that the base has not."""
    return await context_of(info).git(comparison.repository).count(comparison.head, comparison.base)


@answers("behindBy", "Comparison")
async def behind_by(comparison: Comparison, info: Info) -> int:
    """How many commits the base has that the head has not."""
    return await context_of(info).git(comparison.repository).count(comparison.base, comparison.head)


@answers("commits", "Comparison")
async def commits(
    comparison: Comparison, info: Info, first: int | None = None, after: str | None = None
) -> Connection:
    """What the head has and the base has not, oldest first."""
    home = comparison.repository
    found = await context_of(info).git(home).log(comparison.head, comparison.base)
    nodes = [CommitAt(home, commit.oid, commit) for commit in reversed(found)]
    return page("commits", nodes, first, after)
