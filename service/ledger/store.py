"""The ledger's database: opened once a process; a lost connection is noticed before it is used."""

from typing import Final

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

_DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "mysql": "mysql+asyncmy", "postgresql": "postgresql+psycopg"}
# MySQL closes a connection that was idle for eight hours by default; one is renewed well before that.
_RECYCLE_SECONDS: Final = 3600


class Ledger:
    """The system of record on SQLite, MySQL or PostgreSQL; `url` is `sqlite:///FILE`, `mysql://…` or `postgresql://…`."""

    def __init__(self, url: str) -> None:
        address = make_url(url)
        self._engine: AsyncEngine = create_async_engine(
            address.set(drivername=_DRIVERS[address.get_backend_name()]),
            pool_pre_ping=True,
            pool_recycle=_RECYCLE_SECONDS,
        )

    async def reach(self) -> None:
        """Ask the database for a sign of life. Raises `sqlalchemy.exc.SQLAlchemyError` or `OSError`."""
        # SQLite answers SELECT 1 without looking at its file.
        sign = "PRAGMA schema_version" if self._engine.dialect.name == "sqlite" else "SELECT 1"
        async with self._engine.connect() as connection:
            await connection.execute(text(sign))

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()
