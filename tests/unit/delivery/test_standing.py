"""D5: what an image is to the one that the manifests name in the same words."""

import pytest

from bot.delivery.image import Image
from bot.delivery.standing import Met, met

ONE, TWO = (f"sha256:{letter * 64}" for letter in "ab")


def image(tag: str | None, digest: str | None) -> Image:
    return Image("ghcr.io/acme/shop", tag, digest)


@pytest.mark.parametrize(
    ("before", "coming", "digest", "expected"),
    [
        (None, image("v1.2.0", ONE), False, Met.OTHER),
        (image("v1.2.0", ONE), image("v1.2.0", ONE), False, Met.SAME),
        (image("v1.2.0", None), image("v1.2.0", ONE), False, Met.SAME),
        (image("v1.1.0", TWO), image("v1.2.0", ONE), False, Met.OTHER),
        (image("v1.2.0", TWO), image("v1.2.0", ONE), False, Met.MOVED),
        (image("v1.2.0", TWO), image("v1.2.0", ONE), True, Met.OTHER),
        (image("main", None), image("main", None), False, Met.SAME),
        (image("main", None), image("main", ONE), False, Met.MOVED),
        (image(None, ONE), image(None, ONE), False, Met.SAME),
        (image(None, TWO), image(None, ONE), False, Met.OTHER),
    ],
)
def test_it_is_the_same_only_where_that_is_known(
    before: Image | None, coming: Image, digest: bool, expected: Met
) -> None:
    assert met(before, coming, digest=digest) is expected
