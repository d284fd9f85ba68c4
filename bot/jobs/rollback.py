"""The check that a failed deployment leaves, with its button that rolls back."""

from typing import Final

from bot.delivery.orders import Wish
from bot.errors import TellUser
from bot.github.connection import GitHub, InstallationConnection, query
from bot.github.deployments import say as say_state
from bot.github.nodes import present
from bot.github.publish import offer, write
from bot.github.rulebooks import Rulebooks
from bot.jobs.ask import Ask
from bot.jobs.dispatch import Place, carried
from bot.jobs.environments import EnvironmentOrders
from bot.message import Message, say
from bot.releases.orders import in_force
from bot.rules.commands import Verb
from bot.text.render import Markup, render
from bot.webhooks.questions import AboutButton
from service.ledger.shipments import Shipment
from service.ledger.store import Ledger

ACTION: Final = "rollback"
_CHECK: Final = "signalbox / deploy"


async def offer_rollback(connection: InstallationConnection, shipment: Shipment, why: Message) -> None:
    """Leave a check on what was deployed: it says why that failed, and its button rolls back."""
    ships, name = carried(shipment), shipment.repository.name
    if ships.commit is None:
        return
    owner, _, repo = name.partition("/")
    data = await connection.ask(query("repository"), {"owner": owner, "name": repo})
    node = present(data["repository"], f"repository {name}")
    title = say("{environment} failed", environment=shipment.environment)
    check = offer(
        node["id"],
        ships.commit,
        _CHECK,
        (render(title, ships.language), render(why, ships.language, Markup.MARKDOWN)),
        (render(say("Roll back"), ships.language), f"{ACTION}:{shipment.deployment}"),
    )
    await write(connection, [check])


class RollbackButton:
    """Rolls back for whoever pressed the button, if they may."""

    def __init__(self, github: GitHub, rulebooks: Rulebooks, ledger: Ledger, ask: Ask) -> None:
        self._github, self._rulebooks, self._ledger = github, rulebooks, ledger
        self._orders = EnvironmentOrders(ledger, ask)

    async def press(self, about: AboutButton, deployment: int) -> str:
        """Do it; the outcome is "rolled back", "refused" or "nothing to roll back".

        A refusal is told on the deployment that failed: GitHub has no answer to a button.
        """
        shipment = await self._ledger.shipments.of(about.repository_id, deployment)
        if shipment is None:
            return "nothing to roll back"
        connection = self._github.installation(about.installation)
        wish = Wish(Verb.ROLLBACK, shipment.environment, order=f"button {about.check_run}")
        try:
            rulebook = in_force(await self._rulebooks.of(connection, about.full_name))
            place = Place(connection, about.installation, shipment.repository, rulebook)
            await self._orders.carry_out(place, wish, about.login, "check button")
        except TellUser as refusal:
            told = render(refusal.messages[0], carried(shipment).language)
            await say_state(connection, about.full_name, deployment, "failure", told)
            return "refused"
        return "rolled back"
