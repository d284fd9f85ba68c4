"""A repository, as every table of the ledger names one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Repository:
    """GitHub's numeric id, which outlives a new name, and the full name ("owner/name") at the time."""

    id: int
    name: str
