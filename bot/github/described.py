"""A repository and a pull request as people see them, kept beside what is decided about them."""

from dataclasses import dataclass
from datetime import datetime

from bot.github import nodes
from bot.github.nodes import Node
from bot.rules.facts import Pull


@dataclass(frozen=True, slots=True)
class Home:
    """A repository by GitHub's number and full name; `default_branch` is "" for an empty one.

    `main` and `develop` are what its permanent branches are called, None where they are not known to be.
    """

    id: int
    full_name: str
    private: bool
    default_branch: str
    main: str | None = None
    develop: str | None = None


@dataclass(frozen=True, slots=True)
class Described:
    """A pull request; `state` is "open", "merged" or "closed", `merge_commit` an oid, None until then."""

    pull: Pull
    title: str
    url: str
    draft: bool
    state: str
    opened_at: datetime
    merged_at: datetime | None
    closed_at: datetime | None
    merge_commit: str | None


def home(node: Node, main: str | None = None, develop: str | None = None) -> Home:
    """Return the repository in a node that has the fragment `Home`."""
    branch = node["defaultBranchRef"]
    return Home(
        id=node["databaseId"],
        full_name=node["nameWithOwner"],
        private=node["isPrivate"],
        default_branch=branch["name"] if branch else "",
        main=main,
        develop=develop,
    )


def described(node: Node) -> Described:
    """Return the pull request in a node that has the fragments `Sharing` and `Described`, and its author."""
    merge = node["mergeCommit"]
    return Described(
        pull=nodes.pull(node),
        title=node["title"],
        url=node["url"],
        draft=node["isDraft"],
        state=node["state"].lower(),
        opened_at=datetime.fromisoformat(node["createdAt"]),
        merged_at=_moment(node["mergedAt"]),
        closed_at=_moment(node["closedAt"]),
        # Before the merge it is a merge that GitHub only tries (G7).
        merge_commit=merge["oid"] if merge and node["mergedAt"] else None,
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
