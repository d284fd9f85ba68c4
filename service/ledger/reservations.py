"""Which pull request claimed which version, so that two cannot release the same one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from service.ledger import models
from service.ledger.repository import Repository
from service.ledger.writing import insert, transact


@dataclass(frozen=True, slots=True)
class Reservation:
    """A version of a repository ("1.4.0") and the pull request that has it; confirmed once it is tagged."""

    repository: Repository
    version: str
    pull: int
    reserved_at: datetime
    confirmed_at: datetime | None


class Reservations:
    """The table of reservations; the key is the repository and the version."""

    def __init__(self, engine: AsyncEngine, clock: Callable[[], datetime]) -> None:
        self._engine, self._clock = engine, clock

    async def reserve(self, repository: Repository, version: str, pull: int) -> Reservation:
        """Claim a version for a pull request; whoever asks first has it.

        The answer is the claim that stands: its `pull` says whose it is, and another's is left untouched.
        """
        return await transact(
            self._engine, lambda connection: self._claim(connection, repository, version, pull)
        )

    async def confirm(self, repository: Repository, version: str, pull: int) -> Reservation:
        """Confirm a pull request's claim now that the tag stands; claimed first where nobody did.

        The answer is the claim that stands: another pull request's is left untouched.
        """

        async def act(connection: AsyncConnection) -> Reservation:
            claim = await self._claim(connection, repository, version, pull)
            if claim.pull != pull or claim.confirmed_at is not None:
                return claim
            now = self._clock()
            mine = sa.update(models.Reservation).where(*_key(repository.id, version))
            await connection.execute(mine.values(confirmed_at=now))
            return Reservation(claim.repository, version, pull, claim.reserved_at, now)

        return await transact(self._engine, act)

    async def release(self, repository_id: int, version: str, pull: int) -> bool:
        """Give up a pull request's claim; False when it has none, or its version is tagged already."""
        mine = sa.delete(models.Reservation).where(
            *_key(repository_id, version),
            models.Reservation.pull == pull,
            models.Reservation.confirmed_at.is_(None),
        )
        async with self._engine.begin() as connection:
            return (await connection.execute(mine)).rowcount == 1

    async def of(self, repository_id: int) -> tuple[Reservation, ...]:
        """Every claim in a repository, the newest first."""
        select = sa.select(models.Reservation).where(models.Reservation.repository_id == repository_id)
        newest = select.order_by(models.Reservation.reserved_at.desc())
        async with self._engine.connect() as connection:
            return tuple(_read(row) for row in await connection.execute(newest))

    async def _claim(
        self, connection: AsyncConnection, repository: Repository, version: str, pull: int
    ) -> Reservation:
        row = {
            "repository_id": repository.id,
            "version": version,
            "repository": repository.name,
            "pull": pull,
            "reserved_at": self._clock(),
        }
        await connection.execute(insert(self._engine, models.Reservation), row)
        standing = sa.select(models.Reservation).where(*_key(repository.id, version))
        return _read((await connection.execute(standing)).one())


def _key(repository_id: int, version: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (models.Reservation.repository_id == repository_id, models.Reservation.version == version)


def _read(row: sa.Row[models.Reservation]) -> Reservation:
    return Reservation(
        repository=Repository(row.repository_id, row.repository),
        version=row.version,
        pull=row.pull,
        reserved_at=row.reserved_at,
        confirmed_at=row.confirmed_at,
    )
