"""How a deployment ends: it runs, it failed, or something else took its place.

GitHub is told first and the ledger last: whoever was cut off in between does all of it again, and every part
of it may be done twice.
"""

import logging
from collections.abc import Awaitable
from typing import Final, Unpack

from bot.errors import GiveUp, TellUser
from bot.github.connection import GitHub, InstallationConnection
from bot.github.deployments import say as say_state
from bot.github.rulebooks import Rulebooks
from bot.jobs.ask import Ask
from bot.jobs.dispatch import Place, carried, is_followed
from bot.jobs.environments import EnvironmentOrders
from bot.jobs.onward import Offers
from bot.message import Message, say
from bot.releases.orders import in_force
from bot.text.render import render
from service.ledger.repository import Repository
from service.ledger.shipments import Known, Shipment, State
from service.ledger.store import Ledger

logger = logging.getLogger(__name__)

RUNS: Final = say("Argo CD says that it runs and is healthy.")


class Endings:
    """Says how deployments go, and settles those that came to their end.

    `github_url` is where GitHub's pages are. All raise as GitHub and the ledger do, but for what GitHub will
    never do: that is left out, for nobody could ever end it otherwise.
    """

    def __init__(
        self, github: GitHub, rulebooks: Rulebooks, ledger: Ledger, ask: Ask, github_url: str
    ) -> None:
        self._github, self._rulebooks, self._ledger = github, rulebooks, ledger
        self._url = github_url
        self._orders, self._offers = EnvironmentOrders(ledger, ask), Offers(ledger)

    async def say(self, shipment: Shipment, state: str, why: Message, url: str = "") -> None:
        """Say how a deployment goes, in GitHub's word for it.

        `url` is where that can be seen, by default the commit that wrote it.
        """
        if not url and shipment.revision and shipment.target:
            url = f"{self._url}/{shipment.target}/commit/{shipment.revision}"
        told, home = render(why, carried(shipment).language), await self._home(shipment)
        connection = self._connection(shipment)
        saying = say_state(connection, home.name, shipment.deployment, state, told, log_url=url)
        await _if_possible(shipment, saying)

    async def begun(self, shipment: Shipment, why: Message) -> None:
        """Say that it is on its way, unless it has come to its end already."""
        if await self._is_open(shipment):
            await self.say(shipment, "in_progress", why)

    async def succeeded(self, shipment: Shipment, why: Message = RUNS, **known: Unpack[Known]) -> None:
        """Say that it runs, and that what ran before does not any more, which GitHub would not (D10).

        `known` is what else the ledger is to know of it, see `Shipments.move`.
        """
        if not await self._is_open(shipment):
            return
        await self.say(shipment, "success", why)
        history = await self._ledger.shipments.history(shipment.repository.id, shipment.environment)
        for before in history:
            if before.healthy_at is not None and is_followed(before, shipment):
                await self.say(before, "inactive", _REPLACED)
                break
        home = await self._home(shipment)
        offering = self._offers.after_success(self._connection(shipment), home.name, shipment)
        await _if_possible(shipment, offering)
        await self._ledger.shipments.move(shipment, State.SETTLED, **known)

    async def failed(self, shipment: Shipment, why: Message) -> None:
        """Say that it failed and why, and do what the rulebook wants to follow."""
        if not await self._is_open(shipment):
            return
        await self.say(shipment, "failure", why)
        ships = carried(shipment)
        if ships.degraded == "button":
            home = await self._home(shipment)
            offering = self._offers.after_failure(self._connection(shipment), home.name, shipment, why)
            await _if_possible(shipment, offering)
        # A rollback that fails too is for people to look at.
        if ships.degraded == "rollback" and not ships.by:
            await _if_possible(shipment, self._roll_back(shipment))
        await self._ledger.shipments.move(shipment, State.SETTLED, healthy_at=None)

    async def refused(self, shipment: Shipment, why: Message) -> None:
        """Say that it never came there, and why; so nothing follows."""
        if await self._is_open(shipment):
            await self.say(shipment, "failure", why)
            await self._ledger.shipments.move(shipment, State.SETTLED)

    async def set_aside(
        self, shipment: Shipment, why: Message, url: str = "", **known: Unpack[Known]
    ) -> None:
        """Say that it neither runs nor failed, and why; `known` as in `succeeded`."""
        if await self._is_open(shipment):
            await self.say(shipment, "inactive", why, url)
            await self._ledger.shipments.move(shipment, State.SETTLED, **known)

    async def _is_open(self, shipment: Shipment) -> bool:
        """Whether it still stands as it was read: another job may have ended it meanwhile."""
        now = await self._ledger.shipments.of(shipment.repository.id, shipment.deployment)
        return now is not None and now.state is shipment.state

    async def _roll_back(self, shipment: Shipment) -> None:
        connection, home = self._connection(shipment), await self._home(shipment)
        rulebook = in_force(await self._rulebooks.of(connection, home.name))
        place = Place(connection, shipment.installation, home, rulebook)
        try:
            await self._orders.roll_back(place, shipment, _ITSELF)
        except TellUser as refusal:
            await self.say(shipment, "failure", refusal.messages[0])

    async def _home(self, shipment: Shipment) -> Repository:
        """Where it is deployed from, by the name that it has now: another may have got the old one."""
        return await self._ledger.repositories.now(shipment.repository)

    def _connection(self, shipment: Shipment) -> InstallationConnection:
        return self._github.installation(shipment.installation)


async def _if_possible(shipment: Shipment, effect: Awaitable[None]) -> None:
    """Do something that nobody waits for in vain where GitHub never will."""
    try:
        await effect
    except GiveUp as refusal:
        logger.warning("deployment %d of %s: %s", shipment.deployment, shipment.repository.name, refusal)


_ITSELF: Final = "signalbox"
_REPLACED: Final = say("Something else runs there now.")
