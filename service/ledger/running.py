"""What each environment runs and how its last deployment ended, read for many environments at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from service.ledger import models
from service.ledger.deployments import COLUMNS, Deployment, deploys, read_deployment
from service.ledger.environments import Freeze, Hold, read_environment
from service.ledger.repositories import KnownRepository, Place

_NAMES = tuple(column.name for column in COLUMNS)
# How many columns of a row are the environment's, and how many each deployment's.
_OWN, _THEIRS = len(models.Environment.__table__.columns), len(_NAMES)


@dataclass(frozen=True, slots=True)
class EnvironmentState:
    """An environment.

    `running` is its newest deployment that succeeded, `last` its newest, whose state is its health; both are
    None where it never ran anything. `refused` is the order to hold or freeze it, or to end that, which was
    refused since; None for none. `place` is what the rulebook says of it, None for one that it does not name.
    """

    name: str
    place: Place | None
    running: Deployment | None
    last: Deployment | None
    hold: Hold | None
    freeze: Freeze | None
    refused: Deployment | None = None


def read_states(
    connection: sa.Connection, repositories: Collection[KnownRepository]
) -> dict[int, tuple[EnvironmentState, ...]]:
    """The environments of each repository, by its id, in one statement.

    Those of the rulebook stand in the order of promotion, others after them by name.
    """
    ids = [known.repository.id for known in repositories]
    found: dict[int, dict[str, EnvironmentState]] = {each: {} for each in ids}
    for row in connection.execute(_states(), {"ids": ids}):
        said = read_environment(row)
        beside = (row[at : at + _THEIRS] for at in range(_OWN, len(row), _THEIRS))
        running, last, newest = map(_deployment, beside)
        refused = None if newest is None or newest.deploys else newest
        state = EnvironmentState(said.name, None, running, last, said.hold, said.freeze, refused)
        found[said.repository.id][said.name] = state
    return {known.repository.id: _ordered(known, found[known.repository.id]) for known in repositories}


def _ordered(known: KnownRepository, found: dict[str, EnvironmentState]) -> tuple[EnvironmentState, ...]:
    nothing = EnvironmentState("", None, None, None, None, None)
    named = [
        replace(found.pop(place.name, nothing), name=place.name, place=place) for place in known.environments
    ]
    return (*named, *(found[name] for name in sorted(found)))


@cache
def _states() -> sa.Select[*tuple[Any, ...]]:
    """Each environment beside three of its deployments, which the index finds without reading the others."""
    place = models.Environment
    columns: list[Any] = [*place.__table__.columns]
    joined: Any = place
    for side in ("running", "last", "newest"):
        each, newest = aliased(models.Deployment), aliased(models.Deployment)
        here = [newest.repository_id == place.repository_id, newest.environment == place.name]
        here += {"running": [newest.state == "success"], "last": [deploys(newest)]}.get(side, [])
        id_of = (
            sa.select(newest.id).where(*here).order_by(newest.created_at.desc(), newest.id.desc()).limit(1)
        )
        same = (each.repository_id == place.repository_id, each.id == id_of.scalar_subquery())
        joined = sa.outerjoin(joined, each, sa.and_(*same))
        columns += [getattr(each, name).label(f"{side}_{name}") for name in _NAMES]
    return (
        sa.select(*columns)
        .select_from(joined)
        .where(place.repository_id.in_(sa.bindparam("ids", expanding=True)))
    )


def _deployment(values: Sequence[Any]) -> Deployment | None:
    fields = dict(zip(_NAMES, values, strict=True))
    return read_deployment(fields) if fields["id"] is not None else None
