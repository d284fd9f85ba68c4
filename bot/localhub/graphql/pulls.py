"""Pull requests, check suites and check runs."""

from bot.localhub.git import Change
from bot.localhub.graphql.connections import Connection, page
from bot.localhub.graphql.fields import Info, Ref, answers, context_of
from bot.localhub.graphql.repositories import find_ref
from bot.localhub.model import CheckRun, CheckSuite, PullRequest, Repository
from bot.localhub.payloads.common import maybe, moment
from bot.localhub.world import App

_MOST_FILES = 3_000


@answers("url", "PullRequest")
def pull_url(pull: PullRequest, info: Info) -> str:
    """Where a person looks at it."""
    world = context_of(info).world
    return f"{world.url}/{world.repositories[pull.repository].name_with_owner}/pull/{pull.number}"


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


@answers("id", "CheckSuite")
def suite_id(suite: CheckSuite, _: Info) -> str:
    """Its node id."""
    return suite.id


@answers("app", "CheckSuite")
def suite_app(_: CheckSuite, info: Info) -> App:
    """The App, which has all suites here."""
    return context_of(info).world.app


@answers("status", "CheckSuite")
def suite_status(suite: CheckSuite, info: Info) -> str:
    """COMPLETED once every run is."""
    return context_of(info).world.outcome(suite)[0]


@answers("conclusion", "CheckSuite")
def suite_conclusion(suite: CheckSuite, info: Info) -> str | None:
    """The strictest conclusion of its runs."""
    return context_of(info).world.outcome(suite)[1]


@answers("checkRuns", "CheckSuite")
def check_runs(
    suite: CheckSuite,
    info: Info,
    first: int | None = None,
    after: str | None = None,
    filter_by: dict[str, object] | None = None,
) -> Connection:
    """The check runs of a suite: all, or the latest of each name."""
    world, wanted = context_of(info).world, filter_by or {}
    runs = world.runs_of(suite, latest=wanted.get("check_type", "LATEST") == "LATEST")
    if wanted.get("app_id", world.app.database_id) != world.app.database_id:
        runs = []
    found = [run for run in runs if wanted.get("check_name", run.name) == run.name]
    return page("checkRuns", found, first, after)


@answers("startedAt", "CheckRun")
def started_at(run: CheckRun, _: Info) -> str:
    """When it began."""
    return moment(run.started_at)


@answers("completedAt", "CheckRun")
def completed_at(run: CheckRun, _: Info) -> str | None:
    """When it ended."""
    return maybe(run.completed_at)


@answers("url", "CheckRun")
def run_url(run: CheckRun, info: Info) -> str:
    """Where a person looks at it."""
    world = context_of(info).world
    return f"{world.url}/{world.repositories[run.repository].name_with_owner}/runs/{run.database_id}"
