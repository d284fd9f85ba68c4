"""Deployments: what is to run where, and what was said of how it goes. The hub itself deploys nothing."""

from dataclasses import replace
from typing import TypedDict, Unpack

from bot.localhub.deployed import Deployment, DeploymentStatus
from bot.localhub.model import Account, Repository
from bot.localhub.payloads.deployments import deployment_json, deployment_status_json
from bot.localhub.refs import HEADS, TAGS, Refs
from bot.localhub.refusals import Conflict, Unprocessable, must_fit
from bot.localhub.world import Json, World

STATES = ("error", "failure", "inactive", "in_progress", "queued", "pending", "success")
_MOST_DESCRIPTION = 140


class DeploymentFields(TypedDict, total=False):
    """What may be said of a deployment; what is left out is as GitHub has it by default."""

    task: str
    environment: str
    description: str | None
    payload: Json | str
    is_transient: bool
    is_production: bool


class Deployments:
    """What people, workflows and the App do with deployments; each act tells the App of it."""

    def __init__(self, world: World, refs: Refs) -> None:
        self._world, self._refs = world, refs

    async def create(
        self, repository: Repository, ref: str, /, *, by: Account, **fields: Unpack[DeploymentFields]
    ) -> Deployment:
        """A new deployment of a branch, a tag or a commit, whatever its checks say."""
        world, now = self._world, self._world.now()
        environment = fields.get("environment", "production")
        deployment = Deployment(
            database_id=world.number(),
            repository=repository.database_id,
            ref=ref,
            oid=await self.commit_of(repository, ref),
            environment=environment,
            original_environment=environment,
            creator=by,
            created_at=now,
            updated_at=now,
            is_production=environment == "production",
        )
        deployment = replace(deployment, **fields)
        world.deployments[deployment.database_id] = deployment
        told = {"deployment": deployment_json(world, deployment), "sender": by}
        world.announce("deployment", "created", repository, told)
        return deployment

    async def merged_first(self, repository: Repository, ref: str, *, by: Account) -> bool:
        """Merge the default branch into a branch that is behind it, as `auto_merge` wants; whether it was."""
        refs = await self._world.git(repository).refs()
        if HEADS + ref not in refs:
            return False
        return await self._refs.merge(repository, ref, repository.default_branch, by=by) is not None

    async def must_be_green(self, repository: Repository, ref: str, contexts: tuple[str, ...] | None) -> None:
        """Refuse a commit on which one of the `contexts` is not successful; None for all that it has."""
        home, oid = repository.database_id, await self.commit_of(repository, ref)
        suites = self._world.suites_on(home, oid)
        runs = [run for suite in suites for run in self._world.runs_of(suite, latest=True)]
        passed = {run.name: run.conclusion in {"SUCCESS", "NEUTRAL", "SKIPPED"} for run in runs}
        passed |= {one.context: one.state == "SUCCESS" for one in self._world.statuses_on(home, oid)}
        if not all(passed.get(name, False) for name in (passed if contexts is None else contexts)):
            raise Conflict(f"Conflict: Commit status checks failed for {ref}.")

    def say(
        self,
        deployment: Deployment,
        state: str,
        *,
        by: Account,
        description: str = "",
        environment_url: str = "",
        log_url: str = "",
        auto_inactive: bool = True,
    ) -> DeploymentStatus:
        """Say how a deployment goes. A success retires those before it, in silence, but not in production.

        That is the trap D10: there the old deployment has to be retired by whoever makes the new one.
        """
        if state not in STATES:
            raise Unprocessable(f"state '{state}' is not included in the list")
        must_fit("description", description, _MOST_DESCRIPTION)
        world = self._world
        status = DeploymentStatus(
            database_id=world.number(),
            deployment=deployment.database_id,
            state=state,
            creator=by,
            description=description,
            environment_url=environment_url,
            log_url=log_url,
            created_at=world.now(),
        )
        if state == "success" and auto_inactive:
            self._retire_others(deployment, by)
        self._put(status)
        told = {
            "deployment": deployment_json(world, world.deployments[deployment.database_id]),
            "deployment_status": deployment_status_json(world, status),
            "sender": by,
        }
        if state != "inactive":  # GitHub tells nobody of that
            world.announce("deployment_status", "created", world.repositories[deployment.repository], told)
        return status

    async def commit_of(self, repository: Repository, ref: str) -> str:
        """The commit that a branch, a tag or a commit stands for."""
        git = self._world.git(repository)
        refs = await git.refs()
        oid = refs.get(HEADS + ref) or refs.get(TAGS + ref) or ref
        if not oid or await git.kind(oid) != "commit":
            raise Unprocessable(f"No ref found for: {ref}")
        return oid

    def _put(self, status: DeploymentStatus) -> None:
        world, deployment = self._world, self._world.deployments[status.deployment]
        world.deployment_statuses[status.database_id] = status
        world.deployments[status.deployment] = replace(deployment, updated_at=status.created_at)

    def _retire_others(self, deployment: Deployment, by: Account) -> None:
        world = self._world
        for other in world.deployments_of(world.repositories[deployment.repository]):
            said = world.said_of(other)
            same = other.environment == deployment.environment and other.database_id != deployment.database_id
            lives = not (other.is_production or other.is_transient)
            if same and lives and said and said[-1].state == "success":
                self._put(
                    DeploymentStatus(
                        database_id=world.number(),
                        deployment=other.database_id,
                        state="inactive",
                        creator=by,
                        created_at=world.now(),
                    )
                )
