"""What was deployed where, and how it ended: GitHub's Deployments, kept for the board and the figures."""

from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.ledger import models
from service.ledger.repository import Repository
from service.ledger.writing import insert, transact

# All else is so from a deployment's beginning.
_FATE = ("repository", "state", "finished_at")


@dataclass(frozen=True, slots=True)
class Deployment:
    """A GitHub Deployment by its `id`.

    `action` is the bot's word for it ("deploy", "promote", "rollback"), `state` GitHub's word for its last
    status (REST: Deployment statuses, `state`); `by` is a login; `finished_at` is None while it goes on.
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
    finished_at: datetime | None = None


class Deployments:
    """The table of deployments."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def record(self, deployment: Deployment) -> None:
        """Record a deployment as it stands; of one that is known only what becomes of it is changed."""
        row = asdict(deployment) | {
            "repository_id": deployment.repository.id,
            "repository": deployment.repository.name,
        }
        statement = insert(self._engine, models.Deployment, update=_FATE)
        await transact(self._engine, lambda connection: connection.execute(statement, row))

    async def of(self, repository_id: int, environment: str, most: int) -> tuple[Deployment, ...]:
        """The last `most` deployments to an environment, the newest first."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(_select(repository_id, environment).limit(most))
            return tuple(_read(row) for row in rows)

    async def running(self, repository_id: int, environment: str) -> Deployment | None:
        """What an environment runs: its newest deployment that succeeded; None where none did."""
        succeeded = _select(repository_id, environment).where(models.Deployment.state == "success")
        async with self._engine.connect() as connection:
            row = (await connection.execute(succeeded.limit(1))).one_or_none()
            return _read(row) if row else None


def _select(repository_id: int, environment: str) -> sa.Select[models.Deployment]:
    place = (models.Deployment.repository_id == repository_id, models.Deployment.environment == environment)
    newest = (models.Deployment.created_at.desc(), models.Deployment.id.desc())
    return sa.select(models.Deployment).where(*place).order_by(*newest)


def _read(row: sa.Row[models.Deployment]) -> Deployment:
    fields = dict(row._mapping)
    repository = Repository(fields.pop("repository_id"), fields.pop("repository"))
    return Deployment(repository=repository, **fields)
