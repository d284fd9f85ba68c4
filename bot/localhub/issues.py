"""Issues that are no pull requests: opened, commented on (see `comments`), closed."""

from collections.abc import Iterable
from dataclasses import replace

from bot.localhub.discussion import Issue, IssueState, Label
from bot.localhub.model import Account, Repository
from bot.localhub.payloads.discussion import issue_json
from bot.localhub.refusals import must_be_text
from bot.localhub.world import World


class Issues:
    """What people do with issues; each act tells the App of it, where it listens."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def open(
        self, repository: Repository, *, title: str, by: Account, body: str = "", labels: Iterable[Label] = ()
    ) -> Issue:
        """Open an issue."""
        must_be_text("title", title)
        world, now = self._world, self._world.now()
        issue = Issue(
            database_id=world.number(),
            repository=repository.database_id,
            number=world.next_number(repository),
            title=title,
            body=body,
            author=by,
            created_at=now,
            updated_at=now,
            labels=frozenset(label.database_id for label in labels),
        )
        return self._put(issue, "opened", by)

    async def close(self, issue: Issue, *, by: Account) -> Issue:
        """Close an issue; one that is closed stays as it is."""
        issue, now = self._world.issues[issue.repository, issue.number], self._world.now()
        if not issue.is_open:
            return issue
        closed = replace(issue, state=IssueState.CLOSED, closed_at=now, updated_at=now)
        return self._put(closed, "closed", by)

    def _put(self, issue: Issue, action: str, by: Account) -> Issue:
        world = self._world
        world.issues[issue.repository, issue.number] = issue
        body = {"issue": issue_json(world, issue), "sender": by}
        world.announce("issues", action, world.repositories[issue.repository], body)
        return issue
