"""Which repository an address names, for who looks."""

from service.ledger.repositories import KnownRepository
from service.ledger.store import Ledger
from service.web.viewer import Viewer


async def visible(ledger: Ledger, viewer: Viewer, name: str) -> KnownRepository | None:
    """The repository that is called so ("owner/name", in any case); None where none is to be seen."""
    return await ledger.repositories.locate(name, viewer.visible)
