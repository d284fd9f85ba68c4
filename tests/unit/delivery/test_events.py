from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.events import MalformedEvent, distribution, ecr, package, told
from bot.delivery.image import Image

DIGEST = "sha256:" + "0f" * 32
OTHER = "sha256:" + "1e" * 32
COMMIT = "3f2c1ab" + "0" * 33
HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

EVENTBRIDGE: dict[str, Any] = {
    "version": "0",
    "id": "13cde686-328b-6117-af20-0e5566167482",
    "detail-type": "ECR Image Action",
    "source": "aws.ecr",
    "account": "123456789012",
    "time": "2026-03-01T12:00:00Z",
    "region": "eu-west-1",
    "resources": [],
    "detail": {
        "result": "SUCCESS",
        "repository-name": "team/app",
        "image-digest": DIGEST,
        "action-type": "PUSH",
        "image-tag": "main-3f2c1ab",
    },
}
CLOUDEVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "13cde686",
    "type": "com.amazon.ecr.image.push",
    "source": "urn:aws:ecr:eu-west-1:123456789012:repository/team/app",
    "time": "2026-03-01T12:00:00Z",
    "data": {
        "repositoryName": "team/app",
        "imageDigest": DIGEST,
        "imageTag": "main-3f2c1ab",
        "registryId": "123456789012",
    },
}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=3,
)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in an event, itself too."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from leaves(each, (*path, key))


def changed(event: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """The event with another value at a path; None takes the key out."""
    copy = deepcopy(event)
    *steps, last = path.split(".")
    node = copy
    for step in steps:
        node = node[step]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return copy


@pytest.mark.parametrize("event", [EVENTBRIDGE, CLOUDEVENT])
def test_a_push_to_ecr_is_an_image(event: dict[str, Any]) -> None:
    assert ecr(event) == (Image(f"{HOST}/team/app", "main-3f2c1ab", DIGEST, "3f2c1ab", NOON),)


def test_an_image_without_a_tag_is_one_too() -> None:
    for event, key in ((EVENTBRIDGE, "detail.image-tag"), (CLOUDEVENT, "data.imageTag")):
        (image,) = ecr(changed(event, key, None))
        assert image == Image(f"{HOST}/team/app", None, DIGEST, None, NOON)


def test_the_registries_in_china_have_another_name() -> None:
    (image,) = ecr(changed(EVENTBRIDGE, "region", "cn-north-1"))
    assert image.repository == "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/team/app"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("detail.result", "FAILURE"),
        ("detail.action-type", "DELETE"),
        ("detail-type", "ECR Image Scan"),
        ("detail.image-tag", "sha256-" + "0f" * 32 + ".sig"),
        ("detail.image-tag", "sha256-" + "0f" * 32),
    ],
)
def test_what_is_no_image_that_was_pushed_to_ecr_is_none(path: str, value: str) -> None:
    assert ecr(changed(EVENTBRIDGE, path, value)) == ()


def test_what_else_is_odd_about_an_image_that_was_deleted_does_not_matter() -> None:
    assert ecr(changed(changed(EVENTBRIDGE, "detail.action-type", "DELETE"), "time", "soon")) == ()
    assert package(changed(changed(PACKAGE, "action", "deleted"), METADATA, 1)) == ()


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ([], "Expected `object`, got `array`"),
        ({}, "Expected an event with detail-type or type"),
        (changed(EVENTBRIDGE, "detail", None), "missing required field `detail`"),
        (changed(EVENTBRIDGE, "detail.result", 1), "Expected `str`, got `int` - at `$.detail.result`"),
        (changed(EVENTBRIDGE, "detail.image-digest", None), "Expected sha256:…; found "),
        (changed(EVENTBRIDGE, "detail.image-digest", "md5"), "Expected an image"),
        (changed(EVENTBRIDGE, "detail.repository-name", "Team App"), "Expected an image"),
        (changed(EVENTBRIDGE, "time", "2026-03-01T12:00:00"), "timezone"),
        (changed(CLOUDEVENT, "source", "urn:elsewhere"), "found urn:elsewhere"),
        (changed(CLOUDEVENT, "data.registryId", None), "registryId"),
    ],
)
def test_a_malformed_event_of_ecr_says_what_was_expected_and_found(event: object, said: str) -> None:
    with pytest.raises(MalformedEvent) as refused:
        ecr(event)
    assert said in str(refused.value)


MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


def notification(**target: Any) -> dict[str, Any]:
    return {
        "id": "320678d8-ca14-430f-8bb6-4ca139cd83f7",
        "timestamp": "2026-03-01T12:00:00.123456789Z",
        "action": "push",
        "target": {
            "mediaType": MANIFEST,
            "size": 708,
            "digest": DIGEST,
            "length": 708,
            "repository": "team/app",
            "url": f"http://registry.test:5000/v2/team/app/manifests/{DIGEST}",
            "tag": "v1.2.3",
            **target,
        },
        "request": {"id": "6df24a34", "addr": "10.0.0.1", "host": "registry.test:5000", "method": "PUT"},
        "actor": {},
        "source": {"addr": "registry:5000", "instanceID": "a53db899"},
    }


BLOB = notification(mediaType="application/octet-stream", tag="", digest=OTHER)
UNTAGGED = notification(tag="", digest=OTHER)
PULL = {**notification(tag="v1.2.2"), "action": "pull"}
# A deletion has a target of other fields, and no request of a client may be behind it.
DELETION = {"id": "1", "timestamp": "2026-03-01T12:00:00Z", "action": "delete", "target": {"repository": "a"}}
INDEX = "application/vnd.oci.image.index.v1+json"


def test_only_pushed_manifests_with_a_tag_are_images() -> None:
    events = [BLOB, PULL, notification(), UNTAGGED, DELETION, notification(mediaType=INDEX, tag="main")]
    moment = NOON.replace(microsecond=123457)
    assert distribution({"events": events}) == (
        Image("registry.test:5000/team/app", "v1.2.3", DIGEST, None, moment),
        Image("registry.test:5000/team/app", "main", DIGEST, None, moment),
    )
    assert distribution({"events": []}) == ()


@pytest.mark.parametrize(
    "event",
    [
        {"action": "mount"},
        {**PULL, "timestamp": ""},
        {"action": "delete", "target": None},
        {**notification(), "action": "pull", "request": None},
        {**BLOB, "request": {}, "timestamp": "2026-03-01T12:00:00"},
    ],
)
def test_what_pushes_no_manifest_is_let_go_whatever_else_is_odd_about_it(event: object) -> None:
    assert distribution({"events": [event]}) == ()


def test_a_registry_is_named_by_the_request_or_else_by_the_address() -> None:
    event = {**notification(), "request": {}}
    assert distribution({"events": [event]})[0].repository == "registry.test:5000/team/app"
    event = {**notification(url=""), "request": {}}
    with pytest.raises(MalformedEvent, match=r"Expected request\.host; found"):
        distribution({"events": [event]})


@pytest.mark.parametrize(
    ("envelope", "said"),
    [
        ({}, "missing required field `events`"),
        ({"events": [{"target": {}}]}, "missing required field `action`"),
        ({"events": [notification(digest=7)]}, r"Expected `str`, got `int` - at `\$\.target\.digest`"),
        ({"events": [notification(digest="")]}, "Expected sha256"),
        ({"events": [notification(repository="")]}, "Expected an image"),
    ],
)
def test_a_malformed_envelope_says_what_was_expected_and_found(envelope: object, said: str) -> None:
    with pytest.raises(MalformedEvent, match=said):
        distribution(envelope)


PACKAGE: dict[str, Any] = {
    "action": "published",
    "registry_package": {
        "name": "shop/app",
        "namespace": "Mina",
        "ecosystem": "CONTAINER",
        "package_type": "CONTAINER",
        "package_version": {
            "version": DIGEST,
            "created_at": "2026-03-01T12:00:00Z",
            "updated_at": "2026-03-02T12:00:00Z",
            "container_metadata": {
                "tag": {"name": "main", "digest": DIGEST},
                "labels": {"revision": "", "all_labels": {"org.opencontainers.image.revision": COMMIT}},
                "manifest": {"digest": DIGEST},
            },
            "package_url": "ghcr.io/Mina/shop/app:main",
        },
    },
    "repository": {"full_name": "Mina/shop"},
}
VERSION = "registry_package.package_version"
METADATA = f"{VERSION}.container_metadata"


