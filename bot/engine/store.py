"""The record of what is asked and when: two tables, and the statements that keep their promises.

A question's row moves like this (times are milliseconds since 1970, UTC):

    ask      due = when, at the latest          an event, a job, a clock or a person wants an answer
    begin    running = the next generation,     the run of that number starts; whatever is asked from here
             due = NULL                         on opens another
    finish   running = NULL                     and due again, or parked, as the retry decision says

`begin` clears `due` before the handler reads GitHub, so no event is lost; a key is due only when none of its
runs runs, so a storm of events is one run and a key never overlaps itself. Which process has the run of a
generation, DBOS decides, before `begin`: of all who start it by its id, the first. `floor` is the
earliest start of the next run: it spaces the runs of one key, and holds a key until the time GitHub named.
"""

import json
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPICursor

from bot.engine.question import Counts, Parked, Question
from bot.engine.retry import Again, Decision, Park, Until
from bot.engine.statements import POSTGRESQL, SQLITE

_MS = 1000
_LOOKED_UP_AT_ONCE = 1000  # a statement takes only so many parameters
_SCHEMA_LOCK = 7_467_253_925  # any constant

_metadata = sa.MetaData()

_delivery = sa.Table(
    "delivery",
    _metadata,
    sa.Column("guid", sa.Text, primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False, index=True),
)

