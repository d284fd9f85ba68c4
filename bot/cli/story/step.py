"""A step of the demo's story."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.cli.stage import BRANCH, Stage
from bot.message import Message


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens: who does what, what is expected, and an act that says whether it came so.

    `pull` is the number of the pull request whose `check` is then worth a look.
    """

    does: Message
    expects: Message
    act: Callable[[Stage], Awaitable[bool]]
    pull: int
    check: str = BRANCH
