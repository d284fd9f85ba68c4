"""Which schema a database has, told without loading Alembic, and how an empty SQLite file gets one.

The schema is known by the last migration of `service/ledger/migrations` that a database has seen.
"""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.ledger.models import Base

# The newest migration, which this code was written for.
HEAD: Final = "0007"
# As Alembic makes it ("Tutorial", the alembic_version table).
_VERSION: Final = sa.Table(
    "alembic_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


class UnknownSchema(Exception):
    """The database has another schema than this code works with; `found` is None for none at all."""

    def __init__(self, found: str | None) -> None:
        super().__init__(f"expected revision {HEAD} of the ledger's schema, found {found or 'none'}")
        self.found = found

    @property
    def newer(self) -> bool:
        """Whether a newer Signalbox has upgraded the database."""
        return self.found is not None and self.found > HEAD


async def revision(engine: AsyncEngine) -> str | None:
    """The revision of a database; None where there is none."""
    async with engine.connect() as connection:
        return await connection.run_sync(_revision)


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(_VERSION.name):
        return None
    return connection.execute(sa.select(_VERSION.c.version_num)).scalar()


async def create(engine: AsyncEngine) -> None:
    """Give an empty SQLite file the newest schema at once; one that has a schema is left as it is."""

    def make(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # processes that start together take turns
        if _revision(connection) is None:
            Base.metadata.create_all(connection)
            _VERSION.create(connection, checkfirst=True)
            connection.execute(_VERSION.insert().values(version_num=HEAD))

    async with engine.begin() as connection:
        await connection.run_sync(make)
