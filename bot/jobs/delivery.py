"""`delivery/<repository id>`: images of a repository go to the environments that they feed at once.

Whatever came meanwhile is looked at together, and only the newest is deployed: GitHub does not like to create
a deployment for each of many.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from semver import Version

from bot.delivery.image import Image, digits_of
from bot.delivery.order import stands
from bot.delivery.origin import TAG, sources, tagged, version
from bot.delivery.plan import comes
from bot.delivery.shipment import shipment
from bot.engine import Question
from bot.errors import GiveUp, TellUser
from bot.github.connection import GitHub
from bot.github.origin import Origin, origin_of, read_pushes
from bot.github.rulebooks import Rulebooks
from bot.jobs.ask import Ask
from bot.jobs.dispatch import Dispatcher, Place, image_of, standing
from bot.rules.commands import Verb
from bot.rules.rulebook import DEFAULT, Rulebook
from bot.rules.tags import tag_of
from bot.webhooks.questions import AboutDelivery
from service.ledger.audit import Filter
from service.ledger.environments import Environment
from service.ledger.images import KnownImage
from service.ledger.repository import Repository
from service.ledger.shipments import Shipment
from service.ledger.store import Ledger

logger = logging.getLogger(__name__)

_MOST: Final = 500  # images of each source that are looked at


class DeliveryJob:
    """Says what each image was built from, and creates the deployments of those that come by themselves."""

    def __init__(self, github: GitHub, rulebooks: Rulebooks, ledger: Ledger, ask: Ask) -> None:
        self._github, self._rulebooks, self._ledger, self._ask = github, rulebooks, ledger, ask
        self._dispatcher = Dispatcher(ledger)

    async def answer(self, question: Question) -> str:
        """Gather, decide, apply; the outcome is "deployed", "nothing to deploy" or "no rulebook"."""
        about = AboutDelivery.of(question)
        connection = self._github.installation(about.installation)
        rulebook = await self._rulebooks.of(connection, about.full_name)
        if not isinstance(rulebook, Rulebook) or rulebook is DEFAULT:
            return "no rulebook"
        repository = Repository(about.repository_id, about.full_name)
        place = Place(connection, about.installation, repository, rulebook)
        await self._look_where_from(place)
        said = {each.name: each for each in await self._ledger.environments.of(repository.id)}
        at_once = {name: each for name, each in rulebook.environments.items() if each.deploy == "auto"}
        feeding = {each.source for each in at_once.values()}
        known = await self._ledger.images.newest(repository.id, feeding, _MOST)
        deployed = [await self._deliver(about, place, name, said.get(name), known) for name in at_once]
        return "deployed" if any(deployed) else "nothing to deploy"

    async def _look_where_from(self, place: Place) -> None:
        """Say what the images were built from of which nobody has looked yet, all of them together."""
        home = await self._ledger.repositories.locate(place.repository.name)
        names = home.images if home else ()
        fresh = await self._ledger.images.unplaced(names, place.repository.id)
        commits = {each.key: _commit(place.rulebook, image_of(each)) for each in fresh}
        sought = set(filter(None, commits.values()))
        pushes: Sequence[Origin] = ()
        try:
            pushes = await read_pushes(place.connection, place.repository.name, sought) if sought else ()
        except GiveUp as refusal:  # they are looked at again with the next image
            logger.warning("the pushes of %s cannot be read: %s", place.repository.name, refusal)
            fresh = tuple(each for each in fresh if commits[each.key] is None)
        origins = {commit: origin_of(pushes, commit) for commit in sought}
        placed = [_placed(place, each, origins.get(commits[each.key] or "")) for each in fresh]
        await self._ledger.images.place(placed)

    async def _deliver(
        self,
        about: AboutDelivery,
        place: Place,
        name: str,
        said: Environment | None,
        known: Sequence[KnownImage],
    ) -> bool:
        """Deploy to one environment what feeds it and is newer than what it has; whether anything is."""
        where, now = place.rulebook.environments[name], self._ledger.clock()
        feeds = [each for each in known if where.source in (each.sources or ())]
        if not feeds:
            return False
        history = await self._ledger.shipments.history(place.repository.id, name)
        deployed = False
        for newest in _newest(feeds):
            image = image_of(newest)
            step = comes(where, image, standing(history, said, image.repository), now)
            if step.again:
                await self._ask(about.question, not_before=step.again)
            refused = _refused(history, newest)
            if step.goes and (refused is None or await self._was_let_go(place, name, refused)):
                ships = shipment(place.rulebook, name, place.repository.name, image, version=newest.version)
                try:
                    await self._dispatcher.deploy(
                        place, name, "deploy", _ref(place.rulebook, newest), ships, step.reason
                    )
                except (GiveUp, TellUser) as refusal:  # the others can do without it
                    logger.warning("%s was not deployed to %s: %s", image.reference, name, refusal)
                else:
                    deployed = True
        return deployed

    async def _was_let_go(self, place: Place, name: str, refused: Shipment) -> bool:
        """Whether somebody has ended a hold or a freeze since: perhaps that alone was against it."""
        ends = (
            Filter(place.repository.id, action=str(verb), subject=name, since=refused.at)
            for verb in (Verb.RELEASE_HOLD, Verb.THAW)
        )
        return any([await self._ledger.audit.has(end) for end in ends])


def _commit(rulebook: Rulebook, image: Image) -> str | None:
    """The commit to look for; of a version its tag says enough."""
    if image.tag is None or tagged(rulebook, image):
        return None
    return image.commit or digits_of(image.tag)


def _placed(place: Place, known: KnownImage, origin: Origin | None) -> KnownImage:
    """An image with what it was built from; a part of another image, which has no tag, comes from nowhere."""
    branches = origin.branches if origin else ()
    image = image_of(known)
    found = version(place.rulebook, image, branches)
    return replace(
        known,
        commit=origin.commit if origin else known.commit,
        home=place.repository.id,
        version=str(found) if found else None,
        sources=tuple(sorted(sources(place.rulebook, image, branches))) if known.tag else (),
    )


def _newest(images: Sequence[KnownImage]) -> Iterable[KnownImage]:
    """Of each name the newest image; they are given the newest first."""
    by_name: dict[str, list[KnownImage]] = {}
    for each in reversed(images):
        by_name.setdefault(each.name, []).append(each)
    for some in by_name.values():
        index = stands((image_of(each), False) for each in some)
        if index is not None:
            yield some[index]


def _refused(history: Sequence[Shipment], known: KnownImage) -> Shipment | None:
    """The last of its name there, if it was this, it was not written, and it was not pushed since.

    What an image cannot do the next one may; until then only a person, or its own push, tries it again.
    """
    last = next((each for each in history if each.image_name == known.name), None)
    if last is None or last.stands or last.image != known.reference:
        return None
    return last if known.seen_at is not None and known.seen_at <= last.at else None


def _ref(rulebook: Rulebook, known: KnownImage) -> str:
    """What GitHub is told to deploy: the tag of a version, else the commit."""
    if TAG in (known.sources or ()) and known.version:
        return tag_of(rulebook, Version.parse(known.version))
    return known.commit or "HEAD"
