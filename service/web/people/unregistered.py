"""A Signalbox that is no App yet."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Unregistered:
    """The `file` for the credentials of the App to be, and the `token` that lets one register it.

    `done` is called once they are kept: the process has to start again as the App.
    """

    file: Path
    token: str = field(repr=False)
    done: Callable[[], None]
