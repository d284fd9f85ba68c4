"""What stands between a pull request and its base: the checks that are required, and the merge queue."""

from bot.localhub.graphql.connections import Connection, page
from bot.localhub.graphql.fields import CommitAt, Info, Ref, answers, context_of
from bot.localhub.graphql.repositories import ref_name
from bot.localhub.model import MergeQueueEntry, Repository, RequiredStatusChecksParameters
from bot.localhub.world import Json


@answers("refUpdateRule", "Ref")
def ref_update_rule(ref: Ref, info: Info) -> Json | None:
    """The classic protection of a branch; null where it has none."""
    checks = context_of(info).world.protections.get(_place(ref, info))
    return None if checks is None else {"required_status_check_contexts": checks}


@answers("rules", "Ref")
def rules(ref: Ref, info: Info, first: int | None = None, after: str | None = None) -> Connection:
    """The rules of the rulesets that a branch is under."""
    checks = context_of(info).world.rulesets.get(_place(ref, info))
    rule = {
        "id": f"RRU_{ref.repository.database_id}_{ref.qualified_name}",
        "type": "REQUIRED_STATUS_CHECKS",
        "parameters": checks and RequiredStatusChecksParameters(checks),
    }
    return page("rules", [rule] if checks else [], first, after)


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
