"""The repositories that the App is installed on, as they were when a job last looked at one."""

import re
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from service.ledger import models
from service.ledger.changes import Row, Update, Write, recorded, touch
from service.ledger.columns import holds
from service.ledger.database import Database
from service.ledger.repository import Repository
from service.ledger.writing import insert

_TABLE = models.Repository
# What GitHub lets an owner and a repository be called; not every database can even be asked for all else.
_FULL_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")


@dataclass(frozen=True, slots=True)
class Place:
    """An environment that a rulebook names.

    `source` is what feeds it ("develop", "tag", a kind of branch), `deploy` whether at once ("auto") or by
    hand ("manual"), `database` the class of its database ("dummy", "real"). `after` is the environment from
    which is promoted to it, None where there is none.
    """

    name: str
    source: str
    deploy: str
    database: str
    after: str | None


@dataclass(frozen=True, slots=True)
class KnownRepository:
    """A repository and what is in force in it.

    `rulebook` is "own" (its own or its owner's), "absent" (advice alone), "invalid" or "unreadable", and
    `preset` what it starts from, None for the last two. `main` and `develop` are its permanent branches,
    `levels` the names of the review levels, gravest first, `environments` in the order of promotion, `images`
    what is built from it, by their names in registries, `gitops` where its manifests are written
    ("owner/name"), None where somebody else writes them; `installation` is GitHub's id.
    """

    repository: Repository
    private: bool
    installation: int
    default_branch: str
    rulebook: str
    preset: str | None
    main: str | None
    develop: str | None
    levels: tuple[str, ...] = ()
    environments: tuple[Place, ...] = ()
    images: tuple[str, ...] = ()
    gitops: str | None = None

    @property
    def delivers(self) -> bool:
        """Whether Signalbox has a hand in what is deployed from it."""
        return self.gitops is not None or bool(self.images)


_PLAIN: Final = (
    *("private", "installation", "default_branch", "rulebook"),
    *("preset", "main", "develop", "gitops"),
)
_ONE: Final = sa.select(_TABLE).where(_TABLE.id == sa.bindparam("repository_id"))

# What becomes of a repository, None for one that nobody has looked at yet.
Change = Callable[[KnownRepository | None], KnownRepository]


class Repositories:
    """The table of repositories; `clock` answers the present moment."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    async def record(self, known: KnownRepository) -> bool:
        """Record a repository as it is now; False when it stands so already."""
        return await self.update(known.repository.id, lambda _: known)

    async def update(self, repository_id: int, change: Change) -> bool:
        """Record what `change` makes of a repository as it stands; False when it stands so already."""
        return await recorded(self._database, repository_id, updating(repository_id, change, self._clock()))

    async def keep(self, installation: int, ids: Collection[int]) -> int:
        """Record that an installation has just these repositories, and no others any more; how many left."""
        lost = (_TABLE.installation == installation, _TABLE.removed_at.is_(None), _TABLE.id.not_in(ids))

        def write(connection: sa.Connection) -> int:
            gone = connection.execute(sa.select(_TABLE.id).where(*lost)).scalars().all()
            if gone:
                left = sa.update(_TABLE).where(_TABLE.id.in_(gone)).values(removed_at=self._clock())
                connection.execute(left)
            for each in gone:
                touch(connection, each)
            return len(gone)

        return await self._database.transact(write)

    async def locate(self, name: str, visible: Collection[int] | None = None) -> KnownRepository | None:
        """The repository that is called so now ("owner/name", in any case); None where there is none.

        It is one of those with a visible id, None for all.
        """
        if not _FULL_NAME.fullmatch(name):
            return None
        called = sa.select(_TABLE).where(
            sa.func.lower(_TABLE.name) == name.lower(), _TABLE.removed_at.is_(None)
        )
        if visible is not None:
            called = called.where(_TABLE.id.in_(visible))
        # Of two, the other one has got another name since, of which nobody has heard yet.
        newest = called.order_by(_TABLE.at.desc()).limit(1)
        rows = await self._database.rows(newest)
        return _read(rows[0]._mapping) if rows else None

    async def now(self, repository: Repository) -> Repository:
        """A repository by the name that it has now; as it is, where nobody has looked at it yet."""
        rows = await self._database.rows(_ONE, repository_id=repository.id)
        return Repository(repository.id, rows[0].name) if rows else repository

    async def building(self, image: str, home: int = 0) -> tuple[KnownRepository, ...]:
        """The repositories that an image (by its name, with the registry) is built from.

        That are those whose rulebooks say so, and the one with the id `home`, where its names no images.
        """
        may = sa.or_(_TABLE.id == home, holds(_TABLE.images, image))
        here = sa.select(_TABLE).where(_TABLE.removed_at.is_(None), may).order_by(_TABLE.id)
        found = [_read(row._mapping) for row in await self._database.rows(here)]
        return tuple(
            known
            for known in found
            if image in known.images or (known.repository.id == home and not known.images)
        )

    async def page(
        self, visible: Collection[int] | None = None, after: str | None = None, most: int = 50
    ) -> tuple[tuple[KnownRepository, ...], str | None]:
        """The repositories by name, `most` of them after a name; the last name, None at the end."""
        return await self._database.run(lambda connection: read_page(connection, visible, after, most))


def updating(repository_id: int, change: Change, at: datetime) -> Write:
    """What `Repositories.update` writes, at a moment."""

    def update(connection: sa.Connection, row: Row | None) -> bool:
        standing = _read(row) if row else None
        known = change(standing)
        if row and row["removed_at"] is None and standing == known:
            return False
        whole = {**_row(known), "at": at, "removed_at": None}
        connection.execute(insert(connection, _TABLE, update=(*whole,)[1:]), whole)
        return True

    return Update(update, _ONE, {"repository_id": repository_id})


def read_page(
    connection: sa.Connection, visible: Collection[int] | None, after: str | None, most: int
) -> tuple[tuple[KnownRepository, ...], str | None]:
    """See `Repositories.page`."""
    select = sa.select(_TABLE).where(_TABLE.removed_at.is_(None)).order_by(_TABLE.name)
    if visible is not None:
        select = select.where(_TABLE.id.in_(visible))
    if after is not None:
        select = select.where(_TABLE.name > after)
    rows = connection.execute(select.limit(most + 1)).all()
    shown = tuple(_read(row._mapping) for row in rows[:most])
    return shown, shown[-1].repository.name if len(rows) > most else None


def _row(known: KnownRepository) -> dict[str, Any]:
    return {
        "id": known.repository.id,
        "name": known.repository.name,
        **{name: getattr(known, name) for name in _PLAIN},
        "levels": list(known.levels),
        "images": list(known.images),
        "environments": [asdict(place) for place in known.environments],
    }


def _read(row: Row) -> KnownRepository:
    return KnownRepository(
        repository=Repository(row["id"], row["name"]),
        levels=tuple(row["levels"]),
        images=tuple(row["images"] or ()),
        environments=tuple(Place(**place) for place in row["environments"]),
        **{name: row[name] for name in _PLAIN},
    )
