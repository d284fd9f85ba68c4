"""`pull/<repository id>/<number>`: what the checks of a pull request say, brought up to date."""

import asyncio

from bot.engine import Question
from bot.github.connection import GitHub
from bot.github.gather import Gathered, Gatherer
from bot.github.nodes import Target
from bot.github.publish import check_writes, write
from bot.jobs.ask import Ask
from bot.jobs.recorder import Decision, Recorder
from bot.rules.checks import judge, language_of
from bot.rules.verdict import Verdict
from bot.text.check import CheckOutput, check_run
from bot.webhooks.questions import AboutPull


class PullJob:
    """Answers what the checks of a pull request must say."""

    def __init__(self, github: GitHub, gatherer: Gatherer, recorder: Recorder, ask: Ask) -> None:
        self._github, self._gatherer, self._recorder, self._ask = github, gatherer, recorder, ask

    async def answer(self, question: Question) -> str:
        """Gather, decide, apply; the outcome is "unchanged", "published", or "closed"."""
        about = AboutPull.of(question)
        connection = self._github.installation(about.installation)

        target = Target(about.repository, about.number, about.head, about.compare)
        gathered = await self._gatherer.pull(connection, target, about.before)
        # In a thread: a rulebook that somebody proposes may take a while to read.
        verdicts = await asyncio.to_thread(decide, gathered)
        writes = check_writes(
            gathered.repository, gathered.head, outputs(gathered, verdicts), gathered.published
        )
        await write(connection, writes)

        await self._ask(
            *(about.pull(left.number, left.head, left.compare).question for left in gathered.left)
        )
        await self._recorder.record(
            Decision(about.full_name, about.number, gathered.head, verdicts, len(writes))
        )
        if not verdicts:
            return "closed"
        return "published" if writes else "unchanged"


def decide(gathered: Gathered) -> tuple[Verdict, ...]:
    """Judge every open pull request of the head."""
    return tuple(verdict for facts in gathered.facts for verdict in judge(facts, gathered.reading))


def outputs(gathered: Gathered, verdicts: tuple[Verdict, ...]) -> list[CheckOutput]:
    """Say the verdicts: one check run a check, for the head, where the strictest counts (R3)."""
    checks = dict.fromkeys(verdict.check for verdict in verdicts)
    return [
        check_run([verdict for verdict in verdicts if verdict.check == check], language_of(gathered.reading))
        for check in checks
    ]
