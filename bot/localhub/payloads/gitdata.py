"""Commits, refs and annotated tags, as REST says it."""

from urllib.parse import quote

from bot.localhub.git import Commit, Pointer, Signature, Tag
from bot.localhub.model import Repository
from bot.localhub.payloads.common import api_of, moment
from bot.localhub.world import Json, World

_UNSIGNED = {
    "verified": False,
    "reason": "unsigned",
    **dict.fromkeys(("signature", "payload", "verified_at")),
}


def rest_commit_json(world: World, repository: Repository, commit: Commit) -> Json:
    """A commit as REST shows it. Who wrote it is no account here: git alone knows."""
    html = f"{world.url}/{repository.name_with_owner}/commit"
    home = api_of(world, repository)
    api = f"{home}/commits/{commit.oid}"
    return {
        "sha": commit.oid,
        "node_id": f"C_{commit.oid}",
        "commit": {
            "author": signature_json(commit.author),
            "committer": signature_json(commit.committer),
            "message": commit.message,
            "tree": {"sha": commit.tree, "url": f"{home}/git/trees/{commit.tree}"},
            "url": f"{home}/git/commits/{commit.oid}",
            "comment_count": 0,
            "verification": dict(_UNSIGNED),
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


def signature_json(who: Signature) -> Json:
    """Who did something to git, and when."""
    return {"name": who.name, "email": who.email, "date": moment(who.at)}


def ref_json(world: World, repository: Repository, ref: str, pointer: Pointer) -> Json:
    """A ref and the object that it points at, a tag unpeeled."""
    return {
        "ref": ref,
        "node_id": f"REF_{repository.database_id}_{ref}",
        "url": f"{api_of(world, repository)}/git/{quote(ref)}",
        "object": object_json(world, repository, pointer.kind, pointer.oid),
    }


def tag_json(world: World, repository: Repository, tag: Tag) -> Json:
    """An annotated tag."""
    return {
        "node_id": f"OBJ_{tag.oid}",
        "tag": tag.name,
        "sha": tag.oid,
        "url": f"{api_of(world, repository)}/git/tags/{tag.oid}",
        "message": tag.message,
        "tagger": tag.tagger and signature_json(tag.tagger),
        "object": object_json(world, repository, tag.kind, tag.target),
        "verification": dict(_UNSIGNED),
    }


def object_json(world: World, repository: Repository, kind: str, oid: str) -> Json:
    """An object by its name."""
    return {"sha": oid, "type": kind, "url": f"{api_of(world, repository)}/git/{kind}s/{oid}"}
