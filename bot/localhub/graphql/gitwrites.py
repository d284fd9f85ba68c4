"""What the App writes into git through GraphQL: refs and commits."""

import base64
import binascii

from bot.localhub.git import NO_COMMIT, Pointer
from bot.localhub.graphql.context import Context
from bot.localhub.graphql.fields import CommitAt, Info, Ref, answers, context_of
from bot.localhub.graphql.mutations import Request, answer
from bot.localhub.model import Repository
from bot.localhub.refs import HEADS
from bot.localhub.refusals import NotFound, Unprocessable


@answers("createRef", "Mutation")
async def create_ref(_: object, info: Info, request: Request) -> Request:
    """A new branch or tag, by its full name."""
    context, name = context_of(info), request["name"]
    repository = context.own(request["repository_id"], Repository)
    if name in await context.refs(repository):
        raise Unprocessable(f'A ref named "{name}" already exists in the repository.')
    made = await context.acts.refs.create(repository, name, request["oid"], by=context.world.app.bot)
    context.moved(repository)
    return answer(request, ref=Ref(repository, name, made))


@answers("updateRef", "Mutation")
async def update_ref(_: object, info: Info, request: Request) -> Request:
    """Move a ref forward, or with `force` anywhere."""
    context = context_of(info)
    repository, name = _own_ref(context, request["ref_id"])
    bot, force = context.world.app.bot, bool(request.get("force"))
    moved = await context.acts.refs.update(repository, name, request["oid"], by=bot, force=force)
    context.moved(repository)
    return answer(request, ref=Ref(repository, name, moved))


@answers("updateRefs", "Mutation")
async def update_refs(_: object, info: Info, request: Request) -> Request:
    """Make, move and delete refs, where each still is where the App saw it; otherwise none."""
    context, updates = context_of(info), request["ref_updates"]
    repository = context.own(request["repository_id"], Repository)
    refs, bot = context.acts.refs, context.world.app.bot
    await refs.must_be_at(repository, {each["name"]: each.get("before_oid") for each in updates})
    for each in updates:
        name, after, before = each["name"], each["after_oid"], each.get("before_oid")
        if after == NO_COMMIT:
            await refs.delete(repository, name, by=bot, was=before)
        elif name in await context.refs(repository):
            await refs.update(repository, name, after, by=bot, force=bool(each.get("force")))
        else:
            await refs.create(repository, name, after, by=bot)
        context.moved(repository)
    return answer(request)


@answers("deleteRef", "Mutation")
async def delete_ref(_: object, info: Info, request: Request) -> Request:
    """Remove a branch or a tag."""
    context = context_of(info)
    repository, name = _own_ref(context, request["ref_id"])
    if name not in await context.refs(repository):
        raise NotFound(f"Could not resolve to a node with the global id of '{request['ref_id']}'")
    await context.acts.refs.delete(repository, name, by=context.world.app.bot)
    context.moved(repository)
    return answer(request)


@answers("createCommitOnBranch", "Mutation")
async def create_commit_on_branch(_: object, info: Info, request: Request) -> Request:
    """A commit of files on a branch that is where the App saw it."""
    context = context_of(info)
    repository, branch = _committable(context, request["branch"])
    message, changes = request["message"], request.get("file_changes") or {}
    text = f"{message['headline']}\n\n{message.get('body') or ''}".rstrip()
    made = await context.acts.refs.commit(
        repository,
        branch,
        text,
        by=context.world.app.bot,
        expected=request["expected_head_oid"],
        additions={one["path"]: _decoded(one) for one in changes.get("additions") or ()},
        deletions=[one["path"] for one in changes.get("deletions") or ()],
    )
    context.moved(repository)
    ref = Ref(repository, HEADS + branch, Pointer(made, "commit", made))
    return answer(request, commit=CommitAt(repository, made), ref=ref)


def _own_ref(context: Context, id: str) -> tuple[Repository, str]:
    """The repository of a ref, to write to, and the name of the ref."""
    kind, _, rest = id.partition("_")
    number, _, name = rest.partition("_")
    if kind != "REF":
        raise NotFound(f"Could not resolve to Ref node with the global id of '{id}'")
    return context.own(f"R_{number}", Repository), name


def _committable(context: Context, branch: Request) -> tuple[Repository, str]:
    """The repository and the branch that a commit is for: by the branch's id, or by both their names."""
    id, home, name = (branch.get(key) for key in ("id", "repository_name_with_owner", "branch_name"))
    if id is not None:
        repository, ref = _own_ref(context, id)
        return repository, ref.removeprefix(HEADS)
    if home is None or name is None:
        raise Unprocessable("A branch is named by its id, or by repositoryNameWithOwner and branchName")
    found = context.world.repository(home)
    if found is None:
        raise NotFound(f"Could not resolve to a Repository with the name '{home}'.")
    return context.own(found.id, Repository), name.removeprefix(HEADS)


def _decoded(addition: Request) -> bytes:
    try:
        return base64.b64decode(addition["contents"], validate=True)
    except binascii.Error as error:
        raise Unprocessable(f"The contents of '{addition['path']}' are not valid Base64") from error
