"""Pushes, and branches and tags that come and go, as events and REST say it."""

from collections.abc import Mapping
from typing import NamedTuple

from bot.localhub.commits import signature_of
from bot.localhub.git import NO_COMMIT, Commit, Touched
from bot.localhub.model import Account, Activity, Repository
from bot.localhub.payloads.common import moment, person_json, repository_json
from bot.localhub.world import Json, World


class Moved(NamedTuple):
    """A ref and the commits it stood and stands on; `NO_COMMIT` where there was or is none."""

    ref: str
    before: str
    after: str


def push_json(
    world: World,
    repository: Repository,
    moved: Moved,
    commits: tuple[Commit, ...],
    touched: Mapping[str, Touched],
    by: Account,
) -> Json:
    """A push of one ref. `commits` are the new ones, newest first; the last one told is the head."""
    told = [_commit(world, repository, commit, touched[commit.oid]) for commit in reversed(commits)]
    ref, before, after = moved
    pusher = signature_of(by, repository.created_at)
    return {
        "ref": ref,
        "before": before,
        "after": after,
        "created": before == NO_COMMIT,
        "deleted": after == NO_COMMIT,
        "base_ref": None,
        "compare": f"{world.url}/{repository.name_with_owner}/compare/{before[:12]}...{after[:12]}",
        "commits": told,
        "head_commit": told[-1] if told else None,
        "repository": _repository(world, repository),
        "pusher": {"name": pusher.name, "email": pusher.email},
    }


def created_json(repository: Repository, kind: str, name: str) -> Json:
    """A new branch or tag: `kind` is "branch" or "tag"."""
    return {**deleted_json(kind, name), "master_branch": repository.default_branch, "description": None}


def deleted_json(kind: str, name: str) -> Json:
    """A branch or tag that is gone."""
    return {"ref": name, "ref_type": kind, "pusher_type": "user"}


def activity_json(world: World, activity: Activity) -> Json:
    """What happened to a branch, as `GET /repos/{owner}/{repo}/activity` lists it."""
    return {
        "id": activity.database_id,
        "node_id": activity.id,
        "before": activity.before,
        "after": activity.after,
        "ref": activity.ref,
        "timestamp": moment(activity.timestamp),
        "activity_type": activity.activity_type,
        "actor": person_json(world, activity.actor),
    }


def _repository(world: World, repository: Repository) -> Json:
    """The repository as `push` alone has it: two of its times are numbers."""
    seconds = int(repository.created_at.timestamp())
    return {**repository_json(world, repository), "created_at": seconds, "pushed_at": seconds}


def _commit(world: World, repository: Repository, commit: Commit, touched: Touched) -> Json:
    return {
        "id": commit.oid,
        "tree_id": commit.tree,
        "distinct": True,
        "message": commit.message,
        "timestamp": moment(commit.committer.at),
        "url": f"{world.url}/{repository.name_with_owner}/commit/{commit.oid}",
        "author": {"name": commit.author.name, "email": commit.author.email},
        "committer": {"name": commit.committer.name, "email": commit.committer.email},
        **touched,
    }
