"""`main/<repository id>/<branch>`: main moved; what no release or hotfix brought is told of, or tagged."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from bot.engine import Question
from bot.errors import Later
from bot.github.budget import calmly
from bot.github.connection import GitHub, InstallationConnection
from bot.github.gather import Gatherer
from bot.github.main import MainRead, read_main
from bot.github.publish import check_writes, write
from bot.github.rulebooks import Rulebooks
from bot.jobs.recorder import Recorder
from bot.jobs.tagger import Tagger
from bot.releases.mainline import Arrival, finding, is_kept, reported, settled_at, to_tag
from bot.rules.models import Language
from bot.rules.verdict import Enforcement, Finding, Judged, Outcome, Verdict
from bot.text.check import check_run
from bot.webhooks.questions import AboutMain
from service.ledger.audit import Filter
from service.ledger.releases import Release
from service.ledger.repository import Repository as Place
from service.ledger.store import Ledger

# Not one of a pull request's: the commit may be the head of one, whose checks say other things (R3).
_CHECK: Final = "main"
_ACTION: Final = "unversioned"
_LONGEST_NAME: Final = 255  # of the ledger; a commit's author may be called anything


class MainJob:
    """Reports what came to main by other ways than releases and hotfixes, once, or makes a version of it."""

    def __init__(self, github: GitHub, rulebooks: Rulebooks, gatherer: Gatherer, ledger: Ledger) -> None:
        self._github, self._rulebooks, self._gatherer, self._ledger = github, rulebooks, gatherer, ledger
        self._recorder = Recorder(ledger)

    async def answer(self, question: Question) -> str:
        """Gather, decide, apply; the outcome is "not kept", "nothing new", "reported", "tagged", "waits"."""
        about = AboutMain.of(question)
        known = self._rulebooks.known(about.repository)
        if known is not None and not is_kept(known, about.branch):
            return "not kept"  # no request is spent on it
        connection = self._github.installation(about.installation)
        with calmly(is_calm=True):
            read = await read_main(connection, self._rulebooks, about.repository, about.branch)
            if read is None:
                return "not kept"
            if read.rulebook.versions.unversioned == "tag":
                return await self._tag(connection, about, read)
            return await self._report(connection, about, read)

    async def _report(self, connection: InstallationConnection, about: AboutMain, read: MainRead) -> str:
        found = reported(read.rulebook, read.main)
        new = [each for each in found if not await self._is_told(about, each)]
        _let_settle(new)
        for arrival in reversed(new):
            told = finding(read.rulebook, read.main, arrival)
            await self._tell(connection, about, arrival.oid, told, read.rulebook.language)
            await self._remember(about, read, arrival)
        return "reported" if new else "nothing new"

    async def _is_told(self, about: AboutMain, arrival: Arrival) -> bool:
        which = Filter(repository_id=about.repository_id, action=_ACTION, subject=arrival.oid)
        return await self._ledger.audit.has(which)

    async def _remember(self, about: AboutMain, read: MainRead, arrival: Arrival) -> None:
        place, actor = Place(about.repository_id, read.full_name), arrival.by[:_LONGEST_NAME]
        origin = f"#{arrival.pull.number}" if arrival.pull else "push"
        await self._recorder.act(place, actor, _ACTION, arrival.oid, arrival.headline, origin)

    async def _tag(self, connection: InstallationConnection, about: AboutMain, read: MainRead) -> str:
        """Go on with what was begun; once nothing of it is left, make a version of the tip."""
        tagger = Tagger(self._ledger, connection, about, read)
        done: dict[str, bool] = {}
        for record in await tagger.begun():
            if not await tagger.is_given_up(record):
                done[record.commit] = await self._carry(connection, about, tagger, record)
        arrival = to_tag(read.rulebook, read.main, datetime.now(UTC))
        if arrival is not None and arrival.oid not in done and all(done.values()):
            _let_settle([arrival])
            if not await self._is_told(about, arrival):
                await self._remember(about, read, arrival)
            done[arrival.oid] = await self._carry(connection, about, tagger, await tagger.begin(arrival))
        if not done:
            return "nothing new"
        return "tagged" if all(done.values()) else "waits"

    async def _carry(
        self, connection: InstallationConnection, about: AboutMain, tagger: Tagger, record: Release
    ) -> bool:
        """Go on with a version, and say on its commit what holds it up; whether nothing does."""
        planned, told = await tagger.go_on(record)
        await self._tell(connection, about, record.commit, told, tagger.read.rulebook.language)
        return planned.is_complete

    async def _tell(
        self,
        connection: InstallationConnection,
        about: AboutMain,
        commit: str,
        told: Finding,
        language: Language,
    ) -> None:
        """Let the check of a commit say it; where all is well, only a check that is there already."""
        _, published = await self._gatherer.checks(connection, about.repository, commit)
        verdict = Verdict(_CHECK, 0, (Judged(told, Enforcement.ADVISED),))
        if told.outcome is not Outcome.PASS or any(run.name == verdict.title for run in published):
            output = check_run([verdict], language)
            await write(connection, check_writes(about.repository, commit, [output], published))


def _let_settle(arrivals: Sequence[Arrival]) -> None:
    moment = settled_at(arrivals, datetime.now(UTC))
    if moment is not None:
        raise Later(f"{arrivals[0].oid} has only just arrived", moment)
