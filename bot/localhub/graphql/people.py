"""Organisations and their teams."""

from bot.localhub.graphql.connections import Connection, page
from bot.localhub.graphql.fields import Info, answers, context_of
from bot.localhub.model import Account, AccountType, Team
from bot.localhub.refusals import NotFound


@answers("organization", "Query")
def organization(_: object, info: Info, login: str) -> Account:
    """An organisation; an unknown login is an error besides null, as on GitHub."""
    found = context_of(info).world.accounts.get(login.lower())
    if found is None or found.type is not AccountType.ORGANIZATION:
        raise NotFound(f"Could not resolve to an Organization with the login of '{login}'.")
    return found


@answers("team", "Organization")
def team(account: Account, info: Info, slug: str) -> Team | None:
    """A team, for who is installed on the organisation; null where there is none of that name."""
    context = context_of(info)
    if not context.visitor.covers(account):
        return None
    wanted = (account, slug.lower())
    teams = context.world.teams.values()
    return next((one for one in teams if (one.organization, one.slug.lower()) == wanted), None)


@answers("members", "Team")
def members(one: Team, _: Info, first: int | None = None, after: str | None = None) -> Connection:
    """The members of a team, in the order in which they joined."""
    return page("members", one.members, first, after)
