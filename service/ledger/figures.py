"""What happened in a time, read for the figures; what they mean is in `service.ledger.measures`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from service.ledger import models
from service.ledger.database import Database
from service.ledger.deployments import deploys
from service.ledger.measures import Approved, Asked, Deployed, Happenings, Measures, Merged, measure

_PULL, _LEVEL = models.PullRequest, models.OutstandingLevel
_DEPLOYMENT, _RELEASE, _REPOSITORY = models.Deployment, models.Release, models.Repository
_ROLLBACK, _FAILED = "rollback", frozenset({"failure", "error"})
# How long before its time a change may have been merged, or a deployment begun, that arrives in it.
_BEFORE: Final = timedelta(days=180)


class Figures:
    """What the insights show."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, visible: Collection[int] | None, since: datetime, until: datetime) -> Measures:
        """The figures of the repositories with these ids (None for all), from `since` on and before `until`.

        Merges and deployments are read from half a year before on: what arrives in the time began before it.
        Seven statements, all but two of them by an index of the time.
        """
        # Nothing can be before the first year.
        early = max(since, datetime.min.replace(tzinfo=since.tzinfo) + _BEFORE) - _BEFORE
        seen, before = _Window(visible, since, until), _Window(visible, early, until)

        def read(connection: sa.Connection) -> Happenings:
            return Happenings(
                asked=[Asked(*row) for row in connection.execute(_asked(seen))],
                approved=[Approved(*row) for row in connection.execute(_approved(seen))],
                merged=[Merged(*row) for row in connection.execute(_merged(before))],
                deployed=_delivered(connection, before),
            )

        return measure(await self._database.run(read), since, until)


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


def _delivered(connection: sa.Connection, seen: _Window) -> list[Deployed]:
    """What was deployed to the last environment of each repository, and has ended.

    A repository of which no deployment to it was ever known delivers by its releases.
    """
    places = sa.select(_REPOSITORY.id, _REPOSITORY.environments).where(seen.shows(_REPOSITORY.id))
    last = {row.id: row.environments[-1]["name"] for row in connection.execute(places) if row.environments}
    there = _DEPLOYMENT.environment.in_(set(last.values()))
    here = (seen.shows(_DEPLOYMENT.repository_id), there, deploys(_DEPLOYMENT))
    ever = sa.select(_DEPLOYMENT.repository_id, _DEPLOYMENT.environment).where(*here).distinct()
    deploying = {
        row.repository_id
        for row in connection.execute(ever)
        if last.get(row.repository_id) == row.environment
    }
    ended = (*here, seen.holds(_DEPLOYMENT.created_at), _DEPLOYMENT.finished_at.is_not(None))
    deployed = [
        _deployed(row)
        for row in connection.execute(sa.select(_DEPLOYMENT).where(*ended))
        if last.get(row.repository_id) == row.environment
    ]
    columns = (_RELEASE.repository_id, _RELEASE.begun_at)
    begun = sa.select(*columns).where(seen.shows(_RELEASE.repository_id), seen.holds(_RELEASE.begun_at))
    released = [
        Deployed(row.repository_id, row.begun_at, succeeded=True)
        for row in connection.execute(begun)
        if row.repository_id not in deploying
    ]
    return [*deployed, *released]


def _deployed(row: sa.Row[Any]) -> Deployed:
    """How a deployment ended; one that only became inactive has never succeeded."""
    return Deployed(
        row.repository_id,
        row.succeeded_at or row.finished_at,
        succeeded=row.succeeded_at is not None and row.state not in _FAILED,
        is_rollback=row.action == _ROLLBACK,
    )
