"""`gitops/…`: what waits to be written into a GitOps repository is written, all of it in one commit.

There is one question a repository, so there is one writer, over all replicas (D2). Whoever loses the race
against somebody else's push reads and decides again.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.delivery.changes import Changes, Item, changes, message
from bot.delivery.plan import frozen_by, held_by
from bot.delivery.proposal import branch_of
from bot.delivery.standing import Met, met
from bot.engine import Question
from bot.errors import GiveUp, Retry
from bot.github.connection import InstallationConnection
from bot.github.gitops import Ground, commit, read_ground
from bot.github.proposals import propose, withdraw
from bot.jobs.dispatch import carried, is_followed, last, standing
from bot.jobs.endings import Endings
from bot.jobs.target import Targets
from bot.message import Message, say
from bot.webhooks.questions import AboutTarget
from service.ledger.shipments import Known, Shipment, State
from service.ledger.store import Ledger

logger = logging.getLogger(__name__)


class GitOpsJob:
    """Writes the manifests of what is to be deployed; `github_url` is where GitHub's pages are."""

    def __init__(self, ledger: Ledger, targets: Targets, endings: Endings, github_url: str) -> None:
        self._ledger, self._targets, self._endings = ledger, targets, endings
        self._url, self._clock = github_url, ledger.clock

    async def answer(self, question: Question) -> str:
        """Gather, decide, apply; the outcome is "written" or "nothing to write"."""
        about = AboutTarget.of(question)
        waiting = await self._ledger.shipments.waiting(about.target)
        if waiting:
            await self._write_all(about.target, waiting)
        # With nothing to write, too: a run that was cut off may not have come so far.
        await self._overtake(about.target)
        return "written" if waiting else "nothing to write"

    async def _write_all(self, target: str, waiting: Sequence[Shipment]) -> None:
        pairs = [(each, await self._item(each)) for each in waiting if not await self._is_stopped(each)]
        for branch in dict.fromkeys(_branch(item) for _, item in pairs):
            here = [(each, item) for each, item in pairs if _branch(item) == branch]
            try:
                await self._write_to(target, branch, here)
            except GiveUp as refusal:  # the other branches can do without it
                for shipment, _ in here:
                    why = say("{repository} cannot be written: {reason}", repository=target,
                              reason=str(refusal))  # fmt: skip
                    await self._endings.refused(shipment, why)

    async def _write_to(self, target: str, branch: str | None, here: Sequence[tuple[Shipment, Item]]) -> None:
        connection = await self._targets.connection(target)
        targets = (item.shipment.target for _, item in here)
        places = sorted({each.manifests for each in targets if each})
        ground = await read_ground(connection, target, branch, places)
        await self._write(connection, target, ground, here)

    async def _write(
        self,
        connection: InstallationConnection,
        target: str,
        ground: Ground,
        here: Sequence[tuple[Shipment, Item]],
    ) -> None:
        """Write what is committed at once, then each that somebody has to merge."""
        shipments = {item.deployment: each for each, item in here}
        found = changes(ground.files, [item for _, item in here if not _is_proposed(item)])
        revision = ground.head
        if found.files:
            revision = await commit(connection, target, ground, message(found.written), found.files)
        await self._follow(shipments, found, revision)
        for shipment, item in here:
            if _is_proposed(item):
                await self._propose(connection, target, ground, shipment, item)

    async def _propose(
        self, connection: InstallationConnection, target: str, ground: Ground, shipment: Shipment, item: Item
    ) -> None:
        """Open the pull request that writes one deployment; its merge is what deploys."""
        found = changes(ground.files, [item])
        if not found.files:
            await self._follow({item.deployment: shipment}, found, ground.head)
            return
        branch = branch_of(item.environment, item.deployment)
        number = await propose(connection, target, ground, branch, message([item]), found.files)
        await self._endings.say(shipment, "queued", _PROPOSED, f"{self._url}/{target}/pull/{number}")
        await self._ledger.shipments.move(shipment, State.WRITTEN, written_at=self._clock())

    async def _follow(self, shipments: dict[int, Shipment], found: Changes, revision: str) -> None:
        """Say of each what became of it, at a revision of the branch.

        What Argo CD has to follow is known first, all of it: its news may come before GitHub is told.
        """
        stood = {item.deployment: await self._before(shipments[item.deployment]) for item in found.standing}
        joined = {
            number: before
            for number, before in stood.items()
            if before and not _is_anew(shipments[number], before)
        }
        begun = [each for each in (*found.written, *found.standing) if each.deployment not in joined]
        await self._begin([shipments[each.deployment] for each in begun], revision)
        for number, before in joined.items():
            await self._join(shipments[number], before)
        for item in found.overtaken:
            await self._endings.set_aside(shipments[item.deployment], _OVERTAKEN)
        for item, reasons in found.refused:
            await self._endings.refused(shipments[item.deployment], reasons[0])

    async def _begin(self, shipments: Sequence[Shipment], revision: str) -> None:
        """Follow what a revision brings, from now on."""
        known = Known(revision=revision, written_at=self._clock())
        for shipment in await self._ledger.shipments.move_all(shipments, State.WRITTEN, **known):
            try:
                await self._endings.begun(shipment, _WRITTEN)
            except Retry as trouble:  # how it ends is said in any case
                logger.warning("deployment %d is not said to be written: %s", shipment.deployment, trouble)

    async def _join(self, shipment: Shipment, before: Shipment) -> None:
        """Go on from how the image stands that was written there before: no news would come of it again."""
        if _how(shipment, before) is Met.MOVED:
            tag = carried(shipment).shipped.tag or ""
            await self._endings.set_aside(shipment, _moved(tag), revision=before.revision)
            return
        known = Known(revision=before.revision, written_at=before.written_at, healthy_at=before.healthy_at)
        now = replace(shipment, **known)
        if before.state is State.SETTLED:
            await self._endings.succeeded(now, _STANDS, **known)
        else:
            await self._ledger.shipments.move(shipment, State.WRITTEN, **known)
            await self._endings.begun(replace(now, state=State.WRITTEN), _WRITTEN)

    async def _before(self, shipment: Shipment) -> Shipment | None:
        """What was written last there, of the same repository of images; None for nothing that is known."""
        history = await self._ledger.shipments.history(shipment.repository.id, shipment.environment)
        # What nobody has merged yet is not there; Argo CD may tell of a merge before GitHub does.
        written = (each for each in history if each.is_written and (each.revision or each.healthy_at))
        return next((each for each in written if each.image_name == shipment.image_name), None)

    async def _overtake(self, target: str) -> None:
        """Wait no longer for what was written before something newer: nobody will ever hear of it."""
        for before in await self._ledger.shipments.written(target=target):
            history = await self._ledger.shipments.history(before.repository.id, before.environment)
            if not any(each.is_written and is_followed(before, each) for each in history):
                continue
            if before.revision is None:  # merged late, it would bring the older one back
                connection = await self._targets.connection(target)
                await withdraw(connection, target, branch_of(before.environment, before.deployment))
            await self._endings.set_aside(before, _OVERTAKEN)

    async def _is_stopped(self, shipment: Shipment) -> bool:
        """Set aside what somebody has stopped since it was to come; what comes by itself comes again."""
        said = await self._ledger.environments.get(shipment.repository, shipment.environment)
        here = standing((), said, shipment.image_name)
        stop = frozen_by(here, self._clock()) or (None if shipment.by else held_by(here))
        if stop:
            await self._endings.set_aside(shipment, stop.reason)
        return stop is not None

    async def _item(self, shipment: Shipment) -> Item:
        """A shipment beside what was written last for its environment."""
        history = await self._ledger.shipments.history(shipment.repository.id, shipment.environment)
        return Item(
            shipment.deployment,
            shipment.repository.name,
            shipment.environment,
            carried(shipment),
            last([each for each in history if each.is_written], shipment.image_name),
        )


