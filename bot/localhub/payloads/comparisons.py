"""Comparisons of two commits, as REST says them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.localhub.git import Change, Commit
from bot.localhub.model import Repository
from bot.localhub.payloads.common import api_of
from bot.localhub.payloads.gitdata import rest_commit_json
from bot.localhub.world import Json, World


@dataclass(frozen=True, slots=True)
class Compared:
    """What was found: `fork` is where both parted, `ahead` is what the head has, oldest first.

    `files` are those that the head has changed since, `blobs` what they are by now, by path; of a file that
    was removed, what it was.
    """

    base: Commit
    fork: Commit
    ahead: Sequence[Commit]
    behind_by: int
    files: Sequence[Change]
    blobs: Mapping[str, str]


def comparison_json(world: World, repository: Repository, basehead: str, found: Compared) -> Json:
    """A comparison of `basehead`, "base...head"."""
    html = f"{world.url}/{repository.name_with_owner}/compare/{basehead}"
    states = {(False, False): "identical", (True, False): "ahead", (False, True): "behind"}
    return {
        "url": f"{api_of(world, repository)}/compare/{basehead}",
        "html_url": html,
        "permalink_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "base_commit": rest_commit_json(world, repository, found.base),
        "merge_base_commit": rest_commit_json(world, repository, found.fork),
        "status": states.get((bool(found.ahead), bool(found.behind_by)), "diverged"),
        "ahead_by": len(found.ahead),
        "behind_by": found.behind_by,
        "total_commits": len(found.ahead),
        "commits": [rest_commit_json(world, repository, commit) for commit in found.ahead],
        "files": [_file_json(file, found.blobs.get(file.path)) for file in found.files],
    }


def _file_json(file: Change, blob: str | None) -> Json:
    renamed = {} if file.previous is None else {"previous_filename": file.previous}
    return {
        "sha": blob,
        "filename": file.path,
        "status": "renamed" if renamed else "modified",
        "additions": file.additions,
        "deletions": file.deletions,
        "changes": file.additions + file.deletions,
        **renamed,
    }
