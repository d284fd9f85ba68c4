"""What the line map of a repository is drawn from: merges, releases and how far each has come back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.ledger import models
from service.ledger.database import Database
from service.ledger.pulls import PullRequest, read
from service.ledger.releases import Release, read_releases

_PULL = models.PullRequest


@dataclass(frozen=True, slots=True)
class Lines:
    """The stations of the map, the newest first.

    `merged` are pull requests merged into a branch that the rulebook knows, `open` the releases and hotfixes
    on their way; `releases` have a tag at a commit, and their steps say what is merged back and what is owed.
    """

    merged: tuple[PullRequest, ...]
    open: tuple[PullRequest, ...]
    releases: tuple[Release, ...]


class LineMap:
    """What the line map shows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, repository_id: int, since: datetime, most: int = 200) -> Lines:
        """What happened since a moment, at most `most` of each: four statements.

        A release of which something is left to do is there, however old.
        """
        here = (_PULL.repository_id == repository_id, _PULL.base_kind.is_not(None))
        merged = _newest((*here, _PULL.state == "merged", _PULL.merged_at >= since), _PULL.merged_at, most)
        open_ = _newest((*here, _PULL.state == "open", _PULL.role.is_not(None)), _PULL.number, most)
        release = models.Release
        recent = sa.or_(release.begun_at >= since, release.finished_at.is_(None))

        def draw(connection: sa.Connection) -> Lines:
            return Lines(
                merged=tuple(read(row) for row in connection.execute(merged)),
                open=tuple(read(row) for row in connection.execute(open_)),
                releases=read_releases(connection, (release.repository_id == repository_id, recent), most),
            )

        return await self._database.run(draw)


def _newest(
    which: Sequence[sa.ColumnElement[bool]], by: sa.SQLColumnExpression[Any], most: int
) -> sa.Select[models.PullRequest]:
    return sa.select(_PULL).where(*which).order_by(by.desc(), _PULL.number.desc()).limit(most)
