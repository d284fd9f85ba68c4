"""Deployments, as `deployment` and `deployment_status` events and REST say it."""

from bot.localhub.deployed import Deployment, DeploymentStatus
from bot.localhub.payloads.common import api_of, moment, person_json
from bot.localhub.world import Json, World


def deployment_json(world: World, deployment: Deployment) -> Json:
    """A deployment; no other App than people's workflows makes one here."""
    home = api_of(world, world.repositories[deployment.repository])
    api = f"{home}/deployments/{deployment.database_id}"
    return {
        "url": api,
        "id": deployment.database_id,
        "node_id": deployment.id,
        "sha": deployment.oid,
        "ref": deployment.ref,
        "task": deployment.task,
        "payload": deployment.payload,
        "original_environment": deployment.original_environment,
        "environment": deployment.environment,
        "description": deployment.description,
        "creator": person_json(world, deployment.creator),
        "created_at": moment(deployment.created_at),
        "updated_at": moment(deployment.updated_at),
        "statuses_url": f"{api}/statuses",
        "repository_url": home,
        "transient_environment": deployment.is_transient,
        "production_environment": deployment.is_production,
        "performed_via_github_app": None,
    }


def deployment_status_json(world: World, status: DeploymentStatus) -> Json:
    """A status of a deployment."""
    deployment = world.deployments[status.deployment]
    home = api_of(world, world.repositories[deployment.repository])
    api = f"{home}/deployments/{deployment.database_id}"
    return {
        "url": f"{api}/statuses/{status.database_id}",
        "id": status.database_id,
        "node_id": status.id,
        "state": status.state,
        "creator": person_json(world, status.creator),
        "description": status.description,
        "environment": deployment.environment,
        "target_url": status.log_url,
        "log_url": status.log_url,
        "environment_url": status.environment_url,
        "created_at": moment(status.created_at),
        "updated_at": moment(status.created_at),
        "deployment_url": api,
        "repository_url": home,
        "performed_via_github_app": None,
    }
