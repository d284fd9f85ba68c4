"""What Signalbox deploys itself: which deployment carries it, and how far it came."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypedDict, Unpack

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from service.ledger import models
from service.ledger.changes import Write, touch
from service.ledger.database import Database
from service.ledger.images import split
from service.ledger.repository import Repository
from service.ledger.writing import insert

_TABLE = models.Shipment
MOST: Final = 50  # of the shipments of an image to an environment that anybody looks back at
# All that a `Shipment` has; the name of its image is in its content, too.
_COLUMNS: Final = [column for column in _TABLE.__table__.columns if column.name != "image_name"]


class State(StrEnum):
    """How far a shipment came."""

    WAITING = "waiting"  # it is to be written into the manifests
    WRITTEN = "written"  # whoever runs them has to follow
    SETTLED = "settled"  # it runs, or never will


@dataclass(frozen=True, slots=True)
class Shipment:
    """The shipment of a GitHub Deployment, by its number.

    `content` is the bot's, as JSON; nothing of it is read here but what people are shown.

    `target` is the GitOps repository ("owner/name", kept in lower case), `application` what Argo CD makes of
    it; both are None where somebody else writes the manifests. `revision` is the commit that wrote it, None
    while a pull request waits to be merged; `written_at` since when the manifests have it, or that pull
    request is there; `healthy_at` since when it is known to be healthy.
    """

    repository: Repository
    installation: int
    deployment: int
    environment: str
    target: str | None
    application: str | None
    content: Mapping[str, Any]
    at: datetime
    state: State = State.WAITING
    revision: str | None = None
    written_at: datetime | None = None
    healthy_at: datetime | None = None

    @property
    def is_written(self) -> bool:
        """Whether the manifests have got it, or a pull request that brings it; overtaken ones never do."""
        return self.written_at is not None

    @property
    def comes(self) -> bool:
        """Whether it is written, or about to be."""
        return self.state is State.WAITING or self.is_written

    @property
    def stands(self) -> bool:
        """Whether it `comes`, or nothing as old is to come by itself any more.

        That is where somebody did not want it there, or its tag was there already.
        """
        return self.comes or self.revision is not None

    @property
    def has_failed(self) -> bool:
        """Whether it is written, and was not healthy as far as anybody heard until it came to its end."""
        return self.state is State.SETTLED and self.is_written and self.healthy_at is None

    @property
    def is_proposed(self) -> bool:
        """Whether a pull request brings it, which nobody has merged as far as is known."""
        return self.state is State.WRITTEN and self.revision is None and self.healthy_at is None

    @property
    def image(self) -> str:
        """What is shipped, as `repository:tag@digest`."""
        return str(self.content["image"])

    @property
    def image_name(self) -> str:
        """The repository of its image, with the registry."""
        return split(self.image)[0]

    @property
    def version(self) -> str | None:
        """The version that it is of, None for none."""
        return self.content.get("version")

    @property
    def by(self) -> str:
        """The login of who ordered it, "" where the image came by itself."""
        return str(self.content.get("by", ""))


class Held(Exception):
    """Nothing comes to an environment by itself: somebody (`by`) holds what it runs."""

    def __init__(self, by: str) -> None:
        self.by = by
        super().__init__(f"{by} holds the environment")


class Known(TypedDict, total=False):
    """What is new of a shipment that comes further; see `Shipment` for the words."""

    revision: str | None
    written_at: datetime | None
    healthy_at: datetime | None


class Shipments:
    """The table of shipments."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, shipment: Shipment, *brings: Write, overtakes: bool = False) -> Shipment | None:
        """Keep a shipment, in one transaction with what it brings; one that is there stays as it is.

        One that somebody ordered is not kept where another such one is `busy` with its image: that is the
        answer. Otherwise it is None. `overtakes` is as there. Raises `Held` for one that comes by itself to
        where somebody holds what runs.
        """

        def write(connection: sa.Connection) -> Shipment | None:
            # First, so that of two who come at once the second one sees what the first one kept.
            touch(connection, shipment.repository.id)
            others = _under_way(connection, shipment)
            if any(each.deployment == shipment.deployment for each in others):
                return None
            if shipment.by and (first := busy(others, shipment.image_name, overtakes=overtakes)):
                return first
            if not shipment.by:
                _must_not_be_held(connection, shipment)
            connection.execute(insert(connection, _TABLE), _row(shipment))
            for bring in brings:
                bring(connection)
            return None

        return await self._database.transact(write)

    async def waiting(self, target: str) -> tuple[Shipment, ...]:
        """What is to be written into a GitOps repository, however it is spelt, the oldest first."""
        here = (_TABLE.target == target.lower(), _TABLE.state == State.WAITING.value)
        return await self._found(*here)

    async def written(
        self, application: str | None = None, *, target: str | None = None
    ) -> tuple[Shipment, ...]:
        """What is written and has not come to its end, the oldest first.

        That is for an application of Argo CD and into a GitOps repository, however it is spelt; None for any.
        """
        here = [_TABLE.state == State.WRITTEN.value]
        if application is not None:
            here.append(_TABLE.application == application)
        if target is not None:
            here.append(_TABLE.target == target.lower())
        return await self._found(*here)

    async def failed(self, application: str) -> tuple[Shipment, ...]:
        """What failed (`has_failed`) in an application of Argo CD, and nothing of its image came after."""
        later = aliased(_TABLE)
        comes = sa.or_(later.written_at.is_not(None), later.state == State.WAITING.value)
        followed = sa.exists().where(
            later.repository_id == _TABLE.repository_id,
            later.environment == _TABLE.environment,
            later.image_name == _TABLE.image_name,
            sa.or_(
                later.at > _TABLE.at, sa.and_(later.at == _TABLE.at, later.deployment > _TABLE.deployment)
            ),
            comes,
        )
        # What was proposed and never merged has no revision, and did not fail.
        written = (_TABLE.revision.is_not(None), _TABLE.written_at.is_not(None), _TABLE.healthy_at.is_(None))
        here = (_TABLE.application == application, _TABLE.state == State.SETTLED.value)
        return await self._found(*here, *written, ~followed)

    async def into(self, target: str, deployment: int) -> Shipment | None:
        """The shipment of a deployment into a GitOps repository, however it is spelt; None for none."""
        here = (_TABLE.target == target.lower(), _TABLE.deployment == deployment)
        return next(iter(await self._found(*here)), None)

    async def of(self, repository_id: int, deployment: int) -> Shipment | None:
        """The shipment of a deployment; None where it has none."""
        here = (_TABLE.repository_id == repository_id, _TABLE.deployment == deployment)
        return next(iter(await self._found(*here)), None)

    async def history(self, repository_id: int, environment: str, most: int = MOST) -> tuple[Shipment, ...]:
        """The last `most` shipments of each image to an environment, however far they came, newest first."""
        select = _newest(repository_id, [environment], most)
        return tuple(map(_read, await self._database.rows(select)))

    async def move(self, shipment: Shipment, state: State, **known: Unpack[Known]) -> bool:
        """Let a shipment come further; False where it has done so already, by somebody else."""
        return bool(await self.move_all([shipment], state, **known))

    async def move_all(
        self, shipments: Iterable[Shipment], state: State, **known: Unpack[Known]
    ) -> tuple[Shipment, ...]:
        """Let several come further in one transaction, see `move`; those that did, as they are now."""
        listed = tuple(shipments)

        def write(connection: sa.Connection) -> tuple[Shipment, ...]:
            moved = tuple(each for each in listed if _move(connection, each, state, known))
            for repository in {each.repository.id for each in moved}:
                touch(connection, repository)
            return moved

        moved = await self._database.transact(write)
        return tuple(replace(each, state=state, **known) for each in moved)

    async def _found(self, *which: sa.ColumnElement[bool]) -> tuple[Shipment, ...]:
        select = sa.select(*_COLUMNS).where(*which).order_by(_TABLE.at, _TABLE.deployment)
        return tuple(map(_read, await self._database.rows(select)))


