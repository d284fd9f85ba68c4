"""Where a commit came from: the branches that stood at it."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from bot.errors import GiveUp
from bot.github.connection import InstallationConnection
from bot.github.nodes import Node

_BRANCHES: Final = "refs/heads/"
_MOST_FILES: Final = 300
_PAGE: Final = 100
_MOST_PAGES: Final = 5
_ACTIVITY: Final = f"/repos/{{owner}}/{{repo}}/activity?per_page={_PAGE}"


@dataclass(frozen=True, slots=True)
class Origin:
    """A commit in full (40 hexadecimal digits), and the branches that were pushed to it."""

    commit: str
    branches: tuple[str, ...]


async def read_pushes(
    connection: InstallationConnection, full_name: str, commits: Collection[str]
) -> Sequence[Origin]:
    """The last pushes to the branches of a repository, newest first: so many that `commits` are among them.

    Those are given in 7 digits or more; no more than the last 500 pushes are looked through for them. Raises
    GiveUp where they cannot be read. Source: REST, "List repository activities".
    """
    owner, _, repo = full_name.partition("/")
    pushes, sought = list[Origin](), set(commits)
    async with aclosing(connection.each(_ACTIVITY, owner=owner, repo=repo)) as listed:
        number = 0
        async for push in listed:
            number += 1
            if push["ref"].startswith(_BRANCHES):
                pushes.append(Origin(push["after"], (push["ref"].removeprefix(_BRANCHES),)))
                sought = {each for each in sought if not push["after"].startswith(each)}
            # The whole page counts: another branch may stand at the same commit.
            if number == _MOST_PAGES * _PAGE or (number % _PAGE == 0 and not sought):
                break
    return pushes


def origin_of(pushes: Iterable[Origin], commit: str) -> Origin | None:
    """Look for a commit, given in 7 digits or more, among pushes; None where nobody pushed it.

    What holds the commit by now, because it was merged, does not count.
    """
    found = [push for push in pushes if push.commit.startswith(commit)]
    if not found:
        return None
    names = dict.fromkeys(name for push in found for name in push.branches)
    return Origin(found[0].commit, tuple(names))


async def changed_files(
    connection: InstallationConnection, full_name: str, base: str, head: str
) -> tuple[str, ...] | None:
    """Name the files that differ between two commits, as `head` has them; None where not all can be read.

    GitHub lists at most 300 (REST: "Compare two commits").
    """
    compared = await _compared(connection, full_name, base, head)
    if compared is None:
        return None
    names = tuple(file["filename"] for file in compared["files"])
    return names if len(names) < _MOST_FILES else None


async def contains(connection: InstallationConnection, full_name: str, head: str, commit: str) -> bool:
    """Say whether a commit is `head` (oids) or behind it; what cannot be read is not."""
    if head == commit:
        return True
    compared = await _compared(connection, full_name, commit, head)
    return compared is not None and compared["status"] in {"ahead", "identical"}


async def _compared(connection: InstallationConnection, full_name: str, base: str, head: str) -> Node | None:
    """What GitHub says of two commits; None where it cannot be read."""
    owner, _, repo = full_name.partition("/")
    path = "/repos/{owner}/{repo}/compare/{basehead}?per_page=1"
    try:
        answer: Node = await connection.read(path, owner=owner, repo=repo, basehead=f"{base}...{head}")
    except GiveUp:
        return None
    return answer
