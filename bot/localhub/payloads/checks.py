"""Check suites and check runs, as `check_suite` and `check_run` events say it."""

from bot.localhub.git import Commit
from bot.localhub.model import CheckRun, CheckSuite, PullRequestState
from bot.localhub.payloads.common import api_of, app_json, commit_json, maybe, moment
from bot.localhub.payloads.pulls import pull_in_brief
from bot.localhub.world import Json, World


def suite_json(world: World, suite: CheckSuite) -> Json:
    """A check suite as check runs carry it; `check_suite` events add to it."""
    status, conclusion = world.outcome(suite)
    api = api_of(world, world.repositories[suite.repository])
    return {
        "id": suite.database_id,
        "node_id": suite.id,
        "head_branch": suite.head_branch,
        "head_sha": suite.head_oid,
        "status": status.lower(),
        "conclusion": conclusion and conclusion.lower(),
        "url": f"{api}/check-suites/{suite.database_id}",
        "before": suite.before,
        "after": suite.head_oid,
        "pull_requests": _pulls_at(world, suite),
        "app": app_json(world, suite.app),
        "created_at": moment(suite.created_at),
        "updated_at": moment(suite.created_at),
    }


def suite_in_full(world: World, suite: CheckSuite, head: Commit) -> Json:
    """A check suite as its own events carry it."""
    brief = suite_json(world, suite)
    return {
        **brief,
        "latest_check_runs_count": len(world.runs_of(suite, latest=True)),
        "check_runs_url": f"{brief['url']}/check-runs",
        "head_commit": commit_json(head),
    }


def run_json(world: World, run: CheckRun) -> Json:
    """A check run as its events carry it: without its buttons, as on GitHub."""
    suite = world.suite_of(run)
    repository = world.repositories[run.repository]
    api = f"{api_of(world, repository)}/check-runs/{run.database_id}"
    page = f"{world.url}/{repository.name_with_owner}/runs/{run.database_id}"
    return {
        "id": run.database_id,
        "node_id": run.id,
        "head_sha": run.head_oid,
        "external_id": run.external_id,
        "url": api,
        "html_url": page,
        "details_url": run.details_url or page,
        "status": run.status.lower(),
        "conclusion": run.conclusion and run.conclusion.lower(),
        "started_at": moment(run.started_at),
        "completed_at": maybe(run.completed_at),
        "output": {
            "title": run.title,
            "summary": run.summary,
            "text": run.text,
            "annotations_count": 0,
            "annotations_url": f"{api}/annotations",
        },
        "name": run.name,
        "check_suite": suite_json(world, suite),
        "app": app_json(world, run.app),
        "pull_requests": _pulls_at(world, suite),
    }


def _pulls_at(world: World, suite: CheckSuite) -> list[Json]:
    """The open pull requests of that head: GitHub leaves out those that come from forks."""
    repository = world.repositories[suite.repository]
    return [
        pull_in_brief(world, pull)
        for pull in world.pulls_of(repository, PullRequestState.OPEN)
        if pull.head_ref_oid == suite.head_oid and not pull.is_cross_repository
    ]
