"""The figures, computed from what happened. Pure: the moments are given.

A week begins on Monday, in UTC. The four of delivery are DORA's (https://dora.dev/guides/dora-metrics-four-keys/),
as far as the ledger can tell them:

- Deployment frequency: how often something is deployed to production, "the last environment" that a rulebook
  names. Where nothing was ever deployed to it as far as the ledger knows, a release counts as a deployment.
- Lead time for changes: from a change to its deployment; here from the merge of its pull request, since what
  happens before it has a figure of its own.
- Change failure rate: of the deployments, those that needed mending: that failed, that were rolled back, or
  that a hotfix followed. However often one is mended, it failed once; a rollback is no attempt of its own.
- Failed deployment recovery time: from a failed deployment to the next one that succeeds, and from a
  deployment to the rollback that took it back.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Protocol, TypeAlias, TypeVar


class _Happened(Protocol):
    """What happened in one repository."""

    @property
    def repository_id(self) -> int:
        """GitHub's id of it."""
        ...


H = TypeVar("H", bound=_Happened)
# When something was over, and how long it took; when something was tried, and whether it failed.
_Took: TypeAlias = tuple[datetime, timedelta]
_Attempt: TypeAlias = tuple[datetime, bool]


@dataclass(frozen=True, slots=True)
class Asked:
    """A time that a review asked for something at a level; `cleared_at` is None while it does."""

    level: str
    raised_at: datetime
    cleared_at: datetime | None


