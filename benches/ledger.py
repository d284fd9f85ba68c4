"""What the ledger adds to a job: processor time to record what was decided."""

import time
from collections.abc import Iterator, Mapping, Sequence
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
_ROUNDS: Final = 5  # of the life of each pull request
_TURNS: Final = 5
_MOST_MS: Final = 2.0
_AT: Final = datetime(2026, 1, 1, tzinfo=UTC)
_MINA: Final = Author("mina", Actor.PERSON, "U_mina")
_CHECKS: Final = ("branch", "review", "approvals", "release")
# What happens to a pull request, by turns; every event is asked about, and half of them change nothing.
_PUSHED: Final = "a push"
_REVIEWED: Final = "a review that asks for something"
_RESOLVED: Final = "its end"
_NOTHING: Final = "nothing new"
_LIFE: Final = (_PUSHED, _NOTHING, _REVIEWED, _NOTHING, _PUSHED, _NOTHING, _RESOLVED, _NOTHING)


async def recording(folder: Path) -> list[Bar]:
    """Record the jobs that a pull request has in its life, for many of them."""
    database = Database(f"sqlite:///{folder}/ledger.sqlite")
    await database.open(upgrade=True)
    recorder = Recorder(Ledger(database))
    times: dict[str, list[float]] = {kind: [] for kind in _LIFE}
    try:
        await _live(recorder, 0)  # loads what it needs
        for turn in range(1, _TURNS + 1):
            for kind, milliseconds in (await _live(recorder, turn)).items():
                times[kind].append(milliseconds)
    finally:
        await database.close()
    return [_bar(times)]


async def _live(recorder: Recorder, turn: int) -> Mapping[str, float]:
    """The processor time of each kind of job, of all threads, in milliseconds; its mean of one turn."""
    spent, jobs = dict.fromkeys(_LIFE, 0.0), dict.fromkeys(_LIFE, 0)
    for change in range(turn * _ROUNDS * len(_LIFE), (turn + 1) * _ROUNDS * len(_LIFE)):
        kind = _LIFE[change % len(_LIFE)]
        records = [_record(number, change) for number in range(_PULLS)]
        begun = time.process_time()
        for record in records:
            await recorder.record(record)
        spent[kind] += time.process_time() - begun
        jobs[kind] += len(records)
    return {kind: spent[kind] * 1_000 / jobs[kind] for kind in spent}


def _record(number: int, change: int) -> Record:
    """The record of the job after a `change`, the last one of its kind being what shows.

    Only the repository is the same: what is in force there seldom changes.
    """
    pushes, reviews, resolved = (_last(change, kind) for kind in (_PUSHED, _REVIEWED, _RESOLVED))
    pull = Pull(number + 1, f"feat/price-{number}", f"{pushes:040x}", "develop", _MINA)
    described = Described(
        pull, "Show prices with tax", "https://github.com/acme/shop/pull/1", False, "open",
        _AT, None, None, None,
    )  # fmt: skip
    remark = Remark(f"PRR_{number}_{reviews}", _MINA, True, "P1: mind the tax", described.url, _AT)
    asks = (Outstanding("P1", remark, None, counts=True),) if reviews > resolved else ()
    checks = tuple(OtherCheck(f"build-{each}", CheckState.PASSED) for each in range(4))
    return Record(
        installation=5,
        home=Home(7, "acme/shop", True, "main", "main", "develop"),
        described=described,
        reading=DEFAULT,
        facts=replace(Facts("acme/shop", pull, None, None), checks=checks),
        outstanding=asks,
        verdicts=tuple(_verdict(check, pull.number, pushes, bool(asks)) for check in _CHECKS),
        writes=0,
    )


def _last(change: int, kind: str) -> int:
    """The last change of a kind, up to one of them; -1 for none."""
    return max((each for each in range(change + 1) if _LIFE[each % len(_LIFE)] == kind), default=-1)


def _verdict(check: str, number: int, pushes: int, asked: bool) -> Verdict:
    finding = Finding(
        check, Outcome.FAIL if asked else Outcome.PASS, say("This is {tag}.", tag=f"v1.0.{pushes}")
    )
    return Verdict(check, number, (Judged(finding, Enforcement.REQUIRED),) * 2)


def _bar(times: Mapping[str, Sequence[float]]) -> Bar:
    of_life = [mean(turn[kind] for kind in _LIFE) for turn in _turns(times)]
    each = "; ".join(f"{kind} {mean(found):.2f}" for kind, found in times.items())
    return Bar(
        what="What the ledger adds to a job",
        how="decision, levels, pull request, repository and claims, SQLite; two pushes, a review and its "
        f"end, and as many jobs that find nothing new, {_TURNS} times {_ROUNDS * _PULLS} such lives; "
        "processor time of all threads",
        bar=f"< {_MOST_MS:.0f} ms",
        measured=f"{mean(of_life):.2f} ms ({spread(of_life, 2)}): {each}",
        met=mean(of_life) < _MOST_MS,
    )


def _turns(times: Mapping[str, Sequence[float]]) -> Iterator[Mapping[str, float]]:
    for turn in range(_TURNS):
        yield {kind: found[turn] for kind, found in times.items()}
