"""The figures as the insights tell them: their names, what they mean, their numbers by week. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Final

from service.ledger.measures import Delivery, LevelWeek, Measures, Week
from service.web.language import Words

# DORA's own definitions of its four measures.
DORA: Final = "https://dora.dev/guides/dora-metrics-four-keys/"
_UNITS: Final = (("day", 86_400.0), ("hour", 3_600.0), ("minute", 60.0))


class Kind(Enum):
    """What a number is."""

    COUNT = "count"
    TIME = "time"  # seconds
    SHARE = "share"  # from 0 to 1


@dataclass(frozen=True, slots=True)
class Column:
    """The numbers of some weeks; None is a week that has none."""

    title: str
    kind: Kind
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: `drawn` are its columns in the chart and the table, `beside` those in the table alone.

    `key` is a word for its place on the page, `whole` what it comes to over all weeks, None where nothing
    does; `about` says what is counted.
    """

    key: str
    title: str
    about: str
    whole: str | None
    weeks: tuple[date, ...]
    drawn: tuple[Column, ...]
    beside: tuple[Column, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not any(value for column in (*self.drawn, *self.beside) for value in column.values)

    def scale(self, words: Words) -> tuple[float, Callable[[float], str]]:
        """What the numbers are divided by for the chart, and how a divided one is told."""
        kind = self.drawn[0].kind
        if kind is Kind.COUNT:
            return 1.0, words.number
        if kind is Kind.SHARE:
            return 0.01, lambda value: words.percent(value / 100)
        highest = max((value for column in self.drawn for value in column.values if value), default=0.0)
        unit, seconds = _unit(highest)
        return seconds, lambda value: words.amount(value, unit)

    def told(self, column: Column, week: int, words: Words) -> str:
        """The number of a week in words, as in the chart where it is drawn; empty where there is none."""
        value = column.values[week]
        if value is None:
            return ""
        divisor, tell = self.scale(words) if column in self.drawn else (1.0, words.number)
        return tell(value / divisor)


def reviews(measures: Measures, levels: Sequence[str], words: Words) -> tuple[Figure, ...]:
    """What reviews asked for, and how long it took; `levels` are their names, the gravest first."""
    gettext, told = words.gettext, measures.levels
    weeks = tuple(week.monday for week in measures.approval)
    return (
        Figure(
            "raised",
            gettext("Levels raised"),
            gettext("How often reviews asked for something, by level and by the week in which they did."),
            str(sum(each.raised for each in told)),
            weeks,
            _by_level(measures, levels, Kind.COUNT, lambda each: each.raised if each else 0),
        ),
        Figure(
            "resolved",
            gettext("Levels resolved"),
            gettext(
                "How often what a review asked for was settled, by level and by the week in which it was."
            ),
            str(sum(each.resolved for each in told)),
            weeks,
            _by_level(measures, levels, Kind.COUNT, lambda each: each.resolved if each else 0),
        ),
        Figure(
            "resolving",
            gettext("Time to resolve"),
            gettext(
                "The median time from what a review asked for until it was settled, by the week of that."
            ),
            None,
            weeks,
            _by_level(measures, levels, Kind.TIME, lambda each: _seconds(each.median) if each else None),
        ),
        _approval(measures, words),
    )


def _approval(measures: Measures, words: Words) -> Figure:
    gettext = words.gettext
    return Figure(
        "approval",
        gettext("From open to approval"),
        gettext("The median time from when a pull request was opened until all who must had approved it."),
        None,
        tuple(week.monday for week in measures.approval),
        (Column(gettext("Median"), Kind.TIME, _medians(measures.approval)),),
        (Column(gettext("Pull requests"), Kind.COUNT, _counts(measures.approval)),),
    )


def _by_level(
    measures: Measures, levels: Sequence[str], kind: Kind, value: Callable[[LevelWeek | None], float | None]
) -> tuple[Column, ...]:
    """A column for each of `levels`, which thus keeps its colour, and for others that occur, by name."""
    by_week = {(each.monday, each.level): each for each in measures.levels}
    ordered = [*levels, *sorted({each.level for each in measures.levels} - {*levels})]
    weeks = [week.monday for week in measures.approval]
    return tuple(
        Column(level, kind, tuple(value(by_week.get((week, level))) for week in weeks)) for level in ordered
    )


def delivery(found: Delivery, words: Words) -> tuple[Figure, ...]:
    """The four of DORA."""
    return (_frequency(found, words), _lead(found, words), _failures(found, words), _recovery(found, words))


def _frequency(found: Delivery, words: Words) -> Figure:
    gettext = words.gettext
    return Figure(
        "frequency",
        gettext("Deployment frequency"),
        gettext(
            "How often something was deployed to production, which is the last environment of the rulebook."
        )
        + " "
        + gettext("Where the ledger knows of no deployment, a release counts as one."),
        gettext("%(number)s a week") % {"number": words.number(found.per_day * 7)}
        if found.attempts
        else None,
        tuple(week.monday for week in found.deployments),
        (Column(gettext("Deployments"), Kind.COUNT, _counts(found.deployments)),),
    )


def _lead(found: Delivery, words: Words) -> Figure:
    gettext = words.gettext
    return Figure(
        "lead",
        gettext("Lead time for changes"),
        gettext("The median time from the merge of a change until it was in production, by the week of that.")
        + " "
        + gettext("What happens before the merge is told above."),
        _time(found.lead_median, words),
        tuple(week.monday for week in found.lead),
        (Column(gettext("Median"), Kind.TIME, _medians(found.lead)),),
        (Column(gettext("Changes"), Kind.COUNT, _counts(found.lead)),),
    )


def _failures(found: Delivery, words: Words) -> Figure:
    gettext, weeks = words.gettext, found.failing
    shares = tuple(each.failures / each.attempts if each.attempts else None for each in weeks)
    return Figure(
        "failures",
        gettext("Change failure rate"),
        gettext("The share of deployments that failed, were rolled back, or were followed by a hotfix."),
        words.percent(found.failure_rate) if found.failure_rate is not None else None,
        tuple(each.monday for each in weeks),
        (Column(gettext("Share"), Kind.SHARE, shares),),
        (
            Column(gettext("Deployments"), Kind.COUNT, tuple(each.attempts for each in weeks)),
            Column(gettext("Mended"), Kind.COUNT, tuple(each.failures for each in weeks)),
        ),
    )


def _recovery(found: Delivery, words: Words) -> Figure:
    gettext = words.gettext
    return Figure(
        "recovery",
        gettext("Failed deployment recovery time"),
        gettext(
            "The median time from a failed deployment to the next one that succeeded, or from a deployment "
            "to the rollback that took it back, by the week of that."
        ),
        _time(found.restored, words),
        tuple(week.monday for week in found.recovery),
        (Column(gettext("Median"), Kind.TIME, _medians(found.recovery)),),
        (Column(gettext("Recoveries"), Kind.COUNT, _counts(found.recovery)),),
    )


def _unit(seconds: float) -> tuple[str, float]:
    """The greatest unit of which a time has two, and its seconds."""
    return next((each for each in _UNITS if seconds >= 2 * each[1]), _UNITS[-1])


def _time(took: timedelta | None, words: Words) -> str | None:
    if took is None:
        return None
    unit, seconds = _unit(took.total_seconds())
    return words.amount(took.total_seconds() / seconds, unit)


def _counts(weeks: Iterable[Week]) -> tuple[float, ...]:
    return tuple(week.count for week in weeks)


def _medians(weeks: Iterable[Week]) -> tuple[float | None, ...]:
    return tuple(_seconds(week.median) for week in weeks)


def _seconds(took: timedelta | None) -> float | None:
    return took.total_seconds() if took is not None else None
