"""What was deployed where, and how it ended: GitHub's Deployments, kept for the board and the figures."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from service.ledger import models
from service.ledger.changes import touch
from service.ledger.database import Database
from service.ledger.repository import Repository
from service.ledger.writing import delete, insert

# All else is so from a deployment's beginning.
_FATE = ("repository", "state", "note", "url", "succeeded_at", "finished_at")


@dataclass(frozen=True, slots=True)
class Deployment:
    """A GitHub Deployment by its `id`.

    `action` is GitHub's word for what it does (REST: Deployments, `task`), by convention "deploy", "promote"
    or "rollback"; `state` its word for the last status (REST: Deployment statuses, `state`), and `note` what
    that status says, None for nothing. `by` is a login, `url` where what runs is seen. `succeeded_at` is when
    it first succeeded, `finished_at` when it first ended, well or not; both are None while it goes on.
    """

    repository: Repository
    id: int
    environment: str
    action: str
    ref: str
    commit: str
    image: str | None
    by: str
    why: str
    state: str
    created_at: datetime
    succeeded_at: datetime | None = None
    finished_at: datetime | None = None
    url: str | None = None
    note: str | None = None


class Deployments:
    """The table of deployments."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, deployment: Deployment) -> None:
        """Record a deployment as it stands; of one that is known only what becomes of it is changed.

        Its environment is known from then on.
        """
        row = asdict(deployment) | {
            "repository_id": deployment.repository.id,
            "repository": deployment.repository.name,
        }
        place = {name: row[name] for name in ("repository_id", "repository")}

        def write(connection: sa.Connection) -> None:
            named = {**place, "name": deployment.environment}
            connection.execute(insert(connection, models.Environment), named)
            connection.execute(insert(connection, models.Deployment, update=_FATE), row)
            touch(connection, deployment.repository.id)

        await self._database.transact(write)

    async def of(self, repository_id: int, environment: str, most: int) -> tuple[Deployment, ...]:
        """The last `most` deployments to an environment, the newest first."""
        rows = await self._database.rows(_select(repository_id, environment).limit(most))
        return tuple(read_deployment(row._mapping) for row in rows)

    async def recent(self, most: int) -> tuple[Deployment, ...]:
        """Of every environment of every repository the last `most` deployments that succeeded at any time.

        And the last `most` of those that did not, or not yet.
        """
        table = models.Deployment
        succeeded = table.succeeded_at.is_not(None)
        place = sa.func.row_number().over(
            partition_by=(table.repository_id, table.environment, succeeded),
            order_by=(table.created_at.desc(), table.id.desc()),
        )
        placed = sa.select(*table.__table__.columns, place.label("place")).subquery()
        columns = [column for column in placed.c if column.key != "place"]
        rows = await self._database.rows(sa.select(*columns).where(placed.c.place <= most))
        return tuple(read_deployment(row._mapping) for row in rows)

    async def prune(self, before: datetime) -> int:
        """Delete what was deployed before a moment, but for what each environment ran last; how many."""
        newer = aliased(models.Deployment)
        followed = sa.exists().where(
            newer.repository_id == models.Deployment.repository_id,
            newer.environment == models.Deployment.environment,
            newer.created_at > models.Deployment.created_at,
            newer.state == "success",
        )
        old = sa.and_(models.Deployment.created_at < before, followed)
        return await delete(self._database, models.Deployment, old)

    async def running(self, repository_id: int, environment: str) -> Deployment | None:
        """What an environment runs: its newest deployment that succeeded; None where none did."""
        succeeded = _select(repository_id, environment).where(models.Deployment.state == "success")
        rows = await self._database.rows(succeeded.limit(1))
        return read_deployment(rows[0]._mapping) if rows else None


def _select(repository_id: int, environment: str) -> sa.Select[models.Deployment]:
    place = (models.Deployment.repository_id == repository_id, models.Deployment.environment == environment)
    newest = (models.Deployment.created_at.desc(), models.Deployment.id.desc())
    return sa.select(models.Deployment).where(*place).order_by(*newest)


def read_deployment(row: Mapping[Any, Any]) -> Deployment:
    """The deployment in the columns of the table."""
    fields = dict(row)
    repository = Repository(fields.pop("repository_id"), fields.pop("repository"))
    return Deployment(repository=repository, **fields)
