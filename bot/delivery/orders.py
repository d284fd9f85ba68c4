"""What is commanded of environments: what was wished for, and who may wish it."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rapidfuzz.distance import OSA

from bot.errors import TellUser
from bot.message import Message, say
from bot.rules.commands import MARK, OF_ENVIRONMENT, Verb, arguments_of, unquoted, verb_of
from bot.rules.environments import before
from bot.rules.facts import Role
from bot.rules.models import Rulebook
from bot.rules.shipping import Environment

LONGEST_REASON: Final = 1000
_TO: Final = re.compile(r"(?:to\s+(?P<version>\S+))?\s*(?P<confirm>confirm)?", re.IGNORECASE)
# What is said about an environment; nothing is deployed by it, and it needs a reason.
MARKS: Final = OF_ENVIRONMENT - {Verb.PROMOTE, Verb.ROLLBACK}


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants of an environment (a key of the rulebook's).

    `version` is where to roll back to, None for where the rulebook says; of a promotion it is the tag or the
    version of an image, None for the newest one, or for what runs in the environment before. `confirmed` is
    that they were told what stands against it. `reason` is "" where none is asked for. `order` tells the
    order from every other one. `seen` is since when (aware) a hold or a freeze stands that is to be taken
    back, None for whatever stands.
    `about` is the deployment that it is about, None for none; `alone` takes it back without the others of its
    commit.
    """

    verb: Verb
    environment: str
    version: str | None = None
    confirmed: bool = False
    reason: str = ""
    order: str = ""
    seen: datetime | None = None
    about: int | None = None
    alone: bool = False


def wished(body: str, rulebook: Rulebook) -> Wish:
    """Read the order in a comment. Raises TellUser where it names no environment, or lacks a reason."""
    verb = verb_of(body)
    if verb not in OF_ENVIRONMENT:
        raise TellUser(say("Expected one of {known}.", known=tuple(sorted(OF_ENVIRONMENT))))
    name, _, rest = arguments_of(body).partition(" ")
    environment(rulebook, name)
    if verb in MARKS:
        if not (reason := unquoted(rest)[:LONGEST_REASON]):
            command = f'{MARK} {verb} {name} "…"'
            raise TellUser(say("Expected a reason: {command}", command=command))
        return Wish(verb, name, reason=reason)
    if verb is Verb.PROMOTE:
        return Wish(verb, name, _image_to_promote(rulebook, name, rest.strip()))
    said = _TO.fullmatch(rest.strip())
    if said is None:
        raise _unexpected(f"{MARK} rollback {name} to VERSION", rest)
    return Wish(verb, name, said["version"], confirmed=said["confirm"] is not None)


def _image_to_promote(rulebook: Rulebook, name: str, said: str) -> str | None:
    """The tag or version of the image that is to go there, where no environment before it says which."""
    if before(rulebook, name) is not None and said:
        raise _unexpected(f"{MARK} promote {name}", said)
    if len(said.split()) > 1:
        raise _unexpected(f"{MARK} promote {name} TAG", said)
    return said or None


def _unexpected(command: str, found: str) -> TellUser:
    return TellUser(say("Expected {command}; found {found}.", command=command, found=found.strip()))


def environment(rulebook: Rulebook, name: str) -> Environment:
    """Return an environment of the rulebook. Raises TellUser, with the nearest one, where there is none."""
    known = tuple(rulebook.environments)
    if name in known:
        return rulebook.environments[name]
    nearest = min(known, key=lambda other: OSA.distance(name, other), default="")
    if name and nearest and OSA.distance(name, nearest) <= max(1, len(name) // 2):
        raise TellUser(say("{word} is not known; did you mean {nearest}?", word=name, nearest=nearest))
    raise TellUser(say("Expected one of {known}.", known=known))


def refusal(place: Environment, role: Role, login: str, members: Collection[str]) -> Message | None:
    """Say why somebody may not do anything to an environment; None where they may.

    `members` are the logins of the teams that the rulebook names, as GitHub has them now.
    """
    needed = Role[place.permission.upper()]
    if role < needed:
        return say("This needs the permission {role}, or more.", role=place.permission)
    named = {each.casefold() for each in (*place.by, *members)}
    if place.by and login.casefold() not in named:
        return say("By the rulebook only {people} may do this.", people=place.by)
    return None
