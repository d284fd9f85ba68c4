"""`news/…` and `dwelling/…`: Argo CD says how an application stands, and a deployment comes to its end.

Success needs the image itself, the revision that brought it, and that it stays healthy for a while (D8).
"""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.delivery.argocd import News, State, state_of
from bot.engine import Question
from bot.errors import SignalboxError
from bot.github.origin import contains
from bot.jobs.ask import Ask
from bot.jobs.dispatch import ask_about, carried
from bot.jobs.endings import Endings
from bot.jobs.target import Targets
from bot.message import say
from bot.webhooks.questions import AboutDwelling, AboutNews
from service.ledger.shipments import Shipment
from service.ledger.shipments import State as Stage
from service.ledger.store import Ledger

logger = logging.getLogger(__name__)


class NewsJob:
    """Follows what is written until it runs, or fails."""

    def __init__(self, ledger: Ledger, targets: Targets, ask: Ask, endings: Endings) -> None:
        self._ledger, self._targets, self._ask, self._endings = ledger, targets, ask, endings
        self._clock = ledger.clock

    async def hear(self, question: Question) -> str:
        """What Argo CD told; the outcome is the gravest that it means, or "nobody waits"."""
        news = AboutNews.of(question).news
        outcome = "nobody waits"
        for shipment in await self._followed(news.app):
            state = state_of(news, carried(shipment).shipped, proposed=shipment.revision is None)
            is_known = state is State.FAILED and shipment.has_failed
            if state is State.SILENT or is_known or not await self._is_there(shipment, news):
                continue
            outcome = str(state)
            if state is State.FAILED:
                reason = say("Argo CD: {health}, {phase}. {message}", health=news.health, phase=news.phase,
                             message=news.message)  # fmt: skip
                await self._endings.failed(shipment, reason)
            else:
                await self._healthy(shipment)
        return outcome

    async def look(self, question: Question) -> str:
        """See whether a deployment has stayed healthy for as long as it has to."""
        about = AboutDwelling.of(question)
        shipment = await self._ledger.shipments.of(about.repository_id, about.deployment)
        if shipment is None or shipment.state is not Stage.WRITTEN or shipment.healthy_at is None:
            return "over"
        return await self._dwell(shipment, shipment.healthy_at)

    async def look_around(self) -> str:
        """Give up what was written and nothing was heard of for too long; how many these are.

        What has been healthy for long enough is asked about again, in case nobody did.
        """
        written = await self._ledger.shipments.written()
        for shipment in written:
            if shipment.healthy_at is not None and self._clock() >= _until(shipment, shipment.healthy_at):
                await self._ask(_dwelling(shipment))
        late = [each for each in written if self._is_late(each)]
        for shipment in late:
            try:
                await self._give_up(shipment)
            except SignalboxError as error:  # the next look says it again, and the others can do without it
                logger.warning("deployment %d was not given up: %s", shipment.deployment, error)
        return f"{len(late)} given up"

    async def _give_up(self, shipment: Shipment) -> None:
        if shipment.revision is None:  # nothing has changed there, so nothing follows
            await self._endings.refused(
                shipment, say("Nobody merged it within {days} days.", days=_PROPOSED.days)
            )
            return
        patience = carried(shipment).patience
        await self._endings.failed(
            shipment, say("Nothing was heard of it for {minutes} minutes.", minutes=patience)
        )

    def _is_late(self, shipment: Shipment) -> bool:
        if shipment.healthy_at is not None or shipment.written_at is None:
            return False
        # What a pull request writes has no revision yet: a person takes longer than Argo CD.
        minutes = timedelta(minutes=carried(shipment).patience)
        return self._clock() >= shipment.written_at + (minutes if shipment.revision else _PROPOSED)

    async def _followed(self, application: str) -> tuple[Shipment, ...]:
        """What has not come to its end, and what failed and stands there still: it may get well."""
        shipments = self._ledger.shipments
        return (*await shipments.written(application), *await shipments.failed(application))

    async def _healthy(self, shipment: Shipment) -> None:
        """Know since when it is healthy; said twice, it is asked about again and no more."""
        since = shipment.healthy_at or self._clock()
        if shipment.healthy_at is None:
            await self._ledger.shipments.move(shipment, Stage.WRITTEN, healthy_at=since)
        await self._dwell(replace(shipment, state=Stage.WRITTEN, healthy_at=since), since)

    async def _dwell(self, shipment: Shipment, since: datetime) -> str:
        until = _until(shipment, since)
        if self._clock() < until:
            await self._ask(_dwelling(shipment), not_before=until)
            return "waits"
        await self._endings.succeeded(shipment)
        return "healthy"

    async def _is_there(self, shipment: Shipment, news: News) -> bool:
        """Whether the revision that was synced has what was written; of a pull request the image says it."""
        if shipment.revision is None or shipment.target is None:
            return True
        if shipment.revision == news.revision:
            return True
        connection = await self._targets.connection(shipment.target)
        return await contains(connection, shipment.target, news.revision, shipment.revision)


def _until(shipment: Shipment, since: datetime) -> datetime:
    return since + timedelta(seconds=carried(shipment).dwell)


def _dwelling(shipment: Shipment) -> Question:
    about = ask_about(
        AboutDwelling, shipment.installation, shipment.repository, deployment=shipment.deployment
    )
    return about.question


_PROPOSED: Final = timedelta(days=7)
