"""Container images that registries told of, and what each was built from."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import sqlalchemy as sa

from service.ledger import models
from service.ledger.changes import touch
from service.ledger.columns import holds
from service.ledger.database import Database
from service.ledger.writing import delete, insert

_TABLE = models.Image
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class KnownImage:
    """An image by its `name` (with the registry), tag and digest.

    `commit` is what it was built from, `home` the id of the repository that has that commit and `sources`
    what it comes from there, as an environment's `from` says it; `version` is the one that it is of. Each is
    None where it is not known. `seen_at` is when a registry told of it last, None until it is recorded.
    """

    name: str
    tag: str | None
    digest: str | None
    commit: str | None
    pushed_at: datetime | None
    home: int | None
    version: str | None
    sources: tuple[str, ...] | None
    seen_at: datetime | None = None

    @property
    def reference(self) -> str:
        """All that names it, as `name:tag@digest`."""
        tag, digest = f":{self.tag}" if self.tag else "", f"@{self.digest}" if self.digest else ""
        return f"{self.name}{tag}{digest}"

    @property
    def key(self) -> str:
        """What tells it from every other image."""
        return sha256(self.reference.encode()).hexdigest()


class Images:
    """The table of images; `clock` answers the present moment."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    async def record(self, image: KnownImage) -> None:
        """Record an image that was pushed; of one that is known only when it was seen is changed."""
        row = _row(image) | {"seen_at": self._clock()}

        def write(connection: sa.Connection) -> None:
            connection.execute(insert(connection, _TABLE, update=("seen_at",)), row)

        await self._database.transact(write)

    async def place(self, images: Sequence[KnownImage]) -> None:
        """Record what images were built from; each is known already, and has a home."""

        def write(connection: sa.Connection) -> None:
            for image in images:
                row = _row(image)
                changed = sa.update(_TABLE).where(_TABLE.key == row.pop("key")).values(row)
                connection.execute(changed)
            for home in {image.home for image in images}:
                if home is not None:
                    touch(connection, home)

        await self._database.transact(write)

    async def unplaced(self, names: Collection[str], home: int) -> tuple[KnownImage, ...]:
        """The images of which nobody has looked what they were built from, the oldest first.

        They have one of the `names`, or came from GitHub's registry as those of a repository (`home`).
        """
        ours = sa.or_(_TABLE.home == home, _TABLE.name.in_(names))
        select = sa.select(_TABLE).where(_TABLE.sources.is_(None), ours).order_by(_TABLE.seen_at, _TABLE.key)
        return tuple(map(_read, await self._database.rows(select)))

    async def newest(self, home: int, sources: Collection[str], most: int = 100) -> tuple[KnownImage, ...]:
        """The images of a repository that come from these sources, the newest first: `most` of each."""
        return await self._database.run(lambda connection: read_newest(connection, home, sources, most))

    async def called(self, home: int, source: str, name: str) -> KnownImage | None:
        """The newest image of a repository that comes from a source and has this tag, or is this version.

        A version is given with or without a `v`; None where there is none.
        """
        so = sa.or_(_TABLE.tag == name, _TABLE.version == name.removeprefix("v"))
        rows = await self._database.rows(_from(home, source).where(so))
        return next((image for image in map(_read, rows) if source in (image.sources or ())), None)

    async def prune(self, before: datetime) -> int:
        """Forget what was told of before a moment; how many."""
        return await delete(self._database, _TABLE, _TABLE.seen_at < before)


def split(reference: str) -> tuple[str, str, str]:
    """The name, the tag and the digest of `name:tag@digest`, "" for what it lacks."""
    named, _, digest = reference.partition("@")
    path, slash, last = named.rpartition("/")  # a registry may have a port
    name, _, tag = last.partition(":")
    return f"{path}{slash}{name}", tag, digest


def read_newest(
    connection: sa.Connection, home: int, sources: Collection[str], most: int = 100
) -> tuple[KnownImage, ...]:
    """See `Images.newest`; one statement."""
    if not sources:
        return ()
    # SQLite takes no LIMIT in a part of a union but within another SELECT.
    parts = [sa.select(_from(home, source).limit(most).subquery()) for source in sorted(sources)]
    read = map(_read, connection.execute(sa.union_all(*parts)))
    found = {image.key: image for image in read if set(image.sources or ()) & set(sources)}
    return tuple(sorted(found.values(), key=_age, reverse=True))


def _from(home: int, source: str) -> sa.Select[Any]:
    """The images of a repository that come from a source, the newest first; its parts come from none."""
    here = (_TABLE.home == home, holds(_TABLE.sources, source))
    return sa.select(*_TABLE.__table__.columns).where(*here).order_by(_TABLE.pushed_at.desc(), _TABLE.key)


def _age(image: KnownImage) -> tuple[datetime, str]:
    return image.pushed_at or _LONG_AGO, image.key


def _read(row: sa.Row[Any]) -> KnownImage:
    names = ("name", "tag", "digest", "commit", "pushed_at", "home", "version", "seen_at")
    sources = None if row.sources is None else tuple(row.sources)
    return KnownImage(**{name: row._mapping[name] for name in names}, sources=sources)


def _row(image: KnownImage) -> dict[str, Any]:
    sources = None if image.sources is None else list(image.sources)
    names = ("name", "tag", "digest", "commit", "pushed_at", "home", "version")
    return {"key": image.key, "sources": sources, **{name: getattr(image, name) for name in names}}
