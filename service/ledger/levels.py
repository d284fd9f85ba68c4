"""What reviews asked for over time: raised when an item began to ask, cleared when it stopped."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from service.ledger import models
from service.ledger.changes import Write, recorded
from service.ledger.models import OutstandingLevel
from service.ledger.repository import Repository
from service.ledger.writing import delete

Row = sa.Row[OutstandingLevel]


@dataclass(frozen=True, slots=True)
class Outstanding:
    """An item (GitHub's node id of a review, thread or comment) that asks for something at a level ("P1").

    `author` is a login, None for a deleted account.
    """

    item: str
    level: str
    author: str | None


@dataclass(frozen=True, slots=True)
class Raised:
    """One time that an item asked; `cleared_at` is None while it does."""

    outstanding: Outstanding
    raised_at: datetime
    cleared_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What is outstanding on a pull request, by level and age, and what was cleared, the newest first.

    `unshown` and `unshown_cleared` say how many more there are of each.
    """

    outstanding: tuple[Raised, ...]
    cleared: tuple[Raised, ...]
    unshown: int
    unshown_cleared: int


class Levels:
    """The table of outstanding levels."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def record(
        self, repository: Repository, pull: int, standing: Collection[Outstanding], at: datetime
    ) -> None:
        """Record that at this moment just `standing` is outstanding: what is new is raised, the rest cleared.

        An item whose level changed is cleared at the old one and raised at the new one.
        """
        await recorded(self._engine, repository.id, settling(repository, pull, standing, at))

    async def of(self, repository_id: int, pull: int) -> tuple[Raised, ...]:
        """All that was ever outstanding on a pull request, in the order in which it was raised."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(_of(repository_id, pull))
            return tuple(_raised(row) for row in rows)

    async def standing(
        self, repository_id: int, pull: int, most: int = 200, most_cleared: int = 50
    ) -> Standing:
        """What is outstanding on a pull request, and what was cleared last: three statements."""
        table = OutstandingLevel
        here = (table.repository_id == repository_id, table.pull == pull)
        open_, cleared = (
            sa.select(table).where(*here, which).order_by(*by).limit(limit)
            for which, by, limit in (
                (table.cleared_at.is_(None), (table.level, table.id), most),
                (table.cleared_at.is_not(None), (table.cleared_at.desc(), table.id.desc()), most_cleared),
            )
        )
        counts = sa.select(sa.func.count(), sa.func.count(table.cleared_at)).where(*here)
        async with self._engine.connect() as connection:
            total, over = (await connection.execute(counts)).one()
            shown, shown_cleared = [
                tuple(_raised(row) for row in await connection.execute(each)) for each in (open_, cleared)
            ]
        return Standing(shown, shown_cleared, total - over - len(shown), over - len(shown_cleared))

    async def prune(self, before: datetime) -> int:
        """Delete what was cleared before a moment; how many. What is outstanding stays, however old."""
        return await delete(self._engine, models.OutstandingLevel, OutstandingLevel.cleared_at < before)


def settling(repository: Repository, pull: int, standing: Collection[Outstanding], at: datetime) -> Write:
    """What `Levels.record` writes."""

    async def settle(connection: AsyncConnection) -> bool:
        known = (await connection.execute(_of(repository.id, pull))).all()
        cleared, raised = changes(known, standing)
        if cleared:
            rows = sa.update(OutstandingLevel).where(OutstandingLevel.id.in_(cleared))
            await connection.execute(rows.values(cleared_at=at))
        if raised:
            fixed = {
                "repository_id": repository.id,
                "repository": repository.name,
                "pull": pull,
                "raised_at": at,
            }
            rows_of = [{**fixed, **_row(each, turn)} for each, turn in raised]
            await connection.execute(sa.insert(OutstandingLevel), rows_of)
        return bool(cleared or raised)

    return settle


def changes(
    known: Sequence[Row], standing: Collection[Outstanding]
) -> tuple[list[int], list[tuple[Outstanding, int]]]:
    """The ids of the rows to clear; what is to be raised, each with the number of its turn."""
    open_rows = {_outstanding(row): row.id for row in known if row.cleared_at is None}
    turns = {row.item: row.turn for row in known}  # in the order of their turns, so the last one stays
    cleared = [id for outstanding, id in open_rows.items() if outstanding not in standing]
    raised = [(each, turns.get(each.item, 0) + 1) for each in standing if each not in open_rows]
    return cleared, raised


def _of(repository_id: int, pull: int) -> sa.Select[OutstandingLevel]:
    about = (OutstandingLevel.repository_id == repository_id, OutstandingLevel.pull == pull)
    return sa.select(OutstandingLevel).where(*about).order_by(OutstandingLevel.id)


def _row(outstanding: Outstanding, turn: int) -> dict[str, object]:
    return {
        "item": outstanding.item,
        "turn": turn,
        "level": outstanding.level,
        "author": outstanding.author,
    }


def _outstanding(row: Row) -> Outstanding:
    return Outstanding(row.item, row.level, row.author)


def _raised(row: Row) -> Raised:
    return Raised(_outstanding(row), row.raised_at, row.cleared_at)
