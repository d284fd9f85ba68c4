"""`deployment/<repository id>/<id>`: something is deployed, by whomever.

The ledger knows how it goes. What is ours to carry out is handed to the writer of its GitOps repository; what
a person ordered, with a button or by another tool, is first held to what they may do at that moment. A hold
or a freeze is ordered in the same way, and deploys nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from bot.delivery import shipment as delivery
from bot.delivery.orders import MARKS, Wish
from bot.engine import Question
from bot.errors import Retry, TellUser
from bot.github.connection import GitHub
from bot.github.deployments import DeploymentRead, read_deployment
from bot.github.deployments import say as say_state
from bot.github.rulebooks import Rulebooks
from bot.jobs.ask import Ask
from bot.jobs.dispatch import Dispatcher, Place, carried, kept
from bot.jobs.environments import EnvironmentOrders
from bot.jobs.marks import marked
from bot.message import say
from bot.releases.orders import in_force
from bot.rules.checks import language_of
from bot.rules.commands import OF_ENVIRONMENT
from bot.rules.rulebook import DEFAULT
from bot.text.render import render
from bot.webhooks.questions import AboutDeployment, AboutTarget
from service.ledger.deployments import Deployment
from service.ledger.repository import Repository
from service.ledger.shipments import Known, Shipment, State
from service.ledger.store import Ledger

_LONGEST_NAME: Final = 255  # of the ledger; a task may be called anything
_ORDERED: Final = {str(verb): verb for verb in OF_ENVIRONMENT}


class DeploymentJob:
    """Keeps deployments as GitHub has them, and has those carried out that are Signalbox's to carry out.

    `own_login` is what this App is called where it acts, None while that is not known.
    """

    def __init__(
        self,
        github: GitHub,
        rulebooks: Rulebooks,
        ledger: Ledger,
        ask: Ask,
        own_login: Callable[[], str | None],
    ) -> None:
        self._github, self._rulebooks, self._ledger = github, rulebooks, ledger
        self._ask, self._own_login, self._clock = ask, own_login, ledger.clock
        self._orders, self._dispatcher = EnvironmentOrders(ledger, ask), Dispatcher(ledger)

    async def answer(self, question: Question) -> str:
        """Gather, record and hand on; the outcome is the state of the deployment, "marked" or "refused"."""
        about = AboutDeployment.of(question)
        connection = self._github.installation(about.installation)
        found = await read_deployment(connection, about.full_name, about.deployment)
        repository = Repository(about.repository_id, about.full_name)
        if self._is_mark(found):
            return await self._mark(about, repository, found)
        known = await self._ledger.shipments.of(repository.id, found.id)
        try:
            ships = carried(known) if known else await self._wanted(about, repository, found)
            if ships and not found.statuses:
                await self._hand_on(about, repository, found, ships)
        except TellUser as refusal:
            return await self._refuse(about, repository, found, refusal)
        await self._ledger.deployments.record(_recorded(repository, found, ships))
        if known is not None and known.target is None:
            await self._settle(known, found)
        return found.state

    async def _settle(self, shipment: Shipment, found: DeploymentRead) -> None:
        """End what somebody else carried out, as they say that it ended; nobody else would."""
        if shipment.state is not State.SETTLED and found.finished_at is not None:
            came = Known(written_at=found.finished_at, healthy_at=found.succeeded_at)
            await self._ledger.shipments.move(shipment, State.SETTLED, **came)

    async def _mark(self, about: AboutDeployment, repository: Repository, found: DeploymentRead) -> str:
        """Hold, freeze and so on, as a person's deployment says; one of our own says what is so already.

        It deploys nothing, and is not recorded as one that does.
        """
        if found.statuses:
            return "marked"
        connection = self._github.installation(about.installation)
        place = await self._place(about, repository)
        try:
            wish = _wish(found)
            told = await self._orders.mark(place, wish, found.by) if found.by_person else marked(wish)
        except TellUser as refusal:
            return await self._refuse(about, repository, found, refusal)
        await say_state(
            connection, about.full_name, found.id, "inactive", render(told, place.rulebook.language)
        )
        return "marked"

    async def _refuse(
        self, about: AboutDeployment, repository: Repository, found: DeploymentRead, refusal: TellUser
    ) -> str:
        """Tell who ordered it that nothing is done, on GitHub and on the board: nothing has failed."""
        language = language_of(self._rulebooks.known(about.repository) or DEFAULT)
        told = render(refusal.messages[0], language)
        connection = self._github.installation(about.installation)
        await say_state(connection, about.full_name, found.id, "inactive", told)
        refused = replace(_recorded(repository, found, None), state="inactive", note=told)
        await self._ledger.deployments.record(refused)
        return "refused"

    async def _wanted(
        self, about: AboutDeployment, repository: Repository, found: DeploymentRead
    ) -> delivery.Shipment | None:
        """What a new deployment is to bring; None for one that is not Signalbox's to carry out.

        Raises TellUser where a person may not order it, or it cannot be.
        """
        if found.statuses or _asked(found) is None:
            return None
        if not found.by_person:
            if self._is_own(found):
                return delivery.Shipment.of(found.payload)
            if found.task in _ORDERED:
                raise TellUser(say("Only people order with a deployment: make it with a person's token."))
            return None
        place, wish = await self._place(about, repository), _wish(found)
        return await self._orders.take_over(place, wish, found.by, found.id)

    def _is_mark(self, found: DeploymentRead) -> bool:
        if _asked(found) is None or _ORDERED.get(found.task) not in MARKS:
            return False
        return found.by_person or self._is_own(found)

    def _is_own(self, found: DeploymentRead) -> bool:
        if self._own_login() is None:
            raise Retry("what this App is called is not known yet")
        return found.by == self._own_login()

    async def _place(self, about: AboutDeployment, repository: Repository) -> Place:
        connection = self._github.installation(about.installation)
        rulebook = in_force(await self._rulebooks.of(connection, about.full_name))
        return Place(connection, about.installation, repository, rulebook)

    async def _hand_on(
        self, about: AboutDeployment, repository: Repository, found: DeploymentRead, ships: delivery.Shipment
    ) -> None:
        """Keep what is to be written, and ask its writer; without one, somebody else carries it out.

        Raises `Busy` where somebody else was first.
        """
        where = (repository, about.installation, found.id, found.environment)
        await self._dispatcher.keep(kept(*where, ships, self._clock()), found.task)
        if ships.target is not None:
            await self._ask(AboutTarget(target=ships.target.repository).question)


def _asked(found: DeploymentRead) -> Mapping[str, Any] | None:
    """What a deployment says to Signalbox; None where it says nothing."""
    asked = found.payload.get(delivery.KEY) if isinstance(found.payload, Mapping) else None
    return asked if isinstance(asked, Mapping) else None


def _wish(found: DeploymentRead) -> Wish:
    """What a person orders with a deployment. Raises TellUser where that is nothing."""
    verb, asked = _ORDERED.get(found.task), _asked(found) or {}
    if verb is None:
        raise TellUser(say("Expected one of {known}.", known=tuple(sorted(_ORDERED))))
    if verb in MARKS and not found.description:
        raise TellUser(say("Expected a reason, as the description of the deployment."))
    version = asked.get("version")
    return Wish(
        verb,
        found.environment,
        version if isinstance(version, str) and version else None,
        confirmed=asked.get("confirmed") is True,
        reason=found.description,
        seen=_moment(asked.get("seen")),
    )


def _moment(said: object) -> datetime | None:
    """Since when somebody saw a hold or a freeze; None where they do not say. Raises TellUser."""
    if said is None:
        return None
    try:
        moment = datetime.fromisoformat(str(said))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        expected = "2026-03-02T10:00:00+00:00"
        raise TellUser(say("Expected a time, such as {expected}; found {found}.", expected=expected,
                           found=str(said)))  # fmt: skip
    return moment


def _recorded(place: Repository, found: DeploymentRead, ships: delivery.Shipment | None) -> Deployment:
    # A person's own names the default branch, whatever it turns out to bring.
    ordered = ships.commit if ships and found.by_person else None
    return Deployment(
        repository=place,
        id=found.id,
        environment=found.environment,
        action=found.task[:_LONGEST_NAME],
        ref=ordered or found.ref,
        commit=ordered or found.commit,
        image=ships.image if ships else None,
        by=ships.by or found.by if ships else found.by,
        why=found.description,
        state=found.state,
        created_at=found.created_at,
        succeeded_at=found.succeeded_at,
        finished_at=found.finished_at,
        url=found.url,
        note=found.note,
    )
