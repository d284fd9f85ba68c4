"""The board of a repository: what each environment runs, and what waits to be promoted to it."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.ledger.database import Database
from service.ledger.deployments import Deployment
from service.ledger.repositories import KnownRepository
from service.ledger.running import EnvironmentState, read_states


@dataclass(frozen=True, slots=True)
class Row:
    """An environment, and the deployment of the one before it that may be promoted to it, if there is one."""

    state: EnvironmentState
    waiting: Deployment | None


class Board:
    """What the board shows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, known: KnownRepository) -> tuple[Row, ...]:
        """The environments in the order of promotion: one statement."""
        states = await self._database.run(lambda connection: read_states(connection, [known]))
        return rows(states[known.repository.id])


def rows(states: Sequence[EnvironmentState]) -> tuple[Row, ...]:
    """Say of each environment what waits to be promoted to it."""
    running = {state.name: state.running for state in states}
    return tuple(
        Row(state, _waiting(running.get(state.place.after or "") if state.place else None, state))
        for state in states
    )


def _waiting(before: Deployment | None, state: EnvironmentState) -> Deployment | None:
    """What runs before it and not in it: nothing older, but for what a rollback has taken out of it."""
    here = state.running
    if before is None or here is None:
        return before
    # GitHub's moments are whole seconds, its ids grow.
    later = (before.created_at, before.id) > (here.created_at, here.id)
    newer = later or here.action == "rollback"
    return before if newer and before.commit != here.commit else None
