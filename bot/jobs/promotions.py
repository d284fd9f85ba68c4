"""Promotions and rollbacks: which images an order means, and a deployment for each of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from semver import Version

from bot.delivery import shipment as delivery
from bot.delivery.image import normalised
from bot.delivery.migrations import migrations
from bot.delivery.orders import Wish, environment
from bot.delivery.past import Back, Ran, back, further, names_of, newest, running, same_commit
from bot.delivery.plan import closed
from bot.errors import TellUser
from bot.github.origin import changed_files
from bot.jobs.dispatch import Busy, Dispatcher, Place, carried, image_of, is_followed, standing
from bot.message import Message, say
from bot.rules.commands import MARK, Verb
from bot.rules.environments import before
from bot.rules.shipping import Environment
from service.ledger.shipments import Shipment, State, busy
from service.ledger.store import Ledger

_MOST_NAMED: Final = 20  # images, the newest first


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants, who may: `login`; `origin` is where it came from, as the audit has it."""

    wish: Wish
    login: str
    origin: str


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What an order means: what still is to be deployed, and the numbers of what was, by image."""

    left: Sequence[Ran]
    made: Mapping[str, int]


class Promotions:
    """Deploys what people order, and what is rolled back by itself.

    A run that was cut off is found by its order, and goes on. All raise `TellUser` for what cannot be done,
    `Busy` of them where somebody else is deploying the same, and as GitHub and the ledger do.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger, self._clock = ledger, ledger.clock
        self._dispatcher = Dispatcher(ledger)

    async def carry_out(self, place: Place, order: Order) -> Message:
        """Deploy what an order means, and say so."""
        chosen = await self._choose(place, order)
        new = [await self._deploy(place, order, each) for each in chosen.left]
        numbers = [*chosen.made.values(), *new]
        if not chosen.left:
            return _carry(numbers)
        return say("{why} {carried}", why=_why(order, names_of(chosen.left)), carried=_carry(numbers))

    async def take_over(self, place: Place, order: Order) -> delivery.Shipment:
        """Deploy what a person's own deployment means, but for the last image: that one it carries itself.

        It carries none where somebody else carries deployments out, for they go by the commit, and it names
        the default branch: others carry them all, which is raised as `TellUser`.
        """
        if place.rulebook.delivery.repository is None:
            raise TellUser(await self.carry_out(place, order))
        chosen = await self._choose(place, order)
        if not chosen.left:
            raise TellUser(_carry([*chosen.made.values()]))
        # Its own comes last: until it is kept, whoever begins anew makes what is missing.
        *others, own = chosen.left
        for each in others:
            await self._deploy(place, order, each)
        return _shipment(place, order, own)

    async def _deploy(self, place: Place, order: Order, what: Ran) -> int:
        wish, ships = order.wish, _shipment(place, order, what)
        why = _why(order, (what.name,))
        return await self._dispatcher.deploy(place, wish.environment, str(wish.verb), what.commit, ships, why)

    async def _choose(self, place: Place, order: Order) -> _Chosen:
        wish = order.wish
        history = await self._history(place, wish.environment)
        mine = _under_way(history, wish)
        if first := next((each for each in mine if each.by != order.login), None):
            raise TellUser(
                say("{login} was first: deployment {number} carries it.",
                    login=first.by, number=first.deployment)
            )  # fmt: skip
        made = {each.image_name: each.deployment for each in reversed(mine)}
        # As it was before the order, so that whoever begins anew chooses the same.
        past = [each for each in history if each not in mine]
        try:
            return _Chosen(await self._left(place, wish, past, made), made)
        except TellUser:
            if not made:
                raise
            return _Chosen((), made)

    async def _left(
        self, place: Place, wish: Wish, past: Sequence[Shipment], made: Collection[str]
    ) -> Sequence[Ran]:
        """Choose the images of an order, but for those that were `made`."""
        where = environment(place.rulebook, wish.environment)
        said = await self._ledger.environments.get(place.repository, wish.environment)
        if stop := closed(where, standing((), said, ""), self._clock()):  # whatever it runs
            raise TellUser(stop.reason)
        if wish.verb is Verb.PROMOTE:
            found = await self._promoted(place, wish, past)
            left = [each for each in found if each.image.repository not in made]
            _must_be_free(past, left)
            return left
        written = _ran(each for each in past if each.is_written)
        found_back = back(where, written, wish.version, about=wish.about, alone=wish.alone)
        steps = [each for each in found_back if each.to.image.repository not in made]
        _must_be_free(past, [each.to for each in steps], overtakes=True)
        await self._must_be_confirmed(place, wish, steps, written)
        return [each.to for each in steps]

    async def _promoted(self, place: Place, wish: Wish, past: Sequence[Shipment]) -> Sequence[Ran]:
        """What runs in the environment before and is not in this one, nor about to be."""
        name = before(place.rulebook, wish.environment)
        if name is not None and wish.version is not None:
            raise TellUser(
                say("{environment} gets what runs in {before}: promote it without a version.",
                    environment=wish.environment, before=name)
            )  # fmt: skip
        runs = await (self._newest(place, wish) if name is None else self._running(place, wish, name))
        came = [each for each in past if each.comes and not _is_given_up(each)]
        # What failed is not taken to be there: it may run by now, and is followed again.
        failed = {each.deployment for each in came if each.has_failed}
        found = further(runs, [each for each in newest(_ran(came)) if each.deployment not in failed])
        if not found:
            _must_be_free(past, runs)
            raise TellUser(
                say("{images} runs in {environment} already, or is about to.",
                    images=names_of(runs), environment=wish.environment)
            )  # fmt: skip
        return found if name is not None else same_commit(found)

    async def _running(self, place: Place, wish: Wish, name: str) -> Sequence[Ran]:
        if runs := running(_ran(await self._history(place, name)), wish.about):
            return runs
        raise TellUser(say("Nothing is known to run in {environment} yet.", environment=name))

    async def _newest(self, place: Place, wish: Wish) -> Sequence[Ran]:
        """The newest image of each repository that feeds an environment, or the one that is asked for."""
        source, home = place.rulebook.environments[wish.environment].source, place.repository.id
        known = await self._ledger.images.newest(home, [source])
        if wish.version is not None:
            called = await self._ledger.images.called(home, source, wish.version)
            if called is None or not called.commit:
                tags = tuple(dict.fromkeys(each.tag for each in known if each.tag and each.commit))
                raise TellUser(
                    say("{version} is no image of {source}; those that are known are {known}.",
                        version=wish.version, source=source, known=tags[:_MOST_NAMED])
                )  # fmt: skip
            known = (called,)
        found = (Ran(image_of(each), each.commit, _version(each.version)) for each in known if each.commit)
        if runs := newest(found):
            return runs
        raise TellUser(say("No image of {source} is known yet.", source=source))

    async def _history(self, place: Place, name: str) -> list[Shipment]:
        """What was shipped to an environment, newest first, of the images that the rulebook has now."""
        names = {normalised(each) for each in place.rulebook.delivery.images}
        found = await self._ledger.shipments.history(place.repository.id, name)
        return [each for each in found if not names or each.image_name in names]

    async def _must_be_confirmed(
        self, place: Place, wish: Wish, steps: Sequence[Back], written: Sequence[Ran]
    ) -> None:
        """Raise TellUser where a migration lies between, and nobody has said that they know (D7)."""
        if wish.confirmed or not steps:
            return
        found: set[str] = set()
        command = _confirming(environment(place.rulebook, wish.environment), wish, steps, written)
        for old, new in sorted({(each.to.commit, each.now.commit) for each in steps}):
            files = await changed_files(place.connection, place.repository.name, old, new)
            if files is None:
                raise TellUser(
                    say("What changed since {commit} cannot be read, so a migration may lie between. "
                        "If the older code can run on the database as it is: {command}",
                        commit=old[:12], command=command)
                )  # fmt: skip
            found.update(migrations(files, place.rulebook.delivery.migrations))
        if found:
            raise TellUser(
                say("Migrations lie between: {files}. If the older code can run on the database as it is: "
                    "{command}", files=tuple(sorted(found)), command=command)
            )  # fmt: skip


