"""Holds and freezes, and their ends: what people say about an environment, which deploys nothing.

Each is a deployment all the same, so that GitHub shows who said what, and when.
"""

import logging

from bot.delivery.orders import Wish
from bot.delivery.shipment import KEY
from bot.errors import GiveUp
from bot.github.deployments import NewDeployment, create_deployment
from bot.jobs.dispatch import Place
from bot.message import Message, say
from bot.rules.commands import Verb
from service.ledger.audit import Entry, Filter, appending
from service.ledger.environments import Environment, Freeze, Hold
from service.ledger.store import Ledger

logger = logging.getLogger(__name__)


class Marks:
    """Keeps what people say about environments. All raise as GitHub and the ledger do."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger, self._clock = ledger, ledger.clock

    async def put(self, place: Place, wish: Wish, login: str, origin: str) -> Message | None:
        """Mark an environment, and audit it; why not, where it stands otherwise than somebody thinks.

        A run that was cut off after it finds that it is done.
        """
        if await self._write(place, wish, login, origin):
            return None
        said = await self._ledger.environments.get(place.repository, wish.environment)
        return None if await self._is_done(place, wish, login, said) else _standing_already(wish, said)

    async def announce(self, place: Place, wish: Wish, login: str) -> None:
        """Make the deployment that says so; whoever hears of it says there that it is done.

        Where GitHub will not have one, the mark stands without. There is none, either, where somebody else
        carries out what is deployed: they might take it for something to deploy.
        """
        if place.rulebook.delivery.repository is None:
            return
        environments = [*place.rulebook.environments]
        new = NewDeployment(
            ref=await self._default_branch(place),
            environment=wish.environment,
            task=str(wish.verb),
            description=f"{login}: {wish.reason}",
            payload={KEY: {"by": login, "order": wish.order}},
            production=wish.environment == environments[-1],
        )
        try:
            await create_deployment(place.connection, place.repository.name, new)
        except GiveUp as refusal:
            logger.warning("%s of %s has no deployment: %s", wish.verb, place.repository.name, refusal)

    async def _default_branch(self, place: Place) -> str:
        known = await self._ledger.repositories.locate(place.repository.name)
        return known.default_branch if known else place.rulebook.branches.main[0]

    async def _write(self, place: Place, wish: Wish, login: str, origin: str) -> bool:
        table, now = self._ledger.environments, self._clock()
        said = await table.get(place.repository, wish.environment)
        where = (place.repository, wish.environment)
        act = Entry(now, login, str(wish.verb), wish.environment, wish.reason, origin, place.repository)
        match wish.verb:
            case Verb.HOLD:
                return await table.hold(*where, Hold(login, wish.reason, now), None, appending(act))
            case Verb.FREEZE:
                return await table.freeze(*where, Freeze(login, wish.reason, now, None), None, appending(act))
            case Verb.RELEASE_HOLD:
                seen = wish.seen or (said.hold.since if said.hold else None)
                return bool(seen) and await table.hold(*where, None, seen, appending(act))
            case _:
                seen = wish.seen or (said.freeze.since if said.freeze else None)
                return bool(seen) and await table.freeze(*where, None, seen, appending(act))

    async def _is_done(self, place: Place, wish: Wish, login: str, said: Environment) -> bool:
        """Whether it stands as this order wants it, by this very order as far as can be told."""
        mark = said.hold if wish.verb in {Verb.HOLD, Verb.RELEASE_HOLD} else said.freeze
        if mark is not None:
            return wish.verb in {Verb.HOLD, Verb.FREEZE} and (mark.by, mark.why) == (login, wish.reason)
        act = Filter(place.repository.id, login, str(wish.verb), wish.environment)
        return any(each.why == wish.reason for each in (await self._ledger.audit.entries(act)).entries)


def marked(wish: Wish) -> Message:
    """Say what came of it."""
    texts = {
        Verb.HOLD: say("{environment} is held at what it runs.", environment=wish.environment),
        Verb.RELEASE_HOLD: say("{environment} is held no longer.", environment=wish.environment),
        Verb.FREEZE: say("{environment} is frozen.", environment=wish.environment),
    }
    return texts.get(wish.verb, say("{environment} is frozen no longer.", environment=wish.environment))


def _standing_already(wish: Wish, said: Environment) -> Message:
    match wish.verb:
        case Verb.HOLD:
            login = said.hold.by if said.hold else ""
            return say("{login} holds {environment} already.", login=login, environment=wish.environment)
        case Verb.FREEZE:
            return say("{environment} is frozen already.", environment=wish.environment)
        case Verb.RELEASE_HOLD if said.hold is None:
            return say("Nobody holds {environment}.", environment=wish.environment)
        case Verb.THAW if said.freeze is None:
            return say("Nobody has frozen {environment}.", environment=wish.environment)
    return say(
        "{environment} is no longer as your page showed it: somebody was quicker. Decide again.",
        environment=wish.environment,
    )
