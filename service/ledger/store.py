"""The ledger: the door to all its tables."""

from collections.abc import Callable
from datetime import datetime

from service.clock import utc_now
from service.ledger.audit import Audit
from service.ledger.board import Board
from service.ledger.changes import Changes, Write, recorded
from service.ledger.database import Database
from service.ledger.decisions import Decisions
from service.ledger.deliveries import Deliveries
from service.ledger.deployments import Deployments
from service.ledger.environments import Environments
from service.ledger.figures import Figures
from service.ledger.images import Images
from service.ledger.levels import Levels
from service.ledger.lines import LineMap
from service.ledger.overview import Overview
from service.ledger.pulls import Pulls
from service.ledger.releases import Releases
from service.ledger.repositories import Repositories
from service.ledger.reservations import Reservations
from service.ledger.shipments import Shipments


class Ledger:
    """The system of record, in a `database` that was opened; `clock` answers the present moment, aware.

    What a table takes and gives is beside it: `Reservation` in `service.ledger.reservations`, and so on.
    Everything raises `sqlalchemy.exc.SQLAlchemyError` or `OSError` while the database cannot be used.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self._database, self.clock = database, clock
        self.deliveries = Deliveries(database)
        self.decisions = Decisions(database)
        self.levels = Levels(database)
        self.reservations = Reservations(database, clock)
        self.releases = Releases(database, clock)
        self.environments = Environments(database)
        self.deployments = Deployments(database)
        self.images = Images(database, clock)
        self.shipments = Shipments(database)
        self.audit = Audit(database)
        self.pulls = Pulls(database)
        self.repositories = Repositories(database, clock)
        self.changes = Changes(database)
        self.overview = Overview(database)
        self.board = Board(database)
        self.lines = LineMap(database)
        self.figures = Figures(database)

    async def record(self, repository_id: int, *writes: Write) -> bool:
        """Do several writes about a repository in one transaction; whether any changed anything."""
        return await recorded(self._database, repository_id, *writes)

    async def prune(self, before: datetime) -> int:
        """Delete what is from before a moment, in batches; how many rows.

        That are deliveries, decisions, cleared levels, closed pull requests, images, and deployments that
        another one has followed. Releases, repositories, environments, shipments, reservations and the audit
        are few, and stay.
        """
        tables = (
            *(self.deliveries, self.decisions, self.levels),
            *(self.pulls, self.deployments, self.images),
        )
        return sum([await table.prune(before) for table in tables])
