"""Whom the logins and teams of a rulebook or of CODEOWNERS mean."""

from collections.abc import Iterable

from bot.rules.facts import Actor, Author, Facts


def is_team(name: str) -> bool:
    """Say whether a name is a team's, `owner/team`."""
    return "/" in name


def is_named(author: Author, names: Iterable[str], facts: Facts) -> bool | None:
    """Say whether an account is one of `names`, or in a team of them; None where a team cannot be read.

    A bot is named with "[bot]", as REST spells it: `renovate` is a person, `renovate[bot]` is not (R8).
    """
    spelled = f"{author.login}[bot]" if author.actor is Actor.BOT else author.login
    unread = False
    for name in names:
        if not is_team(name):
            if author.actor is not Actor.GHOST and name.casefold() == spelled.casefold():
                return True
            continue
        members = facts.teams.get(name.casefold())
        unread |= members is None
        if members and author.id in members:
            return True
    return None if unread else False
