"""What people order of environments: promote, roll back, hold, freeze."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from semver import Version

from bot.delivery import shipment as delivery
from bot.delivery.migrations import migrations
from bot.delivery.orders import Ran, Wish, earlier, environment, refusal
from bot.delivery.plan import closed
from bot.errors import TellUser
from bot.github.origin import changed_files
from bot.github.people import logins, role
from bot.jobs.ask import Ask
from bot.jobs.dispatch import Dispatcher, Place, ask_about, carried, image_of, standing
from bot.message import Message, say
from bot.rules.commands import MARK, Verb
from bot.rules.environments import before
from bot.webhooks.questions import AboutDelivery
from service.ledger.audit import Entry
from service.ledger.environments import Environment, Freeze, Hold
from service.ledger.shipments import Shipment, State
from service.ledger.store import Ledger


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an order means: what ships, as which commit or tag, and why."""

    ships: delivery.Shipment
    ref: str
    why: Message


class EnvironmentOrders:
    """Carries out what people order of environments.

    All raise `TellUser` for what may not or cannot be done, and as GitHub and the ledger do.
    """

    def __init__(self, ledger: Ledger, ask: Ask) -> None:
        self._ledger, self._ask, self._clock = ledger, ask, ledger.clock
        self._dispatcher = Dispatcher(ledger)

    async def carry_out(self, place: Place, wish: Wish, login: str, origin: str) -> Message:
        """Do what somebody wants, who may; what was done. It is audited, `origin` as the ledger has it."""
        await self.must_be_allowed(place, wish, login)
        if wish.verb in {Verb.PROMOTE, Verb.ROLLBACK}:
            return await self._deploy(place, wish, login, origin)
        await self._mark(place, wish, login)
        await self._note(place, wish, login, origin, wish.reason)
        if wish.verb in {Verb.RELEASE_HOLD, Verb.THAW}:
            await self._catch_up(place)
        return _marked(wish)

    async def roll_back(self, place: Place, shipment: Shipment, login: str) -> Message:
        """Roll an environment back because a shipment failed there; see `carry_out`."""
        wish = Wish(Verb.ROLLBACK, shipment.environment, order=f"failure {shipment.deployment}")
        return await self._deploy(place, wish, login, "failure")

    async def _deploy(self, place: Place, wish: Wish, login: str, origin: str) -> Message:
        history = await self._ledger.shipments.history(place.repository.id, wish.environment)
        made = next((each for each in history if wish.order and carried(each).order == wish.order), None)
        if made is not None:  # by a run that was cut off
            return say("Deployment {number} carries it.", number=made.deployment)
        chosen = await self.chosen(place, wish, login)
        number = await self._dispatcher.deploy(
            place, wish.environment, str(wish.verb), chosen.ref, chosen.ships, chosen.why
        )
        await self.followed(place, wish, login, origin, chosen)
        return say("{why} Deployment {number} carries it.", why=chosen.why, number=number)

    async def _catch_up(self, place: Place) -> None:
        """Ask where images are to go: what was held back may go now."""
        await self._ask(ask_about(AboutDelivery, place.installation, place.repository).question)

    async def must_be_allowed(self, place: Place, wish: Wish, login: str) -> None:
        """Raise TellUser unless somebody may do this now, by GitHub's word and the rulebook's."""
        where = environment(place.rulebook, wish.environment)
        allowed = await role(place.connection, place.repository.name, login)
        teams = [name for name in where.by if "/" in name]
        members = [one for team in teams for one in await logins(place.connection, team)]
        if refused := refusal(where, allowed, login, members):
            raise TellUser(refused)

    async def chosen(self, place: Place, wish: Wish, login: str) -> Chosen:
        """Choose the image that a promotion or a rollback is about."""
        where, now = environment(place.rulebook, wish.environment), self._clock()
        history = await self._ledger.shipments.history(place.repository.id, wish.environment)
        said = await self._ledger.environments.get(place.repository, wish.environment)
        if stop := closed(where, standing((), said, ""), now):  # whatever it runs
            raise TellUser(stop.reason)
        if busy := next((each for each in history if _is_ordered(each)), None):
            raise TellUser(
                say("{login} is deploying there (deployment {number}): wait for its end, and say it again.",
                    login=busy.by, number=busy.deployment)
            )  # fmt: skip
        if wish.verb is Verb.ROLLBACK:
            stood = _stood(history)
            back = earlier(where, stood, wish.version)
            await self._must_be_confirmed(place, wish, stood[0], back)
            return _choice(place, wish, back, login)
        return _choice(place, wish, await self._promoted(place, wish), login)

    async def followed(self, place: Place, wish: Wish, login: str, origin: str, chosen: Chosen) -> None:
        """What an order brings with it: a rollback holds the environment (D6), a promotion lets it go."""
        table, where = self._ledger.environments, environment(place.rulebook, wish.environment)
        image = chosen.ships.image
        if wish.verb is Verb.ROLLBACK and where.hold:
            hold = Hold(login, f"rollback to {chosen.ships.version or image}", self._clock())
            said = await table.get(place.repository, wish.environment)
            seen = said.hold.since if said.hold else None
            await table.hold(place.repository, wish.environment, hold, seen)
        if wish.verb is Verb.PROMOTE:
            said = await table.get(place.repository, wish.environment)
            if said.hold:
                await table.hold(place.repository, wish.environment, None, said.hold.since)
        await self._note(place, wish, login, origin, image)

    async def _promoted(self, place: Place, wish: Wish) -> Ran:
        """What runs in the environment before; without one, the newest image that feeds this one."""
        name = before(place.rulebook, wish.environment)
        if name is not None:
            history = await self._ledger.shipments.history(place.repository.id, name)
            if runs := _ran(history):
                return runs[0]
            raise TellUser(say("Nothing is known to run in {environment} yet.", environment=name))
        source = place.rulebook.environments[wish.environment].source
        found = await self._ledger.images.newest(place.repository.id, [source])
        newest = next((each for each in found if each.commit), None)
        if newest is None or newest.commit is None:
            raise TellUser(say("No image of {source} is known yet.", source=source))
        return Ran(image_of(newest), newest.commit, Version.parse(newest.version) if newest.version else None)

    async def _must_be_confirmed(self, place: Place, wish: Wish, now: Ran, back: Ran) -> None:
        """Raise TellUser where a migration lies between, and nobody has said that they know (D7)."""
        if wish.confirmed:
            return
        command = f"{MARK} rollback {wish.environment} to {back.version or back.image.tag} confirm"
        files = await changed_files(place.connection, place.repository.name, back.commit, now.commit)
        if files is None:
            raise TellUser(
                say("What changed since {commit} cannot be read, so a migration may lie between. "
                    "If the older code can run on the database as it is: {command}",
                    commit=back.commit[:12], command=command)
            )  # fmt: skip
        if found := migrations(files, place.rulebook.delivery.migrations):
            raise TellUser(
                say("Migrations lie between: {files}. If the older code can run on the database as it is: "
                    "{command}", files=found, command=command)
            )  # fmt: skip

    async def _mark(self, place: Place, wish: Wish, login: str) -> None:
        table, now = self._ledger.environments, self._clock()
        said = await table.get(place.repository, wish.environment)
        match wish.verb:
            case Verb.HOLD:
                done = await table.hold(place.repository, wish.environment, Hold(login, wish.reason, now))
            case Verb.FREEZE:
                freeze = Freeze(login, wish.reason, now, None)
                done = await table.freeze(place.repository, wish.environment, freeze)
            case Verb.RELEASE_HOLD:
                seen = wish.seen or (said.hold.since if said.hold else None)
                done = bool(seen) and await table.hold(place.repository, wish.environment, None, seen)
            case _:
                seen = wish.seen or (said.freeze.since if said.freeze else None)
                done = bool(seen) and await table.freeze(place.repository, wish.environment, None, seen)
        if not done and not _is_mine(wish, login, said):
            raise TellUser(_standing_already(wish, said))

    async def _note(self, place: Place, wish: Wish, login: str, origin: str, why: str) -> None:
        now = self._clock()
        entry = Entry(now, login, str(wish.verb), wish.environment, why, origin, place.repository)
        await self._ledger.audit.append(entry)


