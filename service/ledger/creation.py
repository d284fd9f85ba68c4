"""How an empty SQLite file gets the newest schema at once, without going through every migration."""

import sqlalchemy as sa

from service.ledger.models import Base
from service.ledger.schema import HEAD, VERSION, revision


def create(connection: sa.Connection) -> None:
    """Make every table in an empty SQLite file; one that has a schema is left as it is."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")  # processes that start together take turns
    if revision(connection) is None:
        Base.metadata.create_all(connection)
        VERSION.create(connection, checkfirst=True)
        connection.execute(VERSION.insert().values(version_num=HEAD))
