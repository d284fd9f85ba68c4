"""`image/…`: an image was pushed; it goes to the environments that it feeds, where that is done at once."""

from dataclasses import replace

from bot.delivery.image import Image, digits_of
from bot.delivery.origin import TAG, fed, sources, tagged, version
from bot.delivery.plan import Step, comes
from bot.delivery.shipment import shipment
from bot.engine import Question
from bot.github.connection import GitHub, InstallationConnection
from bot.github.origin import Origin, read_origin
from bot.github.rulebooks import Rulebooks
from bot.jobs.ask import Ask
from bot.jobs.dispatch import Dispatcher, Place, standing
from bot.rules.rulebook import DEFAULT, Rulebook
from bot.rules.tags import tag_of
from bot.webhooks.questions import AboutImage
from service.ledger.images import KnownImage
from service.ledger.repositories import KnownRepository
from service.ledger.store import Ledger


class ImageJob:
    """Keeps images, and creates the deployments of those that come by themselves."""

    def __init__(
        self,
        github: GitHub,
        rulebooks: Rulebooks,
        ledger: Ledger,
        ask: Ask,
    ) -> None:
        self._github, self._rulebooks, self._ledger = github, rulebooks, ledger
        self._ask, self._clock = ask, ledger.clock

    async def answer(self, question: Question) -> str:
        """Gather, decide, apply; the outcome is "deployed", "kept", "nobody builds it" or "unnamed"."""
        about = AboutImage.of(question)
        if about.tag is None:  # a part of another image, or one that is going to be named
            await self._ledger.images.record(_known(about.image, None, None, None))
            return "unnamed"
        homes = await self._ledger.repositories.building(about.image.repository, about.home)
        if not homes:
            await self._ledger.images.record(_known(about.image, None, None, None))
            return "nobody builds it"
        deployed = [await self._at_home(about, known) for known in homes]
        return "deployed" if any(deployed) else "kept"

    async def _at_home(self, about: AboutImage, known: KnownRepository) -> bool:
        connection, image = self._github.installation(known.installation), about.image
        full_name = known.repository.name
        rulebook = await self._rulebooks.of(connection, full_name)
        if not isinstance(rulebook, Rulebook) or rulebook is DEFAULT:
            return False
        origin = await _origin(connection, full_name, rulebook, image)
        branches = origin.branches if origin else ()
        image = replace(image, commit=origin.commit) if origin else image
        comes_from = sources(rulebook, image, branches)
        of_version = version(rulebook, image, branches)
        await self._ledger.images.record(
            _known(image, known.repository.id, str(of_version) if of_version else None, comes_from)
        )
        place = Place(connection, known.installation, known.repository, rulebook)
        steps = await self._steps(place, [*fed(rulebook, comes_from)], image)
        dispatcher = Dispatcher(self._ledger)
        for environment, step in steps.items():
            if step.goes:
                ships = shipment(
                    rulebook, environment, full_name, image, version=str(of_version) if of_version else None
                )
                ref = tag_of(rulebook, of_version) if TAG in comes_from and of_version else image.commit
                await dispatcher.deploy(place, environment, "deploy", ref or "HEAD", ships, step.reason)
        if again := min((step.again for step in steps.values() if step.again), default=None):
            await self._ask(about.question, not_before=again)
        return any(step.goes for step in steps.values())

    async def _steps(self, place: Place, environments: list[str], image: Image) -> dict[str, Step]:
        now = self._clock()
        said = {each.name: each for each in await self._ledger.environments.of(place.repository.id)}
        found = {}
        for name in environments:
            history = await self._ledger.shipments.history(place.repository.id, name)
            stands = standing(history, said.get(name), image.repository)
            found[name] = comes(place.rulebook.environments[name], image, stands, now)
        return found


async def _origin(
    connection: InstallationConnection, full_name: str, rulebook: Rulebook, image: Image
) -> Origin | None:
    """Where an image was built; of a version its tag says enough."""
    commit = image.commit or digits_of(image.tag)
    if commit is None or tagged(rulebook, image):
        return None
    return await read_origin(connection, full_name, commit)


def _known(
    image: Image, home: int | None, of_version: str | None, comes_from: frozenset[str] | None
) -> KnownImage:
    return KnownImage(
        name=image.repository,
        tag=image.tag,
        digest=image.digest,
        commit=image.commit,
        pushed_at=image.pushed_at,
        home=home,
        version=of_version,
        sources=None if comes_from is None else tuple(sorted(comes_from)),
    )
