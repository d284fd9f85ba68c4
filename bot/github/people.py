"""What GitHub says of people: what they may do, who is in a team, who pushed."""

from typing import Any, Final

from bot.errors import GiveUp
from bot.github.connection import InstallationConnection, Missing, query
from bot.github.nodes import Node
from bot.rules.facts import Actor, Author, Role

_PERMISSION: Final = "/repos/{owner}/{repo}/collaborators/{login}/permission"
_ACTIVITY: Final = "/repos/{owner}/{repo}/activity?per_page=100&ref={ref}"
_ROLES: Final = {role.name.lower(): role for role in Role}
_TEAM: Final = (("organization",), ("organization", "team"))


async def role(connection: InstallationConnection, full_name: str, login: str) -> Role:
    """Return what a person may do in a repository now; what cannot be read is no permission.

    A role of the organisation's own making counts as the one that it is built on.
    """
    owner, _, name = full_name.partition("/")
    try:
        answer = await connection.read(_PERMISSION, owner=owner, repo=name, login=login)
    except GiveUp:
        return Role.NONE
    return _ROLES.get(str(answer.get("role_name")), _ROLES[answer["permission"]])


async def members(connection: InstallationConnection, team: str) -> frozenset[str] | None:
    """Return the node ids of all members of `owner/team`; None where the App cannot read it."""
    found = await _team(connection, team)
    return None if found is None else frozenset(node["id"] for node in found)


async def logins(connection: InstallationConnection, team: str) -> frozenset[str]:
    """Return the logins of all members of `owner/team`; none where the App cannot read it."""
    return frozenset(node["login"] for node in await _team(connection, team) or ())


async def _team(connection: InstallationConnection, team: str) -> list[Node] | None:
    owner, _, slug = team.partition("/")
    found, after = list[Node](), None
    while True:
        variables = {"owner": owner, "slug": slug, "after": after}
        data = await connection.ask(query("members"), variables, may_miss=_TEAM)
        read = (data["organization"] or {}).get("team")
        if read is None:
            return None
        found += read["members"]["nodes"]
        if not read["members"]["pageInfo"]["hasNextPage"]:
            return found
        after = read["members"]["pageInfo"]["endCursor"]


async def pusher(connection: InstallationConnection, full_name: str, branch: str, oid: str) -> Author | None:
    """Return who pushed a commit to a branch, by GitHub's own record and no clock (R5).

    None where the record of the last hundred pushes does not have it, or cannot be read.
    """
    owner, _, name = full_name.partition("/")
    try:
        pushes = await connection.read(_ACTIVITY, owner=owner, repo=name, ref=f"refs/heads/{branch}")
    except Missing:
        return None
    actor: Any = next((push["actor"] for push in pushes if push["after"] == oid), None)
    if actor is None:
        return None
    kind = Actor.BOT if actor["type"] == "Bot" else Actor.PERSON
    return Author(actor["login"], kind, actor["node_id"])
