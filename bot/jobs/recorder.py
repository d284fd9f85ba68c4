"""Where decisions are kept: in the log, and with their facts in the ledger."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.message import Message
from bot.rules.facts import Facts
from bot.rules.levels import Outstanding
from bot.rules.models import Language
from bot.rules.verdict import Judged, Verdict
from bot.text.render import render
from service.ledger import levels as ledger_levels
from service.ledger.audit import Entry
from service.ledger.decisions import Decision
from service.ledger.repository import Repository
from service.ledger.store import Ledger

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Record:
    """What was decided about one head, and how much had to be written for it.

    `facts` are None for a pull request that is not open any more; `outstanding` are its levels, the gravest
    first, None where they are not known.
    """

    repository: Repository
    number: int
    head: str
    facts: Facts | None
    outstanding: tuple[Outstanding, ...] | None
    verdicts: tuple[Verdict, ...]
    writes: int


class Recorder:
    """Keeps decisions: the log has a line for each verdict, the ledger what it stood on."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def record(self, record: Record) -> None:
        """Keep one record. Raises as the ledger does: what is not kept is decided again."""
        for verdict in record.verdicts:
            _log(record, verdict)
        if record.facts is None:
            return
        now = datetime.now(UTC)
        own = [verdict for verdict in record.verdicts if verdict.number == record.number]
        await self._ledger.decisions.record(
            Decision(
                repository=record.repository,
                pull=record.number,
                head=record.head,
                conclusions={verdict.check: verdict.conclusion.value for verdict in own},
                findings=[_found(verdict, judged) for verdict in own for judged in verdict.judged],
                facts=_facts(record.facts),
                at=now,
            )
        )
        if record.outstanding is not None:
            standing: dict[str, ledger_levels.Outstanding] = {}
            for each in record.outstanding:  # of one text, the gravest counts
                item, author = each.remark.id, each.remark.author.login
                standing.setdefault(item, ledger_levels.Outstanding(item, each.level, author))
            await self._ledger.levels.record(record.repository, record.number, standing.values(), now)

    async def act(
        self, repository: Repository, actor: str, action: str, subject: str, why: str, origin: str
    ) -> None:
        """Keep an act of a person, or of this App for one: see `service.ledger.audit.Entry`."""
        entry = Entry(datetime.now(UTC), actor, action, subject, why, origin, repository)
        await self._ledger.audit.append(entry)


def _log(record: Record, verdict: Verdict) -> None:
    logger.info(
        "decision %s",
        verdict.conclusion,
        extra={
            "repository": record.repository.name,
            "number": verdict.number,
            "head": record.head,
            "check": verdict.check,
            "outcome": verdict.conclusion.value,
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
        "reason": _said(finding.reason),
        "mend": _said(finding.mend),
        "commands": list(finding.commands),
        "overridden_by": judged.override.by if judged.override else None,
    }


def _said(message: Message | None) -> Mapping[str, str]:
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
