"""What a bench answers: one bar, what was measured, and whether it is met."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of the report: texts for people. `met` is None where a figure is only told, without a bar."""

    what: str
    how: str
    bar: str
    measured: str
    met: bool | None


# A bench gets an empty folder of its own, and answers one bar or a small family.
Bench: TypeAlias = Callable[[Path], Awaitable[list[Bar]]]


def p99(values: Sequence[float]) -> float:
    """The 99th percentile of at least two values."""
    return quantiles(values, n=100, method="inclusive")[98]


def spread(values: Sequence[float], digits: int = 0) -> str:
    """The least and the greatest, as "3 to 5"."""
    return f"{min(values):,.{digits}f} to {max(values):,.{digits}f}"