def busy(shipments: Iterable[Shipment], image: str, *, overtakes: bool = False) -> Shipment | None:
    """Which shipment of an image (its repository) somebody ordered, and is under way to an environment.

    What `overtakes`, such as a rollback, does not wait for a pull request that nobody merges.
    """
    ordered = (each for each in shipments if each.by and each.state is not State.SETTLED)
    same = (each for each in ordered if each.image_name == image)
    return next((each for each in same if not (overtakes and each.is_proposed)), None)


def read_histories(
    connection: sa.Connection, repository_id: int, environments: Iterable[str], most: int = MOST
) -> dict[str, tuple[Shipment, ...]]:
    """See `Shipments.history`, of several environments in one statement."""
    found: dict[str, list[Shipment]] = {name: [] for name in environments}
    if found:
        for row in connection.execute(_newest(repository_id, [*found], most)):
            found[row.environment].append(_read(row))
    return {name: tuple(history) for name, history in found.items()}


def _move(connection: sa.Connection, shipment: Shipment, state: State, known: Known) -> bool:
    here = (
        _TABLE.repository_id == shipment.repository.id,
        _TABLE.deployment == shipment.deployment,
        _TABLE.state == shipment.state.value,
    )
    return bool(
        connection.execute(sa.update(_TABLE).where(*here).values(state=state.value, **known)).rowcount
    )


