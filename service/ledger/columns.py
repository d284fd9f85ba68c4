"""The types that the ledger's columns share, the same on SQLite, MySQL and PostgreSQL."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import InstrumentedAttribute

# Every name that GitHub gives (a login, a branch, a node id) is shorter; MySQL can index as much of utf8mb4.
NAME: Final = sa.String(255)
# What people write: GitHub takes 65,536 characters, which MySQL's TEXT cannot hold.
PROSE: Final = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql")
# GitHub's numeric ids have outgrown 32 bits.
NUMBER: Final = sa.BigInteger()
# SQLite counts by itself in INTEGER alone, which has 64 bits there.
SERIAL: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Not by the server's default: names differ by case, and text has every character.
MYSQL: Final[Mapping[str, Any]] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}


def holds(names: InstrumentedAttribute[Any], name: str) -> sa.ColumnElement[bool]:
    """Whether a JSON list of names has one of them; SQLite takes no heed of case.

    Each database has functions of its own for it; as text, a name is between its quotes in all of them, spelt
    as it was written or as MySQL spells it.
    """
    spellings = {json.dumps(name), json.dumps(name, ensure_ascii=False)}
    text = sa.cast(names, sa.Text)
    return sa.or_(*(text.contains(spelling, autoescape=True) for spelling in sorted(spellings)))


class Moment(sa.types.TypeDecorator[datetime]):
    """A moment in UTC, to the microsecond: an aware `datetime` in, an aware `datetime` out."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """MySQL keeps whole seconds unless it is told otherwise."""
        kind = mysql.DATETIME(fsp=6) if dialect.name == "mysql" else sa.DateTime(timezone=True)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Raise `ValueError` for a moment without a time zone, which names no time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"expected a moment with a time zone, found {value.isoformat()}")
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Say that it is UTC, where the database does not."""
        if value is None:
            return None
        return value.astimezone(UTC) if dialect.name == "postgresql" else value.replace(tzinfo=UTC)
