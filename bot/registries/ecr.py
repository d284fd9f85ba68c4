"""Amazon ECR, by its API; whom AWS takes this process for is the business of AWS's own environment.

Source: Amazon ECR API Reference, 2015-09-21 (DescribeImages, BatchGetImage, BatchDeleteImage).
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any, Final

from bot.delivery.cleanup import Version
from bot.errors import GiveUp, Retry
from bot.registries import manifest
from bot.registries.manifest import Manifest
from bot.registries.registry import Declined

_REPOSITORY: Final = re.compile(
    r"(?P<account>[0-9]{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(?P<name>.+)",
    re.ASCII,
)
_MOST: Final = 100  # images in one request
_GONE: Final = "ImageNotFound"
_PASSING: Final = frozenset(
    {"ServerException", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"}
)
_SERVER_ERROR: Final = 500


class Ecr:
    """Every registry of Amazon ECR that AWS's environment opens."""

    untags = True

    def __init__(self) -> None:
        self._session: Any = None  # of AWS's SDK, half of which is data: it is read once, where it is wanted

    @staticmethod
    def has(repository: str) -> bool:
        """Whether a repository is in such a registry, by its name."""
        return _REPOSITORY.fullmatch(repository) is not None

    async def versions(self, repository: str) -> Sequence[Version]:
        """See `Registry`."""
        async with self._client(repository) as (client, place):
            pages = client.get_paginator("describe_images").paginate(**place)
            found = [detail async for page in pages for detail in page["imageDetails"]]
            indexes = [each["imageDigest"] for each in found if _is_index(each)]
            manifests: dict[str, Manifest | None] = {}
            for some in _batches([{"imageDigest": digest} for digest in indexes]):
                answer = await client.batch_get_image(
                    **place, imageIds=some, acceptedMediaTypes=[*manifest.MEDIA_TYPES]
                )
                for image in answer["images"]:
                    manifests[image["imageId"]["imageDigest"]] = manifest.read(image["imageManifest"])
        return tuple(_version(each, manifests) for each in found)

    async def delete(self, repository: str, version: Version) -> None:
        """See `Registry`.

        By its tags where it has some: an image that got another one meanwhile stays with that.
        """
        digest = {"imageDigest": version.digest}
        if not version.tags:
            await self._delete(repository, [digest])
            return
        await self.untag(repository, version.tags)
        async with self._client(repository) as (client, place):
            answer = await client.batch_get_image(
                **place, imageIds=[digest], acceptedMediaTypes=[*manifest.MEDIA_TYPES]
            )
        if answer["images"]:
            raise Declined("it was tagged meanwhile")

    async def untag(self, repository: str, tags: Sequence[str]) -> None:
        """See `Registry`."""
        await self._delete(repository, [{"imageTag": tag} for tag in tags])

    async def _delete(self, repository: str, ids: Sequence[Mapping[str, str]]) -> None:
        async with self._client(repository) as (client, place):
            for some in _batches(ids):
                answer = await client.batch_delete_image(**place, imageIds=some)
                if refused := declined(answer.get("failures", ())):
                    raise Declined(refused)

    @asynccontextmanager
    async def _client(self, repository: str) -> AsyncIterator[tuple[Any, Mapping[str, str]]]:
        """A client for the region of a repository, and how every request names the repository."""
        named = _REPOSITORY.fullmatch(repository)
        if named is None:
            raise GiveUp(f"{repository} is not in Amazon ECR")
        sdk = await asyncio.to_thread(import_module, "aiobotocore.session")
        errors = import_module("botocore.exceptions")
        self._session = self._session or sdk.get_session()
        try:
            async with self._session.create_client("ecr", region_name=named["region"]) as client:
                yield client, {"registryId": named["account"], "repositoryName": named["name"]}
        except errors.ClientError as error:
            raise _trouble(error.response, str(error)) from error
        except (errors.NoCredentialsError, errors.PartialCredentialsError) as error:
            raise GiveUp(f"AWS does not know who asks for {repository}: {error}") from error
        except errors.BotoCoreError as error:
            raise Retry(f"cannot reach Amazon ECR for {repository}: {error}") from error


def declined(failures: Iterable[Mapping[str, Any]]) -> str:
    """What ECR says of what it did not delete, without what was gone already; "" where that is nothing."""
    return "; ".join(
        f"{each.get('failureCode')}: {each.get('failureReason')}"
        for each in failures
        if each.get("failureCode") != _GONE
    )


def _trouble(response: Mapping[str, Any], said: str) -> Retry | GiveUp:
    code = response.get("Error", {}).get("Code", "")
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return Retry(said) if code in _PASSING or status >= _SERVER_ERROR else GiveUp(said)


def _batches(ids: Sequence[Mapping[str, str]]) -> Iterable[list[Mapping[str, str]]]:
    return ([*ids[at : at + _MOST]] for at in range(0, len(ids), _MOST))


def _is_index(detail: Mapping[str, Any]) -> bool:
    return detail.get("imageManifestMediaType") in {*manifest.INDEXES, None}


def _version(detail: Mapping[str, Any], manifests: Mapping[str, Manifest | None]) -> Version:
    digest, told = detail["imageDigest"], manifests.get(detail["imageDigest"])
    read = told.children if told else None if _is_index(detail) else frozenset[str]()
    return Version(
        id=digest,
        digest=digest,
        tags=tuple(detail.get("imageTags", ())),
        pushed_at=detail["imagePushedAt"],
        children=read,
        subject=detail.get("subjectManifestDigest") or (told.about if told else None),
        revision=told.revision if told else None,
    )
