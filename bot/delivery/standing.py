"""An image of which the manifests need no other word: whether it is the one that was written there before."""

from enum import StrEnum

from bot.delivery.image import Image
from bot.delivery.order import Order, compare


class Met(StrEnum):
    """What an image that the manifests name already is to the one that was written there last."""

    SAME = "same"
    MOVED = "moved"  # the tag is the same, and names another image now (D5)
    OTHER = "other"  # somebody else wrote it, or nobody knows who


def met(before: Image | None, coming: Image, *, digest: bool) -> Met:
    """Say what `coming` is to `before`, None for nothing known; `digest` is whether that is written too."""
    if before is None or before.tag != coming.tag:
        return Met.OTHER
    if compare(before, coming).order is Order.SAME:
        return Met.SAME
    return Met.OTHER if digest or coming.tag is None else Met.MOVED
