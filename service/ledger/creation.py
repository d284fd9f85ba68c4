"""How an empty SQLite file gets the newest schema at once, without going through every migration."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.ledger.models import Base
from service.ledger.schema import HEAD, VERSION, revision


async def create(engine: AsyncEngine) -> None:
    """Make every table in an empty SQLite file; one that has a schema is left as it is."""
    async with engine.begin() as connection:
        await connection.run_sync(_create)


def _create(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")  # processes that start together take turns
    if revision(connection) is None:
        Base.metadata.create_all(connection)
        VERSION.create(connection, checkfirst=True)
        connection.execute(VERSION.insert().values(version_num=HEAD))
