"""`installation/<id>`: the App came to an account, or came back; its repositories are looked at."""

from datetime import UTC, datetime

from bot.engine import Question
from bot.github.connection import GitHub
from bot.jobs.ask import Ask
from bot.jobs.repository import PACE
from bot.webhooks.questions import AboutInstallation, AboutRepository


class InstallationJob:
    """Asks about every repository of an installation."""

    def __init__(self, github: GitHub, ask: Ask) -> None:
        self._github, self._ask = github, ask

    async def answer(self, question: Question) -> str:
        """Raise a question for each, one after another; the outcome is "asked"."""
        installation = AboutInstallation.of(question).installation
        connection = self._github.installation(installation)
        now = datetime.now(UTC)
        found = await connection.read_all("/installation/repositories?per_page=100", "repositories")
        for place, repository in enumerate(found):
            about = AboutRepository(
                installation=installation,
                repository=repository["node_id"],
                repository_id=repository["id"],
                full_name=repository["full_name"],
            )
            await self._ask(about.question, not_before=now + place * PACE)
        return "asked"