def _branch(item: Item) -> str | None:
    return item.shipment.target.branch if item.shipment.target else None


def _is_proposed(item: Item) -> bool:
    return item.shipment.target is not None and item.shipment.target.write == "pull_request"


def _how(shipment: Shipment, before: Shipment) -> Met:
    ships = carried(shipment)
    return met(
        carried(before).shipped, ships.shipped, digest=ships.target is not None and ships.target.digest
    )


def _is_anew(shipment: Shipment, before: Shipment) -> bool:
    """Whether what the manifests name already has to be followed as if it was written now.

    Nothing is known of what somebody else wrote, and what failed before may run by now.
    """
    failed = before.state is State.SETTLED and before.healthy_at is None
    return {Met.OTHER: True, Met.SAME: failed, Met.MOVED: False}[_how(shipment, before)]


def _moved(tag: str) -> Message:
    return say(
        "Nothing changes: the manifests name {tag} alone, as before. Set digest: true, or give each image "
        "its own tag.",
        tag=tag,
    )


_WRITTEN: Final = say("Written into the manifests; Argo CD has to follow.")
_STANDS: Final = say("The manifests have it already, and it is healthy.")
_PROPOSED: Final = say("A pull request writes it into the manifests; whoever merges it deploys it.")
_OVERTAKEN: Final = say("A newer image is there already, or on its way.")
