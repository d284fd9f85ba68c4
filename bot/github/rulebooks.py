"""The rulebook in force in a repository, and what is remembered of it."""

from time import monotonic
from typing import Final

from cachetools import LRUCache, TTLCache

from bot.github import nodes
from bot.github.connection import InstallationConnection, query
from bot.github.nodes import Node
from bot.rules.rulebook import DEFAULT, Reading

# Where the owner has no `.github` repository, GitHub says so with an error.
SHARED: Final = ("repository", "owner", "shared")
# Seconds: what a branch or a merge is to a rulebook seldom changes.
_REMEMBERED: Final = 3600


class Rulebooks:
    """Reads rulebooks: the text of one is read once, by blob id."""

    def __init__(self) -> None:
        self._readings: LRUCache[str, Reading] = LRUCache(512)
        self._latest: TTLCache[str, tuple[float, Reading]] = TTLCache(4096, ttl=_REMEMBERED)

    def reading(self, repository: str, node: Node) -> Reading:
        """Return the rulebook in force: the repository's own, else its owner's, else the default (R1).

        `repository` is a node id, `node` what the fragment `InForce` brought of it.
        """
        blob = node["rulebook"]
        if blob is None:
            blob = (node["owner"]["shared"] or {}).get("rulebook")
        reading = DEFAULT if blob is None else self._read(blob)
        self._latest[repository] = monotonic(), reading
        return reading

    async def of(self, connection: InstallationConnection, full_name: str) -> Reading:
        """Read the rulebook in force in a repository ("owner/name"), in one request. Raises as `ask`."""
        owner, _, name = full_name.partition("/")
        asked = query("rulebook"), {"owner": owner, "name": name}
        data = await connection.ask(*asked, may_miss=[SHARED])
        node = nodes.present(data["repository"], f"repository {full_name}")
        return self.reading(node["id"], node)

    def known(self, repository: str, within: float = _REMEMBERED) -> Reading | None:
        """Return what was in force in a repository within so many seconds; None where nobody has looked.

        It is good for telling whether GitHub is worth asking at all: a rulebook that changes is heard of, but
        perhaps by another replica.
        """
        looked, reading = self._latest.get(repository, (0.0, None))
        return reading if monotonic() - looked <= within else None

    def _read(self, blob: Node) -> Reading:
        oid = blob.get("oid", "")
        if oid not in self._readings:
            self._readings[oid] = nodes.rulebook(blob)
        return self._readings[oid]
