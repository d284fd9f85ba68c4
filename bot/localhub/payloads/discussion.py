"""Issues, and what people say about pull requests, as the events of reviews, threads and comments say it."""

from bot.localhub.discussion import (
    IssueComment,
    PullRequestReview,
    PullRequestReviewComment,
    PullRequestReviewThread,
)
from bot.localhub.model import PullRequest
from bot.localhub.payloads.common import api_of, app_json, maybe, moment, person_json, reactions_json
from bot.localhub.payloads.pulls import label_json, pull_page
from bot.localhub.world import Json, Placed, Subject, World, said_in


def page_of(world: World, said: PullRequestReview | PullRequestReviewComment | IssueComment) -> str:
    """Where a person reads it."""
    subject = world.subject_of(said) if isinstance(said, IssueComment) else world.pull_of(said)
    return f"{subject_page(world, subject)}#{said.anchor}"


def subject_page(world: World, subject: Subject) -> str:
    """Where a person looks at a pull request or an issue."""
    if isinstance(subject, PullRequest):
        return pull_page(world, subject)
    return f"{world.url}/{world.repositories[subject.repository].name_with_owner}/issues/{subject.number}"


def review_json(world: World, review: PullRequestReview) -> Json:
    """A review; its comments have events of their own."""
    links = {"html": page_of(world, review), "pull_request": _pull_api(world, review)}
    return {
        "id": review.database_id,
        "node_id": review.id,
        "user": person_json(world, review.author),
        "body": review.body or None,
        "commit_id": review.commit,
        "submitted_at": moment(review.submitted_at),
        "state": review.state.lower(),
        "html_url": links["html"],
        "pull_request_url": links["pull_request"],
        "author_association": "NONE",
        "_links": {name: {"href": url} for name, url in links.items()},
    }


def review_comment_json(world: World, comment: PullRequestReviewComment, line: int | None) -> Json:
    """A comment of a review. `line` is where its line is by now, None once that has changed.

    The hub draws no differences: the hunk is empty, and a position is a line of the file.
    """
    thread, pull = world.threads[comment.thread], world.pull_of(comment)
    api = f"{api_of(world, world.repositories[comment.repository])}/pulls/comments/{comment.database_id}"
    links = {"self": api, "html": page_of(world, comment), "pull_request": _pull_api(world, comment)}
    first, *_ = world.comments_in(thread)
    return {
        "url": api,
        "pull_request_review_id": comment.review,
        "id": comment.database_id,
        "node_id": comment.id,
        "diff_hunk": "",
        "path": thread.path,
        "position": line,
        "original_position": thread.original_line,
        "commit_id": pull.head_ref_oid,
        "original_commit_id": thread.original_commit,
        **({} if comment == first else {"in_reply_to_id": first.database_id}),
        "user": person_json(world, comment.author),
        "body": comment.body,
        "created_at": moment(comment.created_at),
        "updated_at": moment(comment.last_edited_at or comment.created_at),
        "html_url": links["html"],
        "pull_request_url": links["pull_request"],
        "author_association": "NONE",
        "_links": {name: {"href": url} for name, url in links.items()},
        "reactions": reactions_json(api),
        **dict.fromkeys(("start_line", "original_start_line", "start_side")),
        "line": line,
        "original_line": thread.original_line,
        "side": "RIGHT",
    }


def thread_json(world: World, thread: PullRequestReviewThread, line: int | None) -> Json:
    """A thread with all its comments."""
    comments = [review_comment_json(world, one, line) for one in world.comments_in(thread)]
    return {"node_id": thread.id, "comments": comments}


def issue_comment_json(world: World, comment: IssueComment) -> Json:
    """A comment in the conversation. What was written by way of the App says so, whoever its author is."""
    home = api_of(world, world.repositories[comment.repository])
    api = f"{home}/issues/comments/{comment.database_id}"
    via_app = comment.via_app or comment.author == world.app.bot
    return {
        "url": api,
        "html_url": page_of(world, comment),
        "issue_url": f"{home}/issues/{comment.pull}",
        "id": comment.database_id,
        "node_id": comment.id,
        "user": person_json(world, comment.author),
        "created_at": moment(comment.created_at),
        "updated_at": moment(comment.last_edited_at or comment.created_at),
        "author_association": "NONE",
        "body": comment.body,
        "reactions": reactions_json(api, (content for _, content in comment.reactions)),
        "performed_via_github_app": app_json(world, world.app) if via_app else None,
    }


def issue_json(world: World, issue: Subject) -> Json:
    """An issue, or a pull request as the issue that it is besides: what comments are written on."""
    home = api_of(world, world.repositories[issue.repository])
    api = f"{home}/issues/{issue.number}"
    return {
        "url": api,
        "repository_url": home,
        "labels_url": f"{api}/labels{{/name}}",
        "comments_url": f"{api}/comments",
        "events_url": f"{api}/events",
        "html_url": subject_page(world, issue),
        "id": issue.database_id,
        "node_id": issue.id,
        "number": issue.number,
        "title": issue.title,
        "user": person_json(world, issue.author),
        "labels": [label_json(world, label) for label in world.labels_of(issue)],
        "state": "open" if issue.is_open else "closed",
        "locked": False,
        **dict.fromkeys(("assignee", "milestone", "active_lock_reason", "performed_via_github_app")),
        "assignees": [],
        "comments": len(said_in(world.issue_comments.values(), issue)),
        "created_at": moment(issue.created_at),
        "updated_at": moment(issue.updated_at),
        "closed_at": maybe(issue.closed_at),
        "author_association": "NONE",
        "body": issue.body or None,
        "reactions": reactions_json(api),
        **(_as_pull(world, issue) if isinstance(issue, PullRequest) else {}),
    }


def _as_pull(world: World, pull: PullRequest) -> Json:
    """What an issue says besides when it is a pull request."""
    page = pull_page(world, pull)
    links = {
        "url": f"{api_of(world, world.repositories[pull.repository])}/pulls/{pull.number}",
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
    }
    return {"draft": pull.is_draft, "pull_request": {**links, "merged_at": maybe(pull.merged_at)}}


def _pull_api(world: World, said: Placed) -> str:
    return f"{api_of(world, world.repositories[said.repository])}/pulls/{said.pull}"
