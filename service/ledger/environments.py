"""Environments, and what people said about them: held at what they run, or frozen."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.ledger import models
from service.ledger.changes import Write, recorded
from service.ledger.database import Database
from service.ledger.repository import Repository
from service.ledger.writing import insert


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing but an explicit promotion changes the environment: a rollback holds it."""

    by: str
    why: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Freeze:
    """Nothing at all changes the environment, until a moment or (None) until somebody lifts it."""

    by: str
    why: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment of a repository ("prod") and what was said about it."""

    repository: Repository
    name: str
    hold: Hold | None = None
    freeze: Freeze | None = None


class Environments:
    """The table of environments."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def hold(
        self,
        repository: Repository,
        name: str,
        hold: Hold | None,
        seen: datetime | None = None,
        *also: Write,
    ) -> bool:
        """Hold an environment, or with None let it go; its freeze stays as it is.

        `seen` is since when it is held as far as the caller knows, None for not at all; where that is not so
        any more, nothing changes, and the answer is False. What is to be written with it, and not without
        it, is `also`.
        """
        held = _with(holding(repository, name, hold, seen), also)
        return await recorded(self._database, repository.id, held)

    async def freeze(
        self,
        repository: Repository,
        name: str,
        freeze: Freeze | None,
        seen: datetime | None = None,
        *also: Write,
    ) -> bool:
        """Freeze an environment, or with None thaw it; its hold stays as it is. The rest is as for `hold`."""
        marked = _marking(
            repository,
            name,
            models.Environment.freeze_since.is_not_distinct_from(seen),
            freeze_by=freeze.by if freeze else None,
            freeze_why=freeze.why if freeze else None,
            freeze_since=freeze.since if freeze else None,
            freeze_until=freeze.until if freeze else None,
        )
        return await recorded(self._database, repository.id, _with(marked, also))

    async def get(self, repository: Repository, name: str) -> Environment:
        """An environment; one about which nobody said anything is neither held nor frozen."""
        found = (each for each in await self.of(repository.id) if each.name == name)
        return next(found, Environment(repository, name))

    async def of(self, repository_id: int) -> tuple[Environment, ...]:
        """The environments of a repository that ran something or about which something was said, by name."""
        select = sa.select(models.Environment).where(models.Environment.repository_id == repository_id)
        rows = await self._database.rows(select.order_by(models.Environment.name))
        return tuple(read_environment(row) for row in rows)


def holding(repository: Repository, name: str, hold: Hold | None, seen: datetime | None) -> Write:
    """Hold an environment within a transaction, or let it go; see `Environments.hold`."""
    return _marking(
        repository,
        name,
        models.Environment.hold_since.is_not_distinct_from(seen),
        hold_by=hold.by if hold else None,
        hold_why=hold.why if hold else None,
        hold_since=hold.since if hold else None,
    )


def _with(mark: Write, also: Collection[Write]) -> Write:
    def write(connection: sa.Connection) -> bool:
        if not mark(connection):
            return False
        for each in also:
            each(connection)
        return True

    return write


def read_environment(row: sa.Row[Any]) -> Environment:
    """The environment in a row that has the columns of the table."""
    held, frozen = row.hold_since is not None, row.freeze_since is not None
    return Environment(
        repository=Repository(row.repository_id, row.repository),
        name=row.name,
        hold=Hold(row.hold_by, row.hold_why, row.hold_since) if held else None,
        freeze=Freeze(row.freeze_by, row.freeze_why, row.freeze_since, row.freeze_until) if frozen else None,
    )


def _marking(
    repository: Repository, name: str, unchanged: sa.ColumnElement[bool], **mark: str | datetime | None
) -> Write:
    table = models.Environment
    row = {"repository_id": repository.id, "repository": repository.name, "name": name}
    here = (table.repository_id == repository.id, table.name == name)

    def write(connection: sa.Connection) -> bool:
        connection.execute(insert(connection, table, update=("repository",)), row)
        return bool(connection.execute(sa.update(table).where(*here, unchanged).values(**mark)).rowcount)

    return write
