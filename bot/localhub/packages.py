"""Container packages: manifests by their digests, with the tags that name them. Layers are left out."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.localhub.model import Account, Repository
from bot.localhub.refusals import NotFound, Refused
from bot.localhub.world import World

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


@dataclass(frozen=True, slots=True)
class Package:
    """A container package of an account, linked with the repository that it is built from."""

    database_id: int
    owner: Account
    name: str
    repository: int
    created_at: datetime

    @property
    def path(self) -> str:
        """Its name in the registry, owner/name."""
        return f"{self.owner.login}/{self.name}".lower()


@dataclass(frozen=True, slots=True)
class PackageVersion:
    """A manifest under its digest, which REST calls its name."""

    database_id: int
    package: int
    digest: str
    media_type: str
    manifest: bytes
    created_at: datetime
    tags: tuple[str, ...] = ()


class Packages:
    """What is pushed to the registry, and deleted from it. Nobody is told of it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.packages: dict[int, Package] = {}
        self.versions: dict[int, PackageVersion] = {}

    def push(
        self,
        repository: Repository,
        name: str,
        *tags: str,
        children: Sequence[PackageVersion] = (),
        subject: PackageVersion | None = None,
        annotations: Mapping[str, str] | None = None,
        at: datetime | None = None,
    ) -> PackageVersion:
        """Push an image, or the index of its `children`; a tag leaves the version that had it before.

        `subject` is what it refers to, as a signature does.
        """
        world, package = self._world, self._named(repository, name)
        number = world.number()
        manifest = {
            "schemaVersion": 2,
            "mediaType": INDEX if children else MANIFEST,
            **({"manifests": [_descriptor(child) for child in children]} if children else {"layers": []}),
            **({"subject": _descriptor(subject)} if subject else {}),
            "annotations": {"number": str(number), **(annotations or {})},
        }
        content = json.dumps(manifest).encode()
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        for other in self.versions_of(package):
            left = tuple(tag for tag in other.tags if tag not in tags)
            self.versions[other.database_id] = replace(other, tags=left)
        kind, moment = str(manifest["mediaType"]), at or world.now()
        version = PackageVersion(number, package.database_id, digest, kind, content, moment, tags)
        self.versions[number] = version
        return version

    def tag(self, version: PackageVersion, tag: str) -> PackageVersion:
        """Give a version one more tag."""
        version = self.versions[version.database_id]
        self.versions[version.database_id] = tagged = replace(version, tags=(*version.tags, tag))
        return tagged

    def delete(self, version: PackageVersion) -> None:
        """Delete a version; the last one with a tag stays, as long as its package does."""
        tagged = [one for one in self.versions_of(self.packages[version.package]) if one.tags]
        if tagged == [version]:
            raise Refused(
                "You cannot delete the last tagged version of a package. You must delete the package instead."
            )
        del self.versions[version.database_id]

    def of(self, path: str) -> Package:
        """The package that the registry knows as owner/name."""
        found = (one for one in self.packages.values() if one.path == path.lower())
        if (package := next(found, None)) is None:
            raise NotFound("Package not found.")
        return package

    def versions_of(self, package: Package) -> list[PackageVersion]:
        """The versions of a package, the newest first."""
        found = [one for one in self.versions.values() if one.package == package.database_id]
        return found[::-1]

    def _named(self, repository: Repository, name: str) -> Package:
        world = self._world
        try:
            return self.of(f"{repository.owner.login}/{name}")
        except NotFound:
            number = world.number()
            package = Package(number, repository.owner, name, repository.database_id, world.now())
            self.packages[number] = package
            return package


def _descriptor(version: PackageVersion) -> Mapping[str, object]:
    return {"mediaType": version.media_type, "digest": version.digest, "size": len(version.manifest)}
