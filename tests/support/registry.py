"""What a registry would list, in few words."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.delivery.cleanup import Version

NOON: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)


def digest(number: int) -> str:
    return f"sha256:{number:064x}"


def version(
    number: int,
    *tags: str,
    children: Collection[int] | None = (),
    subject: str | None = None,
    revision: str | None = None,
    age: int = 0,
) -> Version:
    """The version with the digest of a number; `age` is how many hours before noon it was pushed."""
    held = None if children is None else frozenset(map(digest, children))
    return Version(str(number), digest(number), tags, NOON - timedelta(hours=age), held, subject, revision)
