"""GraphQL nodes turned into facts. Pure: every null that GitHub's schema allows has an answer here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from bot.errors import GiveUp, Retry
from bot.message import say
from bot.rules import RULEBOOK_PATH
from bot.rules.facts import Actor, Author, Change, Commit, Line, Proposal, Pull
from bot.rules.rulebook import Reading, Unreadable, read

Node: TypeAlias = Mapping[str, Any]

_GHOST: Final = Author("ghost", Actor.GHOST)


@dataclass(frozen=True, slots=True)
class Target:
    """Which pull request to read. `head` and `compare` are what an event said of it, if one did.

    `repository` is a GraphQL node id; `head` 40 hex digits; `compare` how a comparison names that head:
    by its id, or as "owner:branch" where it lives in a fork.
    """

    repository: str
    number: int
    head: str = ""
    compare: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """A check run of this App as it stands on a head.

    `digest` is the external id that it was given, `since` when it first reported there.
    """

    id: str
    name: str
    status: str
    conclusion: str
    digest: str
    summary: str = ""
    since: datetime | None = None


def present(node: Any, what: str) -> Any:
    """Return `node`; GitHub leaves it out only when it is gone or hidden. Raises `GiveUp`."""
    if not node:
        raise GiveUp(f"{what} is gone, or the App may not see it")
    return node


def announced(node: Any, what: str) -> Any:
    """Return `node`, which an event announced and may not be visible for a moment (R10). Raises `Retry`."""
    if not node:
        raise Retry(f"{what} is not visible yet")
    return node


def settled(asked: Target, pull: Node) -> Target:
    """Return `asked` with the head that the pull request really has."""
    head, home, base = pull["headRefOid"], pull["headRepository"], pull["baseRepository"]
    # GitHub compares commits by id within one repository, and a fork's by "owner:branch". A deleted fork
    # leaves nothing but the id, and within one owner that name would be the base repository's own branch.
    if not pull["isCrossRepository"] or home is None or base is None or home["owner"] == base["owner"]:
        return replace(asked, head=head, compare=head)
    return replace(asked, head=head, compare=f"{home['owner']['login']}:{pull['headRefName']}")


def target(repository: str, pull: Node) -> Target:
    """Return how to ask about a pull request that a list brought; `repository` is a node id."""
    return settled(Target(repository, pull["number"]), pull)


def sharing(page: Node, head: str) -> list[Node]:
    """Return, of a page of pull requests, the open ones whose head is this very commit (R3, R9)."""
    return [pull for pull in page["nodes"] if pull["headRefOid"] == head and pull["state"] == "OPEN"]


def pull(node: Node) -> Pull:
    """Return a pull request as the rules know it, still without its base line."""
    return replace(listed(node), author=author(node["author"]), retargeted=_retargeted(node))


def listed(node: Node) -> Pull:
    """Return a pull request of a list, which does not say who opened it."""
    return Pull(
        number=node["number"],
        head=node["headRefName"],
        head_oid=node["headRefOid"],
        base=node["baseRefName"],
        author=_GHOST,
        from_fork=node["isCrossRepository"],
    )


def _retargeted(node: Node) -> datetime | None:
    """When a pull request last got another base; beyond a page of such changes, who knows."""
    items = node.get("timelineItems")
    if items is None:
        return None
    if items["pageInfo"]["hasNextPage"]:
        return datetime.max.replace(tzinfo=UTC)
    return max((datetime.fromisoformat(each["createdAt"]) for each in items["nodes"]), default=None)


def author(node: Node | None) -> Author:
    """Return an account, known by type, never by the spelling of a login; null is a deleted account (R8)."""
    if node is None:
        return _GHOST
    actor = Actor.BOT if node["__typename"] == "Bot" else Actor.PERSON
    return Author(node["login"], actor, node.get("id", ""))


def line(ref: Node, head: str) -> Line:
    """Return a branch seen from `head`; only the first page of what `head` has ahead of it.

    Raises `Retry` when GitHub compared another commit: the fork's branch has moved on.
    """
    comparison, tip = ref["compare"], ref["target"] or {}
    if comparison is not None and comparison["headTarget"]["oid"] != head:
        raise Retry(f"the head moved while {ref['name']} was compared with it")
    return Line(
        name=ref["name"],
        tip=tip.get("oid", ""),
        ahead=commits(comparison["commits"]) if comparison is not None else None,
        whole=comparison is not None and not comparison["commits"]["pageInfo"]["hasNextPage"],
        recent=commits(tip.get("history", {"nodes": []})),
    )


def commits(connection: Node) -> tuple[Commit, ...]:
    """Return the commits of one page."""
    return tuple(
        Commit(
            oid=node["oid"],
            parents=tuple(parent["oid"] for parent in node["parents"]["nodes"]),
            headline=node["messageHeadline"],
            authored=datetime.fromisoformat(node["authoredDate"]),
            committed=datetime.fromisoformat(node["committedDate"]),
        )
        for node in connection["nodes"]
    )


def change(node: Node) -> Change:
    """Return a commit as its author tells it."""
    headline, _, body = node["message"].partition("\n")
    return Change(node["oid"], headline, body.strip("\n"))


def rulebook(blob: Node) -> Reading:
    """Read the rulebook in a blob; what is no text is unreadable, which is not the same as absent."""
    if not blob:
        return Unreadable(say("{path} is not a file", path=RULEBOOK_PATH))
    if blob["isTruncated"] or blob["isBinary"] or blob["text"] is None:
        return Unreadable(
            say(
                "{path} is not a text file that GitHub can show ({size} bytes)",
                path=RULEBOOK_PATH,
                size=blob["byteSize"],
            )
        )
    return read(blob["text"])


def proposal(repository: Node) -> Proposal | None:
    """Return the rulebook as the head has it, when that is not what is in force; else None."""
    ours, theirs = repository["rulebook"], repository["proposal"]
    if theirs == ours:
        return None
    if theirs is None:
        return Proposal(RULEBOOK_PATH, text=None, removed=True)
    return Proposal(RULEBOOK_PATH, text=theirs.get("text"))


def check_runs(commit: Node) -> tuple[Published, ...]:
    """Return this App's check runs on a commit, the latest of each name."""
    suites = commit["checkSuites"]
    pages = [suites, *(suite["checkRuns"] for suite in suites["nodes"])]
    if any(page["pageInfo"]["hasNextPage"] for page in pages):
        raise Retry(f"commit {commit['oid']} carries more check runs of this App than it ever makes")
    return tuple(
        Published(
            id=run["id"],
            name=run["name"],
            # "Re-run all checks" resets the suite alone.
            status=run["status"] if suite["status"] == "COMPLETED" else suite["status"],
            conclusion=run["conclusion"] or "",
            digest=run["externalId"] or "",
            summary=run["summary"] or "",
            since=datetime.fromisoformat(run["startedAt"]) if run["startedAt"] else None,
        )
        for suite in suites["nodes"]
        for run in suite["checkRuns"]["nodes"]
    )
