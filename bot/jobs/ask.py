"""How a job raises questions itself."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Protocol

from bot.engine import Question


class Ask(Protocol):
    """Raises questions, to be answered no earlier than `not_before` (aware, UTC)."""

    def __call__(self, *questions: Question, not_before: datetime | None = None) -> Awaitable[None]:
        """Raise them."""
