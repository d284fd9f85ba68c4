"""Check suites, check runs and commit statuses: what Apps and others say of a commit."""

from bot.localhub.graphql.connections import Connection, page
from bot.localhub.graphql.fields import CommitAt, Info, answers, context_of
from bot.localhub.model import CheckRun, CheckSuite
from bot.localhub.world import Json


@answers("checkSuites", "Commit")
def check_suites(
    at: CommitAt,
    info: Info,
    first: int | None = None,
    after: str | None = None,
    filter_by: dict[str, int] | None = None,
) -> Connection:
    """The check suites on this commit: every App has one at most."""
    suites = context_of(info).world.suites_on(at.repository.database_id, at.oid)
    wanted = (filter_by or {}).get("app_id")
    found = [suite for suite in suites if wanted in {None, suite.app.database_id}]
    return page("checkSuites", found, first, after)


@answers("statusCheckRollup", "Commit")
def status_check_rollup(at: CommitAt, info: Info) -> Json | None:
    """The newest check run of each name of each App, and the newest status of each context."""
    world, home = context_of(info).world, (at.repository.database_id, at.oid)
    runs = [run for suite in world.suites_on(*home) for run in world.runs_of(suite, latest=True)]
    contexts = [*runs, *world.statuses_on(*home)]
    return {"id": f"SCR_{at.oid}", "contexts": contexts} if contexts else None


@answers("contexts", "StatusCheckRollup")
def contexts(rollup: Json, _: Info, first: int | None = None, after: str | None = None) -> Connection:
    """The check runs, then the statuses."""
    return page("contexts", rollup["contexts"], first, after)


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
    own = suite.app.database_id
    if wanted.get("app_id", own) != own:
        runs = []
    found = [run for run in runs if wanted.get("check_name", run.name) == run.name]
    return page("checkRuns", found, first, after)


@answers("checkSuite", "CheckRun")
def check_suite(run: CheckRun, info: Info) -> CheckSuite:
    """The suite that a run belongs to."""
    return context_of(info).world.suite_of(run)


@answers("url", "CheckRun")
def run_url(run: CheckRun, info: Info) -> str:
    """Where a person looks at it."""
    world = context_of(info).world
    return f"{world.url}/{world.repositories[run.repository].name_with_owner}/runs/{run.database_id}"
