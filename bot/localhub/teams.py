"""Teams of an organisation: who joins them, who leaves, and who leaves the organisation."""

from collections.abc import Iterable
from dataclasses import replace

from bot.localhub.model import Account, Team
from bot.localhub.payloads.common import account_json
from bot.localhub.payloads.people import member_json, team_json
from bot.localhub.world import World, as_now


class Teams:
    """What people do with teams; the App on the organisation hears who comes and goes."""

    def __init__(self, world: World) -> None:
        self._world = world

    def create(self, organization: Account, slug: str, members: Iterable[Account] = ()) -> Team:
        """A new team, with members from the beginning."""
        return self._put(Team(self._world.number(), organization, slug, tuple(members)))

    def join(self, team: Team, person: Account, *, by: Account) -> Team:
        """Let a person into a team."""
        team = as_now(self._world.teams, team)
        if person not in team.members:
            team = self._put(replace(team, members=(*team.members, person)))
            self._tell(team, person, "added", by)
        return team

    def leave(self, team: Team, person: Account, *, by: Account) -> Team:
        """Take a person out of a team."""
        team = as_now(self._world.teams, team)
        if person in team.members:
            team = self._put(team.without(person))
            self._tell(team, person, "removed", by)
        return team

    def remove_member(self, organization: Account, person: Account, *, by: Account) -> None:
        """Take a person out of an organisation: out of its teams, and off its repositories."""
        world = self._world
        for team in world.teams.values():
            if team.organization == organization:
                self._put(team.without(person))
        for repository in world.repositories.values():
            if repository.owner == organization:
                world.permissions.pop((repository.database_id, person.login.lower()), None)
        body = {"membership": member_json(world, organization, person), "sender": by}
        world.announce("organization", "member_removed", organization, body)

    def _put(self, team: Team) -> Team:
        self._world.teams[team.database_id] = team
        return team

    def _tell(self, team: Team, person: Account, action: str, by: Account) -> None:
        world = self._world
        member = account_json(world, person)
        body = {"scope": "team", "member": member, "team": team_json(world, team), "sender": by}
        world.announce("membership", action, team.organization, body)
