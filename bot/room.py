"""The wiring of the control room, which `bot.compose` imports when somebody first comes in."""

from collections.abc import Sequence

from bot.settings import Settings, client
from service.ledger.database import Database
from service.ledger.store import Ledger
from service.web.people.entrance import Access, entrance
from service.web.people.github import OAuth
from service.web.people.unregistered import Unregistered
from service.web.rendering import Rendering, Site
from service.web.room import ControlRoom


def furnish(
    settings: Settings, database: Database, secrets: Sequence[str], unregistered: Unregistered | None
) -> ControlRoom:
    """Make the control room of a process; `secrets` seal the sessions of people."""
    site = Site(public_url=settings.address, github_url=settings.github_url)
    known = client(settings)
    access = Access(
        api_url=settings.api_url,
        public_url=settings.public_url,
        oauth=OAuth(*known) if known else None,
        secrets=secrets,
        unregistered=unregistered,
    )
    ledger, rendering = Ledger(database), Rendering(site)
    return ControlRoom(ledger, rendering, entrance(ledger, rendering, access))
