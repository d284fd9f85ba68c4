"""Check runs and what happens to them: Apps write them, people press their buttons."""

from dataclasses import replace
from datetime import datetime
from typing import TypedDict, Unpack

from bot.localhub.git import NO_COMMIT
from bot.localhub.model import Account, App, CheckAction, CheckRun, CheckSuite, Repository
from bot.localhub.payloads.checks import run_json, suite_in_full
from bot.localhub.refusals import Unprocessable, must_fit
from bot.localhub.world import World

# GitHub's limits (REST: "Create a check run"; traps, R15).
MOST_ACTIONS = 3
MOST_LABEL = 20
MOST_DESCRIPTION = 40
MOST_IDENTIFIER = 20
_HEADS = "refs/heads/"
MOST_TEXT = 65_535


class CheckFields(TypedDict, total=False):
    """What the App may say of a check run; what it leaves out stays as it is."""

    status: str
    conclusion: str | None
    started_at: datetime
    completed_at: datetime | None
    external_id: str
    details_url: str | None
    title: str
    summary: str
    text: str | None
    actions: tuple[CheckAction, ...]


class Checks:
    """What the App, other Apps and people do with check runs; each act tells the App of it."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def create(
        self, repository: Repository, oid: str, name: str, **fields: Unpack[CheckFields]
    ) -> CheckRun:
        """A new check run of the App on a commit that must exist."""
        return await self._create(self._world.app, repository, oid, name, fields)

    async def update(self, run: CheckRun, **fields: Unpack[CheckFields]) -> CheckRun:
        """Say something else in an existing check run."""
        was, requeued = run.status, self._world.suite_of(run).rerequested
        run = self._written(run, fields)
        if run.status == "COMPLETED" and was != "COMPLETED":
            self._tell(run, "completed", run.app.bot)
        if run.status == "COMPLETED" and (requeued or was != "COMPLETED"):
            await self._suite_completed(run)
        return run

    async def report(
        self,
        repository: Repository,
        oid: str,
        name: str,
        *,
        app: str = "ci",
        status: str = "COMPLETED",
        conclusion: str = "SUCCESS",
    ) -> CheckRun:
        """Let another App, `app` by its slug, say how its check run fares.

        A run that is not completed is updated; after that the same name is a new run, as on a re-run.
        `conclusion` counts once `status` is COMPLETED.
        """
        other, said = self._world.other_app(app), CheckFields(status=status)
        if status == "COMPLETED":
            said["conclusion"] = conclusion
        place = (repository.database_id, oid, name, other)
        same = (
            run
            for run in self._world.runs.values()
            if (run.repository, run.head_oid, run.name, run.app) == place and run.status != "COMPLETED"
        )
        under_way = next(same, None)
        if under_way:
            return await self.update(under_way, **said)
        return await self._create(other, repository, oid, name, said)

    async def press(self, run: CheckRun, identifier: str, *, by: Account) -> None:
        """Press a button of a check run: the App hears which, and who pressed it."""
        if identifier not in {action.identifier for action in run.actions}:
            raise Unprocessable(f"{run.name} has no button '{identifier}'")
        requested = {"requested_action": {"identifier": identifier}}
        self._tell(run, "requested_action", by, **requested)

    async def rerequest(self, run: CheckRun, *, by: Account) -> None:
        """Ask for one check run again: its suite is queued, and the run itself stays as it is."""
        self._requeue(self._world.suite_of(run))
        self._tell(run, "rerequested", by)

    async def rerequest_suite(self, suite: CheckSuite, *, by: Account) -> None:
        """Ask for all check runs of a commit again."""
        await self._tell_suite(self._requeue(suite), "rerequested", by)

    async def _create(
        self, app: App, repository: Repository, oid: str, name: str, fields: CheckFields
    ) -> CheckRun:
        world = self._world
        if await world.git(repository).kind(oid) != "commit":
            raise Unprocessable(f"No commit found for SHA: {oid}")
        await self._open_suite(repository, oid, app)
        now, number = world.now(), world.number()
        run = CheckRun(number, repository.database_id, oid, name, "QUEUED", started_at=now, app=app)
        run = self._written(run, fields)
        self._tell(run, "created", app.bot)
        if run.status == "COMPLETED":
            self._tell(run, "completed", app.bot)
            await self._suite_completed(run)
        return run

    def _written(self, run: CheckRun, fields: CheckFields) -> CheckRun:
        """The run with what was said, as GitHub keeps it: a conclusion completes, a status reopens."""
        _within_limits(fields)
        run = replace(run, **fields)
        if "conclusion" in fields and run.conclusion:
            run = replace(run, status="COMPLETED", completed_at=run.completed_at or self._world.now())
        elif run.status == "COMPLETED" and run.conclusion is None:
            raise Unprocessable("A completed check run needs a conclusion")
        elif "status" in fields and run.status != "COMPLETED":
            run = replace(run, conclusion=None, completed_at=None)
        self._world.runs[run.database_id] = run
        self._world.put_suite(replace(self._world.suite_of(run), rerequested=False))
        return run

    def _requeue(self, suite: CheckSuite) -> CheckSuite:
        return self._world.put_suite(replace(suite, rerequested=True))

    async def _open_suite(self, repository: Repository, oid: str, app: App) -> None:
        """Make sure that an App has its suite on a commit, for the branch that has it as its tip."""
        world, home = self._world, (repository.database_id, oid)
        if any(suite.app == app for suite in world.suites_on(*home)):
            return
        tips = (await world.git(repository).refs()).items()
        names = [ref.removeprefix(_HEADS) for ref, tip in tips if ref.startswith(_HEADS) and tip == oid]
        branch = next(iter(sorted(names)), None)
        world.put_suite(CheckSuite(world.number(), *home, branch, NO_COMMIT, world.now(), app))

    async def _suite_completed(self, run: CheckRun) -> None:
        world = self._world
        suite = world.suite_of(run)
        if world.outcome(suite)[0] == "COMPLETED":
            await self._tell_suite(suite, "completed", run.app.bot)

    def _tell(self, run: CheckRun, action: str, by: Account, **more: object) -> None:
        repository = self._world.repositories[run.repository]
        body = {"check_run": run_json(self._world, run), **more, "sender": by}
        self._world.announce("check_run", action, repository, body)

    async def _tell_suite(self, suite: CheckSuite, action: str, by: Account) -> None:
        world = self._world
        repository = world.repositories[suite.repository]
        (head,) = await world.git(repository).log(suite.head_oid, most=1)
        body = {"check_suite": suite_in_full(world, suite, head), "sender": by}
        world.announce("check_suite", action, repository, body)


def _within_limits(fields: CheckFields) -> None:
    """Refuse what GitHub refuses."""
    actions = fields.get("actions", ())
    if len(actions) > MOST_ACTIONS:
        raise Unprocessable(f"No more than {MOST_ACTIONS} actions are allowed; {len(actions)} were supplied")
    for action in actions:
        must_fit("label", action.label, MOST_LABEL)
        must_fit("description", action.description, MOST_DESCRIPTION)
        must_fit("identifier", action.identifier, MOST_IDENTIFIER)
    for name in ("summary", "text"):
        must_fit(name, fields.get(name) or "", MOST_TEXT)