@dataclass(frozen=True, slots=True)
class Approved:
    """A pull request whose approvals were met."""

    opened_at: datetime
    approved_at: datetime


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged pull request; see `service.ledger.pulls.PullRequest` for the words."""

    repository_id: int
    role: str | None
    base_kind: str | None
    opened_at: datetime
    merged_at: datetime


@dataclass(frozen=True, slots=True)
class Deployed:
    """A deployment to the last environment, or what stands for one, that has ended: `succeeded` or not."""

    repository_id: int
    at: datetime
    succeeded: bool
    is_rollback: bool = False


@dataclass(frozen=True, slots=True)
class Happenings:
    """All that happened in a time, and before it what it takes to tell when a change arrived in it."""

    asked: Sequence[Asked] = ()
    approved: Sequence[Approved] = ()
    merged: Sequence[Merged] = ()
    deployed: Sequence[Deployed] = ()


@dataclass(frozen=True, slots=True)
class LevelWeek:
    """How often a level was raised and resolved in the week from `monday`; how long the latter stood.

    `median` is None where nothing was resolved.
    """

    monday: date
    level: str
    raised: int
    resolved: int
    median: timedelta | None


@dataclass(frozen=True, slots=True)
class Week:
    """How many there were in the week from `monday`, and the median of how long they took; None for none."""

    monday: date
    count: int
    median: timedelta | None


@dataclass(frozen=True, slots=True)
class FailureWeek:
    """Of the `attempts` to deploy in the week from `monday`, how many needed mending."""

    monday: date
    attempts: int
    failures: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """The four of DORA over the whole time; see the module. None is what nothing is known to tell by.

    `deployments` are the successful ones by week, `per_day` their mean, `lead` the time of the changes by the
    week in which they arrived, `failures` of `attempts` needed mending, `restored` is the median; `failing`
    and `recovery` tell the last two by the week in which it failed, and in which it was over.
    """

    deployments: tuple[Week, ...]
    per_day: float
    lead: tuple[Week, ...]
    lead_median: timedelta | None
    attempts: int
    failures: int
    failing: tuple[FailureWeek, ...]
    restored: timedelta | None
    recovery: tuple[Week, ...]

    @property
    def failure_rate(self) -> float | None:
        """From 0 to 1."""
        return self.failures / self.attempts if self.attempts else None


@dataclass(frozen=True, slots=True)
class Measures:
    """The figures of a time, oldest week first; weeks in which nothing happened are left out of `levels`."""

    levels: tuple[LevelWeek, ...]
    approval: tuple[Week, ...]
    delivery: Delivery


def measure(happened: Happenings, since: datetime, until: datetime) -> Measures:
    """Compute the figures of what happened from `since` on and before `until`."""
    return Measures(
        levels=_levels(happened.asked, since, until),
        approval=_weeks(
            ((each.approved_at, each.approved_at - each.opened_at) for each in happened.approved),
            since,
            until,
        ),
        delivery=_delivery(happened, since, until),
    )


def monday_of(moment: datetime) -> date:
    """The Monday of the week of a moment."""
    day = moment.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


@dataclass(slots=True)
class _Level:
    raised: int = 0
    times: list[timedelta] = field(default_factory=list)


def _levels(asked: Iterable[Asked], since: datetime, until: datetime) -> tuple[LevelWeek, ...]:
    found: defaultdict[tuple[date, str], _Level] = defaultdict(_Level)
    for each in asked:
        if since <= each.raised_at < until:
            found[monday_of(each.raised_at), each.level].raised += 1
        if each.cleared_at and since <= each.cleared_at < until:
            found[monday_of(each.cleared_at), each.level].times.append(each.cleared_at - each.raised_at)
    return tuple(
        LevelWeek(monday, level, one.raised, len(one.times), _median(one.times))
        for (monday, level), one in sorted(found.items())
    )


def _delivery(happened: Happenings, since: datetime, until: datetime) -> Delivery:
    merged = _by_repository(happened.merged)
    arrived, attempts, restored = list[_Took](), list[_Attempt](), list[_Took]()
    for repository, unordered in _by_repository(happened.deployed).items():
        ended, changes = sorted(unordered, key=lambda each: each.at), merged.get(repository, [])
        arrived += _arrivals(changes, [each.at for each in ended if each.succeeded])
        attempts += _attempts(ended, [each.merged_at for each in changes if each.role == "hotfix"])
        restored += _restored(ended)
    succeeded = [(each.at, timedelta()) for each in happened.deployed if each.succeeded]
    deployments, failing = _weeks(succeeded, since, until), _failing(attempts, since, until)
    return Delivery(
        deployments=deployments,
        per_day=sum(week.count for week in deployments) / max((until - since) / timedelta(days=1), 1.0),
        lead=_weeks(arrived, since, until),
        lead_median=_median(_within(arrived, since, until)),
        attempts=sum(week.attempts for week in failing),
        failures=sum(week.failures for week in failing),
        failing=failing,
        restored=_median(_within(restored, since, until)),
        recovery=_weeks(restored, since, until),
    )


def _attempts(ended: Sequence[Deployed], hotfixes: Iterable[datetime]) -> Iterable[_Attempt]:
    """Each attempt of one repository, oldest first, and whether it needed mending.

    A rollback and a hotfix mend the last attempt before them; where there is none, they tell of none.
    """
    tried = [each for each in ended if not each.is_rollback]
    moments = [each.at for each in tried]
    mends = [*hotfixes, *(each.at for each in ended if each.is_rollback)]
    mended = {bisect_left(moments, at) - 1 for at in mends}
    for at, each in enumerate(tried):
        yield each.at, not each.succeeded or at in mended


def _failing(attempts: Iterable[_Attempt], since: datetime, until: datetime) -> tuple[FailureWeek, ...]:
    seen = [(monday_of(at), failed) for at, failed in attempts if since <= at < until]
    tried = Counter(monday for monday, _ in seen)
    failed = Counter(monday for monday, failed in seen if failed)
    return tuple(FailureWeek(monday, tried[monday], failed[monday]) for monday in _mondays(since, until))


def _by_repository(happened: Iterable[H]) -> dict[int, list[H]]:
    found: defaultdict[int, list[H]] = defaultdict(list)
    for each in happened:
        found[each.repository_id].append(each)
    return dict(found)


def _arrivals(changes: Sequence[Merged], deployed: Sequence[datetime]) -> Iterable[_Took]:
    """When each change arrived, and how long after its merge; what has not arrived is left out.

    The ledger keeps no histories: what was merged into develop comes with the first release that was opened
    after it, all else with the first deployment after its merge.
    """
    releases = sorted((each.opened_at, each.merged_at) for each in changes if each.role == "release")
    for change in changes:
        shipped: datetime | None = change.merged_at
        if change.base_kind == "develop" and change.role is None:
            at = bisect_left(releases, change.merged_at, key=lambda release: release[0])
            shipped = releases[at][1] if at < len(releases) else None
        if shipped is not None and (at := bisect_left(deployed, shipped)) < len(deployed):
            yield deployed[at], deployed[at] - change.merged_at


def _restored(ended: Sequence[Deployed]) -> Iterable[_Took]:
    """When each failure was over that is, and how long it lasted."""
    failing: datetime | None = None
    running: datetime | None = None
    for each in ended:
        if not each.succeeded:
            failing = failing or each.at
            continue
        if failing is not None:
            yield each.at, each.at - failing
        elif each.is_rollback and running is not None:
            yield each.at, each.at - running
        failing, running = None, each.at


def _weeks(happened: Iterable[_Took], since: datetime, until: datetime) -> tuple[Week, ...]:
    """Every week of the time, also those in which nothing happened."""
    times: defaultdict[date, list[timedelta]] = defaultdict(list)
    for at, took in happened:
        if since <= at < until:
            times[monday_of(at)].append(took)
    return tuple(
        Week(monday, len(times[monday]), _median(times[monday])) for monday in _mondays(since, until)
    )


def _within(happened: Iterable[_Took], since: datetime, until: datetime) -> Sequence[timedelta]:
    return [took for at, took in happened if since <= at < until]


def _mondays(since: datetime, until: datetime) -> Sequence[date]:
    """The Monday of every week that begins before `until`, the first one that of `since`."""
    weeks = (monday_of(until - timedelta(microseconds=1)) - monday_of(since)).days // 7 + 1
    return [monday_of(since) + timedelta(weeks=week) for week in range(weeks)]


def _median(times: Sequence[timedelta]) -> timedelta | None:
    return timedelta(seconds=median(each.total_seconds() for each in times)) if times else None
