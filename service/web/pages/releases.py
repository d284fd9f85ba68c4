"""`/{owner}/{repo}/releases`: each release, its steps, what it still lacks and why, and its notes."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiohttp import web
from markupsafe import Markup

from service.ledger.releases import Release
from service.ledger.store import Ledger
from service.web.asked import older, repository
from service.web.language import Words
from service.web.language import later as _
from service.web.markdown import LONGEST, to_html
from service.web.rendering import Rendering, words_of

_MOST: Final = 20
_STEPS: Final[Mapping[str, str]] = {
    "tag": _("Tag"),
    "release": _("Release on GitHub"),
    "publish": _("Release on GitHub, from a draft"),
    "delete-branch": _("Deletion of its branch"),
    "stop": _("Stopped"),
}
_BACK: Final[Mapping[str, str]] = {
    "back-merge": _("Back-merge into %(branch)s"),
    "back-merge-pull": _("Pull request that brings it into %(branch)s"),
}


class ReleasesPage:
    """The releases of a repository, the newest first."""

    def __init__(self, ledger: Ledger, rendering: Rendering) -> None:
        self._ledger, self._rendering = ledger, rendering

    async def get(self, request: web.Request) -> web.Response:
        """`GET /{owner}/{repo}/releases?older=ID`."""
        known, words = await repository(request, self._ledger), words_of(request)
        before = older(request)
        found = await self._ledger.releases.page(known.repository.id, before, _MOST)
        notes = await asyncio.to_thread(_notes, found.releases)
        return self._rendering.page(
            request, "releases.html", known=known, found=found, is_first=before is None,
            notes=notes, longest=LONGEST,
            title=lambda name: step_title(name, words), why=lambda detail: reason(detail, words),
        )  # fmt: skip


def _notes(releases: Sequence[Release]) -> dict[int, Markup]:
    return {each.id: to_html(each.notes) for each in releases if each.notes}


def step_title(name: str, words: Words) -> str:
    """A step as the bot records it ("back-merge develop"), in words; one that is not known as it is."""
    kind, _space, branch = name.partition(" ")
    if branch and kind in _BACK:
        return words.gettext(_BACK[kind]) % {"branch": branch}
    return words.gettext(_STEPS[name]) if name in _STEPS else name


def reason(detail: Mapping[str, Any], words: Words) -> str:
    """Why a step is not done, in the reader's language where the bot said it in several; else empty."""
    why = detail.get("why", "")
    if isinstance(why, Mapping):
        why = why.get(words.language) or why.get("en", "")
    return str(why)
