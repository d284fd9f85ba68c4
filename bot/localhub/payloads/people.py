"""Collaborators, teams and members, as `member`, `membership` and `organization` events say it."""

from bot.localhub.model import Account, Team
from bot.localhub.payloads.common import account_json
from bot.localhub.world import Json, World

# What the roles of today are called in the older field `permission`.
_COARSE = {"maintain": "write", "triage": "read"}


def permission_of(role: str) -> str:
    """A role in the three words that GitHub had before: admin, write, read (or none)."""
    return _COARSE.get(role, role)


def added_json(role: str) -> Json:
    """The `changes` of a collaborator who came with a role."""
    return {"permission": {"to": permission_of(role)}, "role_name": {"to": role}}


def edited_json(before: str, role: str) -> Json:
    """The `changes` of a collaborator who got another role."""
    was, now = permission_of(before), permission_of(role)
    return {"old_permission": {"from": was}, "permission": {"from": was, "to": now}}


def team_json(world: World, team: Team) -> Json:
    """A team."""
    api = f"{world.api_url}/organizations/{team.organization.database_id}/team/{team.database_id}"
    return {
        "name": team.slug,
        "id": team.database_id,
        "node_id": team.id,
        "slug": team.slug,
        "description": "",
        "privacy": "closed",
        "url": api,
        "html_url": f"{world.url}/orgs/{team.organization.login}/teams/{team.slug}",
        "members_url": f"{api}/members{{/member}}",
        "repositories_url": f"{api}/repos",
        "permission": "pull",
    }


def member_json(world: World, organization: Account, person: Account) -> Json:
    """A person's membership of an organisation."""
    api = f"{world.api_url}/orgs/{organization.login}"
    return {
        "url": f"{api}/memberships/{person.login}",
        "state": "active",
        "role": "member",
        "organization_url": api,
        "user": account_json(world, person),
    }
