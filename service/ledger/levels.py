"""What reviews asked for over time: raised when an item began to ask, cleared when it stopped."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from service.ledger import changes
from service.ledger.database import Database
from service.ledger.models import OutstandingLevel
from service.ledger.repository import Repository
from service.ledger.writing import delete

Row = sa.Row[OutstandingLevel]
_TABLE = OutstandingLevel
# What is open, and every turn of some items: what else was cleared only grows, and is nobody's concern.
_TURNS: Final = (
    sa.select(
        _TABLE.id,
        _TABLE.item,
        _TABLE.turn,
        _TABLE.level,
        _TABLE.author,
        _TABLE.cleared_at.is_(None).label("open"),
    )
    .where(
        _TABLE.repository_id == sa.bindparam("repository_id"),
        _TABLE.pull == sa.bindparam("pull"),
        _TABLE.cleared_at.is_(None) | _TABLE.item.in_(sa.bindparam("items", expanding=True)),
    )
    .order_by(_TABLE.id)
)
_OPEN: Final = (
    sa.select(_TABLE.id)
    .where(
        _TABLE.repository_id == sa.bindparam("repository_id"),
        _TABLE.pull == sa.bindparam("pull"),
        _TABLE.cleared_at.is_(None),
    )
    .limit(1)
)
_CLEAR: Final = (
    sa.update(_TABLE).where(_TABLE.id == sa.bindparam("row")).values(cleared_at=sa.bindparam("at"))
)
_RAISE: Final = sa.insert(_TABLE).inline()


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

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(
        self, repository: Repository, pull: int, standing: Collection[Outstanding], at: datetime
    ) -> None:
        """Record that at this moment just `standing` is outstanding: what is new is raised, the rest cleared.

        An item whose level changed is cleared at the old one and raised at the new one.
        """
        await changes.recorded(self._database, repository.id, settling(repository, pull, standing, at))

    async def of(self, repository_id: int, pull: int) -> tuple[Raised, ...]:
        """All that was ever outstanding on a pull request, in the order in which it was raised."""
        return tuple(_raised(row) for row in await self._database.rows(_of(repository_id, pull)))

    async def standing(
        self, repository_id: int, pull: int, most: int = 200, most_cleared: int = 50
    ) -> Standing:
        """What is outstanding on a pull request, and what was cleared last: three statements."""
        table = _TABLE
        here = (table.repository_id == repository_id, table.pull == pull)
        open_, cleared = (
            sa.select(table).where(*here, which).order_by(*by).limit(limit)
            for which, by, limit in (
                (table.cleared_at.is_(None), (table.level, table.id), most),
                (table.cleared_at.is_not(None), (table.cleared_at.desc(), table.id.desc()), most_cleared),
            )
        )
        counts = sa.select(sa.func.count(), sa.func.count(table.cleared_at)).where(*here)

        def read(connection: sa.Connection) -> Standing:
            total, over = connection.execute(counts).one()
            shown, shown_cleared = [
                tuple(_raised(row) for row in connection.execute(each)) for each in (open_, cleared)
            ]
            return Standing(shown, shown_cleared, total - over - len(shown), over - len(shown_cleared))

        return await self._database.run(read)

    async def prune(self, before: datetime) -> int:
        """Delete what was cleared before a moment; how many. What is outstanding stays, however old."""
        return await delete(self._database, _TABLE, _TABLE.cleared_at < before)


def settling(
    repository: Repository, pull: int, standing: Collection[Outstanding], at: datetime
) -> changes.Write:
    """What `Levels.record` writes."""
    here = {"repository_id": repository.id, "pull": pull}

    def settle(connection: sa.Connection, is_open: changes.Row | None) -> bool:
        if is_open is None and not standing:  # most pull requests: nobody asks for anything
            return False
        known = connection.execute(_TURNS, {**here, "items": [each.item for each in standing]}).all()
        cleared, raised = turned(known, standing)
        if cleared:
            connection.execute(_CLEAR, [{"row": row, "at": at} for row in cleared])
        if raised:
            fixed = {**here, "repository": repository.name, "raised_at": at}
            connection.execute(_RAISE, [{**fixed, **_row(each, turn)} for each, turn in raised])
        return bool(cleared or raised)

    return changes.Update(settle, _OPEN, here)


def turned(
    known: Sequence[sa.Row[*tuple[Any, ...]]], standing: Collection[Outstanding]
) -> tuple[list[int], list[tuple[Outstanding, int]]]:
    """The ids of the rows to clear; what is to be raised, each with the number of its turn."""
    open_rows = {_outstanding(row): row.id for row in known if row.open}
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


def _outstanding(row: sa.Row[Any]) -> Outstanding:
    return Outstanding(row.item, row.level, row.author)


def _raised(row: Row) -> Raised:
    return Raised(_outstanding(row), row.raised_at, row.cleared_at)