_question = sa.Table(
    "question",
    _metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("due", sa.BigInteger),
    sa.Column("floor", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("generation", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("running", sa.BigInteger),
    sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),
    sa.Column("error", sa.Text),
    sa.Column("parked", sa.BigInteger),
)
# Idle questions are nearly all of the table: each index holds only the rows that its query is about.
for _name in ("due", "running", "parked"):
    _active = _question.c[_name].is_not(None)
    sa.Index(f"question_{_name}", _question.c[_name], sqlite_where=_active, postgresql_where=_active)

_ASKED = sa.and_(_question.c.due.is_not(None), _question.c.key.contains("/"))
_COUNTS = sa.select(
    *(
        sa.select(sa.func.count()).select_from(_question).where(state).scalar_subquery()
        for state in (_ASKED, _question.c.running.is_not(None), _question.c.parked.is_not(None))
    )
)


class Delivery(NamedTuple):
    """One webhook to store: its GUID, and the subjects it asks about (JSON text, by key)."""

    guid: str
    subjects: Mapping[str, str]


class Run(NamedTuple):
    """One run of one key, as DBOS knows it."""

    key: str
    generation: int

    @property
    def id(self) -> str:
        """The run's name in DBOS."""
        return f"{self.key}@{self.generation}"


@dataclass(frozen=True, slots=True)
class Begun:
    """What a run starts from: the newest question, and the number of this attempt (from 1)."""

    question: Question
    attempt: int


class Store:
    """The two tables. Every method is one transaction, blocks, and belongs in a worker thread."""

    def __init__(
        self, engine: sa.Engine, *, settle: float, spacing: float, clock: Callable[[], float] = time.time
    ) -> None:
        """`settle` and `spacing` are seconds (see `Tuning`); `clock` answers seconds since 1970."""
        self.database = engine
        self._statements = SQLITE if engine.dialect.name == "sqlite" else POSTGRESQL
        self._settle = int(settle * _MS)
        self._spacing = int(spacing * _MS)
        self._clock = clock

    def create(self) -> None:
        """Make the tables where they are missing; processes that start together take turns."""
        with self.database.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
            else:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            _metadata.create_all(connection)

    def check(self) -> None:
        """Raise what the driver raises when the database cannot be reached."""
        with self.database.connect() as connection:
            connection.execute(sa.select(_question.c.key).limit(1))

    # -- asking --------------------------------------------------------------------------------------------

    def deliver(self, batch: Iterable[Delivery]) -> set[str]:
        """Store deliveries and what they ask, all or none; answer the GUIDs never seen before."""
        now = self._now()
        raised = dict(batch)
        with self._driver() as cursor:
            cursor.execute(self._statements.remember, (now, json.dumps(sorted(raised))))
            fresh = {guid for (guid,) in cursor.fetchall()}
            newest: dict[str, str] = {}
            for guid, subjects in raised.items():
                newest |= subjects if guid in fresh else {}
            self._ask(cursor, newest, now + self._settle)
        return fresh

    def ask(self, subjects: Mapping[str, str], not_before: datetime | None = None) -> None:
        """Ask, now or at `not_before` (aware); an earlier asking stands and brings the answer forward.

        Whoever asks for later leaves the subject of who asked for sooner.
        """
        with self._driver() as cursor:
            if not_before is None:
                self._ask(cursor, subjects, self._now() + self._settle)
            else:
                self._ask(cursor, subjects, _milliseconds(not_before), self._statements.ask_later)

    def _ask(
        self, cursor: DBAPICursor, subjects: Mapping[str, str], when: int, statement: str | None = None
    ) -> None:
        # In sorted order, so that replicas that store the same keys cannot deadlock.
        if subjects:
            cursor.execute(statement or self._statements.ask, (when, json.dumps(sorted(subjects.items()))))

    @contextmanager
    def _driver(self) -> Iterator[DBAPICursor]:
        """Speak to the driver itself, in one transaction."""
        connection = self.database.raw_connection()
        try:
            yield connection.cursor()
            connection.commit()
        finally:
            connection.close()  # back to the pool, which rolls back what was not committed

    def retry(self, key: str) -> bool:
        """Ask a parked question again; False when no such question is parked."""
        parked = sa.and_(_question.c.key == key, _question.c.parked.is_not(None))
        again = _question.update().where(parked).values(due=self._now(), attempt=0, error=None, parked=None)
        with self.database.begin() as connection:
            return connection.execute(again).rowcount == 1

    # -- running -------------------------------------------------------------------------------------------

    def due(self, most: int, but: Collection[str] = ()) -> list[Run]:
        """The next runs of what is due and of no key in `but`, the longest due first, at most `most`."""
        now = self._now()
        select = (
            sa.select(_question.c.key, _question.c.generation + 1)
            .where(_question.c.due <= now, _question.c.floor <= now, _question.c.running.is_(None))
            .order_by(_question.c.due)
            .limit(most + len(but))
        )
        with self.database.connect() as connection:
            found = [Run(key, generation) for key, generation in connection.execute(select)]
        return [run for run in found if run.key not in but][:most]

    def begin(self, run: Run, next_due: datetime | None = None) -> Begun | None:
        """Start a run, which swallows all that was asked so far; None when it is over already.

        A run that was killed begins again: it finds itself running and gets the newest question.
        `next_due` is when a periodic question is asked anew.
        """
        start = (
            _question.update()
            .where(_next(run))
            .values(
                generation=run.generation,
                running=run.generation,
                due=_milliseconds(next_due) if next_due else None,
                floor=self._now() + self._spacing,
                parked=None,
            )
        )
        mine = sa.select(_question.c.subject, _question.c.attempt).where(
            _question.c.key == run.key, _question.c.running == run.generation
        )
        with self.database.begin() as connection:
            connection.execute(start)
            row = connection.execute(mine).one_or_none()
        return Begun(Question(run.key, json.loads(row.subject)), row.attempt + 1) if row else None

    def finish(self, run: Run, decision: Decision | None = None, error: str | None = None) -> None:
        """End a run: with None it is answered, else `decision` says what follows `error`."""
        end = (
            _question.update()
            .where(_question.c.key == run.key, _question.c.running == run.generation)
            .values(running=None, **self._after(decision, error))
        )
        with self.database.begin() as connection:
            connection.execute(end)

    def _after(self, decision: Decision | None, error: str | None) -> Mapping[str, Any]:
        match decision:
            case Again(delay):
                due = _earlier(_question.c.due, sa.literal(self._now() + int(delay * _MS)))
                return {"due": due, "attempt": _question.c.attempt + 1, "error": error}
            case Until(moment, hold):
                at = _milliseconds(moment)
                held = {"floor": at} if hold else {}
                return {"due": _earlier(_question.c.due, sa.literal(at)), "error": error, **held}
            case Park():
                return {"parked": self._now(), "attempt": _question.c.attempt + 1, "error": error}
            case _:
                return {"attempt": 0, "error": None, "parked": None}

    # -- looking -------------------------------------------------------------------------------------------

    def parked(self) -> list[Parked]:
        """What waits for a person, the longest waiting first."""
        select = sa.select(_question).where(_question.c.parked.is_not(None)).order_by(_question.c.parked)
        with self.database.connect() as connection:
            return [
                Parked(row.key, row.error or "", row.attempt, datetime.fromtimestamp(row.parked / _MS, UTC))
                for row in connection.execute(select)
            ]

    def seen(self, guids: Iterable[str]) -> frozenset[str]:
        """Answer those of `guids` that are stored."""
        asked, found = iter(guids), set[str]()
        with self.database.connect() as connection:
            while some := list(islice(asked, _LOOKED_UP_AT_ONCE)):
                select = sa.select(_delivery.c.guid).where(_delivery.c.guid.in_(some))
                found.update(connection.execute(select).scalars())
        return frozenset(found)

    def newest_delivery(self) -> datetime | None:
        """Answer when the last delivery was stored; None when there is none."""
        with self.database.connect() as connection:
            at = connection.execute(sa.select(sa.func.max(_delivery.c.at))).scalar()
        return None if at is None else datetime.fromtimestamp(at / _MS, UTC)

    def counts(self) -> Counts:
        """How many wait, run and are parked. A periodic question (a kind alone) always has its next time."""
        with self.database.connect() as connection:
            return Counts(*connection.execute(_COUNTS).one())

    # -- keeping house -------------------------------------------------------------------------------------

    def unfinished(self) -> list[Run]:
        """The runs that have begun."""
        select = sa.select(_question.c.key, _question.c.running).where(_question.c.running.is_not(None))
        with self.database.connect() as connection:
            return [Run(key, generation) for key, generation in connection.execute(select)]

    def reopen(self, run: Run, decision: Decision, error: str) -> None:
        """Take back a run that DBOS will never finish, whether it had begun or not."""
        never_begun = (
            _question.update().where(_next(run)).values(generation=run.generation, running=run.generation)
        )
        with self.database.begin() as connection:
            connection.execute(never_begun)
        self.finish(run, decision, error)

    def prune(self, deliveries_before: datetime, questions_before: datetime) -> None:
        """Forget old deliveries but the newest, and questions that rest since `questions_before`."""
        resting = sa.and_(
            _question.c.floor < _milliseconds(questions_before),
            *(_question.c[name].is_(None) for name in ("due", "running", "parked")),
        )
        # A row that an event is just waking is left alone, so that the two cannot deadlock.
        idle = sa.select(_question.c.key).where(resting).with_for_update(skip_locked=True)
        # The newest one tells, however old it is, how long nothing was heard.
        newest = sa.select(sa.func.max(_delivery.c.at)).scalar_subquery()
        old = sa.and_(_delivery.c.at < _milliseconds(deliveries_before), _delivery.c.at < newest)
        with self.database.begin() as connection:
            connection.execute(_delivery.delete().where(old))
            connection.execute(_question.delete().where(_question.c.key.in_(idle)))

    def _now(self) -> int:
        return int(self._clock() * _MS)


def _earlier(stands: sa.ColumnElement[Any], wanted: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The earlier of two times, the first of which may be NULL (both databases have CASE alone for it)."""
    return sa.case((sa.or_(stands.is_(None), stands > wanted), wanted), else_=stands)


def _next(run: Run) -> sa.ColumnElement[bool]:
    """Whether a run is the next one of its key, and may begin."""
    return sa.and_(
        _question.c.key == run.key,
        _question.c.generation == run.generation - 1,
        _question.c.running.is_(None),
    )


def _milliseconds(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise ValueError("A moment without a time zone names no time")
    return int(moment.timestamp() * _MS)