def _newest(repository_id: int, environments: Collection[str], most: int) -> sa.Select[Any]:
    newest_first = (_TABLE.at.desc(), _TABLE.deployment.desc())
    back = sa.func.row_number().over(
        partition_by=(_TABLE.environment, _TABLE.image_name), order_by=newest_first
    )
    here = (_TABLE.repository_id == repository_id, _TABLE.environment.in_(environments))
    numbered = sa.select(*_COLUMNS, back.label("back")).where(*here).subquery()
    columns = numbered.columns
    last = sa.select(*(columns[each.name] for each in _COLUMNS)).where(columns.back <= most)
    return last.order_by(columns.at.desc(), columns.deployment.desc())


def _under_way(connection: sa.Connection, shipment: Shipment) -> list[Shipment]:
    """What is not settled of an environment's shipments, and this one itself if it is kept already."""
    here = (_TABLE.repository_id == shipment.repository.id, _TABLE.environment == shipment.environment)
    wanted = sa.or_(_TABLE.deployment == shipment.deployment, _TABLE.state != State.SETTLED.value)
    found = connection.execute(sa.select(*_COLUMNS).where(*here, wanted))
    return [_read(row) for row in found]


def _must_not_be_held(connection: sa.Connection, shipment: Shipment) -> None:
    held = sa.select(models.Environment.hold_by).where(
        models.Environment.repository_id == shipment.repository.id,
        models.Environment.name == shipment.environment,
        models.Environment.hold_since.is_not(None),
    )
    if by := connection.execute(held).scalar_one_or_none():
        raise Held(by)


def _row(shipment: Shipment) -> dict[str, Any]:
    same = ("installation", "deployment", "environment", "application", "at")
    return {
        "repository_id": shipment.repository.id,
        "repository": shipment.repository.name,
        # GitHub takes it in any case, and an index finds it in one alone.
        "target": shipment.target and shipment.target.lower(),
        "content": dict(shipment.content),
        "image_name": shipment.image_name,
        "state": shipment.state.value,
        **{name: getattr(shipment, name) for name in same},
    }


def _read(row: sa.Row[Any]) -> Shipment:
    fields = dict(row._mapping)
    repository = Repository(fields.pop("repository_id"), fields.pop("repository"))
    return Shipment(repository=repository, **fields | {"state": State(row.state)})
