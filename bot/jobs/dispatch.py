"""Deployments that Signalbox makes: for an image that came, and for people who promote or roll back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from semver import Version

from bot.delivery import shipment as delivery
from bot.delivery.image import Image
from bot.delivery.order import stands
from bot.delivery.origin import TAG
from bot.delivery.plan import Standing
from bot.errors import TellUser
from bot.github.connection import InstallationConnection
from bot.github.deployments import NewDeployment, create_deployment
from bot.github.deployments import say as say_state
from bot.message import Message, say
from bot.rules.commands import Verb
from bot.rules.models import Rulebook
from bot.text.render import render
from bot.webhooks.questions import AboutRepository
from service.ledger.audit import Entry, appending
from service.ledger.changes import Write
from service.ledger.environments import Environment, Hold, holding
from service.ledger.images import KnownImage
from service.ledger.repository import Repository
from service.ledger.shipments import Held, Shipment
from service.ledger.store import Ledger

T = TypeVar("T", bound=AboutRepository)


@dataclass(frozen=True, slots=True)
class Place:
    """A repository that is deployed from: its connection, and the rulebook in force."""

    connection: InstallationConnection
    installation: int
    repository: Repository
    rulebook: Rulebook


def ask_about(kind: type[T], installation: int, repository: Repository, **what: Any) -> T:
    """A question about a repository that the ledger knows, by its number and name and not by its node id."""
    return kind(
        installation=installation,
        repository="",
        repository_id=repository.id,
        full_name=repository.name,
        **what,
    )


def image_of(known: KnownImage) -> Image:
    """An image that the ledger knows; only where its own tag is its version is it ordered by that."""
    version = Version.parse(known.version) if known.version and TAG in (known.sources or ()) else None
    return Image(known.name, known.tag, known.digest, known.commit, known.pushed_at, version)


class Busy(TellUser):
    """Somebody else is deploying the same image to the same environment; they were `first`."""

    def __init__(self, first: Shipment) -> None:
        self.first = first
        super().__init__(
            say("{login} is deploying there (deployment {number}): wait for its end, and say it again.",
                login=first.by, number=first.deployment)
        )  # fmt: skip


class Dispatcher:
    """Creates deployments, and keeps what they carry."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger, self._clock = ledger, ledger.clock

    async def deploy(
        self, place: Place, environment: str, task: str, ref: str, ships: delivery.Shipment, why: Message
    ) -> int:
        """Create a deployment of a `ref`, and return its number; from its event on it is carried out.

        Raises `Refusal` where the ref is not there, and as `keep` does.
        """
        last = [*place.rulebook.environments][-1]
        new = NewDeployment(
            ref=ref,
            environment=environment,
            task=task,
            description=render(why, ships.language),
            payload=ships.payload(),
            production=environment == last,
        )
        name = place.repository.name
        number, commit = await create_deployment(place.connection, name, new)
        # An image that is tagged with its version does not say what it was built from; its tag in git does.
        ships = ships.model_copy(update={"commit": ships.commit or commit})
        where = (place.repository, place.installation, number, environment)
        try:
            await self.keep(kept(*where, ships, self._clock()), task)
        except TellUser as stop:
            told = render(stop.messages[0], ships.language)
            await say_state(place.connection, name, number, "inactive", told)
            # The very order may have made it, and never heard so.
            if isinstance(stop, Busy) and ships.order and carried(stop.first).order == ships.order:
                return stop.first.deployment
            raise
        return number

    async def keep(self, shipment: Shipment, task: str) -> None:
        """Keep what a deployment carries and, the first time, what its order brings with it.

        A rollback holds the environment (D6), a promotion lets it go; either is audited. Raises `Busy` where
        somebody else was first, and `TellUser` where what comes by itself came to a hold meanwhile.
        """
        brings = await self._brings(shipment, task) if shipment.by else ()
        overtakes = task == Verb.ROLLBACK
        try:
            first = await self._ledger.shipments.keep(shipment, *brings, overtakes=overtakes)
        except Held as hold:
            raise TellUser(say("{login} holds it at what it runs.", login=hold.by)) from None
        if first is not None:
            raise Busy(first)

    async def _brings(self, shipment: Shipment, task: str) -> Sequence[Write]:
        ships, now = carried(shipment), self._clock()
        where = (shipment.repository, shipment.environment)
        said = await self._ledger.environments.get(*where)
        seen = said.hold.since if said.hold else None
        act = Entry(now, ships.by, task, where[1], _called(ships), ships.origin, shipment.repository)
        if task == Verb.ROLLBACK and ships.holds:
            hold = Hold(ships.by, f"rollback to {ships.version or ships.shipped.reference}", now)
            return appending(act), holding(*where, hold, seen)
        if task == Verb.PROMOTE and said.hold:
            return appending(act), holding(*where, None, seen)
        return (appending(act),)


def _called(ships: delivery.Shipment) -> str:
    """What people call an image: without its digest, where it has a tag."""
    reference = ships.shipped.reference
    return str(replace(reference, digest=None) if reference.tag else reference)


def kept(
    repository: Repository,
    installation: int,
    number: int,
    environment: str,
    ships: delivery.Shipment,
    at: datetime,
) -> Shipment:
    """The shipment of a deployment, by its number, in the words of the ledger."""
    target = ships.target
    return Shipment(
        repository=repository,
        installation=installation,
        deployment=number,
        environment=environment,
        target=target.repository if target else None,
        application=target.application if target else None,
        content=ships.model_dump(mode="json"),
        at=at,
    )


def carried(kept: Shipment) -> delivery.Shipment:
    """What the ledger has kept of a shipment, as it was made."""
    return delivery.Shipment.model_validate(dict(kept.content))


def last(history: Sequence[Shipment], image: str) -> Image | None:
    """Which image of a repository stands after all that was shipped, newest first; None for none."""
    ours = [(carried(each).shipped, bool(each.by)) for each in reversed(history) if each.image_name == image]
    index = stands(ours)
    return None if index is None else ours[index][0]


def is_followed(before: Shipment, by: Shipment) -> bool:
    """Whether a shipment is of the same image as a later one, to the same environment."""
    is_earlier = (before.at, before.deployment) < (by.at, by.deployment)
    return is_earlier and before.image_name == by.image_name


def standing(history: Sequence[Shipment], said: Environment | None, image: str) -> Standing:
    """How an environment stands for an image (its repository): what is written there, or is about to be.

    What nobody could write does not count. `history` is newest first.
    """
    return Standing(
        image=last([each for each in history if each.stands], image),
        held=said.hold.by if said and said.hold else None,
        frozen=said.freeze.by if said and said.freeze else None,
        frozen_until=said.freeze.until if said and said.freeze else None,
    )
