"""`deployment/<repository id>/<id>`: something is deployed, by whomever; the ledger knows how it goes."""

from typing import Final

from bot.engine import Question
from bot.github.connection import GitHub
from bot.github.deployments import DeploymentRead, read_deployment
from bot.webhooks.questions import AboutDeployment
from service.ledger.deployments import Deployment
from service.ledger.repository import Repository
from service.ledger.store import Ledger

_LONGEST_NAME: Final = 255  # of the ledger; a task may be called anything


class DeploymentJob:
    """Keeps deployments as GitHub has them."""

    def __init__(self, github: GitHub, ledger: Ledger) -> None:
        self._github, self._ledger = github, ledger

    async def answer(self, question: Question) -> str:
        """Gather and record; the outcome is the state of the deployment."""
        about = AboutDeployment.of(question)
        connection = self._github.installation(about.installation)
        found = await read_deployment(connection, about.full_name, about.deployment)
        place = Repository(about.repository_id, about.full_name)
        await self._ledger.deployments.record(_recorded(place, found))
        return found.state


def _recorded(place: Repository, found: DeploymentRead) -> Deployment:
    return Deployment(
        repository=place,
        id=found.id,
        environment=found.environment,
        action=found.task[:_LONGEST_NAME],
        ref=found.ref,
        commit=found.commit,
        image=None,
        by=found.by,
        why=found.description,
        state=found.state,
        created_at=found.created_at,
        succeeded_at=found.succeeded_at,
        finished_at=found.finished_at,
        url=found.url,
    )
