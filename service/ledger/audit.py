"""Who did what, on what, why, from where, and when. Entries are appended and read; nothing else."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from service.ledger import models
from service.ledger.changes import Write, recorded
from service.ledger.database import Database
from service.ledger.repository import Repository

_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """One act.

    `actor` is a login ("mina", "signalbox[bot]"), `action` a word of the bot ("promote"), `subject` what it
    was done to ("prod", "#12", "v1.4.0"), `why` the person's own words, `origin` where it came from
    ("comment", "check button", "control room"); `repository` is None for what concerns none.
    """

    at: datetime
    actor: str
    action: str
    subject: str
    why: str
    origin: str
    repository: Repository | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries: those that match all that is not None, from `since` on and before `until`.

    `visible` are the repositories whose entries may be seen; with it, what concerns none is left out.
    """

    repository_id: int | None = None
    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    visible: Collection[int] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries, newest first; `older` asks for the next page, None where there is nothing more."""

    entries: tuple[Entry, ...]
    older: int | None


class Audit:
    """The table of acts, which only grows: neither a correction nor the retention touches it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, entry: Entry) -> None:
        """Record an act."""
        if entry.repository:
            await recorded(self._database, entry.repository.id, appending(entry))
        else:
            await self._database.transact(appending(entry))

    async def entries(self, which: Filter, older: int | None = None, most: int = _PAGE) -> Page:
        """The newest `most` entries that `which` asks for; `older` of a page gives the one after it."""
        select = sa.select(models.Audit).where(*_conditions(which)).order_by(models.Audit.id.desc())
        if older is not None:
            select = select.where(models.Audit.id < older)
        rows = await self._database.rows(select.limit(most + 1))
        shown = rows[:most]
        return Page(tuple(_read(row) for row in shown), shown[-1].id if len(rows) > most else None)

    async def has(self, which: Filter) -> bool:
        """Whether there is any entry that `which` asks for."""
        return bool((await self.entries(which, most=1)).entries)


def appending(entry: Entry) -> Write:
    """Record an act within a transaction; see `Audit.append`."""
    repository = entry.repository
    row = {
        "at": entry.at,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "why": entry.why,
        "origin": entry.origin,
        "repository_id": repository.id if repository else None,
        "repository": repository.name if repository else None,
    }

    def write(connection: sa.Connection) -> bool:
        connection.execute(sa.insert(models.Audit), row)
        return True

    return write


def _conditions(which: Filter) -> list[sa.ColumnElement[bool]]:
    table = models.Audit
    found: list[sa.ColumnElement[bool]] = []
    if which.visible is not None:
        found.append(table.repository_id.in_(which.visible))
    if which.repository_id is not None:
        found.append(table.repository_id == which.repository_id)
    for column, wanted in (
        (table.actor, which.actor), (table.action, which.action), (table.subject, which.subject)
    ):  # fmt: skip
        if wanted is not None:
            found.append(column == wanted)
    if which.since is not None:
        found.append(table.at >= which.since)
    if which.until is not None:
        found.append(table.at < which.until)
    return found


def _read(row: sa.Row[models.Audit]) -> Entry:
    known = row.repository_id is not None
    return Entry(
        at=row.at,
        actor=row.actor,
        action=row.action,
        subject=row.subject,
        why=row.why,
        origin=row.origin,
        repository=Repository(row.repository_id, row.repository) if known else None,
    )
