"""Issues, and what people say about pull requests: labels, reviews, threads and comments."""

from bot.localhub.discussion import (
    Issue,
    IssueComment,
    Label,
    PullRequestReview,
    PullRequestReviewComment,
    PullRequestReviewThread,
    ReactionContent,
)
from bot.localhub.graphql.connections import Connection, page
from bot.localhub.graphql.fields import CommitAt, Info, answers, context_of
from bot.localhub.model import PullRequest, Repository
from bot.localhub.payloads.common import moment
from bot.localhub.payloads.discussion import page_of, subject_page
from bot.localhub.reviews import line_now
from bot.localhub.world import Json, Subject, said_in

_MAY_PUSH = {"admin", "maintain", "write"}


@answers("label", "Repository")
def label(home: Repository, info: Info, name: str) -> Label | None:
    """A label by its name; null where there is none."""
    return context_of(info).world.label(home, name)


@answers("labels", "PullRequest", "Issue")
def labels(subject: Subject, info: Info, first: int | None = None, after: str | None = None) -> Connection:
    """The labels of a pull request or an issue, oldest first."""
    return page("labels", context_of(info).world.labels_of(subject), first, after)


@answers("url", "Issue")
def issue_url(issue: Issue, info: Info) -> str:
    """Where a person looks at it."""
    return subject_page(context_of(info).world, issue)


@answers("reviews", "PullRequest")
def reviews(
    pull: PullRequest,
    info: Info,
    first: int | None = None,
    after: str | None = None,
    states: list[str] | None = None,
) -> Connection:
    """The reviews of a pull request, oldest first."""
    found = said_in(context_of(info).world.reviews.values(), pull)
    wanted = [review for review in found if states is None or review.state in states]
    return page("reviews", wanted, first, after)


@answers("reviewThreads", "PullRequest")
def review_threads(
    pull: PullRequest, info: Info, first: int | None = None, after: str | None = None
) -> Connection:
    """The threads on lines of a pull request, oldest first."""
    return page("reviewThreads", said_in(context_of(info).world.threads.values(), pull), first, after)


@answers("comments", "PullRequest", "Issue")
def comments(subject: Subject, info: Info, first: int | None = None, after: str | None = None) -> Connection:
    """The conversation on a pull request or an issue, oldest first."""
    return page("comments", said_in(context_of(info).world.issue_comments.values(), subject), first, after)


@answers("comments", "PullRequestReviewThread")
def thread_comments(
    thread: PullRequestReviewThread, info: Info, first: int | None = None, after: str | None = None
) -> Connection:
    """The comments of a thread, oldest first."""
    return page("comments", context_of(info).world.comments_in(thread), first, after)


@answers("line", "PullRequestReviewThread")
async def line(thread: PullRequestReviewThread, info: Info) -> int | None:
    """Where its line is by now; null once that has changed."""
    return await line_now(context_of(info).world, thread)


@answers("isOutdated", "PullRequestReviewThread")
async def is_outdated(thread: PullRequestReviewThread, info: Info) -> bool:
    """Whether its line has changed."""
    return await line(thread, info) is None


@answers("authorCanPushToRepository", "PullRequestReview")
def author_can_push(review: PullRequestReview, info: Info) -> bool:
    """Whether its author may write to the repository at this moment; a ghost may not."""
    world = context_of(info).world
    if review.author is None:
        return False
    return world.permission(world.repositories[review.repository], review.author.login) in _MAY_PUSH


@answers("commit", "PullRequestReview")
def review_commit(review: PullRequestReview, info: Info) -> CommitAt:
    """The head that was reviewed."""
    return CommitAt(context_of(info).world.repositories[review.repository], review.commit)


@answers("createdAt", "PullRequestReview")
def review_created_at(review: PullRequestReview, _: Info) -> str:
    """When it was submitted: nobody drafts a review here."""
    return moment(review.submitted_at)


@answers("pullRequestReview", "PullRequestReviewComment")
def review_of(comment: PullRequestReviewComment, info: Info) -> PullRequestReview:
    """The review that a comment belongs to."""
    return context_of(info).world.reviews[comment.review]


@answers("url", "IssueComment", "PullRequestReview", "PullRequestReviewComment")
def said_url(said: PullRequestReview | PullRequestReviewComment | IssueComment, info: Info) -> str:
    """Where a person reads it."""
    return page_of(context_of(info).world, said)


@answers("viewerDidAuthor", "IssueComment")
def viewer_did_author(comment: IssueComment, info: Info) -> bool:
    """Whether the App wrote it."""
    return comment.author == context_of(info).world.app.bot


@answers("reactionGroups", "IssueComment")
def reaction_groups(comment: IssueComment, info: Info) -> list[Json]:
    """Every kind of reaction, and whether the App gave it."""
    bot = context_of(info).world.app.bot
    return [
        {"content": content, "viewer_has_reacted": (bot, content) in comment.reactions}
        for content in ReactionContent
    ]
