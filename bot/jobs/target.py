"""The App in a GitOps repository, which may be another owner's than what is deployed."""

from typing import Final

from cachetools import TTLCache

from bot.github.connection import GitHub, InstallationConnection
from service.ledger.store import Ledger

_REMEMBERED: Final = 3600  # seconds


class Targets:
    """Finds the installation of a GitOps repository by its name ("owner/name")."""

    def __init__(self, github: GitHub, ledger: Ledger) -> None:
        self._github, self._ledger = github, ledger
        self._installations: TTLCache[str, int] = TTLCache(1024, ttl=_REMEMBERED)

    async def connection(self, target: str) -> InstallationConnection:
        """The connection to write there. Raises `GiveUp` where the App is not installed."""
        known = await self._ledger.repositories.locate(target)
        if known is not None:
            return self._github.installation(known.installation)
        if target not in self._installations:
            owner, _, repo = target.partition("/")
            found = await self._github.app.read("/repos/{owner}/{repo}/installation", owner=owner, repo=repo)
            self._installations[target] = int(found["id"])
        return self._github.installation(self._installations[target])
