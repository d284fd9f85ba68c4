"""Deployments, whoever made them: one, and all that was said of how it goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.github.connection import InstallationConnection
from bot.github.nodes import Node

_ENDED: Final = frozenset({"success", "failure", "error"})


@dataclass(frozen=True, slots=True)
class DeploymentRead:
    """A deployment; see `service.ledger.deployments.Deployment` for the words. `by` is "ghost" for nobody."""

    id: int
    environment: str
    task: str
    ref: str
    commit: str
    by: str
    description: str
    state: str
    url: str | None
    created_at: datetime
    succeeded_at: datetime | None
    finished_at: datetime | None


async def read_deployment(
    connection: InstallationConnection, full_name: str, deployment: int
) -> DeploymentRead:
    """Read a deployment by its number. Raises `GiveUp` when it is gone."""
    owner, _, repo = full_name.partition("/")
    place = {"owner": owner, "repo": repo, "id": str(deployment)}
    node = await connection.read("/repos/{owner}/{repo}/deployments/{id}", **place)
    said = await connection.read_all("/repos/{owner}/{repo}/deployments/{id}/statuses?per_page=100", **place)
    # GitHub lists the newest first; it says of none in which order two of one second came.
    return read(node, sorted(said, key=lambda each: each["id"]))


def read(node: Node, statuses: Sequence[Node]) -> DeploymentRead:
    """Return a deployment from REST's words for it and for its statuses, the oldest first."""
    creator = node["creator"]
    url = next((each["environment_url"] for each in reversed(statuses) if each.get("environment_url")), None)
    return DeploymentRead(
        id=node["id"],
        environment=node["environment"],
        task=node["task"],
        ref=node["ref"],
        commit=node["sha"],
        by=creator["login"] if creator else "ghost",
        description=node["description"] or "",
        state=statuses[-1]["state"] if statuses else "pending",
        url=url,
        created_at=datetime.fromisoformat(node["created_at"]),
        succeeded_at=_first(statuses, {"success"}),
        finished_at=_first(statuses, _ENDED),
    )


def _first(statuses: Sequence[Node], states: set[str] | frozenset[str]) -> datetime | None:
    moments = (each["created_at"] for each in statuses if each["state"] in states)
    first = next(moments, None)
    return datetime.fromisoformat(first) if first else None
