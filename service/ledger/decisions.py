"""What the checks of a pull request said, each time that it changed, with the facts they stood on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from service.ledger import models
from service.ledger.changes import Row, Update, Write, recorded
from service.ledger.database import Database
from service.ledger.repository import Repository
from service.ledger.writing import delete

_TABLE = models.Decision
_INSERT: Final = sa.insert(_TABLE).inline()  # nobody asks for the id
_LAST: Final = (
    sa.select(_TABLE.id, _TABLE.head, _TABLE.digest)
    .where(_TABLE.repository_id == sa.bindparam("repository_id"), _TABLE.pull == sa.bindparam("pull"))
    .order_by(_TABLE.previous.desc())
    .limit(1)
)

# What one rule found, by the bot's own keys.
Finding = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about one head of a pull request.

    `conclusions` maps a check ("branch") to its conclusion ("success"); `findings` and `facts` are the
    bot's, as JSON once they are recorded.
    """

    repository: Repository
    pull: int
    head: str
    conclusions: Mapping[str, str]
    findings: Sequence[Finding]
    facts: Mapping[str, Any]
    at: datetime

    @property
    def digest(self) -> str:
        """SHA-256 of what was decided and why, whenever it was. Raises `TypeError` for what is no data."""
        whole = [dict(self.conclusions), self.findings, dict(self.facts)]
        return sha256(msgspec.json.encode(whole, enc_hook=dict, order="sorted")).hexdigest()


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

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, decision: Decision) -> bool:
        """Record a decision; False when it is the one that stands already."""
        return await recorded(self._database, decision.repository.id, appending(decision))

    async def of(self, repository_id: int, pull: int, most: int) -> tuple[Decision, ...]:
        """The last `most` decisions about a pull request, newest first."""
        return tuple(_read(row) for row in await self._database.rows(_chain(repository_id, pull, most)))

    async def page(
        self, repository_id: int, pull: int, older: int | None = None, most: int = 20
    ) -> DecisionPage:
        """The last `most` decisions about a pull request; `older` of a page gives the one after it."""
        select = _chain(repository_id, pull, most + 1)
        if older is not None:
            select = select.where(_TABLE.id < older)
        rows = await self._database.rows(select)
        read = tuple(_read(row) for row in rows)
        if len(rows) <= most:
            return DecisionPage(read, None)
        return DecisionPage(read[:most], rows[most - 1].id, read[most])

    async def prune(self, before: datetime) -> int:
        """Delete what was decided before a moment; how many."""
        return await delete(self._database, _TABLE, _TABLE.at < before)


def appending(decision: Decision, told: Callable[[Finding], Finding] = dict) -> Write:
    """What `Decisions.record` writes.

    Findings may hold other values than JSON while nobody has to read them: `told` says one as JSON.
    """

    def append(connection: sa.Connection, last: Row | None) -> bool:
        digest = decision.digest
        if last and (last["head"], last["digest"]) == (decision.head, digest):
            return False
        findings = list(map(told, decision.findings))
        connection.execute(_INSERT, _row(decision, findings, digest, last["id"] if last else 0))
        return True

    return Update(append, _LAST, {"repository_id": decision.repository.id, "pull": decision.pull})


def _chain(repository_id: int, pull: int, most: int) -> sa.Select[models.Decision]:
    about = (_TABLE.repository_id == repository_id, _TABLE.pull == pull)
    return sa.select(_TABLE).where(*about).order_by(_TABLE.previous.desc()).limit(most)


def _row(decision: Decision, findings: Sequence[Finding], digest: str, previous: int) -> dict[str, object]:
    return {
        "repository_id": decision.repository.id,
        "repository": decision.repository.name,
        "pull": decision.pull,
        "previous": previous,
        "head": decision.head,
        "digest": digest,
        "conclusions": dict(decision.conclusions),
        "findings": findings,
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
