"""Every published example of a package is read: the container as an image, the others as none."""

from typing import Any

from bot.delivery.events import package
from bot.delivery.image import Image


def test_every_published_package_is_read(
    webhook_examples: list[tuple[str, str | None, dict[str, Any]]],
) -> None:
    examples = [payload for event, _, payload in webhook_examples if event in {"package", "registry_package"}]
    assert len(examples) == 3
    assert [image for payload in examples for image in package(payload)] == [
        Image(
            "ghcr.io/codertocat/hello-world",
            digest="sha256:6c62fb45fe66bfb1ea9a66abc38f6a0cc974292b",
            commit="6c62fb45fe66bfb1ea9a66abc38f6a0cc974292b",
        )
    ]
