"""What every registry can do, whatever it speaks."""

from collections.abc import Sequence
from typing import Protocol

from bot.delivery.cleanup import Version
from bot.errors import GiveUp


class Declined(GiveUp):
    """A registry understood, and does not delete this; the message is its own."""


class Registry(Protocol):
    """A registry, as far as a clean-up needs it.

    `repository` is the full name of one of its repositories, with the registry (`ghcr.io/acme/shop`). All
    raise `Retry` where asking again may help, and `GiveUp` where the registry does not let the App in.
    """

    @property
    def untags(self) -> bool:
        """Whether it can take a tag away and leave the image."""

    async def versions(self, repository: str) -> Sequence[Version]:
        """All that a repository has, tagged or not, with what each version holds where that can be read."""

    async def delete(self, repository: str, version: Version) -> None:
        """Delete a version as it was listed; one that is gone already is well. Raises `Declined`."""

    async def untag(self, repository: str, tags: Sequence[str]) -> None:
        """Take tags away; an image that has no other goes with its last. Raises `Declined`."""
