"""Which pull request claimed which version, so that two cannot release the same one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from service.ledger import models
from service.ledger.changes import Row, Update, Write, recorded
from service.ledger.database import Database
from service.ledger.repository import Repository
from service.ledger.writing import insert

_OF: Final = (
    sa.select(models.Reservation)
    .where(models.Reservation.repository_id == sa.bindparam("repository_id"))
    .order_by(models.Reservation.reserved_at.desc())
)
_OPEN_OF: Final = (
    sa.select(models.Reservation.version)
    .where(
        models.Reservation.repository_id == sa.bindparam("repository_id"),
        models.Reservation.pull == sa.bindparam("pull"),
        models.Reservation.confirmed_at.is_(None),
    )
    .limit(1)
)


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

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    async def reserve(self, repository: Repository, version: str, pull: int) -> Reservation:
        """Claim a version for a pull request; whoever asks first has it.

        The answer is the claim that stands: its `pull` says whose it is, and another's is left untouched.
        """
        return await self._database.transact(
            lambda connection: self._claim(connection, repository, version, pull)
        )

    async def confirm(self, repository: Repository, version: str, pull: int) -> Reservation:
        """Confirm a pull request's claim now that the tag stands; claimed first where nobody did.

        The answer is the claim that stands: another pull request's is left untouched.
        """

        def act(connection: sa.Connection) -> Reservation:
            claim = self._claim(connection, repository, version, pull)
            if claim.pull != pull or claim.confirmed_at is not None:
                return claim
            now = self._clock()
            mine = sa.update(models.Reservation).where(*_key(repository.id, version))
            connection.execute(mine.values(confirmed_at=now))
            return Reservation(claim.repository, version, pull, claim.reserved_at, now)

        return await self._database.transact(act)

    async def release(self, repository_id: int, version: str, pull: int) -> bool:
        """Give up a pull request's claim; False when it has none, or its version is tagged already."""
        mine = sa.delete(models.Reservation).where(
            *_key(repository_id, version),
            models.Reservation.pull == pull,
            models.Reservation.confirmed_at.is_(None),
        )
        return await self._database.transact(lambda connection: connection.execute(mine).rowcount == 1)

    async def free(self, repository_id: int, pull: int) -> bool:
        """Give up all claims of a pull request of which no tag stands; False when it has none."""
        return await recorded(self._database, repository_id, freeing(repository_id, pull))

    async def of(self, repository_id: int) -> tuple[Reservation, ...]:
        """Every claim in a repository, the newest first."""
        return tuple(_read(row) for row in await self._database.rows(_OF, repository_id=repository_id))

    def _claim(
        self, connection: sa.Connection, repository: Repository, version: str, pull: int
    ) -> Reservation:
        row = {
            "repository_id": repository.id,
            "version": version,
            "repository": repository.name,
            "pull": pull,
            "reserved_at": self._clock(),
        }
        connection.execute(insert(connection, models.Reservation), row)
        standing = sa.select(models.Reservation).where(*_key(repository.id, version))
        return _read(connection.execute(standing).one())


def freeing(repository_id: int, pull: int) -> Write:
    """What `Reservations.free` writes."""

    def free(connection: sa.Connection, claimed: Row | None) -> bool:
        if claimed is None:
            return False
        table = models.Reservation
        mine = (table.repository_id == repository_id, table.pull == pull, table.confirmed_at.is_(None))
        connection.execute(sa.delete(table).where(*mine))
        return True

    return Update(free, _OPEN_OF, {"repository_id": repository_id, "pull": pull})


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
