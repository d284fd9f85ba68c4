"""The conversation on a pull request or an issue: comments written, edited, deleted and reacted to."""

from dataclasses import replace

from bot.localhub.discussion import IssueComment, ReactionContent
from bot.localhub.model import Account
from bot.localhub.payloads.discussion import issue_comment_json, issue_json
from bot.localhub.refusals import must_be_text
from bot.localhub.world import Subject, World, as_now


class Comments:
    """What people (and the App) do with comments; each act but a reaction tells the App of it."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def write(self, subject: Subject, *, by: Account, body: str, via_app: bool = False) -> IssueComment:
        """Say something about a pull request or an issue; `via_app` with a token that the App was given."""
        must_be_text("body", body)
        world, home = self._world, (subject.repository, subject.number)
        comment = self._put(IssueComment(world.number(), *home, by, body, world.now(), via_app=via_app))
        self._tell(comment, "created", by)
        return comment

    async def edit(self, comment: IssueComment, body: str, *, by: Account) -> IssueComment:
        """Write other words into a comment. What stays the same is not told."""
        comment = as_now(self._world.issue_comments, comment)
        if body == comment.body:
            return comment
        must_be_text("body", body)
        changes = {"body": {"from": comment.body}}
        comment = self._put(replace(comment, body=body, last_edited_at=self._world.now(), editor=by))
        self._tell(comment, "edited", by, changes=changes)
        return comment

    async def delete(self, comment: IssueComment, *, by: Account) -> None:
        """Take a comment away."""
        comment = as_now(self._world.issue_comments, comment)
        del self._world.issue_comments[comment.database_id]
        self._tell(comment, "deleted", by)

    async def react(self, comment: IssueComment, content: str, *, by: Account) -> IssueComment:
        """React to a comment; `content` is GraphQL's word, such as "EYES". Nobody is told."""
        comment = as_now(self._world.issue_comments, comment)
        given = comment.reactions | {(by, ReactionContent(content))}
        return self._put(replace(comment, reactions=given))

    def _put(self, comment: IssueComment) -> IssueComment:
        self._world.issue_comments[comment.database_id] = comment
        return comment

    def _tell(self, comment: IssueComment, action: str, by: Account, **more: object) -> None:
        world = self._world
        issue = issue_json(world, world.subject_of(comment))
        body = {"issue": issue, "comment": issue_comment_json(world, comment), **more, "sender": by}
        world.announce("issue_comment", action, world.repositories[comment.repository], body)
