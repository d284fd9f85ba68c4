"""The check that a deployment leaves, whose buttons promote or roll back, and hold or freeze."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from bot.delivery.orders import MARKS, Wish
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
from service.ledger.environments import Environment
from service.ledger.shipments import Shipment
from service.ledger.store import Ledger

_CHECK: Final = "signalbox / deploy"
_LABELS: Final[Mapping[Verb, Message]] = {
    Verb.PROMOTE: say("Promote"),
    Verb.ROLLBACK: say("Roll back"),
    Verb.HOLD: say("Hold"),
    Verb.RELEASE_HOLD: say("Let go"),
    Verb.FREEZE: say("Freeze"),
    Verb.THAW: say("Thaw"),
}


class _Drawn(msgspec.Struct, frozen=True):
    """What a check was drawn for: a deployment, and since when its environment was held or frozen."""

    deployment: int
    held: datetime | None = None
    frozen: datetime | None = None


class Offers:
    """Leaves checks on what was deployed. All raise as GitHub and the ledger do."""

    def __init__(self, ledger: Ledger) -> None:
        self._environments = ledger.environments

    async def after_failure(
        self, connection: InstallationConnection, shipment: Shipment, why: Message
    ) -> None:
        """Say why it failed, and offer to roll it back."""
        title = say("{environment} failed", environment=shipment.environment)
        await self._offer(connection, shipment, Verb.ROLLBACK, title, why)

    async def after_success(self, connection: InstallationConnection, shipment: Shipment) -> None:
        """Say that it runs, and offer to take it further where a person does that."""
        onward = carried(shipment).onward
        title = say("{environment} is healthy", environment=shipment.environment)
        why = say("It runs {image}.", image=carried(shipment).image)
        if onward:
            why = say("It may be promoted to {environment}.", environment=onward)
        await self._offer(connection, shipment, Verb.PROMOTE if onward else None, title, why)

    async def after_mark(
        self, connection: InstallationConnection, shipment: Shipment, login: str, done: Message
    ) -> None:
        """Say what somebody did with a button of it, and offer what may be done now."""
        ships = carried(shipment)
        step = Verb.PROMOTE if ships.onward else None
        if shipment.healthy_at is None:
            step = Verb.ROLLBACK
        why = say("{login} pressed the button of this check.", login=login)
        await self._offer(connection, shipment, step, done, why)

    async def _offer(
        self,
        connection: InstallationConnection,
        shipment: Shipment,
        step: Verb | None,
        title: Message,
        why: Message,
    ) -> None:
        ships = carried(shipment)
        if ships.commit is None:
            return
        said = await self._environments.get(shipment.repository, shipment.environment)
        drawn = _Drawn(
            shipment.deployment,
            said.hold.since if said.hold else None,
            said.freeze.since if said.freeze else None,
        )
        repository = await Repository.named(connection, shipment.repository.name)
        check = offer(
            repository.id,
            ships.commit,
            _CHECK,
            (render(title, ships.language), render(why, ships.language, Markup.MARKDOWN)),
            [(render(_LABELS[verb], ships.language), str(verb)) for verb in _verbs(step, said)],
            msgspec.json.encode(drawn).decode(),
        )
        await write(connection, [check])


def _verbs(step: Verb | None, said: Environment) -> list[Verb]:
    """The buttons: three are the most that GitHub shows."""
    marks = [
        Verb.RELEASE_HOLD if said.hold else Verb.HOLD,
        Verb.THAW if said.freeze else Verb.FREEZE,
    ]
    return [step, *marks] if step else marks


class OnwardButton:
    """Does for whoever pressed a button what it says, if they may."""

    def __init__(self, github: GitHub, rulebooks: Rulebooks, ledger: Ledger, ask: Ask) -> None:
        self._github, self._rulebooks, self._ledger = github, rulebooks, ledger
        self._orders, self._offers = EnvironmentOrders(ledger, ask), Offers(ledger)

    async def press(self, about: AboutButton, verb: Verb) -> str:
        """Do it; the outcome is "done", "refused" or "nothing to do".

        A refusal is told on the deployment that had the button: GitHub has no answer to one.
        """
        drawn = msgspec.json.decode(about.drawn, type=_Drawn)
        shipment = await self._ledger.shipments.of(about.repository_id, drawn.deployment)
        if shipment is None:
            return "nothing to do"
        connection = self._github.installation(about.installation)
        try:
            rulebook = in_force(await self._rulebooks.of(connection, about.full_name))
            place = Place(connection, about.installation, shipment.repository, rulebook)
            wish = _wish(about, verb, drawn, shipment)
            done = await self._orders.carry_out(place, wish, about.login, "check button")
        except TellUser as refusal:
            told = render(refusal.messages[0], carried(shipment).language)
            # A refusal changes nothing of how it stands: it may have been replaced by now.
            found = await read_deployment(connection, about.full_name, drawn.deployment)
            await say_state(connection, about.full_name, drawn.deployment, found.state, told)
            return "refused"
        if verb in MARKS:
            await self._offers.after_mark(connection, shipment, about.login, done)
        return "done"


def _wish(about: AboutButton, verb: Verb, drawn: _Drawn, shipment: Shipment) -> Wish:
    ships = carried(shipment)
    reason = say("The button on deployment {number}", number=drawn.deployment)
    return Wish(
        verb,
        (ships.onward or "") if verb is Verb.PROMOTE else shipment.environment,
        reason=render(reason, ships.language),
        order=f"button {about.check_run}",
        seen={Verb.RELEASE_HOLD: drawn.held, Verb.THAW: drawn.frozen}.get(verb),
        about=drawn.deployment,
    )
