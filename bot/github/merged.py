"""A merged pull request that may be a release, and how far what follows from it has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.github import conversation, nodes
from bot.github.connection import InstallationConnection
from bot.github.conversation import OwnComment
from bot.github.lines import MOST_COMMITS
from bot.github.lists import pages
from bot.github.nodes import Node
from bot.github.rulebooks import SHARED, Rulebooks
from bot.releases.notes import Merged
from bot.releases.plan import ReleaseState, Target, TargetState
from bot.rules.facts import Change, Pull
from bot.rules.rulebook import DEFAULT, Reading

_OPEN, _MERGED = "OPEN", "MERGED"


@dataclass(frozen=True, slots=True)
class MergedPull:
    """A pull request after its merge.

    `id` is its node id; `commit` and `before` are oids: the merge, and what its base was before it.
    `branches` are all branches of the repository, with the oids of their tips.
    """

    id: str
    full_name: str
    reading: Reading
    pull: Pull
    title: str
    labels: tuple[str, ...]
    commit: str
    before: str
    branches: Mapping[str, str]
    comment: OwnComment | None


@dataclass(frozen=True, slots=True)
class Brought:
    """What a release brings: its commits, newest first, and the merged pull requests that brought them.

    `whole` is False where the commits stop at a cap. `url` is where a person looks at the repository, and
    `latest` the tag of the release that is *Latest* there, "" without any.
    """

    changes: tuple[Change, ...]
    merged: tuple[Merged, ...]
    whole: bool = True
    url: str = ""
    latest: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the GitHub release of a tag and the branches that must get it stand; `release` is its id."""

    state: ReleaseState
    release: int
    targets: tuple[Target, ...]


async def read_merged(
    connection: InstallationConnection, rulebooks: Rulebooks, repository: str, number: int
) -> MergedPull | None:
    """Read a pull request by its repository (a node id) and number; None while it is not merged."""
    branches = dict[str, str]()
    reading: Reading = DEFAULT
    node: Node = {}
    variables = {"repository": repository, "number": number}
    async for node, page in pages(connection, "merged", variables, ("refs",), may_miss=[SHARED]):
        reading = rulebooks.reading(repository, node)
        branches |= {each["name"]: (each["target"] or {}).get("oid", "") for each in page["nodes"]}
    pull = nodes.announced(node["pullRequest"], f"pull request {number}")
    merge = pull["mergeCommit"]
    if pull["state"] != _MERGED or merge is None:
        return None
    return MergedPull(
        id=pull["id"],
        full_name=node["nameWithOwner"],
        reading=reading,
        pull=nodes.pull(pull),
        title=pull["title"],
        labels=tuple(label["name"] for label in pull["labels"]["nodes"]),
        commit=merge["oid"],
        before=merge["parents"]["nodes"][0]["oid"],
        branches=branches,
        comment=await _own_comment(connection, variables, pull["comments"]),
    )


async def read_commits(connection: InstallationConnection, repository: str, number: int) -> frozenset[str]:
    """Return the oids of the commits of a pull request, as many as GitHub shows of them."""
    variables, path = {"repository": repository, "number": number}, ("pullRequest", "commits")
    return frozenset(
        [
            node["commit"]["oid"]
            async for _, page in pages(connection, "commits", variables, path)
            for node in page["nodes"]
        ]
    )


async def _own_comment(
    connection: InstallationConnection, variables: Mapping[str, Any], page: Node
) -> OwnComment | None:
    """The one comment of this App, looked for from a page on to the last (R11)."""
    found, info = conversation.own_comment(page["nodes"]), page["pageInfo"]
    if found is not None or not info["hasNextPage"]:
        return found
    path = ("pullRequest", "comments")
    async for _, more in pages(connection, "comments", variables, path, info["endCursor"]):
        found = conversation.own_comment(more["nodes"])
        if found is not None:
            return found
    return None


class Contents:
    """What commits of a repository (a node id) bring; each is read once, however often it is asked for."""

    def __init__(self, connection: InstallationConnection, repository: str) -> None:
        self.connection, self._repository = connection, repository
        self._read: dict[tuple[str, str | None], Brought] = {}

    async def of(self, commit: str, previous: str | None) -> Brought:
        """Return what a commit brings beyond a tag, or all that it contains; at most a thousand commits."""
        what = commit, previous
        if what not in self._read:
            self._read[what] = await _brought(self.connection, self._repository, commit, previous)
        return self._read[what]