def test_a_container_package_is_an_image() -> None:
    image = Image("ghcr.io/mina/shop/app", "main", DIGEST, COMMIT, NOON)
    assert package(PACKAGE) == (image,)
    assert package({"action": "updated", "package": PACKAGE["registry_package"]}) == (image,)


def test_a_package_without_a_tag_is_an_image_without_one() -> None:
    untagged = changed(PACKAGE, f"{METADATA}.tag", {"name": "", "digest": ""})
    untagged = changed(untagged, f"{VERSION}.package_url", "ghcr.io/mina/shop/app:")
    assert package(untagged) == (Image("ghcr.io/mina/shop/app", None, DIGEST, COMMIT, NOON),)


@pytest.mark.parametrize(
    ("tag", "labels", "commit"),
    [
        ("main", None, None),
        ("main", {"revision": COMMIT, "all_labels": None}, COMMIT),
        ("main", {"revision": "not a commit"}, None),
        ("main", {"all_labels": {"org.opencontainers.image.revision": 7}}, None),
        # The tag is believed before a label that may be inherited; the label knows it in full.
        ("main-3f2c1ab", {"revision": COMMIT}, COMMIT),
        ("main-3f2c1ab", {"revision": "f" * 40}, "3f2c1ab"),
    ],
)
def test_the_commit_is_of_the_label_or_of_the_tag(
    tag: str, labels: dict[str, Any] | None, commit: str | None
) -> None:
    payload = changed(PACKAGE, f"{METADATA}.tag.name", tag)
    payload["registry_package"]["package_version"]["container_metadata"]["labels"] = labels
    assert [image.commit for image in package(payload)] == [commit]


def test_a_time_that_github_does_not_know_is_none() -> None:
    unknown = changed(PACKAGE, f"{VERSION}.created_at", "0001-01-01T00:00:00+09:00")
    assert [image.pushed_at for image in package(unknown)] == [datetime(2026, 3, 2, 12, tzinfo=UTC)]
    unknown = changed(unknown, f"{VERSION}.updated_at", "0001-01-01T00:00:00Z")
    assert [image.pushed_at for image in package(unknown)] == [None]


@pytest.mark.parametrize(
    ("path", "value"),
    [("action", "deleted"), (METADATA, None), (VERSION, None)],
)
def test_other_packages_are_none(path: str, value: str | None) -> None:
    assert package(changed(PACKAGE, path, value)) == ()


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ("x", "Expected `object`, got `str`"),
        ({"action": "published"}, "Expected an event with registry_package or package"),
        (
            changed(PACKAGE, f"{METADATA}.tag", "main"),
            "registry_package.package_version.container_metadata.tag",
        ),
        (changed(PACKAGE, f"{VERSION}.package_url", None), "Expected an image"),
    ],
)
def test_a_malformed_package_says_what_was_expected_and_found(payload: object, said: str) -> None:
    with pytest.raises(MalformedEvent) as refused:
        package(payload)
    assert said in str(refused.value)


READERS: list[tuple[Callable[[Any], tuple[Image, ...]], dict[str, Any]]] = [
    (ecr, EVENTBRIDGE),
    (ecr, CLOUDEVENT),
    (distribution, {"events": [notification(), BLOB]}),
    (package, PACKAGE),
]


@pytest.mark.parametrize(("reader", "event"), READERS)
def test_an_event_is_told_by_its_shape(
    reader: Callable[[Any], tuple[Image, ...]], event: dict[str, Any]
) -> None:
    assert told(event) == reader(event)


@pytest.mark.parametrize("event", [None, [], "push", {}, {"events": 1}, {"package": 1}])
def test_what_is_of_no_registry_is_malformed(event: Any) -> None:
    with pytest.raises(MalformedEvent):
        told(event)


@given(st.sampled_from(READERS), st.data())
def test_whatever_is_sent_is_images_or_malformed(
    reader: tuple[Callable[[Any], tuple[Image, ...]], dict[str, Any]], data: st.DataObject
) -> None:
    read, event = reader
    assert len(read(event)) == 1
    path = ("event", *data.draw(st.sampled_from(list(leaves(event)))))
    whole = {"event": deepcopy(event)}
    node: Any = whole
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = data.draw(JSON)
    with suppress(MalformedEvent):
        assert all(image.digest and image.repository.count("/") for image in read(whole["event"]))
