"""All repositories at a glance: the worst that stands in each, and what its environments run."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from service.ledger import models
from service.ledger.database import Database
from service.ledger.pulls import CONCLUSIONS
from service.ledger.releases import StepState
from service.ledger.repositories import KnownRepository, read_page
from service.ledger.running import EnvironmentState, read_states

_PULL, _RELEASE, _STEP = models.PullRequest, models.Release, models.ReleaseStep
_FAILED: Final = frozenset({"failure", "error"})


class Sort(StrEnum):
    """What else than a pull request may keep a repository from being all right."""

    RULEBOOK = "rulebook"  # it is not in force; `about` is how it is, "invalid" or "unreadable"
    DEPLOYMENT = "deployment"  # the last one to the environment `about` failed
    STOPPED = "stopped"  # the release with the tag `about`
    WAITING = "waiting"  # that release, for a person: a back-merge is owed
    UNFINISHED = "unfinished"  # that release is under way


@dataclass(frozen=True, slots=True)
class Trouble:
    """What stands in a repository beside its pull requests."""

    sort: Sort
    about: str

    @property
    def conclusion(self) -> str:
        """How grave it is, in the words of the checks."""
        return "in_progress" if self.sort in {Sort.WAITING, Sort.UNFINISHED} else "failure"


@dataclass(frozen=True, slots=True)
class Glance:
    """A repository at a glance.

    `conclusion` is the strictest that stands on its open pull requests, "success" without any; `levels`
    counts them by their gravest outstanding level, gravest first, None for those on which none is.
    `troubles` is what else stands, the gravest first.
    """

    known: KnownRepository
    conclusion: str
    levels: Mapping[str | None, int]
    environments: tuple[EnvironmentState, ...]
    troubles: tuple[Trouble, ...] = ()

    @property
    def worst(self) -> str:
        """The strictest of all that stands, in the words of the checks."""
        return max((self.conclusion, *(each.conclusion for each in self.troubles)), key=CONCLUSIONS.index)

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

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, visible: Collection[int] | None = None, after: str | None = None, most: int = 50
    ) -> OverviewPage:
        """The first `most` repositories after a name, of those with a visible id: four statements."""

        def read(connection: sa.Connection) -> OverviewPage:
            known, following = read_page(connection, visible, after, most)
            ids = [each.repository.id for each in known]
            counts, releases = _counts(connection, ids), _releases(connection, ids)
            states = read_states(connection, known)
            glances = (
                _glance(each, counts.get(each.repository.id, {}), states[each.repository.id], releases)
                for each in known
            )
            return OverviewPage(tuple(glances), following)

        return await self._database.run(read)


_Counts = Mapping[tuple[str, str | None], int]


def _counts(connection: sa.Connection, ids: Collection[int]) -> dict[int, _Counts]:
    """How many pull requests are open in each repository, by conclusion and gravest level."""
    by = (_PULL.repository_id, _PULL.conclusion, _PULL.level)
    here = (_PULL.repository_id.in_(ids), _PULL.state == "open")
    counted = sa.select(*by, sa.func.count().label("pulls")).where(*here).group_by(*by)
    found: dict[int, dict[tuple[str, str | None], int]] = {}
    for row in connection.execute(counted):
        found.setdefault(row.repository_id, {})[row.conclusion, row.level] = row.pulls
    return dict(found)


def _releases(connection: sa.Connection, ids: Collection[int]) -> dict[int, list[Trouble]]:
    """The releases of each repository of which something is left to do, the newest first."""
    failed, waiting = (
        sa.func.count(sa.case((_STEP.state == state.value, 1))).label(state.value)
        for state in (StepState.FAILED, StepState.WAITING)
    )
    by = (_RELEASE.id, _RELEASE.repository_id, _RELEASE.tag)
    left = (
        sa.select(*by, failed, waiting)
        .outerjoin(_STEP, _STEP.release_id == _RELEASE.id)
        .where(_RELEASE.repository_id.in_(ids), _RELEASE.finished_at.is_(None))
        .group_by(*by)
        .order_by(_RELEASE.id.desc())
    )
    found: dict[int, list[Trouble]] = {}
    for row in connection.execute(left):
        sort = Sort.STOPPED if row.failed else Sort.WAITING if row.waiting else Sort.UNFINISHED
        found.setdefault(row.repository_id, []).append(Trouble(sort, row.tag))
    return found


def _troubles(known: KnownRepository, states: Collection[EnvironmentState]) -> Iterator[Trouble]:
    if known.rulebook in {"invalid", "unreadable"}:
        yield Trouble(Sort.RULEBOOK, known.rulebook)
    for state in states:
        if state.last and state.last.state in _FAILED:
            yield Trouble(Sort.DEPLOYMENT, state.name)


def _glance(
    known: KnownRepository,
    counts: _Counts,
    states: tuple[EnvironmentState, ...],
    releases: Mapping[int, Collection[Trouble]],
) -> Glance:
    worst = max((conclusion for conclusion, _ in counts), key=CONCLUSIONS.index, default="success")
    named = {level for _, level in counts if level is not None}
    # A level that the rulebook has no more stands after those that it has.
    ordered = [*(level for level in known.levels if level in named), *sorted(named - {*known.levels})]
    levels = {
        level: sum(pulls for (_, each), pulls in counts.items() if each == level)
        for level in (*ordered, None)
        if any(each == level for _, each in counts)
    }
    found = (*_troubles(known, states), *releases.get(known.repository.id, ()))
    troubles = sorted(found, key=lambda each: CONCLUSIONS.index(each.conclusion), reverse=True)
    return Glance(known, worst, levels, states, tuple(troubles))
