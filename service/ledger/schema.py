"""Which schema a database has, told without loading what makes one.

The schema is known by the last migration of `service/ledger/migrations` that a database has seen.
"""

from typing import Final

import sqlalchemy as sa

# The newest migration, which this code was written for.
HEAD: Final = "0021"
# As Alembic makes it.
VERSION: Final = sa.Table(
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


def revision(connection: sa.Connection) -> str | None:
    """The revision of a database; None where there is none."""
    if not sa.inspect(connection).has_table(VERSION.name):
        return None
    return connection.execute(sa.select(VERSION.c.version_num)).scalar()
