"""Pull requests that write what is to be deployed: opened, read, withdrawn."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.github import nodes
from bot.github.connection import InstallationConnection, query
from bot.github.gitops import Ground, commit
from bot.github.orders import read_branches
from bot.github.releasing import Repository, create_branch, delete_branch, open_pull


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pull request as it stands: the branch that it brings, the commit (an oid) at its tip, and its base.

    `merged` is the commit that merged it, None where nobody did; `default` the repository's default branch.
    """

    head: str
    tip: str
    base: str
    default: str
    from_fork: bool
    is_open: bool
    merged: str | None
    url: str


async def read_proposal(connection: InstallationConnection, repository: str, number: int) -> Proposal:
    """Read a pull request; `repository` is a node id. Raises `GiveUp` where it is gone."""
    data = await connection.ask(query("proposal"), {"repository": repository, "number": number})
    node = nodes.present(data["repository"], f"repository {repository}")
    pull = nodes.present(node["pullRequest"], f"pull request {number}")
    return Proposal(
        head=pull["headRefName"],
        tip=pull["headRefOid"],
        base=pull["baseRefName"],
        default=node["defaultBranchRef"]["name"],
        from_fork=pull["isCrossRepository"],
        is_open=pull["state"] == "OPEN",
        # Before it is merged, GitHub names the merge that it tried (G7).
        merged=pull["mergeCommit"]["oid"] if pull["state"] == "MERGED" else None,
        url=pull["url"],
    )


async def propose(
    connection: InstallationConnection,
    full_name: str,
    ground: Ground,
    branch: str,
    message: tuple[str, str],
    files: Mapping[str, str],
) -> int:
    """Open the pull request that writes the texts of files, by path, on a branch of its own; its number.

    What a run that was cut off has left is found and gone on from. Raises as `open_pull` and `commit`.
    """
    repository = Repository.of(connection, ground.id, full_name)
    found = (await read_branches(connection, ground.id, [branch])).get(branch)
    if found is None:
        await create_branch(repository, branch, ground.head)
    if found is None or found.tip == ground.head:
        await commit(connection, full_name, ground, message, files, branch=branch)
    if found is not None and ground.branch in found.pulls:
        return found.pulls[ground.branch]
    return await open_pull(repository, branch, ground.branch, *message)


async def withdraw(connection: InstallationConnection, full_name: str, branch: str) -> None:
    """Delete the branch of such a pull request, which closes it for good; it may be gone already."""
    repository = await Repository.named(connection, full_name)
    found = (await read_branches(connection, repository.id, [branch])).get(branch)
    if found is not None:
        await delete_branch(repository, branch, found.tip)
