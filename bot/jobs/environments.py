"""What people order of environments: promote, roll back, hold, freeze."""

from dataclasses import replace

from bot.delivery import shipment as delivery
from bot.delivery.orders import MARKS, Wish, environment, refusal
from bot.errors import TellUser
from bot.github.people import logins, role
from bot.jobs.ask import Ask
from bot.jobs.dispatch import Place, ask_about
from bot.jobs.marks import Marks, marked
from bot.jobs.promotions import Order, Promotions
from bot.message import Message
from bot.rules.commands import Verb
from bot.webhooks.questions import AboutDelivery
from service.ledger.shipments import Shipment
from service.ledger.store import Ledger


class EnvironmentOrders:
    """Carries out what people order of environments.

    All raise `TellUser` for what may not or cannot be done, and as GitHub and the ledger do.
    """

    def __init__(self, ledger: Ledger, ask: Ask) -> None:
        self._ask = ask
        self._promotions, self._marks = Promotions(ledger), Marks(ledger)

    async def carry_out(self, place: Place, wish: Wish, login: str, origin: str) -> Message:
        """Do what somebody wants, who may; what was done. It is audited, `origin` as the ledger has it."""
        await self.must_be_allowed(place, wish, login)
        if wish.verb not in MARKS:
            return await self._promotions.carry_out(place, Order(wish, login, origin))
        await self._mark(place, wish, login, origin)
        await self._marks.announce(place, wish, login)
        return marked(wish)

    async def mark(self, place: Place, wish: Wish, login: str) -> Message:
        """Hold, freeze and so on as somebody, who may, says by a deployment of their own; what was done."""
        await self.must_be_allowed(place, wish, login)
        await self._mark(place, wish, login, "deployment")
        return marked(wish)

    async def take_over(self, place: Place, wish: Wish, login: str, deployment: int) -> delivery.Shipment:
        """Deploy what somebody wants by a deployment of their own, who may; what that one is to carry."""
        await self.must_be_allowed(place, wish, login)
        wish = replace(wish, order=f"deployment {deployment}")
        return await self._promotions.take_over(place, Order(wish, login, "deployment"))

    async def roll_back(self, place: Place, shipment: Shipment, login: str) -> Message:
        """Roll an image back because it failed where a shipment brought it, once; see `carry_out`."""
        number = shipment.deployment
        order = f"failure {number}"
        wish = Wish(Verb.ROLLBACK, shipment.environment, order=order, about=number, alone=True)
        return await self._promotions.carry_out(place, Order(wish, login, "failure"))

    async def must_be_allowed(self, place: Place, wish: Wish, login: str) -> None:
        """Raise TellUser unless somebody may do this now, by GitHub's word and the rulebook's."""
        where = environment(place.rulebook, wish.environment)
        allowed = await role(place.connection, place.repository.name, login)
        teams = [name for name in where.by if "/" in name]
        members = [one for team in teams for one in await logins(place.connection, team)]
        if refused := refusal(where, allowed, login, members):
            raise TellUser(refused)

    async def _mark(self, place: Place, wish: Wish, login: str, origin: str) -> None:
        if stop := await self._marks.put(place, wish, login, origin):
            raise TellUser(stop)
        if wish.verb in {Verb.RELEASE_HOLD, Verb.THAW}:  # what was held back may go now
            await self._ask(ask_about(AboutDelivery, place.installation, place.repository).question)
