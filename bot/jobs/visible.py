"""`visible/<installation>`: repositories have left an installation; what is kept of them says so."""

from bot.engine import Question
from bot.errors import GiveUp
from bot.github.connection import GitHub
from bot.webhooks.questions import AboutVisible
from service.ledger.store import Ledger


class VisibleJob:
    """Reads which repositories an installation has, and lets go of those that it has no more."""

    def __init__(self, github: GitHub, ledger: Ledger) -> None:
        self._github, self._ledger = github, ledger

    async def answer(self, question: Question) -> str:
        """Gather and record; the outcome is "left", or "unchanged"."""
        installation = AboutVisible.of(question).installation
        connection = self._github.installation(installation)
        try:
            found = await connection.read_all("/installation/repositories?per_page=100", "repositories")
        except GiveUp:  # the installation is gone, or suspended
            found = []
        left = await self._ledger.repositories.keep(installation, [each["id"] for each in found])
        return "left" if left else "unchanged"
