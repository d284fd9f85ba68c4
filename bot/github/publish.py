"""What Signalbox writes to GitHub: only what differs, and all of it in one GraphQL mutation document."""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import msgspec

from bot.github.connection import InstallationConnection
from bot.github.conversation import OwnComment
from bot.github.nodes import Published
from bot.rules.commands import Answer
from bot.rules.verdict import Conclusion
from bot.text.check import CheckOutput

# The mutations that Signalbox makes, each with the type of its input (GraphQL reference, "Mutations").
INPUTS: Final = {
    "addComment": "AddCommentInput!",
    "addLabelsToLabelable": "AddLabelsToLabelableInput!",
    "addReaction": "AddReactionInput!",
    "createCheckRun": "CreateCheckRunInput!",
    "createCommitOnBranch": "CreateCommitOnBranchInput!",
    "createLabel": "CreateLabelInput!",
    "createPullRequest": "CreatePullRequestInput!",
    "removeLabelsFromLabelable": "RemoveLabelsFromLabelableInput!",
    "updateCheckRun": "UpdateCheckRunInput!",
    "updateIssueComment": "UpdateIssueCommentInput!",
    "updatePullRequest": "UpdatePullRequestInput!",
    "updateRefs": "UpdateRefsInput!",
}
# What is wanted back; of the others nothing is.
_ANSWERS: Final = {
    "createCommitOnBranch": "commit { oid }",
    "createLabel": "label { id }",
    "createPullRequest": "pullRequest { number }",
}
# Where a ref that is deleted leads to (GraphQL reference, "updateRefs").
_NOTHING: Final = "0" * 40


@dataclass(frozen=True, slots=True)
class Write:
    """One mutation: its name, and its input as GitHub's schema has it."""

    mutation: str
    input: Mapping[str, Any]


def check_writes(
    repository: str, head: str, outputs: Iterable[CheckOutput], published: Iterable[Published]
) -> list[Write]:
    """Return what must be written so that the head carries these checks; nothing for those it carries.

    `repository` is a node id. A check belongs to a commit, so one that is there is updated, never doubled.
    """
    standing = {run.name: run for run in published}
    writes = []
    for output in outputs:
        content = _content(output)
        run = standing.get(output.name)
        if run is None:
            writes.append(
                Write(
                    "createCheckRun",
                    {"repositoryId": repository, "headSha": head, "name": output.name, **content},
                )
            )
        elif (run.status, run.conclusion, run.digest) != (
            content["status"],
            content.get("conclusion", ""),
            content["externalId"],
        ):
            writes.append(
                Write("updateCheckRun", {"repositoryId": repository, "checkRunId": run.id, **content})
            )
    return writes


def offer(
    repository: str,
    head: str,
    name: str,
    said: tuple[str, str],
    buttons: Sequence[tuple[str, str]],
    drawn: str,
) -> Write:
    """Return the write of a check that holds up nothing, and offers at most three buttons.

    `said` is its title and its summary (Markdown), a button a label and an identifier, of 20 characters each
    ("createCheckRun"); whoever hears of a button that was pressed is told `drawn` again.
    """
    return Write(
        "createCheckRun",
        {
            "repositoryId": repository,
            "headSha": head,
            "name": name,
            "status": "COMPLETED",
            "conclusion": "NEUTRAL",
            "output": {"title": said[0], "summary": said[1]},
            "externalId": drawn,
            "actions": [
                {"label": label[:20], "identifier": identifier, "description": label[:40]}
                for label, identifier in buttons
            ],
        },
    )


def retarget(pull: str, base: str) -> Write:
    """Return the write that gives a pull request (node id) another base."""
    return Write("updatePullRequest", {"pullRequestId": pull, "baseRefName": base})


def label_writes(pull: str, add: Sequence[str], remove: Sequence[str]) -> list[Write]:
    """Return the writes that add and take away labels of a pull request, all by node id."""
    writes = []
    if add:
        writes.append(Write("addLabelsToLabelable", {"labelableId": pull, "labelIds": list(add)}))
    if remove:
        writes.append(Write("removeLabelsFromLabelable", {"labelableId": pull, "labelIds": list(remove)}))
    return writes


def comment_writes(pull: str, standing: OwnComment | None, body: str | None) -> list[Write]:
    """Return the write that makes the one comment say `body`; None where it has nothing to say."""
    if body is None or (standing is not None and _plain(standing.body) == _plain(body)):
        return []
    if standing is None:
        return [add_comment(pull, body)]
    return [Write("updateIssueComment", {"id": standing.id, "body": body})]


