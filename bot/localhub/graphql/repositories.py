"""Repositories, their owners, their pull requests and issues."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bot.localhub.discussion import Issue
from bot.localhub.graphql.connections import Connection, ordered, page
from bot.localhub.graphql.fields import Info, answers, context_of
from bot.localhub.model import Account, PullRequest, PullRequestState, Repository
from bot.localhub.payloads.common import moment
from bot.localhub.refusals import NotFound
from bot.localhub.world import Json, Node, Subject, World, said_in


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
    order_by: Json | None = None,
    **names: str | None,
) -> Connection:
    """The pull requests of a repository, by number where no other order is asked for.

    `names` are those of their branches: `head_ref_name`, `base_ref_name`.
    """
    world, wanted = context_of(info).world, [PullRequestState(state) for state in states or ()]
    found = [
        pull
        for pull in world.pulls_of(home, *wanted)
        if all(name in {None, getattr(pull, side)} for side, name in names.items())
    ]
    return page("pullRequests", ordered(found, order_by, _orders(world)), first, after)


@answers("issue", "Repository")
def issue(home: Repository, info: Info, number: int) -> Issue:
    """One issue that is no pull request; another number is an error besides null, as on GitHub."""
    found = context_of(info).world.issues.get((home.database_id, number))
    if found is None:
        raise NotFound(f"Could not resolve to an Issue with the number of {number}.")
    return found


@answers("issueOrPullRequest", "Repository")
def issue_or_pull_request(home: Repository, info: Info, number: int) -> Subject:
    """Whatever has this number."""
    world, place = context_of(info).world, (home.database_id, number)
    found = world.issues.get(place) or world.pulls.get(place)
    if found is None:
        raise NotFound(f"Could not resolve to an issue or pull request with the number of {number}.")
    return found


def _orders(world: World) -> dict[str, Callable[[PullRequest], Any]]:
    """What GraphQL's `IssueOrderField` orders by."""
    return {
        "CREATED_AT": lambda pull: (pull.created_at, pull.number),
        "UPDATED_AT": lambda pull: (pull.updated_at, pull.number),
        "COMMENTS": lambda pull: (len(said_in(world.issue_comments.values(), pull)), pull.number),
    }
