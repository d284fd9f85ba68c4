"""How far each release came: the ledger says what is done, so that whoever goes on does nothing twice."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from service.ledger import models
from service.ledger.changes import touch
from service.ledger.database import Database
from service.ledger.repository import Repository
from service.ledger.writing import insert

# The step that settles which commit a version is.
TAG: Final = "tag"


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
    """A release of one version, its commit being what the tag names; `pull` is None where none was merged.

    `notes` are the text (Markdown) that it was published with, None while it is not.
    """

    id: int
    repository: Repository
    version: str
    tag: str
    commit: str
    pull: int | None
    begun_at: datetime
    finished_at: datetime | None
    notes: str | None = None
    steps: tuple[Step, ...] = ()

    @property
    def lacking(self) -> tuple[Step, ...]:
        """The steps that are begun and not done."""
        return tuple(step for step in self.steps if step.state is not StepState.DONE)


@dataclass(frozen=True, slots=True)
class ReleasePage:
    """Some releases, the newest first; `older` asks for the next page, None at the end."""

    releases: tuple[Release, ...]
    older: int | None


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

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    async def begin(self, beginning: Beginning) -> Release:
        """Begin a release; one that has begun already is answered as it stands.

        While it is not tagged, the pull request that was merged last has it: that one's commit is what the
        tag will name. What a pull request had begun under another version is forgotten, unless it is tagged.
        """
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

        def act(connection: sa.Connection) -> Release:
            made = connection.execute(insert(connection, models.Release), row)
            taken = beginning.pull is not None and _take_over(connection, beginning, beginning.pull)
            if made.rowcount or taken:
                touch(connection, repository.id)
            return read_releases(connection, _key(repository.id, beginning.version), 1)[0]

        return await self._database.transact(act)

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

        def act(connection: sa.Connection) -> None:
            _keep_step(connection, row)
            touch(connection, release.repository.id)

        await self._database.transact(act)

    async def waits(self, release: Release, waiting: Mapping[str, Mapping[str, Any]]) -> None:
        """Record that a release waits for a person in just these steps, by name; detail as in `step`.

        Those that waited before and do not any more are done, whoever did them.
        """
        now = self._clock()
        step = models.ReleaseStep
        mine = sa.select(step).where(step.release_id == release.id, step.state == StepState.WAITING.value)

        def act(connection: sa.Connection) -> None:
            standing = {row.name: row.detail for row in connection.execute(mine)}
            if standing == {name: dict(detail) for name, detail in waiting.items()}:
                return
            over = [name for name in standing if name not in waiting]
            done = sa.update(step).where(step.release_id == release.id, step.name.in_(over))
            connection.execute(done.values(state=StepState.DONE.value, detail={}, at=now))
            for name, detail in waiting.items():
                row = {"name": name, "state": StepState.WAITING.value, "detail": dict(detail)}
                _keep_step(connection, {"release_id": release.id, **row, "begun_at": now, "at": now})
            touch(connection, release.repository.id)

        await self._database.transact(act)

    async def note(self, release: Release, notes: str) -> None:
        """Record the text that a release was published with."""
        told = sa.update(models.Release).where(models.Release.id == release.id).values(notes=notes)

        def act(connection: sa.Connection) -> None:
            connection.execute(told)
            touch(connection, release.repository.id)

        await self._database.transact(act)

    async def finish(self, release: Release) -> None:
        """Record that nothing is left to do; the first time stands."""
        unfinished = (models.Release.id == release.id, models.Release.finished_at.is_(None))
        finish = sa.update(models.Release).where(*unfinished).values(finished_at=self._clock())

        def act(connection: sa.Connection) -> None:
            if connection.execute(finish).rowcount:
                touch(connection, release.repository.id)

        await self._database.transact(act)

    async def unfinished(self, repository_id: int) -> tuple[Release, ...]:
        """Every release of a repository of which something is left to do, the oldest first."""
        left = (models.Release.repository_id == repository_id, models.Release.finished_at.is_(None))
        newest = await self._database.run(lambda connection: read_releases(connection, left, None))
        return newest[::-1]

    async def of(self, repository_id: int, version: str) -> Release | None:
        """The release of a version with its steps; None when it has not begun."""
        key = _key(repository_id, version)
        found = await self._database.run(lambda connection: read_releases(connection, key, 1))
        return found[0] if found else None

    async def page(self, repository_id: int, older: int | None = None, most: int = 20) -> ReleasePage:
        """The releases of a repository with their steps, the newest first: two statements.

        `older` of a page gives the one after it.
        """
        which = [models.Release.repository_id == repository_id]
        if older is not None:
            which.append(models.Release.id < older)
        found = await self._database.run(lambda connection: read_releases(connection, which, most + 1))
        return ReleasePage(found[:most], found[most - 1].id if len(found) > most else None)


def _keep_step(connection: sa.Connection, row: dict[str, Any]) -> None:
    statement = insert(connection, models.ReleaseStep, update=("state", "detail", "at"))
    connection.execute(statement, row)


def _take_over(connection: sa.Connection, beginning: Beginning, pull: int) -> bool:
    """Give a pull request the version that it begins, where that has no tag yet; whether it was another's."""
    table, steps = models.Release, models.ReleaseStep
    tagged = sa.select(steps.release_id).where(steps.name == TAG, steps.state == StepState.DONE.value)
    here = table.repository_id == beginning.repository.id
    free = table.finished_at.is_(None) & table.id.not_in(tagged)
    stale = sa.select(table.id).where(here, free, table.pull == pull, table.version != beginning.version)
    if old := connection.execute(stale).scalars().all():
        connection.execute(sa.delete(steps).where(steps.release_id.in_(old)))
        connection.execute(sa.delete(table).where(table.id.in_(old)))
    others = table.pull.is_(None) | (table.pull != pull)
    mine = sa.update(table).where(here, free, table.version == beginning.version, others)
    taken = mine.values(tag=beginning.tag, commit=beginning.commit, pull=pull)
    return connection.execute(taken).rowcount > 0


def read_releases(
    connection: sa.Connection, which: Sequence[sa.ColumnElement[bool]], most: int | None
) -> tuple[Release, ...]:
    """The newest releases that match all of `which`, with their steps in order: two statements."""
    newest = sa.select(models.Release).where(*which).order_by(models.Release.id.desc()).limit(most)
    rows = connection.execute(newest).all()
    table = models.ReleaseStep
    steps = sa.select(table).where(table.release_id.in_([row.id for row in rows]))
    found: dict[int, list[Step]] = {row.id: [] for row in rows}
    for step in connection.execute(steps.order_by(table.begun_at, table.name)):
        found[step.release_id].append(_step(step))
    return tuple(_read(row, tuple(found[row.id])) for row in rows)


def _key(repository_id: int, version: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (models.Release.repository_id == repository_id, models.Release.version == version)


def _read(row: sa.Row[models.Release], steps: tuple[Step, ...]) -> Release:
    return Release(
        id=row.id,
        repository=Repository(row.repository_id, row.repository),
        version=row.version,
        tag=row.tag,
        commit=row.commit,
        pull=row.pull,
        begun_at=row.begun_at,
        finished_at=row.finished_at,
        notes=row.notes,
        steps=steps,
    )


def _step(row: sa.Row[models.ReleaseStep]) -> Step:
    return Step(row.name, StepState(row.state), row.detail, row.begun_at, row.at)
