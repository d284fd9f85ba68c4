"""Labels: made in a repository, put on its pull requests and taken off again."""

import re
from collections.abc import Iterable

from bot.localhub.discussion import Label
from bot.localhub.model import Account, PullRequest, Repository
from bot.localhub.payloads.pulls import label_json
from bot.localhub.pulls import PullFields, Pulls
from bot.localhub.refusals import NotFound, Unprocessable, must_be_text, must_fit
from bot.localhub.world import World, as_now

MOST_NAME = 50
MOST_DESCRIPTION = 100

_COLOR = re.compile(r"[0-9a-fA-F]{6}")


class Labels:
    """What people (and the App) do with labels; each act tells the App of it."""

    def __init__(self, world: World, pulls: Pulls) -> None:
        self._world = world
        self._pulls = pulls

    async def create(
        self,
        repository: Repository,
        name: str,
        *,
        by: Account,
        color: str = "ededed",
        description: str | None = None,
    ) -> Label:
        """A new label of a repository. Refused when there is one of that name, in whatever case."""
        must_be_text("name", name)
        must_fit("name", name, MOST_NAME)
        must_fit("description", description or "", MOST_DESCRIPTION)
        if not _COLOR.fullmatch(color):
            raise Unprocessable("color is invalid")
        if self._world.label(repository, name):
            raise Unprocessable("name has already been taken")
        label = Label(self._world.number(), repository.database_id, name, color, description)
        self._world.labels[label.database_id] = label
        self._tell(label, "created", by)
        return label

    async def delete(self, label: Label, *, by: Account) -> None:
        """Take a label away. Its pull requests lose it, and the App is not told which label that was."""
        world = self._world
        label = as_now(world.labels, label)
        del world.labels[label.database_id]
        self._tell(label, "deleted", by)
        for pull in world.pulls_of(world.repositories[label.repository]):
            if label.database_id in pull.labels:
                left = PullFields(labels=pull.labels - {label.database_id})
                await self._pulls.changed(pull, "unlabeled", by, left)

    async def add(self, pull: PullRequest, name: str, *, by: Account) -> PullRequest:
        """Put a label on a pull request."""
        return await self.attach(pull, [self._named(pull, name)], by=by)

    async def remove(self, pull: PullRequest, name: str, *, by: Account) -> PullRequest:
        """Take a label off a pull request."""
        return await self.detach(pull, [self._named(pull, name)], by=by)

    async def attach(self, pull: PullRequest, labels: Iterable[Label], *, by: Account) -> PullRequest:
        """Put labels on a pull request; those that it has already are not told."""
        for label in labels:
            pull = self._world.current(pull)
            if label.database_id not in pull.labels:
                given = PullFields(labels=pull.labels | {label.database_id})
                told = label_json(self._world, label)
                pull = await self._pulls.changed(pull, "labeled", by, given, label=told)
        return self._world.current(pull)

    async def detach(self, pull: PullRequest, labels: Iterable[Label], *, by: Account) -> PullRequest:
        """Take labels off a pull request; those that it has not are not told."""
        for label in labels:
            pull = self._world.current(pull)
            if label.database_id in pull.labels:
                left = PullFields(labels=pull.labels - {label.database_id})
                told = label_json(self._world, label)
                pull = await self._pulls.changed(pull, "unlabeled", by, left, label=told)
        return self._world.current(pull)

    def _tell(self, label: Label, action: str, by: Account) -> None:
        world = self._world
        body = {"label": label_json(world, label), "sender": by}
        world.announce("label", action, world.repositories[label.repository], body)

    def _named(self, pull: PullRequest, name: str) -> Label:
        repository = self._world.repositories[pull.repository]
        label = self._world.label(repository, name)
        if label is None:
            raise NotFound(f"{repository.name_with_owner} has no label '{name}'")
        return label
