"""People: what they may do in a repository, and what stays of them when they go."""

from dataclasses import replace
from typing import Any, TypeVar

from bot.localhub.discussion import Issue, IssueComment, PullRequestReview, PullRequestReviewComment
from bot.localhub.model import Account, Activity, PullRequest, Release, Repository, StatusContext
from bot.localhub.payloads.common import account_json
from bot.localhub.payloads.people import added_json, edited_json
from bot.localhub.world import Json, World

K = TypeVar("K")
Made = TypeVar(
    "Made",
    PullRequest,
    Issue,
    PullRequestReview,
    PullRequestReviewComment,
    IssueComment,
    StatusContext,
    Activity,
    Release,
)


class People:
    """What owners do with collaborators, and people with their accounts."""

    def __init__(self, world: World) -> None:
        self._world = world

    def allow(self, repository: Repository, person: Account, permission: str) -> None:
        """Give a person a permission, and tell the App where it is there to hear."""
        world, key = self._world, (repository.database_id, person.login.lower())
        before = world.permissions.get(key, "none")
        world.permissions[key] = permission
        if permission == before:
            return
        body: Json = {"member": account_json(world, person), "sender": world.keeper(repository)}
        if permission == "none":
            action = "removed"
        elif before == "none":
            action, body["changes"] = "added", added_json(permission)
        else:
            action, body["changes"] = "edited", edited_json(before, permission)
        world.announce("member", action, repository, body)

    def delete(self, account: Account) -> None:
        """Delete an account: what it made stays, as a ghost's."""
        world, login = self._world, account.login.lower()
        del world.accounts[login]
        world.permissions = {key: may for key, may in world.permissions.items() if key[1] != login}
        _forget(world.pulls, account, "author")
        _forget(world.pulls, account, "merged_by")
        _forget(world.issues, account, "author")
        _forget(world.releases, account, "author")
        _forget(world.reviews, account, "author")
        _forget(world.review_comments, account, "author")
        _forget(world.issue_comments, account, "author")
        _forget(world.issue_comments, account, "editor")
        _forget(world.statuses, account, "creator")
        _forget(world.activities, account, "actor")
        for number, team in world.teams.items():
            world.teams[number] = team.without(account)


def _forget(table: dict[K, Made], account: Account, role: str) -> None:
    nobody: dict[str, Any] = {role: None}
    for key, one in table.items():
        if getattr(one, role) == account:
            table[key] = replace(one, **nobody)
