"""Which images may be deleted (D11), and why the others stay.

A registry keeps manifests by digest. An index holds the manifests of its platforms, and what refers to an
image (a signature, an attestation) belongs to it. Whatever stays keeps all that it holds, tagged or not.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.delivery.image import digits_of
from bot.message import Message, say

# Registries that know no referrers keep them under the digest that they are about: sha256-….sig.
_BESIDE: Final = re.compile(r"(?P<kind>sha(?:256|512))-(?P<hex>[0-9a-f]{32,})(?:\.[\w.-]*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Version:
    """What a registry keeps under one digest; `id` is what it calls it, `pushed_at` aware.

    `children` are the digests that an index holds, none for everything else, and None where what it is could
    not be read. `subject` is the digest that it refers to, `revision` the commit that its manifest names.
    """

    id: str
    digest: str
    tags: tuple[str, ...]
    pushed_at: datetime
    children: frozenset[str] | None = frozenset()
    subject: str | None = None
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class Deployed:
    """What runs, or ran not long ago, at a place ("acme/shop prod").

    It is the image with this digest, or this tag in the repository that is judged, and whatever says that it
    was built from the commit: of what others deploy no more is known.
    """

    where: str
    commit: str
    digest: str | None = None
    tag: str | None = None


class Fate(StrEnum):
    """What becomes of an image."""

    DELETED = "deleted"
    UNTAGGED = "untagged"  # the branch's tags go, the image stays
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an image of the branch, and why.

    `tags` are those of its tags that are the branch's. After a deleted image go its `parts`, in their order.
    """

    version: Version
    fate: Fate
    reason: Message
    tags: tuple[str, ...] = ()
    parts: tuple[Version, ...] = ()


def condemned(
    versions: Collection[Version],
    branch_images: Mapping[str, tuple[str, ...]],
    deployed: Collection[Deployed],
    keep: int,
    *,
    untags: bool = False,
) -> tuple[Verdict, ...]:
    """Judge the images of a branch; those that go come first, in the order in which they are to go.

    `versions` is all that a repository has in its registry, `branch_images` the digests of the branch's
    images with the tags that are its own. The newest `keep` images stay. `untags` says whether the registry
    can take a tag away and leave the image.
    """
    images = [version for version in versions if version.digest in branch_images]
    guards = _Guards(versions, deployed, keep)
    pinned = {image.digest: why for image in images if (why := guards.reason(image))}
    shared = {image.digest: tags for image in images if (tags := _others(image, branch_images))}
    free = branch_images.keys() - pinned.keys() - shared.keys()
    holds = _holds(versions)
    loose = {each.digest for each in versions if _is_loose(each) and not guards.runs(each)} - pinned.keys()
    gone = _unheld(versions, holds, free | (_reach(free, holds) & loose))

    named = {version.digest: version for version in versions}
    why = say("Nothing runs it, nothing that stays holds it, and {keep} newer images stay.", keep=keep)
    verdicts = [
        Verdict(named[digest], Fate.DELETED, why, branch_images[digest], tuple(map(named.__getitem__, parts)))
        for digest, parts in _with_parts(_order(gone, holds, versions), free, holds)
    ]
    for image in images:
        if image.digest in gone:
            continue
        fate, why = Fate.KEPT, pinned.get(image.digest) or _held(image, versions, holds, gone)
        if image.digest in shared and image.digest not in pinned:
            fate = Fate.UNTAGGED if untags else Fate.KEPT
            why = say("It has other tags too: {tags}.", tags=shared[image.digest])
        verdicts.append(Verdict(image, fate, why, branch_images[image.digest]))
    return tuple(verdicts)


class _Guards:
    """What keeps an image by itself: it runs, or is among the newest."""

    def __init__(self, versions: Collection[Version], deployed: Collection[Deployed], keep: int) -> None:
        self._deployed, self._keep = deployed, keep
        parts = {child for version in versions for child in version.children or ()}
        images = [each for each in versions if not _is_loose(each) and each.digest not in parts]
        self._times = [each.pushed_at for each in images]

    def reason(self, version: Version) -> Message | None:
        """Why an image stays, whatever holds it; None where nothing speaks for it."""
        if where := self.runs(version):
            return say("It is deployed: {where}.", where=where)
        # Of those that came at the same moment none is newer: all of them stay.
        if sum(moment > version.pushed_at for moment in self._times) < self._keep:
            return say("It is among the newest {keep}, which stay for rollbacks.", keep=self._keep)
        return None

    def runs(self, version: Version) -> str | None:
        """Where it is deployed; None for nowhere."""
        return next((each.where for each in self._deployed if _is(version, each)), None)


