"""The wiring of the control room, which `bot.compose` imports when somebody first comes in."""

from bot.settings import Settings
from service.ledger.database import Database
from service.ledger.store import Ledger
from service.web.rendering import Site
from service.web.room import ControlRoom


def furnish(settings: Settings, database: Database) -> ControlRoom:
    """Make the control room of a process."""
    site = Site(
        public_url=settings.public_url or f"http://localhost:{settings.port}", github_url=settings.github_url
    )
    return ControlRoom(Ledger(database), site, guards=())
