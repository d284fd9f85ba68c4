"""Pull requests: their sides, their files, and their merge."""

from collections.abc import Sequence

from bot.localhub.git import Change
from bot.localhub.graphql.connections import Connection, page
from bot.localhub.graphql.fields import CommitAt, Info, Ref, answers, context_of
from bot.localhub.graphql.refs import find_ref
from bot.localhub.model import PullRequest, Repository
from bot.localhub.payloads.pulls import pull_page

_MOST_FILES = 3_000


@answers("url", "PullRequest")
def pull_url(pull: PullRequest, info: Info) -> str:
    """Where a person looks at it."""
    return pull_page(context_of(info).world, pull)


@answers("headRepository", "PullRequest")
def head_repository(pull: PullRequest, info: Info) -> Repository | None:
    """Where its head branch lives; null once the fork is deleted."""
    number = pull.head_repository
    return None if number is None else context_of(info).world.repositories[number]


@answers("headRef", "PullRequest")
async def head_ref(pull: PullRequest, info: Info) -> Ref | None:
    """Its head branch; null once that is deleted."""
    home = head_repository(pull, info)
    if home is None:
        return None
    return find_ref(home, await context_of(info).refs(home), f"refs/heads/{pull.head_ref_name}")


@answers("baseRef", "PullRequest")
async def base_ref(pull: PullRequest, info: Info) -> Ref | None:
    """Its base branch; null once that is deleted."""
    home = base_repository(pull, info)
    return find_ref(home, await context_of(info).refs(home), f"refs/heads/{pull.base_ref_name}")


@answers("baseRepository", "PullRequest")
def base_repository(pull: PullRequest, info: Info) -> Repository:
    """Where it is to be merged."""
    return context_of(info).world.repositories[pull.repository]


@answers("timelineItems", "PullRequest")
def timeline_items(
    pull: PullRequest,
    _info: Info,
    item_types: Sequence[str] | None = None,
    first: int | None = None,
    after: str | None = None,
) -> Connection:
    """What happened to it, as far as the hub remembers: the changes of its base."""
    wanted = item_types is None or "BASE_REF_CHANGED_EVENT" in item_types
    return page("timelineItems", pull.base_changes if wanted else (), first, after)


@answers("mergeable", "PullRequest")
async def mergeable(pull: PullRequest, info: Info) -> str:
    """Whether it would merge without a conflict, while it is open."""
    return await context_of(info).acts.pulls.mergeable(pull)


@answers("mergeCommit", "PullRequest")
def merge_commit(pull: PullRequest, info: Info) -> CommitAt | None:
    """The commit that brought it: the merge, the squash, or the last of the rebased; null until then."""
    return None if pull.merge_commit is None else CommitAt(base_repository(pull, info), pull.merge_commit)


@answers("commits", "PullRequest")
async def pull_commits(
    pull: PullRequest, info: Info, first: int | None = None, after: str | None = None
) -> Connection:
    """What it brings, or brought, oldest first; after a squash too it is what was squashed."""
    home = base_repository(pull, info)
    found = await context_of(info).git(home).log(pull.head_ref_oid, pull.base_ref_oid)
    nodes = [
        {"id": f"PRC_{pull.number}_{commit.oid}", "commit": CommitAt(home, commit.oid, commit)}
        for commit in reversed(found)
    ]
    return page("commits", nodes, first, after)


@answers("changedFiles", "PullRequest")
async def changed_files(pull: PullRequest, info: Info) -> int:
    """How many files it changes; the list of them may be shorter."""
    return len(await _changes(pull, info))


@answers("files", "PullRequest")
async def files(
    pull: PullRequest, info: Info, first: int | None = None, after: str | None = None
) -> Connection:
    """The files that it changes; GitHub lists no more than 3,000 of them (traps, R11)."""
    return page("files", (await _changes(pull, info))[:_MOST_FILES], first, after)


async def _changes(pull: PullRequest, info: Info) -> tuple[Change, ...]:
    base = await base_ref(pull, info)
    git = context_of(info).git(base_repository(pull, info))
    return await git.changes(base.oid if base else pull.base_ref_oid, pull.head_ref_oid)