async def _brought(
    connection: InstallationConnection, repository: str, commit: str, previous: str | None
) -> Brought:
    if previous is None:
        brought = pages(
            connection,
            "history",
            {"repository": repository, "commit": commit},
            ("commit", "history"),
        )
    else:
        variables = {"repository": repository, "commit": commit, "tag": f"refs/tags/{previous}"}
        brought = pages(connection, "brought", variables, ("tag", "compare", "commits"))
    changes: list[Change] = []
    merged: dict[int, Merged] = {}
    whole, url, latest = True, "", ""
    async for node, page in brought:
        url, latest = node["url"], (node["latestRelease"] or {"tagName": ""})["tagName"]
        for commit_node in page["nodes"]:
            changes.append(nodes.change(commit_node))
            for pull in (commit_node["associatedPullRequests"] or {"nodes": ()})["nodes"]:
                if pull["state"] == _MERGED:
                    merged[pull["number"]] = _merged(pull)
        whole = not page["pageInfo"]["hasNextPage"]
        if len(changes) >= MOST_COMMITS:
            break
    if previous is not None:  # comparisons begin with the oldest, histories with the newest
        changes.reverse()
    return Brought(tuple(changes), tuple(merged.values()), whole, url, latest)


async def read_standing(
    connection: InstallationConnection,
    repository: str,
    commit: str,
    tag: str,
    heads: Mapping[str, str],
) -> Standing:
    """Read how far a release has come. `heads` are the targets with the branch of each one's back-merge."""
    variables = {"repository": repository, "commit": commit, "tag": tag}
    for index, (branch, head) in enumerate(heads.items()):
        variables |= {f"ref{index}": f"refs/heads/{branch}", f"base{index}": branch, f"head{index}": head}
    data = await connection.ask(standing(len(heads)), variables)
    node = nodes.present(data["repository"], f"repository {repository}")
    targets = tuple(
        target(branch, node[f"ref{index}"], node[f"pulls{index}"]["nodes"])
        for index, branch in enumerate(heads)
    )
    drafts = [each for each in node["releases"]["nodes"] if each["isDraft"] and each["tagName"] == tag]
    release = node["release"] or next(iter(drafts), None)
    if release is None:
        return Standing(ReleaseState.ABSENT, 0, targets)
    state = ReleaseState.DRAFT if release["isDraft"] else ReleaseState.PUBLISHED
    return Standing(state, release["databaseId"], targets)


def standing(count: int) -> str:
    """Return the document that looks at a release and so many targets.

    GitHub finds a release by its tag once it is published; a draft is among the last that were made.
    """
    parameters = "".join(
        f", $ref{index}: String!, $base{index}: String!, $head{index}: String!" for index in range(count)
    )
    fields = "\n".join(
        f"      ref{index}: ref(qualifiedName: $ref{index}) {{ compare(headRef: $commit) {{ aheadBy }} }}\n"
        f"      pulls{index}: pullRequests(headRefName: $head{index}, baseRefName: $base{index}, first: 100,"
        " orderBy: {field: CREATED_AT, direction: DESC})"
        " { nodes { number state isCrossRepository headRefOid } }"
        for index in range(count)
    )
    commit = "$commit: String!, " if count else ""
    return (
        f"query Standing($repository: ID!, {commit}$tag: String!{parameters}) {{\n"
        "  repository: node(id: $repository) {\n    ... on Repository {\n"
        "      release(tagName: $tag) { databaseId isDraft }\n"
        "      releases(first: 50, orderBy: {field: CREATED_AT, direction: DESC}) {"
        " nodes { databaseId isDraft tagName } }\n"
        f"{fields}\n    }}\n  }}\n}}\n"
    )


def target(branch: str, ref: Node | None, pulls: Sequence[Node]) -> Target:
    """Return how a branch stands to a commit that its ref was compared with, and to the newest of `pulls`.

    A fork may have a branch of any name, so its pull requests do not count (R9).
    """
    own = next((pull for pull in pulls if not pull["isCrossRepository"]), None)
    # What was merged has arrived, even where squashing hides it from the history.
    arrived = own["headRefOid"] if own and own["state"] == _MERGED else ""
    compared = (ref or {}).get("compare")
    if ref is None or arrived or (compared is not None and compared["aheadBy"] == 0):
        return Target(branch, TargetState.CONTAINED, arrived=arrived)  # or it is gone, and wants nothing
    if own is None:
        return Target(branch, TargetState.CLEAN)
    state = TargetState.OPEN if own["state"] == _OPEN else TargetState.DECLINED
    return Target(branch, state, number=own["number"])


def _merged(pull: Node) -> Merged:
    return Merged(
        number=pull["number"],
        title=pull["title"],
        author=nodes.author(pull["author"]),
        head=pull["headRefName"],
        labels=tuple(label["name"] for label in (pull["labels"] or {"nodes": ()})["nodes"]),
    )
