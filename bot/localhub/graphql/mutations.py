"""The writes that Signalbox makes through GraphQL."""

from datetime import datetime
from typing import Any, cast

from bot.localhub.checks import CheckFields
from bot.localhub.graphql.context import Context
from bot.localhub.graphql.fields import Info, answers, context_of
from bot.localhub.model import CheckAction, CheckRun, PullRequest, Repository
from bot.localhub.refusals import NotFound

Request = dict[str, Any]


@answers("createCheckRun", "Mutation")
async def create_check_run(_: object, info: Info, request: Request) -> Request:
    """A new check run of the App."""
    context = context_of(info)
    repository = _repository(context, request["repository_id"])
    run = await context.checks.create(repository, request["head_sha"], request["name"], **_fields(request))
    return {"client_mutation_id": request.get("client_mutation_id"), "check_run": run}


@answers("updateCheckRun", "Mutation")
async def update_check_run(_: object, info: Info, request: Request) -> Request:
    """Say something else in a check run of the App."""
    context = context_of(info)
    repository = _repository(context, request["repository_id"])
    run = context.world.node(request["check_run_id"])
    if not isinstance(run, CheckRun) or run.repository != repository.database_id:
        raise _no_node(request["check_run_id"])
    run = await context.checks.update(run, **_fields(request))
    return {"client_mutation_id": request.get("client_mutation_id"), "check_run": run}


@answers("updatePullRequest", "Mutation")
async def update_pull_request(_: object, info: Info, request: Request) -> Request:
    """Another base or title, or open and closed."""
    context = context_of(info)
    pull = context.world.node(request["pull_request_id"])
    if not isinstance(pull, PullRequest):
        raise _no_node(request["pull_request_id"])
    context.must_own(context.world.repositories[pull.repository])
    bot, state = context.world.app.bot, request.get("state")
    base, title = request.get("base_ref_name"), request.get("title")
    pull = await context.pulls.edit(pull, by=bot, base=base, title=title)
    if state == "CLOSED":
        pull = await context.pulls.close(pull, by=bot)
    elif state == "OPEN" and not pull.is_open:
        pull = await context.pulls.reopen(pull, by=bot)
    return {"client_mutation_id": request.get("client_mutation_id"), "pull_request": pull}


def _repository(context: Context, id: str) -> Repository:
    repository = context.world.node(id)
    if not isinstance(repository, Repository) or not context.may_see(repository):
        raise _no_node(id)
    context.must_own(repository)
    return repository


def _no_node(id: str) -> NotFound:
    return NotFound(f"Could not resolve to a node with the global id of '{id}'")


def _fields(request: Request) -> CheckFields:
    """What the request says of a check run, in the words of the model."""
    fields: dict[str, Any] = {
        name: request[name]
        for name in ("status", "conclusion", "external_id", "details_url")
        if request.get(name) is not None
    }
    for name in ("started_at", "completed_at"):
        if request.get(name) is not None:
            fields[name] = datetime.fromisoformat(request[name])
    if output := request.get("output"):
        fields |= {"title": output["title"], "summary": output["summary"], "text": output.get("text")}
    if request.get("actions") is not None:
        fields["actions"] = tuple(CheckAction(**action) for action in request["actions"])
    return cast(CheckFields, fields)
