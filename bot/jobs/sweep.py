"""The sweep: what never reached Signalbox is asked for again (G1), and all of it after an outage.

GitHub sends a webhook once and keeps a failed one for three days; what was stored here is not a failure,
whatever GitHub's own clock made of the answer. When GitHub could not be reached, or Signalbox was away for
longer than those three days, nobody knows what was missed: every installation is looked at.
"""

import logging
from collections import Counter
from collections.abc import Awaitable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

from bot.errors import NotBefore, Retry
from bot.github.connection import GitHub, Missing
from bot.jobs.ask import Ask
from bot.webhooks.questions import AboutInstallation

logger = logging.getLogger(__name__)

PERIOD_SECONDS: Final = 300
_FAILED: Final = "/app/hook/deliveries?status=failure&per_page=100"
_ATTEMPT: Final = "/app/hook/deliveries/{delivery}/attempts"
_INSTALLATIONS: Final = "/app/installations?per_page=100"
KEPT_BY_GITHUB: Final = timedelta(days=3)
# When GitHub could not be reached for this long, questions may have been parked meanwhile.
OUTAGE: Final = timedelta(minutes=10)
# What was refused this often (malformed, say) is not going to be accepted.
MOST_ATTEMPTS: Final = 5


class Deliveries(Protocol):
    """What is known of the deliveries that were stored."""

    def seen(self, guids: Iterable[str]) -> Awaitable[frozenset[str]]:
        """Those of `guids` that are stored."""

    @property
    def heard_before(self) -> datetime | None:
        """When the last one was stored before this process began to listen."""


class Sweep:
    """Asks GitHub to redeliver what it could not deliver, and looks at everything after an outage."""

    def __init__(
        self, github: GitHub, deliveries: Deliveries, ask: Ask, *, outage: timedelta = OUTAGE
    ) -> None:
        self._github, self._deliveries, self._ask, self._outage = github, deliveries, ask, outage
        self._failing_since: datetime | None = None
        self._away: bool | None = None  # not known before the first run

    async def run(self) -> str:
        """Sweep once; the outcome is "swept"."""
        now = datetime.now(UTC)
        if self._away is None:
            self._away = too_long_ago(self._deliveries.heard_before, now)
        try:
            await self._redeliver()
            if self._away or (self._failing_since and now - self._failing_since >= self._outage):
                await self._look_at_everything()
        except NotBefore:
            raise
        except Retry:
            self._failing_since = self._failing_since or now
            raise
        self._failing_since, self._away = None, False
        return "swept"

    async def _redeliver(self) -> None:
        failed = await self._github.app.read_all(_FAILED)
        stored = await self._deliveries.seen(str(delivery["guid"]) for delivery in failed)
        lost = lost_deliveries(failed, stored)
        if lost:
            logger.warning("%d deliveries never arrived and are asked for again", len(lost))
        for delivery in lost:
            try:
                await self._github.app.send(_ATTEMPT, delivery=str(delivery))
            except Missing:
                continue  # older than the three days that GitHub keeps

    async def _look_at_everything(self) -> None:
        installations = await self._github.app.read_all(_INSTALLATIONS)
        active = [int(each["id"]) for each in installations if not each.get("suspended_at")]
        logger.warning("after an outage, %d installations are looked at", len(active))
        await self._ask(*(AboutInstallation(installation=number).question for number in active))


def too_long_ago(newest: datetime | None, now: datetime) -> bool:
    """Whether more was missed than GitHub still keeps; who never heard of anything missed nothing."""
    return newest is not None and now - newest > KEPT_BY_GITHUB


def lost_deliveries(failed: list[dict[str, Any]], stored: frozenset[str]) -> list[int]:
    """Return the delivery ids to redeliver: the newest of each GUID that is not stored.

    `failed` is GitHub's list, newest first; each attempt at one GUID has an entry of its own.
    """
    attempts = Counter(str(delivery["guid"]) for delivery in failed)
    newest = {str(delivery["guid"]): int(delivery["id"]) for delivery in reversed(failed)}
    return [newest[guid] for guid, count in attempts.items() if guid not in stored and count < MOST_ATTEMPTS]
