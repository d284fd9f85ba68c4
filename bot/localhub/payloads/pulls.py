"""Pull requests, as `pull_request` events and check runs say it."""

from urllib.parse import quote

from bot.localhub.discussion import Label
from bot.localhub.git import Change
from bot.localhub.model import Account, PullRequest, Repository
from bot.localhub.payloads.common import api_of, maybe, moment, person_json, repository_json
from bot.localhub.world import Json, World, said_in


def pull_json(world: World, pull: PullRequest, commits: int, changes: tuple[Change, ...]) -> Json:
    """A pull request in full, as in a `pull_request` event."""
    return {
        **pull_in_short(world, pull),
        **dict.fromkeys(("mergeable", "rebaseable")),
        "merged": pull.merged,
        "merged_by": person_json(world, pull.merged_by),
        "mergeable_state": "unknown",
        "comments": len(said_in(world.issue_comments.values(), pull)),
        "review_comments": len(said_in(world.review_comments.values(), pull)),
        "maintainer_can_modify": False,
        "commits": commits,
        "additions": sum(change.additions for change in changes),
        "deletions": sum(change.deletions for change in changes),
        "changed_files": len(changes),
    }


def pull_in_short(world: World, pull: PullRequest) -> Json:
    """A pull request as the events of its reviews carry it: nothing is counted."""
    return {
        **_links(world, pull),
        "id": pull.database_id,
        "node_id": pull.id,
        "number": pull.number,
        "state": "open" if pull.is_open else "closed",
        "locked": False,
        "title": pull.title,
        "user": person_json(world, pull.author),
        "body": pull.body or None,
        "created_at": moment(pull.created_at),
        "updated_at": moment(pull.updated_at),
        "closed_at": maybe(pull.closed_at),
        "merged_at": maybe(pull.merged_at),
        "merge_commit_sha": pull.merge_commit,
        **dict.fromkeys(("assignee", "milestone")),
        **{field: [] for field in ("assignees", "requested_reviewers", "requested_teams")},
        "labels": [label_json(world, label) for label in world.labels_of(pull)],
        "head": _head(world, pull),
        "base": _base(world, pull),
        "author_association": "NONE",
        "draft": pull.is_draft,
    }


def label_json(world: World, label: Label) -> Json:
    """A label, as its pull requests and their events carry it."""
    api = api_of(world, world.repositories[label.repository])
    return {
        "id": label.database_id,
        "node_id": label.id,
        "url": f"{api}/labels/{quote(label.name)}",
        "name": label.name,
        "color": label.color,
        "default": False,
        "description": label.description,
    }


def pull_in_brief(world: World, pull: PullRequest) -> Json:
    """A pull request as check runs and suites list it (never one from a fork)."""
    repository = world.repositories[pull.repository]
    api = api_of(world, repository)
    home = {"id": repository.database_id, "url": api, "name": repository.name}
    return {
        "url": f"{api}/pulls/{pull.number}",
        "id": pull.database_id,
        "number": pull.number,
        "head": {"ref": pull.head_ref_name, "sha": pull.head_ref_oid, "repo": home},
        "base": {"ref": pull.base_ref_name, "sha": pull.base_ref_oid, "repo": home},
    }


def pull_page(world: World, pull: PullRequest) -> str:
    """Where a person looks at a pull request."""
    return f"{world.url}/{world.repositories[pull.repository].name_with_owner}/pull/{pull.number}"


def _links(world: World, pull: PullRequest) -> Json:
    html = pull_page(world, pull)
    repository = api_of(world, world.repositories[pull.repository])
    api, issue = f"{repository}/pulls/{pull.number}", f"{repository}/issues/{pull.number}"
    links = {
        "self": api,
        "html": html,
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{api}/comments",
        "review_comment": f"{repository}/pulls/comments{{/number}}",
        "commits": f"{api}/commits",
        "statuses": f"{repository}/statuses/{pull.head_ref_oid}",
    }
    spelt_out = {f"{field}_url": url for field, url in links.items() if field != "self"}
    return {
        **spelt_out,
        "url": api,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "_links": {field: {"href": url} for field, url in links.items()},
    }


def _head(world: World, pull: PullRequest) -> Json:
    home = None if pull.head_repository is None else world.repositories[pull.head_repository]
    return _side(world, home, pull.head_repository_owner, pull.head_ref_name, pull.head_ref_oid)


def _base(world: World, pull: PullRequest) -> Json:
    home = world.repositories[pull.repository]
    return _side(world, home, home.owner, pull.base_ref_name, pull.base_ref_oid)


def _side(world: World, home: Repository | None, owner: Account | None, ref: str, oid: str) -> Json:
    """`head` or `base`; a deleted fork leaves no repository, a deleted account no owner."""
    return {
        "label": f"{owner.login if owner else 'unknown'}:{ref}",
        "ref": ref,
        "sha": oid,
        "user": person_json(world, owner),
        "repo": None if home is None else repository_json(world, home),
    }
