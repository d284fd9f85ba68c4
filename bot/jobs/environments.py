"""What people order of environments: promote, roll back, hold, freeze."""

from dataclasses import replace

from bot.delivery import shipment as delivery
from bot.delivery.orders import Wish, environment, refusal
from bot.errors import TellUser
from bot.github.people import logins, role
from bot.jobs.ask import Ask
from bot.jobs.dispatch import Place, ask_about
from bot.jobs.promotions import Order, Promotions
from bot.message import Message, say
from bot.rules.commands import Verb
from bot.webhooks.questions import AboutDelivery
from service.ledger.audit import Entry
from service.ledger.environments import Environment, Freeze, Hold
from service.ledger.shipments import Shipment
from service.ledger.store import Ledger


class EnvironmentOrders:
    """Carries out what people order of environments.

    All raise `TellUser` for what may not or cannot be done, and as GitHub and the ledger do.
    """

    def __init__(self, ledger: Ledger, ask: Ask) -> None:
        self._ledger, self._ask, self._clock = ledger, ask, ledger.clock
        self._promotions = Promotions(ledger)

    async def carry_out(self, place: Place, wish: Wish, login: str, origin: str) -> Message:
        """Do what somebody wants, who may; what was done. It is audited, `origin` as the ledger has it."""
        await self.must_be_allowed(place, wish, login)
        if wish.verb in {Verb.PROMOTE, Verb.ROLLBACK}:
            return await self._promotions.carry_out(place, Order(wish, login, origin))
        await self._mark(place, wish, login)
        await self._note(place, wish, login, origin, wish.reason)
        if wish.verb in {Verb.RELEASE_HOLD, Verb.THAW}:
            await self._catch_up(place)
        return _marked(wish)

    async def take_over(self, place: Place, wish: Wish, login: str, deployment: int) -> delivery.Shipment:
        """Do what somebody wants by a deployment of their own, who may; what that one is to carry."""
        await self.must_be_allowed(place, wish, login)
        wish = replace(wish, order=f"deployment {deployment}")
        return await self._promotions.take_over(place, Order(wish, login, "deployment"))

    async def roll_back(self, place: Place, shipment: Shipment, login: str) -> Message:
        """Roll an image back because it failed where a shipment brought it, once; see `carry_out`."""
        number = shipment.deployment
        order = f"failure {number}"
        wish = Wish(Verb.ROLLBACK, shipment.environment, order=order, about=number, alone=True)
        return await self._promotions.carry_out(place, Order(wish, login, "failure"))

    async def _catch_up(self, place: Place) -> None:
        """Ask where images are to go: what was held back may go now."""
        await self._ask(ask_about(AboutDelivery, place.installation, place.repository).question)

    async def must_be_allowed(self, place: Place, wish: Wish, login: str) -> None:
        """Raise TellUser unless somebody may do this now, by GitHub's word and the rulebook's."""
        where = environment(place.rulebook, wish.environment)
        allowed = await role(place.connection, place.repository.name, login)
        teams = [name for name in where.by if "/" in name]
        members = [one for team in teams for one in await logins(place.connection, team)]
        if refused := refusal(where, allowed, login, members):
            raise TellUser(refused)

    async def _mark(self, place: Place, wish: Wish, login: str) -> None:
        table, now = self._ledger.environments, self._clock()
        said = await table.get(place.repository, wish.environment)
        match wish.verb:
            case Verb.HOLD:
                done = await table.hold(place.repository, wish.environment, Hold(login, wish.reason, now))
            case Verb.FREEZE:
                freeze = Freeze(login, wish.reason, now, None)
                done = await table.freeze(place.repository, wish.environment, freeze)
            case Verb.RELEASE_HOLD:
                seen = wish.seen or (said.hold.since if said.hold else None)
                done = bool(seen) and await table.hold(place.repository, wish.environment, None, seen)
            case _:
                seen = wish.seen or (said.freeze.since if said.freeze else None)
                done = bool(seen) and await table.freeze(place.repository, wish.environment, None, seen)
        if not done and not _is_mine(wish, login, said):
            raise TellUser(_standing_already(wish, said))

    async def _note(self, place: Place, wish: Wish, login: str, origin: str, why: str) -> None:
        now = self._clock()
        entry = Entry(now, login, str(wish.verb), wish.environment, why, origin, place.repository)
        await self._ledger.audit.append(entry)


def _is_mine(wish: Wish, login: str, said: Environment) -> bool:
    """Whether this very order was carried out, by a run that was cut off."""
    mark = {Verb.HOLD: said.hold, Verb.FREEZE: said.freeze}.get(wish.verb)
    return mark is not None and (mark.by, mark.why) == (login, wish.reason)


def _marked(wish: Wish) -> Message:
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
