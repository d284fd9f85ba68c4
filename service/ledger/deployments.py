"""What was deployed where, and how it ended: GitHub's Deployments, kept for the board and the figures."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlalchemy.orm.util import AliasedClass

from service.ledger import models
from service.ledger.changes import touch
from service.ledger.database import Database
from service.ledger.images import split
from service.ledger.repository import Repository
from service.ledger.writing import delete, insert

# What orders that deploy nothing do, in GitHub's word for it; recorded are those that were refused.
MARKS: Final = frozenset({"hold", "release-hold", "freeze", "thaw"})
# All else is so from a deployment's beginning.
_FATE = ("repository", "state", "note", "url", "succeeded_at", "finished_at")
_TABLE = models.Deployment
# All that a `Deployment` has; the name of its image is in its image, too.
COLUMNS: Final = [column for column in _TABLE.__table__.columns if column.name != "image_name"]


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

    @property
    def image_name(self) -> str:
        """The repository of its image, with the registry; "" where it names none."""
        return split(self.image)[0] if self.image else ""

    @property
    def deploys(self) -> bool:
        """Whether it brings anything there; an order that only holds or freezes an environment does not."""
        return self.action not in MARKS


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
            "image_name": deployment.image_name,
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
        """Of every environment the last `most` deployments of each image that succeeded at any time.

        And the last `most` of those that did not, or not yet. That is of every repository; those that name no
        image are counted together.
        """
        succeeded = _TABLE.succeeded_at.is_not(None)
        place = sa.func.row_number().over(
            partition_by=(_TABLE.repository_id, _TABLE.environment, _TABLE.image_name, succeeded),
            order_by=(_TABLE.created_at.desc(), _TABLE.id.desc()),
        )
        placed = sa.select(*COLUMNS, place.label("place")).where(deploys(_TABLE)).subquery()
        columns = [placed.c[column.name] for column in COLUMNS]
        rows = await self._database.rows(sa.select(*columns).where(placed.c.place <= most))
        return tuple(read_deployment(row._mapping) for row in rows)

    async def prune(self, before: datetime) -> int:
        """Delete what was deployed before a moment, but for what each environment ran last; how many.

        Each image has been followed by its own successor alone, what names none by any.
        """
        newer = aliased(_TABLE)
        followed = sa.exists().where(
            newer.repository_id == _TABLE.repository_id,
            newer.environment == _TABLE.environment,
            sa.or_(newer.image_name == _TABLE.image_name, _TABLE.image_name == ""),
            newer.created_at > _TABLE.created_at,
            newer.state == "success",
        )
        return await delete(self._database, _TABLE, sa.and_(_TABLE.created_at < before, followed))

    async def running(self, repository_id: int, environment: str) -> Deployment | None:
        """What an environment runs: its newest deployment that succeeded; None where none did."""
        succeeded = _select(repository_id, environment).where(_TABLE.state == "success")
        rows = await self._database.rows(succeeded.limit(1))
        return read_deployment(rows[0]._mapping) if rows else None


def _select(repository_id: int, environment: str) -> sa.Select[Any]:
    place = (_TABLE.repository_id == repository_id, _TABLE.environment == environment)
    newest = (_TABLE.created_at.desc(), _TABLE.id.desc())
    return sa.select(*COLUMNS).where(*place).order_by(*newest)


def deploys(table: type[models.Deployment] | AliasedClass[models.Deployment]) -> sa.ColumnElement[bool]:
    """Whether a row of the table, or of an alias of it, `deploys`."""
    return table.action.not_in(sorted(MARKS))


def read_deployment(row: Mapping[Any, Any]) -> Deployment:
    """The deployment in the columns of the table."""
    fields = dict(row)
    repository = Repository(fields.pop("repository_id"), fields.pop("repository"))
    return Deployment(repository=repository, **fields)
