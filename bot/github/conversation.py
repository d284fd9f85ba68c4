"""What people said of a pull request, and what others' checks say of its head, as facts. Pure.

The nodes are those of `queries/pull.graphql`; every null that GitHub's schema allows has an answer here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Final

from bot.github import nodes
from bot.github.nodes import Node
from bot.rules.commands import is_order
from bot.rules.facts import (
    Actor,
    CheckState,
    Inline,
    MergeMethod,
    Order,
    OtherCheck,
    Owners,
    Review,
    ReviewState,
    Thread,
)
from bot.text.comment import is_ours
from bot.text.orders import answered

_PASSED: Final = frozenset({"SUCCESS", "NEUTRAL", "SKIPPED"})
_PENDING: Final = frozenset({"PENDING", "EXPECTED"})
_PLACES: Final = ("github", "root", "docs")


@dataclass(frozen=True, slots=True)
class OwnComment:
    """The one comment of this App that is kept up to date: its node id and its text.

    `by_other` says that somebody else wrote into it last, so that nothing of it is to be kept.
    """

    id: str
    body: str
    by_other: bool = False

    @property
    def trusted(self) -> str:
        """What of its text may be kept: nothing once somebody else wrote into it (R17)."""
        return "" if self.by_other else self.body


def reviews(found: Sequence[Node]) -> tuple[Review, ...]:
    """Return the submitted reviews, in the order in which they were submitted."""
    submitted = [node for node in found if node["state"] != "PENDING"]
    return tuple(
        Review(
            id=node["id"],
            author=nodes.author(node["author"]),
            may_write=node["author"] is not None and node["authorCanPushToRepository"],
            body=node["body"],
            url=node["url"],
            since=_moment(node["lastEditedAt"] or node["submittedAt"] or node["createdAt"]),
            state=ReviewState(node["state"]),
            commit=(node["commit"] or {}).get("oid", ""),
        )
        for node in submitted
    )


def threads(found: Sequence[Node]) -> tuple[Thread, ...]:
    """Return the threads with their comments."""
    return tuple(
        Thread(node["path"], node["line"], node["isResolved"], tuple(map(_inline, node["comments"]["nodes"])))
        for node in found
    )


def _inline(node: Node) -> Inline:
    review = node["pullRequestReview"] or {}
    return Inline(
        id=node["id"],
        author=nodes.author(node["author"]),
        may_write=node["author"] is not None and bool(review.get("authorCanPushToRepository")),
        body=node["body"],
        url=node["url"],
        since=_moment(node["lastEditedAt"] or node["createdAt"]),
        review=review.get("id", ""),
    )


def orders(found: Sequence[Node]) -> tuple[Order, ...]:
    """Return the comments of people that command something, each with what this App answered to it."""
    return tuple(
        Order(
            id=node["id"],
            author=author,
            body=node["body"],
            at=_moment(node["lastEditedAt"] or node["createdAt"]),
            by_other=_by_other(node),
            accepted=_accepted(node),
        )
        for node in found
        if (author := nodes.author(node["author"])).actor is Actor.PERSON and is_order(node["body"])
    )


def _by_other(comment: Node) -> bool:
    """Whether somebody but its author wrote into a comment last; GitHub lets all who may write do so."""
    editor = comment["editor"]
    return editor is not None and not nodes.author(editor).is_same(nodes.author(comment["author"]))


def _accepted(comment: Node) -> bool | None:
    ours = {group["content"] for group in comment["reactionGroups"] or () if group["viewerHasReacted"]}
    return "THUMBS_UP" in ours if ours & {"THUMBS_UP", "THUMBS_DOWN"} else None


def told(found: Sequence[Node]) -> Mapping[str, bool]:
    """Return the ids of the orders that this App has answered by a comment, and whether they were done."""
    own = (node["body"] for node in found if node["viewerDidAuthor"] and not _by_other(node))
    return dict(filter(None, map(answered, own)))


def own_comment(found: Sequence[Node]) -> OwnComment | None:
    """Return the comment that is kept up to date; others that this App wrote are not it."""
    return next(
        (
            OwnComment(node["id"], node["body"], _by_other(node))
            for node in found
            if node["viewerDidAuthor"] and is_ours(node["body"])
        ),
        None,
    )


def other_checks(found: Sequence[Node], app_id: int) -> tuple[OtherCheck, ...]:
    """Return the check runs of other Apps, known by their id, and the commit statuses."""
    return tuple(_check(node) for node in found if not _is_ours(node, app_id))


def _is_ours(node: Node, app_id: int) -> bool:
    app = node["checkSuite"]["app"] if node["__typename"] == "CheckRun" else None
    return app is not None and app["databaseId"] == app_id


def _check(node: Node) -> OtherCheck:
    if node["__typename"] == "CheckRun":
        name = node["name"]
        word = node["conclusion"] if node["status"] == "COMPLETED" else "PENDING"
    else:
        name, word = node["context"], node["state"]
    state = CheckState.PASSED if word in _PASSED else CheckState.FAILED
    return OtherCheck(name, CheckState.PENDING if word in _PENDING else state)


def required(base: Node | None) -> tuple[str, ...]:
    """Return the names of the checks that a base branch requires, by its protection and by rulesets.

    GitHub holds a pull request to them by itself; here they are only named.
    """
    if base is None:
        return ()
    protected = (base["refUpdateRule"] or {}).get("requiredStatusCheckContexts") or ()
    checks = chain.from_iterable(rule.get("requiredStatusChecks", ()) for rule in _rules(base))
    return tuple(dict.fromkeys([*filter(None, protected), *(check["context"] for check in checks)]))


def merge_methods(base: Node | None) -> frozenset[MergeMethod] | None:
    """Return the ways in which the rulesets of a base branch let pull requests in; None where none says so.

    GitHub's descriptions of GraphQL have the names as an enum and as strings in small letters: both are read.
    """
    listed = [
        {MergeMethod(name.lower()) for name in methods}
        for rule in _rules(base)
        if (methods := rule.get("allowedMergeMethods"))
    ]
    return frozenset(set.intersection(*listed)) if listed else None


def _rules(base: Node | None) -> list[Node]:
    """What the rules of a branch say, as far as the App may see them."""
    rules = ((base or {}).get("rules") or {"nodes": []})["nodes"]
    return [rule["parameters"] or {} for rule in rules]


def owners(pull: Node, files: Sequence[Node]) -> Owners:
    """Return CODEOWNERS of the base, and the changed files, None where GitHub does not list all of them."""
    commit = (pull["baseRef"] or {}).get("target") or {}
    blobs = (commit[place]["object"] for place in _PLACES if commit.get(place))
    blob = next(filter(None, blobs), None)
    paths = tuple(file["path"] for file in files)
    text: str | None = ""
    if blob is not None:
        text = None if blob["isTruncated"] or blob["isBinary"] else blob["text"]
    return Owners(text, paths if len(paths) == pull["changedFiles"] else None)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
