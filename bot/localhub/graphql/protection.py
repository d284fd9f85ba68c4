"""What stands between a pull request and its base: the checks that are required, and the merge queue."""

from bot.localhub.graphql.connections import Connection, page
from bot.localhub.graphql.fields import CommitAt, Info, Ref, answers, context_of
from bot.localhub.graphql.refs import ref_name
from bot.localhub.model import (
    MergeQueueEntry,
    PullRequest,
    PullRequestParameters,
    Repository,
    RequiredStatusChecksParameters,
)
from bot.localhub.world import Json


@answers("refUpdateRule", "Ref")
def ref_update_rule(ref: Ref, info: Info) -> Json | None:
    """The classic protection of a branch; null where it has none."""
    world, place = context_of(info).world, _place(ref, info)
    if place not in world.protections:
        return None
    approvals = 0 if place in world.reviewed else None
    contexts = world.protections[place]
    return {"required_status_check_contexts": contexts, "required_approving_review_count": approvals}


@answers("rules", "Ref")
def rules(ref: Ref, info: Info, first: int | None = None, after: str | None = None) -> Connection:
    """The rules of the rulesets that a branch is under."""
    world, place = context_of(info).world, _place(ref, info)
    checks = world.rulesets.get(place)
    found: list[tuple[str, object]] = []
    if checks:
        found.append(("REQUIRED_STATUS_CHECKS", RequiredStatusChecksParameters(checks)))
    if checks is not None and place in world.reviewed:
        methods = world.merge_methods.get(place)
        given = PullRequestParameters() if methods is None else PullRequestParameters(0, methods)
        found.append(("PULL_REQUEST", given))
    id = f"RRU_{place[0]}_{ref.qualified_name}"
    rules = [{"id": f"{id}_{kind}", "type": kind, "parameters": given} for kind, given in found]
    return page("rules", rules, first, after)


@answers("mergeQueue", "Repository")
def merge_queue(home: Repository, info: Info, branch: str | None = None) -> Json | None:
    """The queue of a branch, of the default one when none is named; null where nothing ever waited."""
    place = (home.database_id, branch or home.default_branch)
    entries = context_of(info).world.queues.get(place)
    return None if entries is None else {"id": f"MQ_{place[0]}_{place[1]}", "entries": entries}


@answers("entries", "MergeQueue")
def entries(queue: Json, info: Info, first: int | None = None, after: str | None = None) -> Connection:
    """The pull requests that wait, the next to be merged first."""
    waiting = [_entry(one, position, info) for position, one in enumerate(queue["entries"], 1)]
    return page("entries", waiting, first, after)


@answers("mergeQueueEntry", "PullRequest")
def merge_queue_entry(pull: PullRequest, info: Info) -> Json | None:
    """Where a pull request waits in its queue; null where it does not."""
    world = context_of(info).world
    entry = world.queued(pull)
    if entry is None:
        return None
    waiting = world.queues[entry.repository, entry.branch]
    return _entry(entry, 1 + waiting.index(entry), info)


def _entry(entry: MergeQueueEntry, position: int, info: Info) -> Json:
    world = context_of(info).world
    home = world.repositories[entry.repository]
    return {
        "id": entry.id,
        "position": position,
        "base_commit": CommitAt(home, entry.base_commit),
        "head_commit": CommitAt(home, entry.head_commit),
        "pull_request": world.pull_of(entry),
    }


def _place(ref: Ref, info: Info) -> tuple[int, str]:
    return ref.repository.database_id, ref_name(ref, info)
