"""`gitops/…`: what waits to be written into a GitOps repository is written, all of it in one commit.

There is one question a repository, so there is one writer, over all replicas (D2). Whoever loses the race
against somebody else's push reads and decides again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from bot.delivery.changes import Changes, Item, changes, message
from bot.engine import Question
from bot.github.connection import GitHub, InstallationConnection
from bot.github.deployments import say as say_state
from bot.github.gitops import Ground, commit, read_ground
from bot.github.releasing import Repository, Taken, create_branch, open_pull
from bot.jobs.dispatch import carried, is_followed, last
from bot.jobs.target import Targets
from bot.message import Message, say
from bot.text.render import render
from bot.webhooks.questions import AboutTarget
from service.ledger.shipments import Shipment, State
from service.ledger.store import Ledger

_BRANCH: Final = "signalbox/deploy-{environment}-{number}"


class GitOpsJob:
    """Writes the manifests of what is to be deployed."""

    def __init__(
        self,
        github: GitHub,
        ledger: Ledger,
        targets: Targets,
        github_url: str,
    ) -> None:
        self._github, self._ledger = github, ledger
        self._targets, self._url, self._clock = targets, github_url, ledger.clock

    async def answer(self, question: Question) -> str:
        """Gather, decide, apply; the outcome is "written" or "nothing to write"."""
        about = AboutTarget.of(question)
        waiting = await self._ledger.shipments.waiting(about.target)
        if not waiting:
            return "nothing to write"
        connection = await self._targets.connection(about.target)
        pairs = [(each, await self._item(each)) for each in waiting]
        for branch in dict.fromkeys(_branch(item) for _, item in pairs):
            here = [(each, item) for each, item in pairs if _branch(item) == branch]
            targets = (item.shipment.target for _, item in here)
            places = sorted({each.manifests for each in targets if each})
            ground = await read_ground(connection, about.target, branch, places)
            await self._write(connection, about.target, ground, here)
        return "written"

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
        await self._tell(target, shipments, found, revision)
        for shipment, item in here:
            if _is_proposed(item):
                await self._propose(connection, target, ground, shipment, item)

    async def _propose(
        self, connection: InstallationConnection, target: str, ground: Ground, shipment: Shipment, item: Item
    ) -> None:
        """Open the pull request that writes one deployment; its merge is what deploys."""
        found = changes(ground.files, [item])
        if not found.files:
            await self._tell(target, {item.deployment: shipment}, found, ground.head)
            return
        repository = Repository.of(connection, ground.id, target)
        branch = _BRANCH.format(environment=item.environment, number=item.deployment)
        headline, body = message([item])
        try:
            await create_branch(repository, branch, ground.head)
            await commit(connection, target, ground, (headline, body), found.files, branch=branch)
        except Taken:
            pass  # by a run that was cut off
        number = await open_pull(repository, branch, ground.branch, headline, body)
        url = f"{self._url}/{target}/pull/{number}"
        await self._moved(shipment, State.WRITTEN, "queued", _PROPOSED, url, written_at=self._clock())
        await self._overtake(shipment)

    async def _tell(
        self, target: str, shipments: Mapping[int, Shipment], found: Changes, revision: str
    ) -> None:
        """Say of each deployment what became of it; first the ledger knows."""
        url, now = f"{self._url}/{target}/commit/{revision}", self._clock()
        for item in (*found.written, *found.standing):
            shipment = shipments[item.deployment]
            known: dict[str, str | datetime] = {"revision": revision, "written_at": now}
            await self._moved(shipment, State.WRITTEN, "in_progress", _WRITTEN, url, **known)
            await self._overtake(shipment)
        for item in found.overtaken:
            await self._moved(shipments[item.deployment], State.SETTLED, "inactive", _OVERTAKEN, "")
        for item, reasons in found.refused:
            await self._moved(shipments[item.deployment], State.SETTLED, "failure", reasons[0], "")

    async def _overtake(self, shipment: Shipment) -> None:
        """Wait no longer for what was written before: nobody will ever hear of it."""
        history = await self._ledger.shipments.history(shipment.repository.id, shipment.environment)
        for before in history:
            if before.state is State.WRITTEN and is_followed(before, shipment):
                await self._moved(before, State.SETTLED, "inactive", _OVERTAKEN, "")

    async def _moved(
        self,
        shipment: Shipment,
        state: State,
        said: str,
        why: Message,
        url: str,
        **known: str | datetime | None,
    ) -> None:
        if await self._ledger.shipments.move(shipment, state, **known):
            connection = self._github.installation(shipment.installation)
            told = render(why, carried(shipment).language)
            name = shipment.repository.name
            await say_state(connection, name, shipment.deployment, said, told, log_url=url)

    async def _item(self, shipment: Shipment) -> Item:
        """A shipment beside what was written last for its environment."""
        ships = carried(shipment)
        history = await self._ledger.shipments.history(shipment.repository.id, shipment.environment)
        return Item(
            shipment.deployment,
            shipment.repository.name,
            shipment.environment,
            ships,
            last([each for each in history if each.is_written], ships.shipped.repository),
        )


def _branch(item: Item) -> str | None:
    return item.shipment.target.branch if item.shipment.target else None


def _is_proposed(item: Item) -> bool:
    return item.shipment.target is not None and item.shipment.target.write == "pull_request"


_WRITTEN: Final = say("Written into the manifests; Argo CD has to follow.")
_PROPOSED: Final = say("A pull request writes it into the manifests; whoever merges it deploys it.")
_OVERTAKEN: Final = say("A newer image is there already, or on its way.")
