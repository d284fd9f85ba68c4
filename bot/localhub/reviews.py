"""Reviews and the threads on lines of a change: submitted, edited, dismissed, answered, resolved."""

from collections.abc import Sequence
from dataclasses import replace

from bot.localhub.discussion import (
    PullRequestReview,
    PullRequestReviewComment,
    PullRequestReviewState,
    PullRequestReviewThread,
)
from bot.localhub.model import Account, PullRequest
from bot.localhub.payloads.discussion import review_comment_json, review_json, thread_json
from bot.localhub.payloads.pulls import pull_in_short
from bot.localhub.refusals import Unprocessable, must_be_text
from bot.localhub.world import Json, Placed, World, as_now


class Reviews:
    """What people do with reviews; each act tells the App of it."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def submit(
        self,
        pull: PullRequest,
        *,
        by: Account,
        state: str,
        body: str = "",
        comments: Sequence[tuple[str, int, str]] = (),
    ) -> PullRequestReview:
        """Review a pull request at its present head.

        `state` is APPROVED, CHANGES_REQUESTED or COMMENTED. Each of the `comments`, a path, a line and a
        text, opens a thread. Refused: an opinion on one's own pull request, and words that are missing.
        """
        pull, opinion = self._world.current(pull), PullRequestReviewState(state)
        if opinion is PullRequestReviewState.DISMISSED:
            raise Unprocessable("A review is dismissed after it was submitted")
        if opinion.is_opinion and pull.author == by:
            raise Unprocessable("Can not approve or request changes on your own pull request")
        if opinion is not PullRequestReviewState.APPROVED and not comments:
            must_be_text("body", body)
        for _, _, text in comments:
            must_be_text("body", text)
        review = self._review(pull, by, opinion, body)
        for path, line, text in comments:
            await self._open_thread(review, by, path, line, text)
        return review

    async def edit(self, review: PullRequestReview, body: str, *, by: Account) -> PullRequestReview:
        """Write other words into a review. What stays the same is not told."""
        review = as_now(self._world.reviews, review)
        if body == review.body:
            return review
        changes = {"body": {"from": review.body}}
        review = self._put(replace(review, body=body, last_edited_at=self._world.now()))
        self._tell(review, "edited", by, changes=changes)
        return review

    async def dismiss(
        self, review: PullRequestReview, *, by: Account, message: str = ""
    ) -> PullRequestReview:
        """Let an approval, or a request for changes, count no more."""
        review = as_now(self._world.reviews, review)
        if not review.state.is_opinion:
            raise Unprocessable(f"Can not dismiss a {review.state.lower()} pull request review")
        dismissed = PullRequestReviewState.DISMISSED
        review = self._put(replace(review, state=dismissed, dismissal_message=message))
        self._tell(review, "dismissed", by)
        return review

    async def comment(
        self, pull: PullRequest, *, by: Account, path: str, line: int, body: str
    ) -> PullRequestReviewThread:
        """Comment on a line alone, which makes a review of this one comment."""
        must_be_text("body", body)
        review = self._review(self._world.current(pull), by, PullRequestReviewState.COMMENTED, "")
        return await self._open_thread(review, by, path, line, body)

    async def reply(
        self, thread: PullRequestReviewThread, *, by: Account, body: str
    ) -> PullRequestReviewComment:
        """Answer in a thread, which makes a review of this one comment."""
        thread = as_now(self._world.threads, thread)
        must_be_text("body", body)
        pull = self._world.pull_of(thread)
        review = self._review(pull, by, PullRequestReviewState.COMMENTED, "")
        return await self._add(review, thread, by, body)

    async def edit_comment(
        self, comment: PullRequestReviewComment, body: str, *, by: Account
    ) -> PullRequestReviewComment:
        """Write other words into a comment. What stays the same is not told."""
        comment = as_now(self._world.review_comments, comment)
        if body == comment.body:
            return comment
        must_be_text("body", body)
        changes = {"body": {"from": comment.body}}
        comment = replace(comment, body=body, last_edited_at=self._world.now())
        self._world.review_comments[comment.database_id] = comment
        await self._tell_comment(comment, "edited", by, changes=changes)
        return comment

    async def delete_comment(self, comment: PullRequestReviewComment, *, by: Account) -> None:
        """Take a comment away; a thread goes with the last of its comments."""
        world = self._world
        comment = as_now(world.review_comments, comment)
        thread = world.threads[comment.thread]
        await self._tell_comment(comment, "deleted", by)
        del world.review_comments[comment.database_id]
        if not world.comments_in(thread):
            del world.threads[thread.database_id]

    async def resolve(self, thread: PullRequestReviewThread, *, by: Account) -> PullRequestReviewThread:
        """Say that a thread needs no more attention."""
        return await self._settle(thread, "resolved", by)

    async def unresolve(self, thread: PullRequestReviewThread, *, by: Account) -> PullRequestReviewThread:
        """Open a resolved thread again."""
        return await self._settle(thread, "unresolved", by)

    def _review(
        self, pull: PullRequest, by: Account, state: PullRequestReviewState, body: str
    ) -> PullRequestReview:
        world, home = self._world, (pull.repository, pull.number)
        number, now = world.number(), world.now()
        review = self._put(PullRequestReview(number, *home, by, state, body, pull.head_ref_oid, now))
        self._tell(review, "submitted", by)
        return review

    def _put(self, review: PullRequestReview) -> PullRequestReview:
        self._world.reviews[review.database_id] = review
        return review

    async def _open_thread(
        self, review: PullRequestReview, by: Account, path: str, line: int, body: str
    ) -> PullRequestReviewThread:
        home = (review.repository, review.pull)
        thread = PullRequestReviewThread(self._world.number(), *home, path, line, review.commit)
        self._world.threads[thread.database_id] = thread
        await self._add(review, thread, by, body)
        return thread

    async def _add(
        self, review: PullRequestReview, thread: PullRequestReviewThread, by: Account, body: str
    ) -> PullRequestReviewComment:
        world, home = self._world, (review.repository, review.pull)
        belongs = (review.database_id, thread.database_id)
        comment = PullRequestReviewComment(world.number(), *home, *belongs, by, body, world.now())
        world.review_comments[comment.database_id] = comment
        await self._tell_comment(comment, "created", by)
        return comment

    async def _settle(
        self, thread: PullRequestReviewThread, action: str, by: Account
    ) -> PullRequestReviewThread:
        """Resolve a thread or open it again, unless it is so already."""
        thread = as_now(self._world.threads, thread)
        resolved = action == "resolved"
        if thread.is_resolved is not resolved:
            thread = self._world.threads[thread.database_id] = replace(thread, is_resolved=resolved)
            told = thread_json(self._world, thread, await line_now(self._world, thread))
            self._announce(thread, "pull_request_review_thread", action, {"thread": told, "sender": by})
        return thread

    def _tell(self, review: PullRequestReview, action: str, by: Account, **more: object) -> None:
        body = {"review": review_json(self._world, review), **more, "sender": by}
        self._announce(review, "pull_request_review", action, body)

    async def _tell_comment(
        self, comment: PullRequestReviewComment, action: str, by: Account, **more: object
    ) -> None:
        line = await line_now(self._world, self._world.threads[comment.thread])
        body = {"comment": review_comment_json(self._world, comment, line), **more, "sender": by}
        self._announce(comment, "pull_request_review_comment", action, body)

    def _announce(self, about: Placed, event: str, action: str, body: Json) -> None:
        world = self._world
        told = {"pull_request": pull_in_short(world, world.pull_of(about)), **body}
        world.announce(event, action, world.repositories[about.repository], told)


async def line_now(world: World, thread: PullRequestReviewThread) -> int | None:
    """Where the line of a thread is at the present head; None when it has changed: GitHub's "outdated"."""
    head = world.pull_of(thread).head_ref_oid
    if thread.original_commit == head:
        return thread.original_line
    git = world.git(world.repositories[thread.repository])
    return await git.follow(thread.path, thread.original_line, thread.original_commit, head)
