"""`news/…` and `dwelling/…`: Argo CD says how an application stands, and a deployment comes to its end.

Success needs the image itself, the revision that brought it, and that it stays healthy for a while (D8).
"""

from datetime import timedelta
from typing import Final

from bot.delivery.argocd import News, State, state_of
from bot.engine import Question
from bot.errors import TellUser
from bot.github.connection import GitHub, InstallationConnection
from bot.github.deployments import say as say_state
from bot.github.origin import contains
from bot.github.rulebooks import Rulebooks
from bot.jobs.ask import Ask
from bot.jobs.dispatch import Place, ask_about, carried, is_followed
from bot.jobs.environments import EnvironmentOrders
from bot.jobs.onward import offer_promotion, offer_rollback
from bot.jobs.target import Targets
from bot.message import Message, say
from bot.releases.orders import in_force
from bot.text.render import render
from bot.webhooks.questions import AboutDwelling, AboutNews
from service.ledger.shipments import Shipment
from service.ledger.shipments import State as Stage
from service.ledger.store import Ledger


class NewsJob:
    """Follows what is written until it runs, or fails."""

    def __init__(
        self, github: GitHub, rulebooks: Rulebooks, ledger: Ledger, targets: Targets, ask: Ask
    ) -> None:
        self._github, self._rulebooks, self._ledger = github, rulebooks, ledger
        self._targets, self._ask, self._clock = targets, ask, ledger.clock
        self._orders = EnvironmentOrders(ledger, ask)

    async def hear(self, question: Question) -> str:
        """What Argo CD told; the outcome is the gravest that it means, or "nobody waits"."""
        news = AboutNews.of(question).news
        outcome = "nobody waits"
        for shipment in await self._ledger.shipments.written(news.app):
            state = state_of(news, carried(shipment).shipped)
            if state is State.SILENT or not await self._is_there(shipment, news):
                continue
            outcome = str(state)
            if state is State.FAILED:
                reason = say("Argo CD: {health}, {phase}. {message}", health=news.health, phase=news.phase,
                             message=news.message)  # fmt: skip
                await self._failed(shipment, reason)
            else:
                await self._healthy(shipment)
        return outcome

    async def look(self, question: Question) -> str:
        """See whether a deployment has stayed healthy for as long as it has to."""
        about = AboutDwelling.of(question)
        shipment = await self._ledger.shipments.of(about.repository_id, about.deployment)
        if shipment is None or shipment.state is not Stage.WRITTEN or shipment.healthy_at is None:
            return "over"
        until = shipment.healthy_at + timedelta(seconds=carried(shipment).dwell)
        if self._clock() < until:
            await self._ask(_dwelling(shipment), not_before=until)
            return "waits"
        await self._succeeded(shipment)
        return "healthy"

    async def look_around(self) -> str:
        """Give up what was written and nothing was heard of for too long; how many these are."""
        late = [each for each in await self._ledger.shipments.written() if self._is_late(each)]
        for shipment in late:
            patience = carried(shipment).patience
            heard = say("Nothing was heard of it for {minutes} minutes.", minutes=patience)
            merged = say("Nobody merged it within {days} days.", days=_PROPOSED.days)
            await self._failed(shipment, heard if shipment.revision else merged)
        return f"{len(late)} given up"

    def _is_late(self, shipment: Shipment) -> bool:
        if shipment.healthy_at is not None or shipment.written_at is None:
            return False
        # What a pull request writes has no revision yet: a person takes longer than Argo CD.
        minutes = timedelta(minutes=carried(shipment).patience)
        return self._clock() >= shipment.written_at + (minutes if shipment.revision else _PROPOSED)

    async def _healthy(self, shipment: Shipment) -> None:
        if shipment.healthy_at is not None:
            return
        now, dwell = self._clock(), timedelta(seconds=carried(shipment).dwell)
        await self._ledger.shipments.move(shipment, Stage.WRITTEN, healthy_at=now)
        if dwell:
            await self._ask(_dwelling(shipment), not_before=now + dwell)
        else:
            await self._succeeded(shipment)

    async def _succeeded(self, shipment: Shipment) -> None:
        """Say that it runs, and that what ran before does not any more, which GitHub would not (D10)."""
        if not await self._ledger.shipments.move(shipment, Stage.SETTLED):
            return
        await self._say(shipment, "success", _RUNS)
        history = await self._ledger.shipments.history(shipment.repository.id, shipment.environment)
        for before in history:
            if before.healthy_at is not None and is_followed(before, shipment):
                await self._say(before, "inactive", _REPLACED)
                break
        await offer_promotion(self._connection(shipment), shipment)

    async def _failed(self, shipment: Shipment, why: Message) -> None:
        if not await self._ledger.shipments.move(shipment, Stage.SETTLED, healthy_at=None):
            return
        await self._say(shipment, "failure", why)
        ships = carried(shipment)
        if ships.degraded == "button":
            await offer_rollback(self._connection(shipment), shipment, why)
        # A rollback that fails too is for people to look at.
        if ships.degraded == "rollback" and not ships.by:
            await self._roll_back(shipment)

    async def _roll_back(self, shipment: Shipment) -> None:
        connection, name = self._connection(shipment), shipment.repository.name
        rulebook = in_force(await self._rulebooks.of(connection, name))
        place = Place(connection, shipment.installation, shipment.repository, rulebook)
        try:
            await self._orders.roll_back(place, shipment, _ITSELF)
        except TellUser as refusal:
            await self._say(shipment, "failure", refusal.messages[0])

    async def _is_there(self, shipment: Shipment, news: News) -> bool:
        """Whether the revision that was synced has what was written; of a pull request the image says it."""
        if shipment.revision is None or shipment.target is None:
            return True
        if shipment.revision == news.revision:
            return True
        connection = await self._targets.connection(shipment.target)
        return await contains(connection, shipment.target, news.revision, shipment.revision)

    async def _say(self, shipment: Shipment, state: str, why: Message) -> None:
        told = render(why, carried(shipment).language)
        await say_state(
            self._connection(shipment), shipment.repository.name, shipment.deployment, state, told
        )

    def _connection(self, shipment: Shipment) -> InstallationConnection:
        return self._github.installation(shipment.installation)


def _dwelling(shipment: Shipment) -> Question:
    about = ask_about(
        AboutDwelling, shipment.installation, shipment.repository, deployment=shipment.deployment
    )
    return about.question


_PROPOSED: Final = timedelta(days=7)
_ITSELF: Final = "signalbox"
_RUNS: Final = say("Argo CD says that it runs and is healthy.")
_REPLACED: Final = say("Something else runs there now.")
