"""Who looks at a page, and what they may see and do there."""

from dataclasses import dataclass
from typing import Final

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signed in: GitHub's id of them, and their login ("mina")."""

    id: int
    login: str


@dataclass(frozen=True, slots=True)
class Viewer:
    """The eyes of one request.

    `visible` are the repositories (GitHub's ids) that they may see, None for all; `csrf` is the token that
    their acts must carry, `notice` what came of the last one. Whoever has no `person` acts on nothing.
    """

    person: Person | None
    visible: frozenset[int] | None
    csrf: str = ""
    notice: str = ""

    def sees(self, repository_id: int) -> bool:
        """Whether a repository may be shown."""
        return self.visible is None or repository_id in self.visible


VIEWER: Final = web.RequestKey("viewer", Viewer)
