"""Which entries of the audit somebody asks for and may see, and all of them for a download."""

import csv
import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import UTC
from io import StringIO
from typing import Final

from service.ledger.audit import Entry, Filter
from service.ledger.store import Ledger
from service.web.questions import AuditQuestion
from service.web.viewer import Viewer

_COLUMNS: Final = ("at", "repository", "actor", "action", "subject", "why", "origin")
# What a spreadsheet takes for a formula (OWASP: CSV Injection), in full width too.
_SIGNS: Final = "=+-@"
_FORMULA: Final = ("\t", "\r", "\n", *_SIGNS, *(chr(ord(sign) + 0xFEE0) for sign in _SIGNS))
_BATCH: Final = 1000


async def chosen(ledger: Ledger, viewer: Viewer, asked: AuditQuestion) -> Filter:
    """The filter for a question; whoever may see all sees what concerns no repository, too.

    A repository that is not there, or not to be seen, has no entries.
    """
    which = Filter(
        actor=asked.actor,
        action=asked.action,
        subject=asked.subject,
        since=asked.since,
        until=asked.until,
        visible=viewer.visible,
    )
    if asked.repository is None:
        return which
    known = await ledger.repositories.locate(asked.repository, viewer.visible)
    return replace(which, repository_id=known.repository.id) if known else replace(which, visible=())


async def batches(ledger: Ledger, which: Filter) -> AsyncIterator[tuple[Entry, ...]]:
    """All entries of a filter, the newest first, as many at once as fit into little memory; one at least."""
    older: int | None = None
    while True:
        page = await ledger.audit.entries(which, older, _BATCH)
        yield page.entries
        if (older := page.older) is None:
            return


async def as_csv(found: AsyncIterator[tuple[Entry, ...]]) -> AsyncIterator[str]:
    """The entries for a spreadsheet: RFC 4180 with a byte order mark, by which Excel knows UTF-8."""
    head = "\N{ZERO WIDTH NO-BREAK SPACE}" + _lines([_COLUMNS])
    async for entries in found:
        yield head + _lines([_harmless(cell or "") for cell in _row(entry).values()] for entry in entries)
        head = ""


async def as_json(found: AsyncIterator[tuple[Entry, ...]]) -> AsyncIterator[str]:
    """The entries as one JSON array, which is whole only with its last bracket."""
    before = "["
    async for entries in found:
        if entries:
            yield before + ",".join(f"\n{json.dumps(_row(entry), ensure_ascii=False)}" for entry in entries)
            before = ","
    yield "\n]\n" if before == "," else "[]\n"


def _row(entry: Entry) -> dict[str, str | None]:
    return {
        "at": entry.at.astimezone(UTC).isoformat(),
        "repository": entry.repository.name if entry.repository else None,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "why": entry.why,
        "origin": entry.origin,
    }


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _lines(rows: Iterable[Iterable[str]]) -> str:
    written = StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()
