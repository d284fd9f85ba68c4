"""The check that a deployment leaves, with a button that goes on from it: promote, or roll back."""

from collections.abc import Mapping
from typing import Final

from bot.delivery.orders import Wish
from bot.errors import TellUser
from bot.github.connection import GitHub, InstallationConnection
from bot.github.deployments import read_deployment
from bot.github.deployments import say as say_state
from bot.github.publish import offer, write
from bot.github.releasing import Repository
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

_CHECK: Final = "signalbox / deploy"
_LABELS: Final[Mapping[Verb, Message]] = {
    Verb.PROMOTE: say("Promote"),
    Verb.ROLLBACK: say("Roll back"),
}


async def offer_rollback(connection: InstallationConnection, shipment: Shipment, why: Message) -> None:
    """Leave a check on what was deployed: it says why that failed, and its button rolls back."""
    title = say("{environment} failed", environment=shipment.environment)
    await _offer(connection, shipment, Verb.ROLLBACK, title, why)


async def offer_promotion(connection: InstallationConnection, shipment: Shipment) -> None:
    """Leave a check on what runs, where a person takes it further: its button does."""
    onward = carried(shipment).onward
    if onward is None:
        return
    title = say("{environment} is healthy", environment=shipment.environment)
    why = say("It may be promoted to {environment}.", environment=onward)
    await _offer(connection, shipment, Verb.PROMOTE, title, why)


async def _offer(
    connection: InstallationConnection, shipment: Shipment, verb: Verb, title: Message, why: Message
) -> None:
    ships = carried(shipment)
    if ships.commit is None:
        return
    repository = await Repository.named(connection, shipment.repository.name)
    check = offer(
        repository.id,
        ships.commit,
        _CHECK,
        (render(title, ships.language), render(why, ships.language, Markup.MARKDOWN)),
        (render(_LABELS[verb], ships.language), f"{verb}:{shipment.deployment}"),
    )
    await write(connection, [check])


class OnwardButton:
    """Promotes or rolls back for whoever pressed the button, if they may."""

    def __init__(self, github: GitHub, rulebooks: Rulebooks, ledger: Ledger, ask: Ask) -> None:
        self._github, self._rulebooks, self._ledger = github, rulebooks, ledger
        self._orders = EnvironmentOrders(ledger, ask)

    async def press(self, about: AboutButton, verb: Verb, deployment: int) -> str:
        """Do it; the outcome is "done", "refused" or "nothing to do".

        A refusal is told on the deployment that had the button: GitHub has no answer to one.
        """
        shipment = await self._ledger.shipments.of(about.repository_id, deployment)
        if shipment is None:
            return "nothing to do"
        ships = carried(shipment)
        name = ships.onward if verb is Verb.PROMOTE else shipment.environment
        connection = self._github.installation(about.installation)
        wish = Wish(verb, name or "", order=f"button {about.check_run}", about=deployment)
        try:
            rulebook = in_force(await self._rulebooks.of(connection, about.full_name))
            place = Place(connection, about.installation, shipment.repository, rulebook)
            await self._orders.carry_out(place, wish, about.login, "check button")
        except TellUser as refusal:
            told = render(refusal.messages[0], ships.language)
            # A refusal changes nothing of how it stands: it may have been replaced by now.
            found = await read_deployment(connection, about.full_name, deployment)
            await say_state(connection, about.full_name, deployment, found.state, told)
            return "refused"
        return "done"
