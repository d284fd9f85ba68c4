"""Where decisions are kept. For now they are logged; the ledger takes this one place."""

import logging
from dataclasses import dataclass
from typing import Protocol

from bot.rules.verdict import Verdict

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Record:
    """What was decided about one head, and how much had to be written for it."""

    repository: str  # "owner/name"
    number: int
    head: str
    verdicts: tuple[Verdict, ...]
    writes: int


class Recorder(Protocol):
    """Keeps decisions."""

    async def record(self, record: Record) -> None:
        """Keep one record."""


class LogRecorder:
    """Writes decisions to the log, a line for each verdict."""

    async def record(self, record: Record) -> None:
        """Log one record."""
        for verdict in record.verdicts:
            logger.info(
                "decision %s",
                verdict.conclusion,
                extra={
                    "repository": record.repository,
                    "number": verdict.number,
                    "head": record.head,
                    "check": verdict.check,
                    "outcome": verdict.conclusion.value,
                    "findings": {
                        judged.finding.rule: judged.finding.outcome.value for judged in verdict.judged
                    },
                    "writes": record.writes,
                },
            )
