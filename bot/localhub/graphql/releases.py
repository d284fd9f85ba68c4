"""Releases of a repository."""

from bot.localhub.graphql.connections import Connection, ordered, page
from bot.localhub.graphql.fields import CommitAt, Info, Ref, answers, context_of
from bot.localhub.graphql.refs import find_ref
from bot.localhub.model import Account, AccountType, Release, Repository
from bot.localhub.payloads.releases import release_page
from bot.localhub.world import Json


@answers("release", "Repository")
def release(home: Repository, info: Info, tag_name: str) -> Release | None:
    """The published release of a tag; null where there is none."""
    return context_of(info).world.release(home, tag_name)


@answers("latestRelease", "Repository")
def latest_release(home: Repository, info: Info) -> Release | None:
    """The release that the repository shows first."""
    world = context_of(info).world
    number = world.latest.get(home.database_id)
    return None if number is None else world.releases[number]


@answers("releases", "Repository")
def releases(
    home: Repository,
    info: Info,
    first: int | None = None,
    after: str | None = None,
    order_by: Json | None = None,
) -> Connection:
    """The releases, newest first where no other order is asked for; drafts for who may write."""
    context = context_of(info)
    found = [
        one for one in context.world.releases_of(home) if not one.is_draft or context.visitor.covers(home)
    ]
    orders = {
        "CREATED_AT": lambda one: (one.created_at, one.database_id),
        "NAME": lambda one: (one.name or one.tag_name, one.database_id),
    }
    order = order_by or {"field": "CREATED_AT", "direction": "DESC"}
    return page("releases", ordered(found, order, orders), first, after)


@answers("isLatest", "Release")
def is_latest(one: Release, info: Info) -> bool:
    """Whether the repository shows it first."""
    return context_of(info).world.latest.get(one.repository) == one.database_id


@answers("author", "Release")
def author(one: Release, _: Info) -> Account | None:
    """Who made it; null for a bot, which is no user."""
    return one.author if one.author and one.author.type is AccountType.USER else None


@answers("tag", "Release")
async def tag(one: Release, info: Info) -> Ref | None:
    """Its tag; null where that was never made, or was deleted."""
    context = context_of(info)
    home = context.world.repositories[one.repository]
    return find_ref(home, await context.refs(home), f"refs/tags/{one.tag_name}")


@answers("tagCommit", "Release")
async def tag_commit(one: Release, info: Info) -> CommitAt | None:
    """The commit that its tag stands for."""
    found = await tag(one, info)
    return found and CommitAt(found.repository, found.oid)


@answers("url", "Release")
def release_url(one: Release, info: Info) -> str:
    """Where a person reads it."""
    return release_page(context_of(info).world, one)
