"""`installation/<id>`, `members/<id>`: something about an account changed; its repositories are looked at."""

from bot.engine import Question
from bot.github.connection import GitHub
from bot.jobs.fanout import FanOut
from bot.webhooks.questions import AboutAccess, AboutInstallation, AboutRepository


class InstallationJob:
    """Asks about every repository of an installation: all of it, or what hangs on who may do what."""

    def __init__(
        self, github: GitHub, fan_out: FanOut, about: type[AboutRepository | AboutAccess] = AboutRepository
    ) -> None:
        self._github, self._fan_out, self._about = github, fan_out, about

    async def answer(self, question: Question) -> str:
        """Raise a question for each, one after another; the outcome is "asked"."""
        installation = AboutInstallation.of(question).installation
        connection = self._github.installation(installation)
        found = await connection.read_all("/installation/repositories?per_page=100", "repositories")
        await self._fan_out.repositories(
            self._about(
                installation=installation,
                repository=repository["node_id"],
                repository_id=repository["id"],
                full_name=repository["full_name"],
            )
            for repository in found
        )
        return "asked"
