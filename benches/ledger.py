"""What the ledger adds to a job: processor time to read what is reserved and to record what was decided."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from typing import Final

from benches.bar import Bar, spread
from bot.github.described import Described, Home
from bot.jobs.recorder import Record, Recorder
from bot.message import say
from bot.rules.facts import Actor, Author, CheckState, Facts, OtherCheck, Pull, Remark
from bot.rules.levels import Outstanding
from bot.rules.rulebook import DEFAULT
from bot.rules.verdict import Enforcement, Finding, Judged, Outcome, Verdict
from service.ledger.database import Database
from service.ledger.store import Ledger

_PULLS: Final = 20
_ROUNDS: Final = 10  # of jobs about each pull request
_TURNS: Final = 5
_MOST_MS: Final = 2.0
_AT: Final = datetime(2026, 1, 1, tzinfo=UTC)
_MINA: Final = Author("mina", Actor.PERSON, "U_mina")
_CHECKS: Final = ("branch", "review", "approvals", "release")


async def recording(folder: Path) -> list[Bar]:
    """Record jobs that found something new each time, and the same jobs again."""
    database = Database(f"sqlite:///{folder}/ledger.sqlite")
    await database.open(upgrade=True)
    ledger = Ledger(database)
    changed, same = list[float](), list[float]()
    try:
        await _milliseconds(ledger, [_record(number, 0) for number in range(_PULLS)])  # loads what it needs
        for turn in range(1, _TURNS + 1):
            for records, times in ((_changing(turn), changed), (_standing(turn), same)):
                times.append(await _milliseconds(ledger, records))
    finally:
        await database.close()
    return [
        _bar("that changed", changed, "a new head, title, verdict and level, and so a new decision"),
        _bar("that stands already", same, "all as it was recorded"),
    ]


async def _milliseconds(ledger: Ledger, records: Sequence[Record]) -> float:
    """Processor time for each record, of all threads."""
    recorder = Recorder(ledger)
    begun = time.process_time()
    for record in records:
        await ledger.reservations.of(record.home.id)
        await recorder.record(record)
    return (time.process_time() - begun) * 1_000 / len(records)


def _changing(turn: int) -> list[Record]:
    return [_record(number, turn * _ROUNDS + change) for change in range(_ROUNDS) for number in range(_PULLS)]


def _standing(turn: int) -> list[Record]:
    """What the last round of a turn has left."""
    return [_record(number, turn * _ROUNDS + _ROUNDS - 1) for number in range(_PULLS)] * _ROUNDS


def _record(number: int, change: int) -> Record:
    """The record of a job; each `change` of it differs from the one before in all that it says.

    Only the repository is the same: what is in force there seldom changes, and not by turns.
    """
    pull = Pull(number + 1, f"feat/price-{number}", f"{change:040x}", "develop", _MINA)
    described = Described(
        pull, f"Show prices with tax, {change}", "https://github.com/acme/shop/pull/1", False, "open",
        _AT, None, None, None,
    )  # fmt: skip
    remark = Remark(f"PRR_{number}_{change}", _MINA, True, "P1: mind the tax", described.url, _AT)
    checks = tuple(OtherCheck(f"build-{each}", CheckState.PASSED) for each in range(4))
    return Record(
        installation=5,
        home=Home(7, "acme/shop", True, "main", "main", "develop"),
        described=described,
        reading=DEFAULT,
        facts=replace(Facts("acme/shop", pull, None, None), checks=checks),
        outstanding=(Outstanding("P1", remark, None, counts=True),),
        verdicts=tuple(_verdict(check, pull.number, change) for check in _CHECKS),
        writes=0,
    )


def _verdict(check: str, number: int, change: int) -> Verdict:
    outcome = Outcome.PASS if change % 2 else Outcome.FAIL
    finding = Finding(check, outcome, say("This is {tag}.", tag=f"v1.0.{change}"))
    return Verdict(check, number, (Judged(finding, Enforcement.REQUIRED),) * 2)


def _bar(which: str, times: Sequence[float], how: str) -> Bar:
    return Bar(
        what=f"What the ledger adds to a job {which}",
        how=f"reservations, decision, levels, pull request and repository, SQLite; {how}; "
        f"processor time of all threads, {_TURNS} times {_PULLS * _ROUNDS} jobs",
        bar=f"< {_MOST_MS:.0f} ms",
        measured=f"{mean(times):.2f} ms ({spread(times, 2)})",
        met=mean(times) < _MOST_MS,
    )
