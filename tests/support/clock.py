"""Time as a test wants it."""

from datetime import UTC, datetime, timedelta


class Clock:
    """A clock that somebody sets; it begins at a moment with microseconds."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 25, 12, 30, 15, 123456, UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now
