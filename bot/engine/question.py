"""The words of the engine: what is asked, how it went, and what waits for a person."""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.engine.retry import Policy


class Occupied(RuntimeError):
    """Another live process works under this executor id: on SQLite one may, on PostgreSQL one an id."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something to look at: "this pull request needs a look", never what happened to it.

    `key` is `kind/…` in printable ASCII and names one thing for ever. `subject` is JSON: where to look
    and the newest hint (an installation, a number, a head); of many askers the latest one's is kept.
    """

    key: str
    subject: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    def __post_init__(self) -> None:
        """Refuse a key that a database could not store or a reader could not copy."""
        if not self.kind or not (self.key.isascii() and self.key.isprintable()):
            raise ValueError(f"A question's key is kind/… in printable ASCII, not {self.key!r}")

    @property
    def kind(self) -> str:
        """The part of the key before the first slash; it chooses the handler."""
        return self.key.split("/", 1)[0]


def subjects(questions: Iterable[Question]) -> dict[str, str]:
    """The subjects as JSON text by key, the last one of a key; `TypeError` when one is not JSON."""
    return {question.key: json.dumps(dict(question.subject)) for question in questions}


@dataclass(frozen=True, slots=True)
class Handler:
    """What answers one kind; `every` is the period in seconds of a question that asks itself."""

    answer: Callable[[Question], Awaitable[str]]
    every: float | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """One run of one question, told to the observer when it is over.

    `outcome` is the handler's word, or "again", "until", "given up" or "parked"; `seconds` is how long the
    handler took; `attempt` counts from 1.
    """

    question: Question
    outcome: str
    seconds: float
    attempt: int


@dataclass(frozen=True, slots=True)
class Parked:
    """A question whose last attempt failed; it waits for `Engine.retry` or for a fresh event."""

    key: str
    error: str
    attempts: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Counts:
    """How many questions wait for a run (now or later), run, and are parked."""

    queued: int
    running: int
    parked: int


@dataclass(frozen=True, slots=True)
class Tuning:
    """The engine's numbers; seconds where nothing else is said.

    `settle` lets the events of one burst arrive before the first run; `spacing` is the least time between
    the starts of two runs of one key, so that a storm of events costs few of them; `poll` is how often the
    database is looked at for work of other processes; `patience` is how long a restarted process waits for
    its predecessor to be gone.
    """

    concurrency: int = 16
    settle: float = 0.05
    spacing: float = 2.0
    poll: float = 0.2
    takeover: float = 2.0
    housekeeping: float = 60.0
    patience: float = 10.0
    deliveries_kept: timedelta = timedelta(days=7)  # GitHub redelivers for three days
    runs_kept: timedelta = timedelta(days=3)
    questions_kept: timedelta = timedelta(days=30)
    policy: Policy = field(default_factory=Policy)
