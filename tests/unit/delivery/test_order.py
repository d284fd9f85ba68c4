from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from semver import Version

from bot.delivery.image import Image
from bot.delivery.order import Order, compare

REPOSITORY = "ghcr.io/team/app"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=1)
ONE, TWO = ("sha256:" + digit * 64 for digit in "12")


def image(tag: str | None, digest: str | None = None, at: datetime | None = None) -> Image:
    return Image(REPOSITORY, tag, digest, pushed_at=at)


@pytest.mark.parametrize(
    ("standing", "coming", "order", "reason"),
    [
        # Versions go by semver, whenever they were pushed: a patch of an old line comes late.
        (image("v1.2.0", at=LATER), image("v1.3.0", at=NOON), Order.NEWER, "1.3.0 is above 1.2.0"),
        (image("v1.3.0", at=NOON), image("v1.2.1", at=LATER), Order.OLDER, "1.2.1 is below 1.3.0"),
        (image("1.9.0"), image("v1.10.0"), Order.NEWER, "above"),
        (image("v1.2.0-rc.1"), image("v1.2.0"), Order.NEWER, "above"),
        # Everything else goes by the time it was built, never by arrival.
        (image("main-3f2c1ab", at=NOON), image("main-a1b2c3d", at=LATER), Order.NEWER, "built after"),
        (image("main-3f2c1ab", at=LATER), image("main-a1b2c3d", at=NOON), Order.OLDER, "built before"),
        (image("1.2.3-3f2c1ab", at=NOON), image("1.2.3-03f2c1a", at=LATER), Order.NEWER, "built after"),
        (image("v1.2.0", at=NOON), image("main-3f2c1ab", at=LATER), Order.NEWER, "built after"),
        (image("main", ONE, NOON), image("main", TWO, LATER), Order.NEWER, "built after"),
        (image("v1.2.0", ONE, LATER), image("1.2.0", TWO, NOON), Order.OLDER, "built before"),
        (image("main", None, NOON), image("main", TWO, LATER), Order.NEWER, "built after"),
        # The same image, however it is named.
        (image("main", ONE, NOON), image("main", ONE, LATER), Order.SAME, "is what stands"),
        (image("main", ONE), image("main-3f2c1ab", ONE), Order.SAME, "is what stands"),
        (image("main-3f2c1ab"), image("main-3f2c1ab", ONE), Order.SAME, "is what stands"),
        (image("main", at=NOON), image("main", at=LATER), Order.SAME, "is what stands"),
        # What is not known is not guessed.
        (image("main-3f2c1ab"), image("main-a1b2c3d", at=LATER), Order.UNKNOWN, "is not known"),
        (image("main-3f2c1ab", at=NOON), image("main-a1b2c3d"), Order.UNKNOWN, "is not known"),
        (image("main"), image("main", TWO, NOON), Order.UNKNOWN, "is not known"),
        (image("a-3f2c1ab", at=NOON), image("a-a1b2c3d", at=NOON), Order.UNKNOWN, "same moment"),
    ],
)
def test_an_environment_never_regresses_d1(standing: Image, coming: Image, order: Order, reason: str) -> None:
    answer = compare(standing, coming)
    assert answer.order is order
    assert reason in answer.reason.id.format(**answer.reason.values)


def test_versions_are_compared_as_the_rulebook_reads_them_d1() -> None:
    """By time, a patch of an older line would come after; and a tag that is a version does not move."""
    newer = replace(image("shop-2.0.0", ONE, NOON), version=Version(2, 0, 0))
    patch = replace(image("shop-1.0.1", TWO, LATER), version=Version(1, 0, 1))
    assert compare(newer, patch).order is Order.OLDER
    assert compare(patch, newer).order is Order.NEWER
    assert compare(newer, replace(newer, digest=None)).order is Order.SAME
    assert (patch.moves, image("shop-1.0.1").moves) == (False, True)


def test_images_of_two_repositories_have_no_order() -> None:
    other = replace(image("v1.3.0"), repository="ghcr.io/team/other")
    assert compare(image("v1.2.0"), other).order is Order.UNKNOWN


IMAGES = st.builds(
    image,
    st.sampled_from([None, "main", "v1.2.0", "1.2.0", "1.3.0", "main-3f2c1ab", "main-a1b2c3d"]),
    st.sampled_from([None, ONE, TWO]),
    st.sampled_from([None, NOON, LATER]),
)
REVERSED = {Order.NEWER: Order.OLDER, Order.OLDER: Order.NEWER}


@given(IMAGES, IMAGES)
def test_the_order_of_two_images_is_the_reverse_the_other_way_round_d1(one: Image, other: Image) -> None:
    there, back = compare(one, other).order, compare(other, one).order
    assert there is REVERSED.get(back, back)
    assert compare(one, one).order is Order.SAME
