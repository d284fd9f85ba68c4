"""The writes that Signalbox makes through GraphQL."""

from datetime import datetime
from typing import Any, cast

from bot.localhub.checks import CheckFields
from bot.localhub.discussion import IssueComment, Label
from bot.localhub.graphql.context import Context
from bot.localhub.graphql.discussion import reaction_groups
from bot.localhub.graphql.fields import Info, answers, context_of
from bot.localhub.model import CheckAction, CheckRun, PullRequest, Repository
from bot.localhub.refusals import Forbidden, NotFound, must_be_text

Request = dict[str, Any]


@answers("createCheckRun", "Mutation")
async def create_check_run(_: object, info: Info, request: Request) -> Request:
    """A new check run of the App."""
    context = context_of(info)
    repository = context.own(request["repository_id"], Repository)
    checks = context.acts.checks
    run = await checks.create(repository, request["head_sha"], request["name"], **_fields(request))
    return answer(request, check_run=run)


@answers("updateCheckRun", "Mutation")
async def update_check_run(_: object, info: Info, request: Request) -> Request:
    """Say something else in a check run of the App."""
    context = context_of(info)
    repository = context.own(request["repository_id"], Repository)
    run = context.own(request["check_run_id"], CheckRun)
    if run.repository != repository.database_id:
        raise NotFound(f"{repository.name_with_owner} has no check run '{run.id}'")
    if run.app != context.world.app:
        raise Forbidden("Resource not accessible by integration")
    return answer(request, check_run=await context.acts.checks.update(run, **_fields(request)))


@answers("createPullRequest", "Mutation")
async def create_pull_request(_: object, info: Info, request: Request) -> Request:
    """A pull request of the App."""
    context = context_of(info)
    repository = context.own(request["repository_id"], Repository)
    must_be_text("title", request["title"])
    pull = await context.acts.pulls.open(
        repository,
        head=request["head_ref_name"].removeprefix("refs/heads/"),
        base=request["base_ref_name"].removeprefix("refs/heads/"),
        by=context.world.app.bot,
        title=request["title"],
        body=request.get("body") or "",
        draft=bool(request.get("draft")),
    )
    return answer(request, pull_request=pull)


@answers("updatePullRequest", "Mutation")
async def update_pull_request(_: object, info: Info, request: Request) -> Request:
    """Another base or title, or open and closed."""
    context = context_of(info)
    pull = context.own(request["pull_request_id"], PullRequest)
    pulls, bot, state = context.acts.pulls, context.world.app.bot, request.get("state")
    base, title = request.get("base_ref_name"), request.get("title")
    pull = await pulls.edit(pull, by=bot, base=base, title=title)
    if state == "CLOSED":
        pull = await pulls.close(pull, by=bot)
    elif state == "OPEN" and not pull.is_open:
        pull = await pulls.reopen(pull, by=bot)
    return answer(request, pull_request=pull)


@answers("createLabel", "Mutation")
async def create_label(_: object, info: Info, request: Request) -> Request:
    """A new label of a repository."""
    context = context_of(info)
    repository = context.own(request["repository_id"], Repository)
    label = await context.acts.labels.create(
        repository,
        request["name"],
        by=context.world.app.bot,
        color=request["color"],
        description=request.get("description"),
    )
    return answer(request, label=label)


@answers("addLabelsToLabelable", "Mutation")
async def add_labels(_: object, info: Info, request: Request) -> Request:
    """Put labels on a pull request."""
    context = context_of(info)
    pull, labels = _labelled(context, request)
    pull = await context.acts.labels.attach(pull, labels, by=context.world.app.bot)
    return answer(request, labelable=pull)


@answers("removeLabelsFromLabelable", "Mutation")
async def remove_labels(_: object, info: Info, request: Request) -> Request:
    """Take labels off a pull request."""
    context = context_of(info)
    pull, labels = _labelled(context, request)
    pull = await context.acts.labels.detach(pull, labels, by=context.world.app.bot)
    return answer(request, labelable=pull)


@answers("addComment", "Mutation")
async def add_comment(_: object, info: Info, request: Request) -> Request:
    """A comment of the App in the conversation."""
    context = context_of(info)
    subject = context.own_subject(request["subject_id"])
    bot, body = context.world.app.bot, request["body"]
    comment = await context.acts.comments.write(subject, by=bot, body=body)
    return answer(request, subject=subject, comment_edge={"node": comment})


@answers("updateIssueComment", "Mutation")
async def update_issue_comment(_: object, info: Info, request: Request) -> Request:
    """Other words in a comment."""
    context = context_of(info)
    comment = context.own(request["id"], IssueComment)
    comment = await context.acts.comments.edit(comment, request["body"], by=context.world.app.bot)
    return answer(request, issue_comment=comment)


@answers("deleteIssueComment", "Mutation")
async def delete_issue_comment(_: object, info: Info, request: Request) -> Request:
    """Take a comment away."""
    context = context_of(info)
    comment = context.own(request["id"], IssueComment)
    await context.acts.comments.delete(comment, by=context.world.app.bot)
    return answer(request)


@answers("addReaction", "Mutation")
async def add_reaction(_: object, info: Info, request: Request) -> Request:
    """React to a comment of the conversation."""
    context = context_of(info)
    comment = context.own(request["subject_id"], IssueComment)
    bot = context.world.app.bot
    comment = await context.acts.comments.react(comment, request["content"], by=bot)
    return answer(request, reaction_groups=reaction_groups(comment, info))


def answer(request: Request, **made: object) -> Request:
    """What a mutation answers: the caller's own id for it, and what was made."""
    return {"client_mutation_id": request.get("client_mutation_id"), **made}


def _labelled(context: Context, request: Request) -> tuple[PullRequest, list[Label]]:
    """A pull request, and labels of its own repository."""
    pull = context.own(request["labelable_id"], PullRequest)
    labels = [context.own(id, Label) for id in request["label_ids"]]
    for label in labels:
        if label.repository != pull.repository:
            raise NotFound(f"Could not resolve to a node with the global id of '{label.id}'")
    return pull, labels


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
