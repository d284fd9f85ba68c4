"""Commit statuses, as `status` events say it."""

from collections.abc import Mapping

from bot.localhub.git import Commit
from bot.localhub.model import Repository, StatusContext
from bot.localhub.payloads.common import api_of, moment
from bot.localhub.payloads.gitdata import rest_commit_json
from bot.localhub.world import Json, World


def status_json(world: World, status: StatusContext, commit: Commit, branches: Mapping[str, str]) -> Json:
    """A status with its commit, and the branches that hold it, each with its head."""
    repository = world.repositories[status.repository]
    return {
        "id": status.database_id,
        "sha": status.oid,
        "name": repository.name_with_owner,
        "target_url": None,
        "context": status.context,
        "description": status.description or None,
        "state": status.state.lower(),
        "commit": rest_commit_json(world, repository, commit),
        "branches": [_branch(world, repository, name, head) for name, head in branches.items()],
        "created_at": moment(status.created_at),
        "updated_at": moment(status.created_at),
    }


def _branch(world: World, repository: Repository, name: str, head: str) -> Json:
    commit = {"sha": head, "url": f"{api_of(world, repository)}/commits/{head}"}
    protected = (repository.database_id, name) in world.protections
    return {"name": name, "commit": commit, "protected": protected}
