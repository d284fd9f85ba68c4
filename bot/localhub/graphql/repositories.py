"""Repositories, their owners and their refs."""

import re
from datetime import UTC, datetime
from typing import Any

from bot.localhub.git import Blob
from bot.localhub.graphql.connections import Connection, page
from bot.localhub.graphql.context import Context
from bot.localhub.graphql.fields import CommitAt, Comparison, Info, OtherObject, Ref, answers, context_of
from bot.localhub.model import Account, PullRequest, PullRequestState, Repository
from bot.localhub.payloads.common import moment
from bot.localhub.refusals import NotFound
from bot.localhub.world import Node

_OID = re.compile("[0-9a-f]{40}")


@answers("id", "Query")
def query_id(_: object, _info: Info) -> str:
    """The root is a node too."""
    return "Q_1"


@answers("node", "Query")
def node(_: object, info: Info, id: str) -> Node:
    """Anything with a node id that the caller may see."""
    return context_of(info).node(id)


@answers("repository", "Query")
def repository(_: object, info: Info, owner: str, name: str) -> Repository:
    """A repository that the caller may see."""
    context = context_of(info)
    found = context.world.repository(f"{owner}/{name}")
    if found is None or not context.may_see(found):
        raise NotFound(f"Could not resolve to a Repository with the name '{owner}/{name}'.")
    return found


@answers("repository", "User", "Organization")
def repository_of(account: Account, info: Info, name: str) -> Repository:
    """The same, from its owner."""
    found: Repository = repository(None, info, account.login, name)
    return found


@answers("rateLimit", "Query")
def rate_limit(_: object, info: Info) -> dict[str, Any]:
    """What is left of this hour."""
    context = context_of(info)
    call = context.call
    state = context.meter.state(call.caller, "graphql", context.world.now())
    return {
        **state,
        "cost": call.price.points,
        "reset_at": moment(datetime.fromtimestamp(state["reset"], UTC)),
    }


@answers("url", "Repository")
def repository_url(home: Repository, info: Info) -> str:
    """Where a person looks at it."""
    return f"{context_of(info).world.url}/{home.name_with_owner}"


@answers("pullRequest", "Repository")
def pull_request(home: Repository, info: Info, number: int) -> PullRequest:
    """One pull request; an unknown number is an error besides null, as on GitHub."""
    found = context_of(info).world.pulls.get((home.database_id, number))
    if found is None:
        raise NotFound(f"Could not resolve to a PullRequest with the number of {number}.")
    return found


@answers("pullRequests", "Repository")
def pull_requests(
    home: Repository,
    info: Info,
    first: int | None = None,
    after: str | None = None,
    states: list[str] | None = None,
    head_ref_name: str | None = None,
    base_ref_name: str | None = None,
) -> Connection:
    """The pull requests of a repository, by number."""
    wanted = [PullRequestState(state) for state in states or ()]
    found = [
        pull
        for pull in context_of(info).world.pulls_of(home, *wanted)
        if head_ref_name in {None, pull.head_ref_name} and base_ref_name in {None, pull.base_ref_name}
    ]
    return page("pullRequests", found, first, after)


@answers("ref", "Repository")
async def ref(home: Repository, info: Info, qualified_name: str) -> Ref | None:
    """A branch or tag, by its short or its full name."""
    return find_ref(home, await context_of(info).refs(home), qualified_name)


def find_ref(home: Repository, refs: dict[str, str], name: str) -> Ref | None:
    """The ref that a name stands for, in the order in which git looks."""
    for spelling in (name, f"refs/tags/{name}", f"refs/heads/{name}"):
        if spelling in refs:
            return Ref(home, spelling, refs[spelling])
    return None


@answers("object", "Repository")
async def object_(
    home: Repository, info: Info, oid: str | None = None, expression: str | None = None
) -> CommitAt | Blob | OtherObject | None:
    """An object by its name, or by `rev` or `rev:path`, where `rev` is HEAD, a ref or a commit."""
    revision, colon, path = (oid or expression or "").partition(":")
    context = context_of(info)
    start = await resolve(context, home, revision)
    if start is None:
        return None
    git = context.git(home)
    if colon:
        return await git.blob(start, path)
    kind = await git.kind(start)
    return CommitAt(home, start) if kind == "commit" else OtherObject(str(kind).capitalize(), start)


async def resolve(context: Context, home: Repository, revision: str) -> str | None:
    """The object that a revision names: HEAD, a ref, 40 hex digits, or "owner:branch" of the same network."""
    owner, colon, branch = revision.partition(":")
    if colon:
        fork = context.world.fork_of(home, owner)
        found = fork and find_ref(fork, await context.refs(fork), f"refs/heads/{branch}")
        return found.oid if found and await context.git(home).kind(found.oid) else None
    name = f"refs/heads/{home.default_branch}" if revision == "HEAD" else revision
    known = find_ref(home, await context.refs(home), name)
    if known:
        return known.oid
    return revision if _OID.fullmatch(revision) and await context.git(home).kind(revision) else None


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
def ref_target(ref: Ref, _: Info) -> CommitAt:
    """The commit (annotated tags are peeled)."""
    return CommitAt(ref.repository, ref.oid)


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
    return Comparison(ref.repository, ref.oid, head) if head else None
