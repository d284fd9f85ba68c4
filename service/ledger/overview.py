"""All repositories at a glance: the worst that stands in each, and what its environments run."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from service.ledger import models
from service.ledger.pulls import CONCLUSIONS
from service.ledger.repositories import KnownRepository, read_page
from service.ledger.running import EnvironmentState, read_states

_PULL = models.PullRequest


@dataclass(frozen=True, slots=True)
class Glance:
    """A repository at a glance.

    `conclusion` is the strictest that stands on its open pull requests, "success" without any; `levels`
    counts them by their gravest outstanding level, gravest first, None for those on which none is.
    """

    known: KnownRepository
    conclusion: str
    levels: Mapping[str | None, int]
    environments: tuple[EnvironmentState, ...]

    @property
    def open_pulls(self) -> int:
        """How many pull requests are open."""
        return sum(self.levels.values())


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """Some repositories by name; `after` asks for the next page, None at the end."""

    repositories: tuple[Glance, ...]
    after: str | None


class Overview:
    """What the first page shows."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def page(
        self, visible: Collection[int] | None = None, after: str | None = None, most: int = 50
    ) -> OverviewPage:
        """The first `most` repositories after a name, of those with a visible id: three statements."""
        async with self._engine.connect() as connection:
            known, following = await read_page(connection, visible, after, most)
            counts = await _counts(connection, [each.repository.id for each in known])
            states = await read_states(connection, known)
        glances = (
            _glance(each, counts.get(each.repository.id, {}), states[each.repository.id]) for each in known
        )
        return OverviewPage(tuple(glances), following)


_Counts = Mapping[tuple[str, str | None], int]


async def _counts(connection: AsyncConnection, ids: Collection[int]) -> dict[int, _Counts]:
    """How many pull requests are open in each repository, by conclusion and gravest level."""
    by = (_PULL.repository_id, _PULL.conclusion, _PULL.level)
    here = (_PULL.repository_id.in_(ids), _PULL.state == "open")
    counted = sa.select(*by, sa.func.count().label("pulls")).where(*here).group_by(*by)
    found: dict[int, dict[tuple[str, str | None], int]] = {}
    for row in await connection.execute(counted):
        found.setdefault(row.repository_id, {})[row.conclusion, row.level] = row.pulls
    return dict(found)


def _glance(known: KnownRepository, counts: _Counts, states: tuple[EnvironmentState, ...]) -> Glance:
    worst = max((conclusion for conclusion, _ in counts), key=CONCLUSIONS.index, default="success")
    named = {level for _, level in counts if level is not None}
    # A level that the rulebook has no more stands after those that it has.
    ordered = [*(level for level in known.levels if level in named), *sorted(named - {*known.levels})]
    levels = {
        level: sum(pulls for (_, each), pulls in counts.items() if each == level)
        for level in (*ordered, None)
        if any(each == level for _, each in counts)
    }
    return Glance(known, worst, levels, states)