def _is(version: Version, deployed: Deployed) -> bool:
    commits = [*filter(None, map(digits_of, version.tags)), *filter(None, [version.revision])]
    built = any(deployed.commit.startswith(commit) for commit in commits)
    return built or version.digest == deployed.digest or deployed.tag in version.tags


def _is_loose(version: Version) -> bool:
    """Whether it has no name of its own: no tag, or only one that says what it refers to."""
    return all(_BESIDE.fullmatch(tag) for tag in version.tags)


def _others(image: Version, branch_images: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The tags of an image that are not the branch's."""
    return tuple(tag for tag in image.tags if tag not in branch_images[image.digest])


def _holds(versions: Iterable[Version]) -> Mapping[str, frozenset[str]]:
    """What each version holds, by digest: its children, and what refers to it."""
    found: dict[str, set[str]] = {version.digest: set(version.children or ()) for version in versions}
    known = frozenset(found)
    for version in versions:
        subjects = {version.subject, *map(_beside, version.tags)}
        for subject in subjects & known:
            found[str(subject)].add(version.digest)
    return {digest: frozenset(held & known - {digest}) for digest, held in found.items()}


def _beside(tag: str) -> str | None:
    found = _BESIDE.fullmatch(tag)
    return f"{found['kind']}:{found['hex']}" if found else None


def _reach(digests: Iterable[str], holds: Mapping[str, frozenset[str]]) -> set[str]:
    """All that these hold, and what that holds in its turn."""
    found, front = set[str](), set(digests)
    while front := {held for digest in front for held in holds[digest]} - found:
        found |= front
    return found


def _unheld(
    versions: Collection[Version], holds: Mapping[str, frozenset[str]], wanted: Collection[str]
) -> frozenset[str]:
    """The most of `wanted` that can go without taking anything from what stays."""
    gone = set(wanted)
    while True:
        staying = [version for version in versions if version.digest not in gone]
        if any(version.children is None for version in staying):
            return frozenset()  # it may hold anything
        held = {each for version in staying for each in holds[version.digest]} & gone
        if not held:
            return frozenset(gone)
        gone -= held


def _order(
    gone: Collection[str], holds: Mapping[str, frozenset[str]], versions: Iterable[Version]
) -> list[str]:
    """The holder before what it holds: registries let nothing go that an index has, and none breaks."""
    children = {version.digest: version.children or frozenset() for version in versions}
    order, rest = list[str](), set(gone)
    while rest:
        held = {each for digest in rest for each in holds[digest]}
        # Where one refers to what holds it, what is in an index comes after it all the same.
        parts = {each for digest in rest for each in children[digest]}
        first = rest - held or rest - parts or rest
        order += sorted(first)
        rest -= first
    return order


def _with_parts(
    order: Sequence[str], images: Collection[str], holds: Mapping[str, frozenset[str]]
) -> Iterator[tuple[str, list[str]]]:
    """Each image that goes, with what goes after it: what it holds, unless a later one holds it too."""
    last = {part: image for image in order if image in images for part in _reach([image], holds)}
    for image in order:
        if image in images:
            yield image, [part for part in order if part not in images and last[part] == image]


def _held(
    image: Version,
    versions: Iterable[Version],
    holds: Mapping[str, frozenset[str]],
    gone: Collection[str],
) -> Message:
    """Why an image that could go by itself stays."""
    staying = [version for version in versions if version.digest not in gone and version != image]
    for version in staying:
        if image.digest in holds[version.digest]:
            return say("It is a part of {image}, which stays.", image=_name(version))
    unread = next((version for version in staying if version.children is None), image)
    return say("What {image} holds cannot be read; it might be this.", image=_name(unread))


def _name(version: Version) -> str:
    return version.tags[0] if version.tags else version.digest
