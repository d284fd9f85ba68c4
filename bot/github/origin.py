"""Where a commit came from: the branches that stood at it."""

from dataclasses import dataclass
from typing import Final

from bot.errors import GiveUp
from bot.github.connection import InstallationConnection

_BRANCHES: Final = "refs/heads/"
_ACTIVITY: Final = "/repos/{owner}/{repo}/activity?per_page=100"


@dataclass(frozen=True, slots=True)
class Origin:
    """A commit in full (40 hexadecimal digits), and the branches that were pushed to it."""

    commit: str
    branches: tuple[str, ...]


async def read_origin(connection: InstallationConnection, full_name: str, commit: str) -> Origin | None:
    """Look for a commit, given in 7 digits or more, among the last hundred pushes to a repository.

    What holds the commit by now, because it was merged, does not count. None where the record of pushes
    (REST: "List repository activities") does not have it, or cannot be read.
    """
    owner, _, repo = full_name.partition("/")
    try:
        pushes = await connection.read(_ACTIVITY, owner=owner, repo=repo)
    except GiveUp:
        return None
    branches = (push for push in pushes if push["ref"].startswith(_BRANCHES))
    found = [push for push in branches if push["after"].startswith(commit)]
    if not found:
        return None
    names = dict.fromkeys(push["ref"].removeprefix(_BRANCHES) for push in found)
    return Origin(found[0]["after"], tuple(names))
