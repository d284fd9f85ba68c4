"""Deployments and their statuses."""

from typing import Any

from msgspec import UNSET, UnsetType, field

from bot.localhub.deployed import Deployment
from bot.localhub.deployments import Deployments
from bot.localhub.gate import Call, Reply, Who
from bot.localhub.model import Account, Repository
from bot.localhub.payloads.deployments import deployment_json, deployment_status_json
from bot.localhub.refusals import Forbidden, NotFound
from bot.localhub.rest.parts import Body, Route, body_of, page, readable, writable, writable_by_app
from bot.localhub.world import World

_CREATED, _ACCEPTED = 201, 202
_PERMISSION = "deployments"
_PUSHERS = frozenset({"write", "maintain", "admin"})


class NewDeployment(Body):
    """The body of `POST /repos/{owner}/{repo}/deployments`; mind its defaults (D9)."""

    ref: str
    task: str = "deploy"
    auto_merge: bool = True
    required_contexts: tuple[str, ...] | None = None
    payload: dict[str, Any] | str = field(default_factory=dict)
    environment: str = "production"
    description: str | None = ""
    transient_environment: bool = False
    production_environment: bool | UnsetType = UNSET


class NewDeploymentStatus(Body):
    """The body of `POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses`."""

    state: str
    log_url: str = ""
    description: str = ""
    environment_url: str = ""
    auto_inactive: bool = True


class DeploymentRoutes:
    """Answer what the App asks about deployments, and make those that people order by way of it."""

    def __init__(self, world: World, deployments: Deployments) -> None:
        self._world, self._deployments = world, deployments

    def routes(self) -> list[Route]:
        """The routes of this part."""
        home, who = "/repos/{owner}/{repo}/deployments", Who.INSTALLATION
        one = f"{home}/{{deployment_id}}"
        return [
            ("GET", home, self.deployments, who),
            ("POST", home, self.create, Who.EITHER),
            ("GET", one, self.deployment, who),
            ("GET", f"{one}/statuses", self.statuses, who),
            ("POST", f"{one}/statuses", self.say, who),
        ]

    async def deployments(self, call: Call) -> Reply:
        """`GET /repos/{owner}/{repo}/deployments`, newest first."""
        wanted = call.request.query
        found = [
            deployment_json(self._world, one)
            for one in reversed(self._world.deployments_of(readable(self._world, call)))
        ]
        asked = [(name, wanted[name]) for name in ("sha", "ref", "task", "environment") if name in wanted]
        return page(call, [one for one in found if all(one[name] == value for name, value in asked)])

    async def create(self, call: Call) -> Reply:
        """`POST /repos/{owner}/{repo}/deployments`."""
        repository, by = self._ordered(call)
        body = await body_of(call, NewDeployment)
        await self._deployments.commit_of(repository, body.ref)
        merged = body.auto_merge and await self._deployments.merged_first(repository, body.ref, by=by)
        if merged:
            default = repository.default_branch
            return Reply({"message": f"Auto-merged {default} into {body.ref} on deployment."}, _ACCEPTED)
        if body.required_contexts != ():
            await self._deployments.must_be_green(repository, body.ref, body.required_contexts)
        said = body.production_environment
        made = await self._deployments.create(
            repository,
            body.ref,
            by=by,
            task=body.task,
            environment=body.environment,
            description=body.description,
            payload=body.payload,
            is_transient=body.transient_environment,
            is_production=body.environment == "production" if said is UNSET else said,
        )
        return Reply(deployment_json(self._world, made), _CREATED)

    async def deployment(self, call: Call) -> Reply:
        """`GET /repos/{owner}/{repo}/deployments/{deployment_id}`."""
        found = self._named(call, readable(self._world, call))
        return Reply(deployment_json(self._world, found))

    async def statuses(self, call: Call) -> Reply:
        """`GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses`, newest first."""
        said = self._world.said_of(self._named(call, readable(self._world, call)))
        return page(call, [deployment_status_json(self._world, one) for one in reversed(said)])

    async def say(self, call: Call) -> Reply:
        """`POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses`."""
        deployment = self._named(call, writable(self._world, call, _PERMISSION))
        body = await body_of(call, NewDeploymentStatus)
        said = self._deployments.say(
            deployment,
            body.state,
            by=self._world.app.bot,
            description=body.description,
            environment_url=body.environment_url,
            log_url=body.log_url,
            auto_inactive=body.auto_inactive,
        )
        return Reply(deployment_status_json(self._world, said), _CREATED)

    def _ordered(self, call: Call) -> tuple[Repository, Account]:
        """Where a deployment is to be made, and by whom: the App, or a person who may push."""
        world, person = self._world, call.signed_in
        if person is None:
            return writable(world, call, _PERMISSION), world.app.bot
        repository = writable_by_app(world, call, _PERMISSION)
        if world.permission(repository, person.login) not in _PUSHERS:
            raise Forbidden("Resource not accessible by integration")
        return repository, person

    def _named(self, call: Call, repository: Repository) -> Deployment:
        digits = call.request.match_info["deployment_id"]
        found = self._world.deployments.get(int(digits) if digits.isdecimal() else 0)
        if found is None or found.repository != repository.database_id:
            raise NotFound("Not Found")
        return found
