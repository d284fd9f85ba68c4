"""What happened in a time, read for the figures; what they mean is in `service.ledger.measures`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from service.ledger import models
from service.ledger.measures import Approved, Asked, Deployed, Happenings, Measures, Merged, measure

_PULL, _LEVEL = models.PullRequest, models.OutstandingLevel
_DEPLOYMENT, _RELEASE, _REPOSITORY = models.Deployment, models.Release, models.Repository
_ROLLBACK, _FAILED = "rollback", frozenset({"failure", "error"})


class Figures:
    """What the insights show."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def of(self, visible: Collection[int] | None, since: datetime, until: datetime) -> Measures:
        """The figures of the repositories with these ids (None for all), from `since` on and before `until`.

        Six statements, each by an index of the time.
        """
        seen = _Window(visible, since, until)
        async with self._engine.connect() as connection:
            happened = Happenings(
                asked=[Asked(*row) for row in await connection.execute(_asked(seen))],
                approved=[Approved(*row) for row in await connection.execute(_approved(seen))],
                merged=[Merged(*row) for row in await connection.execute(_merged(seen))],
                deployed=await _deployed(connection, seen),
                released=[
                    Deployed(row.repository_id, row.begun_at, succeeded=True)
                    for row in await connection.execute(_released(seen))
                ],
            )
        return measure(happened, since, until)


@dataclass(frozen=True, slots=True)
class _Window:
    visible: Collection[int] | None
    since: datetime
    until: datetime

    def holds(self, moment: sa.SQLColumnExpression[Any]) -> sa.ColumnElement[bool]:
        """Whether a moment is in the time."""
        return sa.and_(moment >= self.since, moment < self.until)

    def shows(self, repository_id: sa.SQLColumnExpression[Any]) -> sa.ColumnElement[bool]:
        """Whether a repository is to be seen."""
        return sa.true() if self.visible is None else repository_id.in_(self.visible)


def _asked(seen: _Window) -> sa.Select[*tuple[Any, ...]]:
    columns = (_LEVEL.level, _LEVEL.raised_at, _LEVEL.cleared_at)
    then = sa.or_(seen.holds(_LEVEL.raised_at), seen.holds(_LEVEL.cleared_at))
    return sa.select(*columns).where(seen.shows(_LEVEL.repository_id), then)


def _approved(seen: _Window) -> sa.Select[*tuple[Any, ...]]:
    columns = (_PULL.opened_at, _PULL.approved_at)
    return sa.select(*columns).where(seen.shows(_PULL.repository_id), seen.holds(_PULL.approved_at))


def _merged(seen: _Window) -> sa.Select[*tuple[Any, ...]]:
    """What was merged into a branch that the rulebook knows; a permanent branch brings nothing of its own."""
    columns = (_PULL.repository_id, _PULL.role, _PULL.base_kind, _PULL.opened_at, _PULL.merged_at)
    changes = (_PULL.base_kind.is_not(None), _PULL.kind.is_not(None))
    return sa.select(*columns).where(seen.shows(_PULL.repository_id), seen.holds(_PULL.merged_at), *changes)


def _released(seen: _Window) -> sa.Select[*tuple[Any, ...]]:
    columns = (_RELEASE.repository_id, _RELEASE.begun_at)
    return sa.select(*columns).where(seen.shows(_RELEASE.repository_id), seen.holds(_RELEASE.begun_at))


async def _deployed(connection: AsyncConnection, seen: _Window) -> list[Deployed]:
    """What was deployed to the last environment of each repository, and has ended."""
    places = sa.select(_REPOSITORY.id, _REPOSITORY.environments).where(seen.shows(_REPOSITORY.id))
    last = {
        row.id: row.environments[-1]["name"] for row in await connection.execute(places) if row.environments
    }
    here = (
        seen.shows(_DEPLOYMENT.repository_id),
        seen.holds(_DEPLOYMENT.created_at),
        _DEPLOYMENT.environment.in_(set(last.values())),
        _DEPLOYMENT.finished_at.is_not(None),
    )
    columns = (
        _DEPLOYMENT.repository_id, _DEPLOYMENT.environment, _DEPLOYMENT.action,
        _DEPLOYMENT.state, _DEPLOYMENT.succeeded_at, _DEPLOYMENT.finished_at,
    )  # fmt: skip
    return [
        Deployed(
            row.repository_id,
            row.succeeded_at or row.finished_at,
            succeeded=row.state not in _FAILED,
            is_rollback=row.action == _ROLLBACK,
        )
        for row in await connection.execute(sa.select(*columns).where(*here))
        if last.get(row.repository_id) == row.environment
    ]
