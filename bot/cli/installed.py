"""A repository that a person names, as the App finds it."""

from bot.errors import TellUser
from bot.github.connection import GitHub, InstallationConnection, Missing
from bot.github.releasing import Repository
from bot.message import say


async def installed(github: GitHub, owner: str, name: str) -> tuple[InstallationConnection, str]:
    """Return the connection for a repository, and its node id. Raises TellUser where the App is not there."""
    try:
        path = "/repos/{owner}/{repo}/installation"
        installation = int((await github.app.read(path, owner=owner, repo=name))["id"])
    except Missing:
        raise TellUser(
            say("the App is not installed on {name}, or there is no such repository", name=f"{owner}/{name}")
        ) from None
    connection = github.installation(installation)
    return connection, (await Repository.named(connection, f"{owner}/{name}")).id
