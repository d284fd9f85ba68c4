"""How far each release came: the ledger says what is done, so that whoever goes on does nothing twice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from service.ledger import models
from service.ledger.repository import Repository
from service.ledger.writing import insert, transact


class StepState(StrEnum):
    """How a step of a release stands."""

    DONE = "done"
    WAITING = "waiting"  # a person must act first: a conflict, a pull request to merge
    FAILED = "failed"  # it stopped, and its detail says why


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a release; `detail` is the bot's, as JSON. `begun_at` is when it was first recorded."""

    name: str
    state: StepState
    detail: Mapping[str, Any]
    begun_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Release:
    """A release of one version, its commit being what the tag names; `pull` is None where none was merged."""

    id: int
    repository: Repository
    version: str
    tag: str
    commit: str
    pull: int | None
    begun_at: datetime
    finished_at: datetime | None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a release begins with."""

    repository: Repository
    version: str
    tag: str
    commit: str
    pull: int | None = None


class Releases:
    """The tables of releases and their steps."""

    def __init__(self, engine: AsyncEngine, clock: Callable[[], datetime]) -> None:
        self._engine, self._clock = engine, clock

    async def begin(self, beginning: Beginning) -> Release:
        """Begin a release; one that has begun already is answered as it stands."""
        repository = beginning.repository
        row = {
            "repository_id": repository.id,
            "repository": repository.name,
            "version": beginning.version,
            "tag": beginning.tag,
            "commit": beginning.commit,
            "pull": beginning.pull,
            "begun_at": self._clock(),
        }

        async def act(connection: AsyncConnection) -> Release:
            await connection.execute(insert(self._engine, models.Release), row)
            return await _read(
                connection, (await connection.execute(_select(repository.id, beginning.version))).one()
            )

        return await transact(self._engine, act)

    async def step(self, release: Release, name: str, state: StepState, detail: Mapping[str, Any]) -> None:
        """Record how a step of a release stands now; `detail` is the bot's, as JSON."""
        now = self._clock()
        row = {
            "release_id": release.id,
            "name": name,
            "state": state.value,
            "detail": dict(detail),
            "begun_at": now,
            "at": now,
        }
        statement = insert(self._engine, models.ReleaseStep, update=("state", "detail", "at"))
        await transact(self._engine, lambda connection: connection.execute(statement, row))

    async def finish(self, release: Release) -> None:
        """Record that nothing is left to do; the first time stands."""
        unfinished = (models.Release.id == release.id, models.Release.finished_at.is_(None))
        finish = sa.update(models.Release).where(*unfinished).values(finished_at=self._clock())
        async with self._engine.begin() as connection:
            await connection.execute(finish)

    async def unfinished(self, repository_id: int) -> tuple[Release, ...]:
        """Every release of a repository of which something is left to do, the oldest first."""
        left = sa.select(models.Release).where(
            models.Release.repository_id == repository_id, models.Release.finished_at.is_(None)
        )
        async with self._engine.connect() as connection:
            rows = (await connection.execute(left.order_by(models.Release.begun_at))).all()
            return tuple([await _read(connection, row) for row in rows])

    async def of(self, repository_id: int, version: str) -> Release | None:
        """The release of a version with its steps; None when it has not begun."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(_select(repository_id, version))).one_or_none()
            return await _read(connection, row) if row else None


def _select(repository_id: int, version: str) -> sa.Select[models.Release]:
    return sa.select(models.Release).where(
        models.Release.repository_id == repository_id, models.Release.version == version
    )


async def _read(connection: AsyncConnection, row: sa.Row[models.Release]) -> Release:
    steps = sa.select(models.ReleaseStep).where(models.ReleaseStep.release_id == row.id)
    in_order = steps.order_by(models.ReleaseStep.begun_at, models.ReleaseStep.name)
    return Release(
        id=row.id,
        repository=Repository(row.repository_id, row.repository),
        version=row.version,
        tag=row.tag,
        commit=row.commit,
        pull=row.pull,
        begun_at=row.begun_at,
        finished_at=row.finished_at,
        steps=tuple(_step(step) for step in await connection.execute(in_order)),
    )


def _step(row: sa.Row[models.ReleaseStep]) -> Step:
    return Step(row.name, StepState(row.state), row.detail, row.begun_at, row.at)