def reaction_writes(answers: Iterable[Answer]) -> list[Write]:
    """Return a reaction to each order: a thumb up when it is done, down when it is refused."""
    return [reaction(answer.order.id, done=answer.refusal is None) for answer in answers]


def reaction(comment: str, *, done: bool) -> Write:
    """Return the write that marks an order (a node id) as answered."""
    content = "THUMBS_UP" if done else "THUMBS_DOWN"
    return Write("addReaction", {"subjectId": comment, "content": content})


def add_comment(subject: str, body: str) -> Write:
    """Return the write that says something on an issue or a pull request (node id)."""
    return Write("addComment", {"subjectId": subject, "body": body})


def create_label(repository: str, name: str, colour: str, description: str) -> Write:
    """Return the write that makes a label; its id is wanted back."""
    return Write(
        "createLabel",
        {"repositoryId": repository, "name": name, "color": colour, "description": description},
    )


def create_pull(repository: str, head: str, base: str, title: str, body: str, *, draft: bool) -> Write:
    """Return the write that opens a pull request between two branches; its number is wanted back."""
    return Write(
        "createPullRequest",
        {
            "repositoryId": repository,
            "baseRefName": base,
            "headRefName": head,
            "title": title,
            "body": body,
            "draft": draft,
        },
    )


def create_commit(
    full_name: str, branch: str, head: str, message: tuple[str, str], files: Mapping[str, str]
) -> Write:
    """Return the write that commits the texts of files, by path, to a branch that is still at `head`.

    `message` is its first line and all the rest; its oid is wanted back.
    """
    added = [{"path": path, "contents": b64encode(text.encode()).decode()} for path, text in files.items()]
    return Write(
        "createCommitOnBranch",
        {
            "branch": {"repositoryNameWithOwner": full_name, "branchName": branch},
            "expectedHeadOid": head,
            "message": {"headline": message[0], "body": message[1]},
            "fileChanges": {"additions": added},
        },
    )


def delete_ref(repository: str, ref: str, tip: str) -> Write:
    """Return the write that deletes a ref, by its full name, which still is at `tip` (an oid)."""
    update = {"name": ref, "beforeOid": tip, "afterOid": _NOTHING}
    return Write("updateRefs", {"repositoryId": repository, "refUpdates": [update]})


async def write(connection: InstallationConnection, writes: Sequence[Write]) -> Mapping[str, Any]:
    """Make all writes in one request, and return what was wanted back, as "m0", "m1" in their order.

    Nothing to write costs no request. Raises as `Connection.ask`.
    """
    if not writes:
        return {}
    variables = {f"input{index}": dict(each.input) for index, each in enumerate(writes)}
    return await connection.ask(document(writes), variables)


def document(writes: Sequence[Write]) -> str:
    """Return one mutation document with an alias for each write."""
    parameters = ", ".join(f"$input{index}: {INPUTS[each.mutation]}" for index, each in enumerate(writes))
    fields = "\n".join(
        f"  m{index}: {each.mutation}(input: $input{index})"
        f" {{ {_ANSWERS.get(each.mutation, 'clientMutationId')} }}"
        for index, each in enumerate(writes)
    )
    return f"mutation Publish({parameters}) {{\n{fields}\n}}"


def _content(output: CheckOutput) -> dict[str, Any]:
    """The part of a check run that an evaluation decides, with a digest that tells whether it changed.

    GitHub's schema does not show a run's actions, so comparing field by field would miss them.
    """
    pending = output.conclusion is Conclusion.PENDING
    state = {"status": "COMPLETED", "conclusion": output.conclusion.upper()}
    content: dict[str, Any] = {
        **({"status": "IN_PROGRESS"} if pending else state),
        "output": {"title": output.title, "summary": output.summary, "text": output.text},
        "actions": [
            {"label": action.label, "description": action.description, "identifier": action.identifier}
            for action in output.actions
        ],
    }
    if output.details_url:
        content["detailsUrl"] = output.details_url
    digest = sha256(msgspec.json.encode(content, order="sorted")).hexdigest()
    return {**content, "externalId": digest}


def _plain(text: str) -> str:
    """A text without what GitHub may change of it."""
    return text.replace("\r\n", "\n").strip()
