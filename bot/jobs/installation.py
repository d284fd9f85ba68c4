"""`installation/<id>`: the App came to an account, or came back; its repositories are looked at."""

from bot.engine import Question
from bot.github.connection import GitHub
from bot.jobs.subject import Ask, InstallationSubject, read


class InstallationJob:
    """Asks about every repository of an installation."""

    def __init__(self, github: GitHub, ask: Ask) -> None:
        self._github, self._ask = github, ask

    async def answer(self, question: Question) -> str:
        """Raise a question for each; the outcome is "asked"."""
        installation = read(question, InstallationSubject).installation
        connection = self._github.installation(installation)
        found = await connection.read_all("/installation/repositories?per_page=100", "repositories")
        await self._ask(
            *(
                Question(
                    key=f"repository/{repository['id']}",
                    subject={
                        "installation": installation,
                        "repository": repository["node_id"],
                        "repository_id": repository["id"],
                        "full_name": repository["full_name"],
                    },
                )
                for repository in found
            )
        )
        return "asked"
