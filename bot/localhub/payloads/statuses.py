"""Commit statuses, as `status` events say it."""

from collections.abc import Mapping

from bot.localhub.git import Commit, Signature
from bot.localhub.model import Repository, StatusContext
from bot.localhub.payloads.common import api_of, moment
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
        "commit": _commit(world, repository, commit),
        "branches": [_branch(world, repository, name, head) for name, head in branches.items()],
        "created_at": moment(status.created_at),
        "updated_at": moment(status.created_at),
    }


def _commit(world: World, repository: Repository, commit: Commit) -> Json:
    """A commit as REST shows it. Who wrote it is no account here: git alone knows."""
    html = f"{world.url}/{repository.name_with_owner}/commit"
    home = api_of(world, repository)
    api = f"{home}/commits/{commit.oid}"
    return {
        "sha": commit.oid,
        "node_id": f"C_{commit.oid}",
        "commit": {
            "author": _signature(commit.author),
            "committer": _signature(commit.committer),
            "message": commit.message,
            "tree": {"sha": commit.tree, "url": f"{home}/git/trees/{commit.tree}"},
            "url": f"{home}/git/commits/{commit.oid}",
            "comment_count": 0,
            "verification": {"verified": False, "reason": "unsigned", "signature": None, "payload": None},
        },
        "url": api,
        "html_url": f"{html}/{commit.oid}",
        "comments_url": f"{api}/comments",
        "author": None,
        "committer": None,
        "parents": [
            {"sha": oid, "url": f"{home}/commits/{oid}", "html_url": f"{html}/{oid}"}
            for oid in commit.parents
        ],
    }


def _signature(who: Signature) -> Json:
    return {"name": who.name, "email": who.email, "date": moment(who.at)}


def _branch(world: World, repository: Repository, name: str, head: str) -> Json:
    commit = {"sha": head, "url": f"{api_of(world, repository)}/commits/{head}"}
    protected = (repository.database_id, name) in world.protections
    return {"name": name, "commit": commit, "protected": protected}
