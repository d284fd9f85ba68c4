"""The checks that a deployment leaves, whose buttons promote or roll back, and hold or freeze."""

from collections.abc import Mapping, Sequence
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
from bot.jobs.dispatch import Place as Deployed
from bot.jobs.dispatch import carried
from bot.jobs.environments import EnvironmentOrders
from bot.message import Message, say
from bot.releases.orders import in_force
from bot.rules.commands import Verb
from bot.text.render import Markup, render
from bot.webhooks.questions import AboutButton
from service.ledger.environments import Environment
from service.ledger.repository import Repository as Place
from service.ledger.shipments import Shipment
from service.ledger.store import Ledger

_DEPLOY: Final = "signalbox / deploy"
_HOLD: Final = "signalbox / hold"
_LONGEST_TITLE: Final = 255  # characters
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
    """Leaves checks on what was deployed, in a repository by its name now; all raise as GitHub does.

    One offers to go on or back, the other one to hold and freeze: GitHub shows three buttons of a check.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._environments = ledger.environments

    async def after_failure(
        self, connection: InstallationConnection, full_name: str, shipment: Shipment, why: Message
    ) -> None:
        """Say why it failed, and offer to roll it back."""
        title = say("{environment} failed", environment=shipment.environment)
        await self._leave(connection, full_name, shipment, title, why, steps=[Verb.ROLLBACK])

    async def after_success(
        self, connection: InstallationConnection, full_name: str, shipment: Shipment
    ) -> None:
        """Say that it runs, and offer to take it further where a person does that, or back."""
        ships = carried(shipment)
        title = say("{environment} is healthy", environment=shipment.environment)
        why = say("It runs {image}.", image=ships.image)
        if ships.onward:
            why = say("It may be promoted to {environment}.", environment=ships.onward)
        await self._leave(connection, full_name, shipment, title, why, steps=_steps(shipment))

    async def after_press(
        self, connection: InstallationConnection, about: AboutButton, shipment: Shipment, done: Message
    ) -> None:
        """Say on its check what somebody did with a button, and offer what may be done now."""
        why = say("{login} pressed a button of this check.", login=about.login)
        if about.identifier in MARKS:
            await self._leave(connection, about.full_name, shipment, done, why)
        else:
            steps = _steps(shipment)
            await self._leave(connection, about.full_name, shipment, done, why, steps=steps, marks=False)

    async def _leave(
        self,
        connection: InstallationConnection,
        full_name: str,
        shipment: Shipment,
        title: Message,
        why: Message,
        *,
        steps: Sequence[Verb] = (),
        marks: bool = True,
    ) -> None:
        """Write the check with these steps, if there are any, and the one that holds and freezes."""
        ships = carried(shipment)
        if ships.commit is None:
            return
        said = await self._environments.get(shipment.repository, shipment.environment)
        drawn = _Drawn(
            shipment.deployment,
            said.hold.since if said.hold else None,
            said.freeze.since if said.freeze else None,
        )
        buttons = {_DEPLOY: steps, _HOLD: _marks(said) if marks else ()}
        texts = (
            render(title, ships.language)[:_LONGEST_TITLE],
            render(why, ships.language, Markup.MARKDOWN),
        )
        repository = await Repository.named(connection, full_name)
        writes = [
            offer(
                repository.id,
                ships.commit,
                name,
                texts,
                [(render(_LABELS[verb], ships.language), str(verb)) for verb in verbs],
                msgspec.json.encode(drawn).decode(),
            )
            for name, verbs in buttons.items()
            if verbs
        ]
        await write(connection, writes)


def _steps(shipment: Shipment) -> list[Verb]:
    """What failed is taken no further."""
    onward = carried(shipment).onward is not None and not shipment.has_failed
    return [Verb.PROMOTE, Verb.ROLLBACK] if onward else [Verb.ROLLBACK]


def _marks(said: Environment) -> list[Verb]:
    return [
        Verb.RELEASE_HOLD if said.hold else Verb.HOLD,
        Verb.THAW if said.freeze else Verb.FREEZE,
    ]


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
            # By the name that it has now: who may do what is asked by it.
            home = Place(about.repository_id, about.full_name)
            place = Deployed(connection, about.installation, home, rulebook)
            wish = _wish(about, verb, drawn, shipment)
            done = await self._orders.carry_out(place, wish, about.login, "check button")
        except TellUser as refusal:
            told = render(refusal.messages[0], carried(shipment).language)
            # A refusal changes nothing of how it stands: it may have been replaced by now.
            found = await read_deployment(connection, about.full_name, drawn.deployment)
            await say_state(connection, about.full_name, drawn.deployment, found.state, told)
            return "refused"
        await self._offers.after_press(connection, about, shipment, done)
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
