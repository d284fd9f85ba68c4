"""Where decisions are kept: in the log, and with their facts in the ledger."""

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bot.github.described import Described, Home
from bot.jobs.known import known, pull_request
from bot.jobs.reservations import claims_nothing
from bot.message import Message
from bot.rules import approvals
from bot.rules.facts import Facts
from bot.rules.levels import Outstanding
from bot.rules.models import Language
from bot.rules.rulebook import Reading
from bot.rules.verdict import Judged, Outcome, Verdict
from bot.text.render import render
from service.ledger import levels as ledger_levels
from service.ledger.audit import Entry
from service.ledger.decisions import Decision, appending
from service.ledger.levels import settling
from service.ledger.pulls import keeping
from service.ledger.repositories import updating
from service.ledger.repository import Repository
from service.ledger.reservations import freeing
from service.ledger.store import Ledger

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Record:
    """What was decided about one head, by which rulebook, and how much had to be written for it.

    `facts` are None for a pull request that is not open any more; `outstanding` are its levels, the gravest
    first, None where they are not known.
    """

    installation: int
    home: Home
    described: Described
    reading: Reading
    facts: Facts | None
    outstanding: tuple[Outstanding, ...] | None
    verdicts: tuple[Verdict, ...]
    writes: int

    @property
    def place(self) -> Repository:
        """The repository, as the ledger names it."""
        return Repository(self.home.id, self.home.full_name)

    @property
    def own(self) -> tuple[Verdict, ...]:
        """The verdicts about the pull request itself; others may share its head."""
        number = self.described.pull.number
        return tuple(verdict for verdict in self.verdicts if verdict.number == number)


class Recorder:
    """Keeps decisions: the log has a line for each verdict, the ledger what it stood on."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def record(self, record: Record) -> None:
        """Keep one record. Raises as the ledger does: what is not kept is decided again."""
        for verdict in record.verdicts:
            _log(record, verdict)
        now, place = datetime.now(UTC), record.place
        standing: dict[str, ledger_levels.Outstanding] = {}
        for each in record.outstanding or ():  # of one text, the gravest counts
            item, author = each.remark.id, each.remark.author.login
            standing.setdefault(item, ledger_levels.Outstanding(item, each.level, author))
        counts = Counter(each.level for each in standing.values())
        conclusions = {verdict.check: verdict.conclusion.value for verdict in record.own}
        pull = pull_request(place, record.described, record.reading, conclusions, [*counts.items()])
        writes = [
            updating(place.id, partial(known, record.installation, record.home, record.reading), now),
            keeping(replace(pull, approved_at=now if _is_approved(record) else None)),
        ]
        if claims_nothing(record.reading, record.described.state, record.facts):
            writes.append(freeing(place.id, pull.number))
        if record.facts is not None:
            writes.append(appending(_decision(record, record.facts, conclusions, now), _told))
        if record.outstanding is not None:
            writes.append(settling(place, pull.number, standing.values(), now))
        await self._ledger.record(place.id, *writes)

    async def act(
        self, repository: Repository, actor: str, action: str, subject: str, why: str, origin: str
    ) -> None:
        """Keep an act of a person, or of this App for one: see `service.ledger.audit.Entry`."""
        entry = Entry(datetime.now(UTC), actor, action, subject, why, origin, repository)
        await self._ledger.audit.append(entry)


def _decision(record: Record, facts: Facts, conclusions: Mapping[str, str], now: datetime) -> Decision:
    pull = record.described.pull
    return Decision(
        repository=record.place,
        pull=pull.number,
        head=pull.head_oid,
        conclusions=conclusions,
        findings=[_found(verdict, judged) for verdict in record.own for judged in verdict.judged],
        facts=_facts(facts),
        at=now,
    )


def _is_approved(record: Record) -> bool:
    """Whether all have approved who are asked for; where nobody is, nobody has."""
    findings = [judged.finding for verdict in record.own for judged in verdict.judged]
    return any(each.rule == approvals.RULE and each.outcome is Outcome.PASS for each in findings)


def _log(record: Record, verdict: Verdict) -> None:
    outcome = verdict.conclusion
    logger.info(
        "decision %s",
        outcome,
        extra={
            "repository": record.home.full_name,
            "number": verdict.number,
            "head": record.described.pull.head_oid,
            "check": verdict.check,
            "outcome": outcome.value,
            "findings": {judged.finding.rule: judged.finding.outcome.value for judged in verdict.judged},
            "writes": record.writes,
        },
    )


def _found(verdict: Verdict, judged: Judged) -> dict[str, Any]:
    finding = judged.finding
    return {
        "check": verdict.check,
        "rule": finding.rule,
        "enforcement": judged.enforcement.value,
        "outcome": finding.outcome.value,
        "reason": finding.reason,
        "mend": finding.mend,
        "commands": list(finding.commands),
        "overridden_by": judged.override.by if judged.override else None,
    }


def _told(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was found, in every language: only what is new is said, for that takes longest."""
    return {**found, "reason": said(found["reason"]), "mend": said(found["mend"])}


def said(message: Message | None) -> Mapping[str, str]:
    """A sentence in every language: whoever reads it later may speak another."""
    return {language.value: render(message, language) for language in Language} if message else {}


def _facts(facts: Facts) -> dict[str, Any]:
    """What a reader needs to follow a decision; histories and texts stay at GitHub."""
    pull = facts.pull
    return {
        "head": pull.head,
        "base": pull.base,
        "author": pull.author.login,
        "from_fork": pull.from_fork,
        "labels": sorted(facts.labels),
        "reviews": [[each.author.login, each.state.value, each.commit] for each in facts.reviews],
        "checks": [[each.name, each.state.value] for each in facts.checks],
        "required": list(facts.required),
    }
