"""Which repositories a person may see: those that GitHub shows them, and for five minutes at most."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from cachetools import TTLCache

from service.web.people.github import GitHub

_SECONDS: Final = 300.0
_MOST_KEPT: Final = 4096


class Visibility:
    """What GitHub shows to whom. All of this raises `GitHubError` where GitHub does not say.

    It is kept for the token that it was asked with, so that signing in anew asks anew.
    """

    def __init__(self, github: GitHub, timer: Callable[[], float] = time.monotonic) -> None:
        self._github = github
        self._known: TTLCache[tuple[str, str], asyncio.Task[frozenset[int]]] = TTLCache(
            _MOST_KEPT, _SECONDS, timer
        )

    async def installed(self, token: str) -> frozenset[int]:
        """The repositories in which the App is installed and the person has a role, by GitHub's ids."""
        return await self._kept((token, ""), lambda: self._github.installed(token))

    async def named(self, token: str, full_name: str) -> frozenset[int]:
        """The id of a repository by its name, a public one too; nothing where they may not see it."""

        async def ask() -> frozenset[int]:
            found = await self._github.repository(token, full_name)
            return frozenset({found.id} if found else ())

        return await self._kept((token, full_name.lower()), ask)

    def forget(self, token: str) -> None:
        """What is known for a token that is good no longer."""
        for key in [key for key in self._known if key[0] == token]:
            self._known.pop(key, None)

    async def _kept(
        self, key: tuple[str, str], ask: Callable[[], Awaitable[frozenset[int]]]
    ) -> frozenset[int]:
        """An answer that is known, or is being asked for; failures are not kept."""
        asking = self._known.get(key)
        if asking is None or (asking.done() and (asking.cancelled() or asking.exception())):
            asking = self._known[key] = asyncio.ensure_future(ask())
        return await asyncio.shield(asking)
