"""Pull requests as they stood when they were last judged."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from service.ledger import models
from service.ledger.changes import Row, Update, Write, recorded
from service.ledger.database import Database
from service.ledger.repository import Repository
from service.ledger.writing import delete, insert

_TABLE = models.PullRequest
# What a check may conclude, mildest first (REST: Checks, `conclusion`; a run that goes on has none yet).
CONCLUSIONS: Final = ("success", "neutral", "in_progress", "action_required", "failure")
_ONE: Final = sa.select(_TABLE).where(
    _TABLE.repository_id == sa.bindparam("repository_id"), _TABLE.number == sa.bindparam("number")
)


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request.

    `head` and `base` are branches, `kind` and `base_kind` what the rulebook calls them ("feature",
    "release", "main"; None for what it does not know). `role` is "release" or "hotfix" where merging it makes
    a version or must reach a release, else None. `state` is "open", "merged" or "closed". `conclusions` maps
    a check ("branch") to what it last concluded. `levels` counts what is outstanding by level, gravest first.
    `approved_at` is when all who must had approved for the first time; commits are 40 hex digits.
    """

    repository: Repository
    number: int
    title: str
    url: str
    author: str
    head: str
    head_commit: str
    kind: str | None
    base: str
    base_kind: str | None
    role: str | None
    draft: bool
    state: str
    conclusions: Mapping[str, str]
    levels: tuple[tuple[str, int], ...]
    opened_at: datetime
    approved_at: datetime | None = None
    merged_at: datetime | None = None
    closed_at: datetime | None = None
    merge_commit: str | None = None

    @property
    def conclusion(self) -> str:
        """The strictest of its conclusions."""
        return max(self.conclusions.values(), key=CONCLUSIONS.index, default="success")

    @property
    def level(self) -> str | None:
        """The gravest level that is outstanding."""
        return self.levels[0][0] if self.levels else None


@dataclass(frozen=True, slots=True)
class PullPage:
    """Some pull requests, the highest number first; `older` asks for the next page, None at the end."""

    pulls: tuple[PullRequest, ...]
    older: int | None


_FIELDS = frozenset(field.name for field in fields(PullRequest)) - {"repository", "levels"}


class Pulls:
    """The table of pull requests."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, pull: PullRequest) -> bool:
        """Record a pull request as it stands; False when it stands so already.

        The first `approved_at` stays. What was judged last stays for one that is not open any more.
        """
        return await recorded(self._database, pull.repository.id, keeping(pull))

    async def of(self, repository_id: int, number: int) -> PullRequest | None:
        """A pull request; None where nobody has looked at it yet."""
        rows = await self._database.rows(_ONE, repository_id=repository_id, number=number)
        return read(rows[0]) if rows else None

    async def open(self, repository_id: int, older: int | None = None, most: int = 50) -> PullPage:
        """The open pull requests of a repository; `older` of a page gives the one after it."""
        here = (_TABLE.repository_id == repository_id, _TABLE.state == "open")
        select = sa.select(_TABLE).where(*here).order_by(_TABLE.number.desc())
        if older is not None:
            select = select.where(_TABLE.number < older)
        rows = await self._database.rows(select.limit(most + 1))
        shown = tuple(read(row) for row in rows[:most])
        return PullPage(shown, shown[-1].number if len(rows) > most else None)

    async def prune(self, before: datetime) -> int:
        """Forget those that were closed before a moment, and what they left outstanding; how many."""
        levels, old = models.OutstandingLevel, _TABLE.closed_at < before
        left = sa.exists().where(
            levels.repository_id == _TABLE.repository_id, levels.pull == _TABLE.number, old
        )
        forgotten = await delete(self._database, levels, left)
        return forgotten + await delete(self._database, _TABLE, old)


def keeping(pull: PullRequest) -> Write:
    """What `Pulls.record` writes."""

    def keep(connection: sa.Connection, standing: Row | None) -> bool:
        row = _row(pull)
        if standing is not None:
            row["approved_at"] = standing["approved_at"] or pull.approved_at
            if not pull.conclusions:
                row |= {name: standing[name] for name in ("conclusions", "conclusion")}
            if row == standing:
                return False
        connection.execute(insert(connection, _TABLE, update=(*row,)[2:]), row)
        return True

    return Update(keep, _ONE, {"repository_id": pull.repository.id, "number": pull.number})


def read(row: sa.Row[Any]) -> PullRequest:
    """The pull request in a row of the table."""
    return PullRequest(
        repository=Repository(row.repository_id, row.repository),
        levels=tuple((each["level"], each["count"]) for each in row.levels),
        **{name: row._mapping[name] for name in _FIELDS},
    )


def _row(pull: PullRequest) -> dict[str, Any]:
    return {
        "repository_id": pull.repository.id,
        "number": pull.number,
        "repository": pull.repository.name,
        **{name: getattr(pull, name) for name in sorted(_FIELDS - {"number"})},
        "conclusions": dict(pull.conclusions),
        "conclusion": pull.conclusion,
        "levels": [{"level": level, "count": count} for level, count in pull.levels],
        "level": pull.level,
    }
