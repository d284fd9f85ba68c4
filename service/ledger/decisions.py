"""What the checks of a pull request said, each time that it changed, with the facts they stood on."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from service.ledger import models
from service.ledger.changes import Write, recorded
from service.ledger.repository import Repository
from service.ledger.writing import delete


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about one head of a pull request.

    `conclusions` maps a check ("branch") to its conclusion ("success"); `findings` and `facts` are the
    bot's, as JSON.
    """

    repository: Repository
    pull: int
    head: str
    conclusions: Mapping[str, str]
    findings: Sequence[Mapping[str, Any]]
    facts: Mapping[str, Any]
    at: datetime

    @property
    def digest(self) -> str:
        """SHA-256 of what was decided and why, whenever it was. Raises `TypeError` for what is not JSON."""
        whole = [dict(self.conclusions), list(self.findings), dict(self.facts)]
        return sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class DecisionPage:
    """Some decisions, newest first; `older` asks for the next page, None at the end.

    `before` is the decision that the last of them followed, None for the first one.
    """

    decisions: tuple[Decision, ...]
    older: int | None
    before: Decision | None = None


class Decisions:
    """The table of decisions: for every pull request a chain that only grows."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def record(self, decision: Decision) -> bool:
        """Record a decision; False when it is the one that stands already."""
        return await recorded(self._engine, decision.repository.id, appending(decision))

    async def of(self, repository_id: int, pull: int, most: int) -> tuple[Decision, ...]:
        """The last `most` decisions about a pull request, newest first."""
        async with self._engine.connect() as connection:
            return tuple(_read(row) for row in await connection.execute(_chain(repository_id, pull, most)))

    async def page(
        self, repository_id: int, pull: int, older: int | None = None, most: int = 20
    ) -> DecisionPage:
        """The last `most` decisions about a pull request; `older` of a page gives the one after it."""
        select = _chain(repository_id, pull, most + 1)
        if older is not None:
            select = select.where(models.Decision.id < older)
        async with self._engine.connect() as connection:
            rows = (await connection.execute(select)).all()
        read = tuple(_read(row) for row in rows)
        if len(rows) <= most:
            return DecisionPage(read, None)
        return DecisionPage(read[:most], rows[most - 1].id, read[most])

    async def prune(self, before: datetime) -> int:
        """Delete what was decided before a moment; how many."""
        return await delete(self._engine, models.Decision, models.Decision.at < before)


def appending(decision: Decision) -> Write:
    """What `Decisions.record` writes."""

    async def append(connection: AsyncConnection) -> bool:
        last = (await connection.execute(_chain(decision.repository.id, decision.pull, 1))).one_or_none()
        if last and (last.head, last.digest) == (decision.head, decision.digest):
            return False
        await connection.execute(sa.insert(models.Decision), _row(decision, last.id if last else 0))
        return True

    return append


def _chain(repository_id: int, pull: int, most: int) -> sa.Select[models.Decision]:
    about = (models.Decision.repository_id == repository_id, models.Decision.pull == pull)
    return sa.select(models.Decision).where(*about).order_by(models.Decision.previous.desc()).limit(most)


def _row(decision: Decision, previous: int) -> dict[str, object]:
    return {
        "repository_id": decision.repository.id,
        "repository": decision.repository.name,
        "pull": decision.pull,
        "previous": previous,
        "head": decision.head,
        "digest": decision.digest,
        "conclusions": dict(decision.conclusions),
        "findings": list(decision.findings),
        "facts": dict(decision.facts),
        "at": decision.at,
    }


def _read(row: sa.Row[models.Decision]) -> Decision:
    return Decision(
        repository=Repository(row.repository_id, row.repository),
        pull=row.pull,
        head=row.head,
        conclusions=row.conclusions,
        findings=row.findings,
        facts=row.facts,
        at=row.at,
    )
