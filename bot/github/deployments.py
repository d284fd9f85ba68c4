"""Deployments, whoever made them: one, and all that was said of how it goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.github.connection import InstallationConnection
from bot.github.nodes import Node

_LONGEST: Final = 140  # characters of a description (REST: Deployments)
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
    payload: Mapping[str, Any] | str | None = None
    by_person: bool = False
    statuses: int = 0  # how many
    note: str | None = None


@dataclass(frozen=True, slots=True)
class NewDeployment:
    """What is to be deployed: a `ref` (a branch, a tag or a commit) to an environment.

    `task` and `payload` are GitHub's words (REST: "Create a deployment"); the description has at most 140
    characters there, and what is longer is cut.
    """

    ref: str
    environment: str
    task: str
    description: str
    payload: Mapping[str, Any]
    production: bool
    transient: bool = False


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
        payload=node.get("payload"),
        by_person=creator is not None and creator["type"] == "User",
        statuses=len(statuses),
        note=(statuses[-1].get("description") or None) if statuses else None,
    )


async def create_deployment(
    connection: InstallationConnection, full_name: str, new: NewDeployment
) -> tuple[int, str]:
    """Create a deployment, and return its number and its commit; from its event on it is carried out.

    GitHub would merge the default branch first and wait for checks if it were not told otherwise (D9). Raises
    `Refusal` where the ref is not there.
    """
    owner, _, repo = full_name.partition("/")
    body = {
        "ref": new.ref,
        "environment": new.environment,
        "task": new.task,
        "description": _shortened(new.description),
        "payload": new.payload,
        "auto_merge": False,
        "required_contexts": [],
        "production_environment": new.production,
        "transient_environment": new.transient,
    }
    made = await connection.send("/repos/{owner}/{repo}/deployments", body, owner=owner, repo=repo)
    return int(made["id"]), str(made["sha"])


async def say(
    connection: InstallationConnection,
    full_name: str,
    deployment: int,
    state: str,
    description: str,
    *,
    log_url: str = "",
) -> None:
    """Say how a deployment goes, in GitHub's word for its state; the description as in `NewDeployment`.

    Those before it are left as they are: a production environment's GitHub would not touch either (D10).
    """
    owner, _, repo = full_name.partition("/")
    body = {
        "state": state,
        "description": _shortened(description),
        "log_url": log_url,
        "auto_inactive": False,
    }
    path = "/repos/{owner}/{repo}/deployments/{id}/statuses"
    await connection.send(path, body, owner=owner, repo=repo, id=str(deployment))


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _first(statuses: Sequence[Node], states: set[str] | frozenset[str]) -> datetime | None:
    moments = (each["created_at"] for each in statuses if each["state"] in states)
    first = next(moments, None)
    return datetime.fromisoformat(first) if first else None
