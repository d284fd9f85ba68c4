"""The labels of repositories, by name: found, or made where they are missing."""

from collections.abc import Mapping, Sequence
from typing import Final

from cachetools import LRUCache

from bot.errors import GiveUp
from bot.github import nodes
from bot.github.connection import InstallationConnection, query
from bot.github.publish import create_label, write
from bot.rules.labels import Label
from bot.rules.models import Language
from bot.text.escape import shortened
from bot.text.render import render

# GitHub takes no longer description (REST: Create a label).
LONGEST_DESCRIPTION: Final = 100


class Labels:
    """Finds the node ids of labels, and remembers them: a label is asked for once."""

    def __init__(self) -> None:
        self._ids: LRUCache[tuple[str, str], str] = LRUCache(4096)

    async def ids(
        self, connection: InstallationConnection, repository: str, labels: Sequence[Label], language: Language
    ) -> Mapping[str, str]:
        """Return the id of each label by its name; one that is missing is made, one that is there adopted."""
        return {label.name: await self._id(connection, repository, label, language) for label in labels}

    def forget(self, repository: str) -> None:
        """Ask for the labels of a repository anew: one of them may have been deleted."""
        for key in [key for key in self._ids if key[0] == repository]:
            del self._ids[key]

    async def _id(
        self, connection: InstallationConnection, repository: str, label: Label, language: Language
    ) -> str:
        key = repository, label.name.casefold()
        if key not in self._ids:
            self._ids[key] = await _find(connection, repository, label.name) or await _make(
                connection, repository, label, language
            )
        return self._ids[key]


async def _find(connection: InstallationConnection, repository: str, name: str) -> str | None:
    data = await connection.ask(query("label"), {"repository": repository, "name": name})
    found = nodes.present(data["repository"], f"repository {repository}")["label"]
    return found and str(found["id"])


async def _make(connection: InstallationConnection, repository: str, label: Label, language: Language) -> str:
    description = shortened(render(label.description, language), LONGEST_DESCRIPTION)
    making = create_label(repository, label.name, label.colour, description)
    try:
        made = await write(connection, [making])
    except GiveUp:
        # Another evaluation may have made it in between.
        if found := await _find(connection, repository, label.name):
            return found
        raise
    return str(made["m0"]["label"]["id"])
