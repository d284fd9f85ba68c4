"""What Argo CD's news mean for an image."""

from typing import Any

import pytest

from bot.delivery.argocd import News, State, news, state_of
from bot.delivery.events import MalformedEvent
from bot.delivery.image import Image

DIGEST = "sha256:" + "a" * 64
IMAGE = Image("ghcr.io/acme/shop", "v1.2.0", DIGEST)


def told(health: str = "Healthy", phase: str = "Succeeded", *images: str) -> News:
    return News(app="shop-dev", health=health, phase=phase, revision="b" * 40, message="", images=images)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ghcr.io/acme/shop:v1.2.0", State.HEALTHY),
        (f"ghcr.io/acme/shop@{DIGEST}", State.HEALTHY),
        (f"ghcr.io/acme/shop:old@{DIGEST}", State.HEALTHY),
        (f"ghcr.io/acme/shop:v1.2.0@sha256:{'b' * 64}", State.SILENT),
        ("ghcr.io/acme/shop:v1.1.0", State.SILENT),
        ("ghcr.io/acme/other:v1.2.0", State.SILENT),
        ("no image at all", State.SILENT),
    ],
)
def test_d8_healthy_counts_only_beside_the_image_itself(text: str, expected: State) -> None:
    assert state_of(told("Healthy", "Succeeded", text), IMAGE) is expected


@pytest.mark.parametrize(
    ("health", "phase", "expected"),
    [
        ("Degraded", "Succeeded", State.FAILED),
        ("Progressing", "Succeeded", State.SILENT),
        ("Healthy", "Running", State.SILENT),
        ("Degraded", "Running", State.SILENT),
        ("Degraded", "", State.SILENT),
        ("Healthy", "Failed", State.FAILED),
        ("Healthy", "Error", State.FAILED),
    ],
)
def test_the_end_is_healthy_or_failed(health: str, phase: str, expected: State) -> None:
    assert state_of(told(health, phase, "ghcr.io/acme/shop:v1.2.0"), IMAGE) is expected


@pytest.mark.parametrize(
    ("image", "proposed", "expected"),
    [
        ("ghcr.io/acme/shop:v1.1.0", False, State.FAILED),
        ("ghcr.io/acme/shop:v1.1.0", True, State.SILENT),
        ("ghcr.io/acme/shop:v1.2.0", True, State.FAILED),
    ],
)
def test_a_failed_sync_is_no_news_of_what_nobody_has_merged(
    image: str, proposed: bool, expected: State
) -> None:
    assert state_of(told("Healthy", "Failed", image), IMAGE, proposed=proposed) is expected


def body(**status: Any) -> Any:
    return {"app": {"metadata": {"name": "shop-dev"}, "status": status}}


def test_news_are_read_as_the_catalogue_has_them() -> None:
    found = news(
        body(
            sync={"status": "Synced", "revision": "c" * 40},
            health={"status": "Healthy"},
            operationState={
                "phase": "Succeeded",
                "finishedAt": "2026-01-02T03:04:05Z",
                "message": "successfully synced",
                "syncResult": {"revision": "b" * 40},
            },
            summary={"images": ["ghcr.io/acme/shop:v1.2.0"]},
        )
    )
    assert (found.app, found.revision, found.phase) == ("shop-dev", "b" * 40, "Succeeded")
    assert found.images == ("ghcr.io/acme/shop:v1.2.0",)


def test_what_argo_cd_does_not_know_is_nothing() -> None:
    empty = body(sync={"revision": "c" * 40}, health={}, operationState=None, summary={"images": None})
    assert news(empty).revision == "c" * 40
    assert news(body()).images == ()


@pytest.mark.parametrize("wrong", [[], {}, {"app": 5}, {"app": {"metadata": {"name": ""}, "status": {}}}])
def test_what_is_no_news_is_refused(wrong: Any) -> None:
    with pytest.raises(MalformedEvent):
        news(wrong)
