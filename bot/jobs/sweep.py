"""The sweep: deliveries that never reached Signalbox are asked for again (G1).

GitHub sends a webhook once and keeps a failed one for three days; what was stored here is not a failure,
whatever GitHub's own clock made of the answer.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from bot.github.connection import GitHub, Missing

PERIOD_SECONDS: Final = 300
_FAILED: Final = "/app/hook/deliveries?status=failure&per_page=100"
_ATTEMPT: Final = "/app/hook/deliveries/{delivery}/attempts"
# What was refused this often (malformed, say) is not going to be accepted.
MOST_ATTEMPTS: Final = 5


class Sweep:
    """Asks GitHub to redeliver what it could not deliver."""

    def __init__(self, github: GitHub, seen: Callable[[Iterable[str]], Awaitable[frozenset[str]]]) -> None:
        self._github, self._seen = github, seen

    async def run(self) -> str:
        """Ask once for every delivery that failed and is not stored; the outcome counts them."""
        failed = await self._github.app.read_all(_FAILED)
        stored = await self._seen(str(delivery["guid"]) for delivery in failed)
        lost = lost_deliveries(failed, stored)
        for delivery in lost:
            try:
                await self._github.app.send(_ATTEMPT, delivery=str(delivery))
            except Missing:
                continue  # older than the three days that GitHub keeps
        return f"redelivered {len(lost)}" if lost else "nothing lost"


def lost_deliveries(failed: list[dict[str, Any]], stored: frozenset[str]) -> list[int]:
    """Return the delivery ids to redeliver: the newest of each GUID that is not stored.

    `failed` is GitHub's list, newest first; each attempt at one GUID has an entry of its own.
    """
    attempts = Counter(str(delivery["guid"]) for delivery in failed)
    newest = {str(delivery["guid"]): int(delivery["id"]) for delivery in reversed(failed)}
    return [newest[guid] for guid, count in attempts.items() if guid not in stored and count < MOST_ATTEMPTS]