def _confirming(where: Environment, wish: Wish, steps: Sequence[Back], written: Sequence[Ran]) -> str:
    """The command that confirms some steps back: by the version that they go to, where it means no others."""
    names = names_of(each.to for each in steps)
    exact = len(names) == 1 and {*back(where, written, names[0])} == {*steps}
    return f"{MARK} rollback {wish.environment} {f'to {names[0]} ' if exact else ''}confirm"


def _must_be_free(past: Sequence[Shipment], images: Iterable[Ran], *, overtakes: bool = False) -> None:
    """Raise `Busy` where somebody is deploying one of some images."""
    for each in images:
        if first := busy(past, each.image.repository, overtakes=overtakes):
            raise Busy(first)


def _under_way(history: Sequence[Shipment], wish: Wish) -> list[Shipment]:
    """What an order made, newest first.

    Nothing once something else has followed, or what was promoted has failed: it is given anew then.
    """
    mine = [each for each in history if wish.order and carried(each).order == wish.order]
    others = [each for each in history if each not in mine and each.comes]
    followed = any(is_followed(each, other) for each in mine for other in others)
    failed = wish.verb is Verb.PROMOTE and all(each.has_failed for each in mine)
    return [] if followed or failed else mine


def _shipment(place: Place, order: Order, what: Ran) -> delivery.Shipment:
    wish, image = order.wish, replace(what.image, commit=what.commit)
    version = str(what.version) if what.version else None
    ships = delivery.shipment(
        place.rulebook, wish.environment, place.repository.name, image, version=version, by=order.login
    )
    holds = wish.verb is Verb.ROLLBACK and environment(place.rulebook, wish.environment).hold
    return ships.model_copy(update={"order": wish.order, "origin": order.origin, "holds": holds})


def _why(order: Order, names: tuple[str, ...]) -> Message:
    wish, image = order.wish, names[0] if len(names) == 1 else names
    if wish.verb is Verb.ROLLBACK:
        return say("{login} rolls {environment} back to {image}.",
                   login=order.login, environment=wish.environment, image=image)  # fmt: skip
    return say("{login} promotes {image} to {environment}.",
               login=order.login, environment=wish.environment, image=image)  # fmt: skip


def _carry(numbers: Sequence[int]) -> Message:
    if len(numbers) == 1:
        return say("Deployment {number} carries it.", number=numbers[0])
    return say("Deployments {numbers} carry it.", numbers=tuple(numbers))


def _is_given_up(shipment: Shipment) -> bool:
    """Whether a pull request was to bring it, which nobody merged as far as is known."""
    known = shipment.revision or shipment.healthy_at
    return shipment.state is State.SETTLED and known is None


def _ran(shipments: Iterable[Shipment]) -> list[Ran]:
    return [
        Ran(what.shipped, what.commit, _version(what.version), each.deployment, _has_succeeded(each))
        for each, what in ((each, carried(each)) for each in shipments)
        if what.commit is not None
    ]


def _has_succeeded(shipment: Shipment) -> bool:
    """Whether it ran, and was healthy for as long as it had to be."""
    return shipment.state is State.SETTLED and shipment.healthy_at is not None


def _version(text: str | None) -> Version | None:
    return Version.parse(text) if text else None
