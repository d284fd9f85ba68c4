"""`proposal/…`: a pull request that brings a deployment was merged, or was closed without that."""

from typing import Final

from bot.delivery.proposal import branch_of, deployment_of
from bot.engine import Question
from bot.errors import Retry
from bot.github.connection import GitHub
from bot.github.proposals import Proposal, read_proposal
from bot.jobs.dispatch import carried
from bot.jobs.endings import Endings
from bot.message import say
from bot.webhooks.questions import AboutProposal
from service.ledger.shipments import Known, Shipment, State
from service.ledger.store import Ledger


class ProposalJob:
    """Follows what somebody merged, and lets go of what somebody did not want."""

    def __init__(self, github: GitHub, ledger: Ledger, endings: Endings) -> None:
        self._github, self._ledger, self._endings = github, ledger, endings

    async def answer(self, question: Question) -> str:
        """Gather, decide, apply; the outcome is "merged", "closed" or "nothing to follow"."""
        about = AboutProposal.of(question)
        pull = await read_proposal(
            self._github.installation(about.installation), about.repository, about.number
        )
        shipment = await self._brought(about.full_name, pull)
        if shipment is None or pull.is_open:
            return "nothing to follow"
        if shipment.state is State.WAITING:
            raise Retry(f"deployment {shipment.deployment} is being proposed")
        if pull.merged is not None:
            return await self._merged(shipment, pull.merged)
        return await self._closed(shipment, pull, about.login)

    async def _brought(self, target: str, pull: Proposal) -> Shipment | None:
        """What a pull request brings; None where it is somebody else's, or goes elsewhere."""
        deployment = deployment_of(pull.head)
        shipment = None if deployment is None else await self._ledger.shipments.into(target, deployment)
        place = carried(shipment).target if shipment else None
        if shipment is None or place is None or pull.from_fork:
            return None
        expected = (branch_of(shipment.environment, shipment.deployment), place.branch or pull.default)
        return shipment if (pull.head, pull.base) == expected else None

    async def _merged(self, shipment: Shipment, commit: str) -> str:
        """It is in the manifests from now on, and Argo CD has its time to follow."""
        # What somebody closed and opened again is not written yet; what has come to its end is.
        if shipment.state is State.SETTLED and shipment.is_written:
            return "nothing to follow"
        if shipment.revision != commit:
            known = Known(revision=commit, written_at=self._ledger.clock())
            moved = await self._ledger.shipments.move_all([shipment], State.WRITTEN, **known)
            if not moved:
                raise Retry(f"deployment {shipment.deployment} came further meanwhile")
            shipment = moved[0]
        await self._endings.begun(shipment, _MERGED)
        return "merged"

    async def _closed(self, shipment: Shipment, pull: Proposal, login: str) -> str:
        """It is not in the manifests, and does not count as if it were."""
        if shipment.state is State.SETTLED or shipment.revision is not None:
            return "nothing to follow"
        why = say("{login} closed it without merging.", login=login)
        await self._endings.set_aside(shipment, why, pull.url, revision=pull.tip, written_at=None)
        return "closed"


_MERGED: Final = say("It was merged into the manifests; Argo CD has to follow.")
