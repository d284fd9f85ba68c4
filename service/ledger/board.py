"""The board of a repository: what each environment runs, how it got there, and what waits to go there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from service.ledger.database import Database
from service.ledger.deployments import Deployment
from service.ledger.images import KnownImage, read_newest, split
from service.ledger.repositories import KnownRepository
from service.ledger.running import EnvironmentState, read_states
from service.ledger.shipments import Shipment, read_histories


@dataclass(frozen=True, slots=True)
class Row:
    """An environment on the board.

    `waiting` is the deployment of the environment before it that may be promoted to it, `image` the newest
    image that may be where there is none before it; None where nothing waits. `shipments` are those of its
    deployments and of the waiting one that Signalbox carries, `earlier` the versions, or else the tags, that
    it may be rolled back to, the newest first.
    """

    state: EnvironmentState
    waiting: Deployment | None
    image: KnownImage | None = None
    shipments: tuple[Shipment, ...] = ()
    earlier: tuple[str, ...] = ()

    def shipped(self, deployment: Deployment) -> Shipment | None:
        """What carries one of its deployments, or the waiting one; None where that is not Signalbox's."""
        return next((each for each in self.shipments if each.deployment == deployment.id), None)


class Board:
    """What the board shows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, known: KnownRepository) -> tuple[Row, ...]:
        """The environments in the order of promotion: one statement, or three where Signalbox delivers."""

        def read(connection: sa.Connection) -> tuple[Row, ...]:
            states = read_states(connection, [known])[known.repository.id]
            if not known.delivers:
                return rows(states)
            names = [state.name for state in states]
            histories = read_histories(connection, known.repository.id, names)
            sources = {state.place.source for state in states if state.place and not state.place.after}
            return rows(states, histories, read_newest(connection, known.repository.id, sources))

        return await self._database.run(read)


def rows(
    states: Sequence[EnvironmentState],
    histories: Mapping[str, Sequence[Shipment]] | None = None,
    images: Sequence[KnownImage] = (),
) -> tuple[Row, ...]:
    """Say of each environment what waits to go there, and what it may go back to.

    `histories` are the shipments to each environment, `images` those of the repository, the newest first.
    """
    running = {state.name: state.running for state in states}
    carried = {each.deployment: each for history in (histories or {}).values() for each in history}
    found = []
    for state in states:
        waiting = _waiting(running.get(state.place.after or "") if state.place else None, state)
        history = (histories or {}).get(state.name, ())
        shown = [each.id for each in (state.running, state.last, waiting) if each]
        shipments = tuple(carried[each] for each in dict.fromkeys(shown) if each in carried)
        image = _newest(state, history, images)
        found.append(Row(state, waiting, image, shipments, tuple(dict.fromkeys(_earlier(history)))))
    return tuple(found)


def _waiting(before: Deployment | None, state: EnvironmentState) -> Deployment | None:
    """What runs before it and not in it: nothing older, but for what a rollback has taken out of it."""
    here = state.running
    if before is None or here is None:
        return before
    # GitHub's moments are whole seconds, its ids grow.
    later = (before.created_at, before.id) > (here.created_at, here.id)
    newer = later or here.action == "rollback"
    return before if newer and before.commit != here.commit else None


def _newest(
    state: EnvironmentState, history: Sequence[Shipment], images: Sequence[KnownImage]
) -> KnownImage | None:
    """The newest image that feeds it, unless it is there or on its way; what has one before it takes that.

    What failed there may be ordered again.
    """
    place = state.place
    if place is None or place.after is not None:
        return None
    feeding = [each for each in images if each.commit and place.source in (each.sources or ())]
    standing = _first([each for each in history if each.comes])
    newest = {each.name: each for each in reversed(feeding)}
    missing = (each for each in newest.values() if not _is_there(standing.get(each.name), each.reference))
    return next(missing, None)


def _earlier(history: Sequence[Shipment]) -> Iterator[str]:
    """What ran healthily before what was written last, of each image."""
    written = [each for each in history if each.is_written]
    now = _first(written)
    for each in written:
        called = each.version or split(each.image)[1]
        if called and each.healthy_at is not None and now[each.image_name].image != each.image:
            yield called


def _first(history: Sequence[Shipment]) -> dict[str, Shipment]:
    """The newest one of each image."""
    return {each.image_name: each for each in reversed(history)}


def _is_there(shipment: Shipment | None, reference: str) -> bool:
    return shipment is not None and shipment.image == reference and not shipment.has_failed
