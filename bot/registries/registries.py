"""Which registry has a repository of images."""

from collections.abc import Sequence

from bot.registries.ecr import Ecr
from bot.registries.ghcr import Ghcr
from bot.registries.registry import Registry


class Registries:
    """The registries that let Signalbox in; without a token of a person (`ghcr` is None) GitHub's does not.

    `deletes` says whether anything may be deleted there, or only be talked of.
    """

    def __init__(self, ghcr: Ghcr | None, *, deletes: bool) -> None:
        self._ghcr, self._ecr, self.deletes = ghcr, Ecr(), deletes

    def of(self, repository: str) -> Registry | None:
        """The registry of a repository by its full name (`ghcr.io/acme/shop`); None where none lets in."""
        if self._ecr.has(repository):
            return self._ecr
        return self._ghcr if self._ghcr and self._ghcr.has(repository) else None

    @property
    def say_what_is_built(self) -> bool:
        """Whether `linked` can find anything."""
        return self._ghcr is not None

    async def linked(self, full_name: str, repository_id: int) -> Sequence[str]:
        """The repositories of images that say themselves that a repository ("owner/name") builds them.

        Raises as `Registry` does.
        """
        return await self._ghcr.linked(full_name, repository_id) if self._ghcr else ()