def _choice(place: Place, wish: Wish, what: Ran, login: str) -> Chosen:
    image = replace(what.image, commit=what.commit)
    version = str(what.version) if what.version else None
    ships = delivery.shipment(
        place.rulebook, wish.environment, place.repository.name, image, version=version, by=login
    ).model_copy(update={"order": wish.order})
    called = version or image.tag or str(image.digest)
    if wish.verb is Verb.ROLLBACK:
        why = say("{login} rolls {environment} back to {image}.",
                  login=login, environment=wish.environment, image=called)  # fmt: skip
    else:
        why = say("{login} promotes {image} to {environment}.",
                  login=login, environment=wish.environment, image=called)  # fmt: skip
    return Chosen(ships, what.commit, why)


def _is_ordered(shipment: Shipment) -> bool:
    """Whether somebody's own deployment is still on its way."""
    return shipment.state is not State.SETTLED and bool(shipment.by)


def _ran(history: Iterable[Shipment]) -> list[Ran]:
    """What an environment has run and was healthy, newest first."""
    return _as_ran(each for each in history if each.healthy_at is not None)


def _stood(history: Sequence[Shipment]) -> list[Ran]:
    """What is written there now, healthy or not, and before it what has run there, newest first."""
    written = [each for each in history if each.is_written]
    return [*_as_ran(written[:1]), *_ran(written[1:])]


def _as_ran(shipments: Iterable[Shipment]) -> list[Ran]:
    return [
        Ran(ships.shipped, ships.commit, Version.parse(ships.version) if ships.version else None)
        for ships in map(carried, shipments)
        if ships.commit is not None
    ]


def _is_mine(wish: Wish, login: str, said: Environment) -> bool:
    """Whether this very order was carried out, by a run that was cut off."""
    mark = {Verb.HOLD: said.hold, Verb.FREEZE: said.freeze}.get(wish.verb)
    return mark is not None and (mark.by, mark.why) == (login, wish.reason)


def _marked(wish: Wish) -> Message:
    texts = {
        Verb.HOLD: say("{environment} is held at what it runs.", environment=wish.environment),
        Verb.RELEASE_HOLD: say("{environment} is held no longer.", environment=wish.environment),
        Verb.FREEZE: say("{environment} is frozen.", environment=wish.environment),
    }
    return texts.get(wish.verb, say("{environment} is frozen no longer.", environment=wish.environment))


def _standing_already(wish: Wish, said: Environment) -> Message:
    match wish.verb:
        case Verb.HOLD:
            login = said.hold.by if said.hold else ""
            return say("{login} holds {environment} already.", login=login, environment=wish.environment)
        case Verb.FREEZE:
            return say("{environment} is frozen already.", environment=wish.environment)
        case Verb.RELEASE_HOLD if said.hold is None:
            return say("Nobody holds {environment}.", environment=wish.environment)
        case Verb.THAW if said.freeze is None:
            return say("Nobody has frozen {environment}.", environment=wish.environment)
    return say(
        "{environment} is no longer as your page showed it: somebody was quicker. Decide again.",
        environment=wish.environment,
    )
