"""Amazon ECR, against a server that speaks its API."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiobotocore.session import get_session
from moto.server import ThreadedMotoServer
from support.registry import version

from bot.errors import GiveUp, Retry
from bot.registries.ecr import Ecr, declined
from bot.registries.manifest import INDEXES, MEDIA_TYPES
from bot.registries.registry import Declined

INDEX, IMAGE = MEDIA_TYPES[0], MEDIA_TYPES[2]
REPOSITORY = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/team/shop"
SESSION = get_session()
PLACE = {"repositoryName": "team/shop"}


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    """The address of the server."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def ecr() -> Ecr:
    return Ecr()


@pytest.fixture
def environment(aws: str, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """What AWS's SDK reads of the environment."""
    for name, value in {
        "AWS_ENDPOINT_URL": aws,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.fixture
async def client(environment: pytest.MonkeyPatch) -> AsyncIterator[Any]:  # noqa: ARG001 - it reads it
    """What a team pushes with."""
    async with SESSION.create_client("ecr", region_name="ap-northeast-2") as made:
        await made.create_repository(**PLACE)
        yield made
        await made.delete_repository(**PLACE, force=True)


async def push(client: Any, number: int, *tags: str, **more: Any) -> str:
    """Push a manifest under its tags; its digest."""
    kind = INDEX if "manifests" in more else IMAGE
    body = {"schemaVersion": 2, "mediaType": kind, "annotations": {"number": str(number)}, **more}
    digest = f"sha256:{number:064x}"
    for tag in tags or ("",):
        said = {"imageTag": tag} if tag else {}
        await client.put_image(
            **PLACE, imageManifest=json.dumps(body), imageManifestMediaType=kind, imageDigest=digest, **said
        )
    return digest


def tags_of(versions: Any) -> dict[str, tuple[str, ...]]:
    return {each.digest: each.tags for each in versions}


def test_its_registries_are_known_by_name() -> None:
    assert Ecr.has(REPOSITORY)
    assert Ecr.has("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/shop")
    assert not Ecr.has("ghcr.io/acme/shop")
    assert not Ecr.has("123456789012.dkr.ecr.ap-northeast-2.amazonaws.com.evil.example/shop")


async def test_a_listing_says_what_an_index_holds(client: Any, ecr: Ecr) -> None:
    arm, amd = await push(client, 1), await push(client, 2)
    revision = {"org.opencontainers.image.revision": "3f2c1ab"}
    index = await push(
        client, 3, "v1.0.0", "latest",
        manifests=[{"digest": arm}, {"digest": amd}], annotations=revision,
    )  # fmt: skip
    versions = {each.digest: each for each in await ecr.versions(REPOSITORY)}
    assert tags_of(versions.values()) == {arm: (), amd: (), index: ("v1.0.0", "latest")}
    assert versions[index].children == frozenset({arm, amd})
    assert versions[index].revision == "3f2c1ab"
    assert versions[arm].children == frozenset()
    assert versions[arm].pushed_at.tzinfo is not None


async def test_indexes_beyond_the_first_hundred_are_read_too(client: Any, ecr: Ecr) -> None:
    arm = await push(client, 1)
    for number in range(2, 105):
        await push(client, number, f"v{number}", manifests=[{"digest": arm}])
    versions = await ecr.versions(REPOSITORY)
    assert len(versions) == 104
    assert all(each.children == frozenset({arm}) for each in versions if each.tags)


async def test_an_image_stays_with_the_tag_that_it_got_meanwhile(client: Any, ecr: Ecr) -> None:
    digest = await push(client, 1, "feat-login", "sha-3f2c1ab")
    (listed,) = await ecr.versions(REPOSITORY)
    await push(client, 1, "v1.0.0")
    with pytest.raises(Declined, match="tagged meanwhile"):
        await ecr.delete(REPOSITORY, listed)
    (left,) = await ecr.versions(REPOSITORY)
    assert (left.digest, left.tags) == (digest, ("v1.0.0",))


async def test_what_is_deleted_is_gone_and_may_be_gone_already(client: Any, ecr: Ecr) -> None:
    untagged, tagged = await push(client, 1), await push(client, 2, "feat-login")
    listed = await ecr.versions(REPOSITORY)
    assert {each.digest for each in listed} == {untagged, tagged}
    for each in (*listed, *listed):
        await ecr.delete(REPOSITORY, each)
    assert await ecr.versions(REPOSITORY) == ()


async def test_a_tag_is_taken_away(client: Any, ecr: Ecr) -> None:
    digest = await push(client, 1, "feat-login", "v1.0.0")
    await ecr.untag(REPOSITORY, ["feat-login"])
    assert tags_of(await ecr.versions(REPOSITORY)) == {digest: ("v1.0.0",)}


async def test_what_aws_does_not_delete_is_said() -> None:
    failures = [
        {"failureCode": "ImageNotFound", "failureReason": "gone"},
        {"failureCode": "ImageReferencedByManifestList", "failureReason": "an index has it"},
    ]
    assert declined(failures) == "ImageReferencedByManifestList: an index has it"
    assert declined(failures[:1]) == ""


@pytest.mark.usefixtures("client")
async def test_a_refusal_is_the_registrys_own(ecr: Ecr) -> None:
    with pytest.raises(Declined, match="InvalidImageDigest"):
        await ecr.delete(REPOSITORY, replace(version(1), digest="sha256:short"))


@pytest.mark.usefixtures("client")
async def test_a_repository_that_is_not_there_ends_it(ecr: Ecr) -> None:
    with pytest.raises(GiveUp, match="RepositoryNotFoundException"):
        await ecr.versions(REPOSITORY + "s")


async def test_aws_that_cannot_be_reached_is_asked_again(environment: pytest.MonkeyPatch, ecr: Ecr) -> None:
    environment.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(Retry, match="cannot reach"):
        await ecr.versions(REPOSITORY)


async def test_whoever_aws_does_not_know_is_told(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        environment.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        environment.setenv(name, str(tmp_path / "none"))
    with pytest.raises(GiveUp, match="AWS does not know who asks"):
        await Ecr().versions(REPOSITORY)


def test_indexes_are_those_of_oci_and_of_docker() -> None:
    assert {INDEX, "application/vnd.docker.distribution.manifest.list.v2+json"} == INDEXES
