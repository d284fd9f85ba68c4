"""Bring what was merged into a release that lives on to main too, which its own reviews have to let in."""

from dataclasses import replace

from bot.errors import GiveUp
from bot.github.connection import InstallationConnection
from bot.github.forward import read_forward
from bot.github.merged import MergedPull
from bot.github.releasing import Repository, conflicting, open_back_merge
from bot.jobs.carry import ACTOR, refused
from bot.jobs.recorder import Recorder
from bot.releases.plan import Target, TargetState
from bot.releases.steps import Plan, Stop
from bot.releases.watch import Fix, forward, watch
from bot.rules.models import Rulebook
from bot.text.forward import Forward, forward_body, forward_comment, forward_title
from bot.text.render import render
from bot.webhooks.questions import AboutRelease
from service.ledger.repository import Repository as Place
from service.ledger.store import Ledger


class Forwarder:
    """Watches that a fix reaches main, and opens the pull request that brings it."""

    def __init__(self, ledger: Ledger) -> None:
        self._recorder = Recorder(ledger)

    async def bring(
        self,
        connection: InstallationConnection,
        about: AboutRelease,
        merged: MergedPull,
        rulebook: Rulebook,
    ) -> tuple[Plan, str | None]:
        """Do what can be done; what is left, and what the one comment of the fix has to say."""
        main = next((name for name in rulebook.branches.main if name in merged.branches), None)
        if main is None:
            return Plan(), None
        fix = await read_forward(connection, about.repository, merged, main)
        planned = watch(fix)
        if planned.steps:
            repository = Repository.of(connection, about.repository, merged.full_name)
            planned = await self._opened(repository, about, merged, fix, rulebook)
        standing = merged.comment.trusted if merged.comment else None
        return planned, forward_comment(about.number, main, planned, standing, rulebook.language)

    async def _opened(
        self, repository: Repository, about: AboutRelease, merged: MergedPull, fix: Fix, rulebook: Rulebook
    ) -> Plan:
        """Open the pull request that the plan wants, with the files that both sides have changed."""
        main, language = fix.main.branch, rulebook.language
        files = await conflicting(repository, main, fix.commit)
        step = forward(replace(fix, main=replace(fix.main, files=files)))
        told = Forward(fix.number, fix.release, step, merged.pull.head, fix.picks)
        try:
            number = await open_back_merge(
                repository,
                fix.commit,
                step.head,
                main,
                render(forward_title(told), language),
                forward_body(told, language),
            )
        except GiveUp as refusal:
            return Plan((Stop(refused(step, refusal)),))
        place = Place(about.repository_id, merged.full_name)
        subject, origin = f"#{fix.number}", f"#{number}"
        await self._recorder.act(place, ACTOR, "forward", subject, merged.title, origin)
        return watch(replace(fix, main=Target(main, TargetState.OPEN, number=number)))
