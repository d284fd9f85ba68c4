"""What Signalbox writes to GitHub: only what differs, and all of it in one GraphQL mutation document."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import msgspec

from bot.github.connection import InstallationConnection
from bot.github.nodes import Published
from bot.text.check import CheckOutput

# The mutations that Signalbox makes, each with the type of its input (GraphQL reference, "Mutations").
INPUTS: Final = {
    "createCheckRun": "CreateCheckRunInput!",
    "updateCheckRun": "UpdateCheckRunInput!",
    "updatePullRequest": "UpdatePullRequestInput!",
}


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
            "COMPLETED",
            content["conclusion"],
            content["externalId"],
        ):
            writes.append(
                Write("updateCheckRun", {"repositoryId": repository, "checkRunId": run.id, **content})
            )
    return writes


def retarget(pull: str, base: str) -> Write:
    """Return the write that gives a pull request (node id) another base."""
    return Write("updatePullRequest", {"pullRequestId": pull, "baseRefName": base})


async def write(connection: InstallationConnection, writes: Sequence[Write]) -> None:
    """Make all writes in one request; nothing to write costs none. Raises as `Connection.ask`."""
    if writes:
        variables = {f"input{index}": dict(each.input) for index, each in enumerate(writes)}
        await connection.ask(document(writes), variables)


def document(writes: Sequence[Write]) -> str:
    """Return one mutation document with an alias for each write."""
    parameters = ", ".join(f"$input{index}: {INPUTS[each.mutation]}" for index, each in enumerate(writes))
    fields = "\n".join(
        f"  m{index}: {each.mutation}(input: $input{index}) {{ clientMutationId }}"
        for index, each in enumerate(writes)
    )
    return f"mutation Publish({parameters}) {{\n{fields}\n}}"


def _content(output: CheckOutput) -> dict[str, Any]:
    """The part of a check run that an evaluation decides, with a digest that tells whether it changed.

    GitHub's schema does not show a run's actions, so comparing field by field would miss them.
    """
    content: dict[str, Any] = {
        "status": "COMPLETED",
        "conclusion": output.conclusion.upper(),
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
