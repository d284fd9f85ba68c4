"""The present moment, for whoever is not given another clock."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The present moment, aware."""
    return datetime.now(UTC)
