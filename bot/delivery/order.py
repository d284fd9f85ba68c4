"""never regress (D1): whether an image comes after the one that stands, whenever its event arrived."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.delivery.image import Image
from bot.message import Message, say


class Order(StrEnum):
    """What an image is to the one that stands."""

    NEWER = "newer"
    SAME = "same"
    OLDER = "older"
    UNKNOWN = "unknown"  # nothing proves it: never to be written without a person


@dataclass(frozen=True, slots=True)
class Answer:
    """An order and what proves it."""

    order: Order
    reason: Message


def compare(standing: Image, coming: Image) -> Answer:
    """Say whether `coming` is newer than `standing`: by version where both are one, else by build time."""
    if standing.repository != coming.repository:
        reason = say(
            "{coming} and {standing} are of different repositories.",
            coming=coming.repository,
            standing=standing.repository,
        )
        return Answer(Order.UNKNOWN, reason)
    return _same(standing, coming) or _by_version(standing, coming) or _by_time(standing, coming)


def _same(standing: Image, coming: Image) -> Answer | None:
    if standing.digest and coming.digest:
        same = standing.digest == coming.digest
    else:
        # A tag that moves may have moved: only where no digest is known is there nothing else to write.
        moved = coming.moves and (standing.digest or coming.digest)
        same = standing.tag == coming.tag and not moved
    if not same:
        return None
    return Answer(Order.SAME, say("{image} is what stands.", image=str(coming.reference)))


def _by_version(standing: Image, coming: Image) -> Answer | None:
    old, new = standing.numbered, coming.numbered
    if old is None or new is None or old == new:
        return None
    if new > old:
        reason = say("The version {coming} is above {standing}.", coming=str(new), standing=str(old))
        return Answer(Order.NEWER, reason)
    reason = say("The version {coming} is below {standing}.", coming=str(new), standing=str(old))
    return Answer(Order.OLDER, reason)


def _by_time(standing: Image, coming: Image) -> Answer:
    old, new = standing.pushed_at, coming.pushed_at
    names = {"coming": str(coming.reference), "standing": str(standing.reference)}
    if old is None or new is None:
        reason = say(
            "Nothing says whether {coming} is newer than {standing}: they are not both versions, and when "
            "each was built is not known.",
            **names,
        )
        return Answer(Order.UNKNOWN, reason)
    if new == old:
        return Answer(Order.UNKNOWN, say("{coming} was built at the same moment as {standing}.", **names))
    if new > old:
        return Answer(Order.NEWER, say("{coming} was built after {standing}.", **names))
    return Answer(Order.OLDER, say("{coming} was built before {standing}.", **names))


def stands(came: Iterable[tuple[Image, bool]]) -> int | None:
    """Say which of some images of one repository stands in the end, by its place among them; None of none.

    They came in this order, each with whether a person ordered it: that one stands, whatever stood before.
    One that came by itself does where it is newer (D1).
    """
    standing: Image | None = None
    found: int | None = None
    for index, (image, ordered) in enumerate(came):
        if standing is None or ordered or compare(standing, image).order is Order.NEWER:
            standing, found = image, index
    return found
