"""What a manifest says of the images that it belongs to.

Source: "Image Index" and "Image Manifest" of the OCI image specification 1.1, and "Manifest List" of Docker's
"Image Manifest V 2, Schema 2".
"""

from typing import Any, Final

import msgspec
from msgspec import Struct, field

_REVISION: Final = "org.opencontainers.image.revision"

MEDIA_TYPES: Final = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
INDEXES: Final = frozenset(MEDIA_TYPES[:2])


class _Descriptor(Struct):
    digest: str


class Manifest(Struct, frozen=True):
    """A manifest: an index has `manifests`, and what refers to an image has a `subject`."""

    manifests: tuple[_Descriptor, ...] = ()
    subject: _Descriptor | None = None
    annotations: dict[str, Any] | None = field(default=None)

    @property
    def children(self) -> frozenset[str]:
        """The digests that it holds."""
        return frozenset(each.digest for each in self.manifests)

    @property
    def about(self) -> str | None:
        """The digest that it refers to."""
        return self.subject.digest if self.subject else None

    @property
    def revision(self) -> str | None:
        """The commit that it says it was built from."""
        said = (self.annotations or {}).get(_REVISION)
        return said if isinstance(said, str) else None


def read(text: str | bytes) -> Manifest | None:
    """Read a manifest; None for what is none."""
    try:
        return msgspec.json.decode(text, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
