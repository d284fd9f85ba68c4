"""What registries tell of: each reader turns the parsed JSON of one kind of event into the images pushed.

What is not about a pushed image is no image; what claims to be and is not as documented is `MalformedEvent`.
Events come late, twice and unordered: what they mean for an environment is `order`'s business.
"""

import re
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Meta, Struct, field

from bot.delivery.image import Image, InvalidReference, commit_of, parse, spelled
from bot.errors import TellUser
from bot.message import say

_Moment = Annotated[datetime, Meta(tz=True)]
_Shape = TypeVar("_Shape", bound=Struct)

_PUBLISHED: Final = frozenset({"published", "updated"})
_REVISION: Final = "org.opencontainers.image.revision"
_HEX: Final = re.compile(r"[0-9a-f]{7,64}", re.ASCII)
# Signatures, attestations and lists of referrers lie beside an image, under its digest: sha256-….sig.
_BESIDE: Final = re.compile(r"sha(?:256|512)-[0-9a-f]{32,}(?:\.[\w.-]*)?", re.ASCII)
# The tag of a package's address; where there is none, its colon is left.
_TAG: Final = re.compile(r":[\w.-]*\Z", re.ASCII)
_SOURCE: Final = re.compile(
    r"(?:urn|arn):aws[a-z-]*:ecr:(?P<region>[a-z0-9-]+):[0-9]+:repository/.+", re.ASCII
)


class MalformedEvent(TellUser):
    """An event that is not as its registry documents it."""


class _Action(Struct):
    action: str


class _Kind(Struct, rename="kebab"):
    detail_type: str = ""
    type: str = ""


class _Outcome(Struct, rename="kebab"):
    result: str
    action_type: str


class _Ended(Struct):
    detail: _Outcome


class _Detail(Struct, rename="kebab"):
    repository_name: str = ""
    image_digest: str = ""
    image_tag: str = ""


class _ImageAction(Struct):
    """Source: "Amazon ECR events and EventBridge", Amazon ECR User Guide."""

    account: str
    region: str
    detail: _Detail
    time: _Moment | None = None


class _Pushed(Struct, rename="camel"):
    registry_id: str
    repository_name: str
    image_digest: str
    image_tag: str = ""


class _CloudEvent(Struct):
    """Source: CloudEvents 1.0.2, with the data of `com.amazon.ecr.image.push`."""

    source: str
    data: _Pushed
    time: _Moment | None = None


class _MediaType(Struct, rename="camel"):
    media_type: str = ""
    tag: str | None = None


class _Target(Struct, rename="camel"):
    digest: str = ""
    repository: str = ""
    url: str = ""
    tag: str = ""


class _Request(Struct):
    host: str = ""


class _Notification(Struct):
    """Source: "Notifications", the Distribution project; v1 and v2 differ in their media type alone."""

    target: _Target
    request: _Request = field(default_factory=_Request)
    timestamp: _Moment | None = None


class _Media(Struct):
    target: _MediaType | None = None


class _Envelope(Struct):
    events: list[Any]


class _Tag(Struct):
    name: str | None = None
    digest: str | None = None


class _Labels(Struct):
    revision: str | None = None
    all_labels: dict[str, Any] | None = None


class _Metadata(Struct):
    tag: _Tag = field(default_factory=_Tag)
    labels: _Labels | None = None


class _PackageVersion(Struct):
    version: str = ""
    package_url: str = ""
    container_metadata: _Metadata | None = None
    created_at: _Moment | None = None
    updated_at: _Moment | None = None


class _Package(Struct):
    package_version: _PackageVersion | None = None


class _Webhook(Struct):
    """Source: "Webhook events and payloads", docs.github.com: `registry_package` and `package`."""

    registry_package: _Package | None = None
    package: _Package | None = None


def ecr(event: Any) -> tuple[Image, ...]:
    """Read an event of Amazon ECR, as EventBridge sends it or wrapped as a CloudEvent.

    Only a successful push tells of an image. Raises MalformedEvent.
    """
    kind = _read(_Kind, event)
    if kind.detail_type == "ECR Image Action":
        ended = _read(_Ended, event).detail
        if (ended.result, ended.action_type) != ("SUCCESS", "PUSH"):
            return ()
        action = _read(_ImageAction, event)
        detail = action.detail
        repository = f"{_ecr_host(action.account, action.region)}/{detail.repository_name}"
        return _images(repository, detail.image_tag, detail.image_digest, action.time)
    if kind.type == "com.amazon.ecr.image.push":
        cloud = _read(_CloudEvent, event)
        source, data = _SOURCE.fullmatch(cloud.source), cloud.data
        if source is None:
            raise _unexpected("urn:aws:ecr:REGION:ACCOUNT:repository/NAME", cloud.source)
        repository = f"{_ecr_host(data.registry_id, source['region'])}/{data.repository_name}"
        return _images(repository, data.image_tag, data.image_digest, cloud.time)
    if not kind.detail_type and not kind.type:
        raise MalformedEvent(say("Expected an event with {key} or {other}.", key="detail-type", other="type"))
    return ()


def distribution(envelope: Any) -> tuple[Image, ...]:
    """Read an envelope of a Docker registry's notifications (v1 or v2), in which blobs and pulls come too.

    Raises MalformedEvent for the first of them that is not as documented: see `notifications` to go on.
    """
    return tuple(image for event in notifications(envelope) for image in notification(event))


def notifications(envelope: Any) -> list[Any]:
    """The events of an envelope, each for `notification`. Raises MalformedEvent where it is none."""
    return _read(_Envelope, envelope).events


def notification(event: Any) -> tuple[Image, ...]:
    """Read one notification of a Docker registry. Raises MalformedEvent.

    Only the push of a manifest with a tag tells of an image; whatever else is wrong with another, is let go.
    """
    if _read(_Action, event).action != "push" or not _is_manifest(event):
        return ()
    told = _read(_Notification, event)
    target = told.target
    host = told.request.host or target.url.partition("://")[2].partition("/")[0]
    if not host:
        raise _unexpected("request.host", "")
    return _images(f"{host}/{target.repository}", target.tag, target.digest, told.timestamp)


def package(payload: Any) -> tuple[Image, ...]:
    """Read GitHub's webhook `registry_package`, or `package`: the image that a container package has got.

    The image has no tag where it was pushed without one, as the parts of a multi-platform image are.
    Raises MalformedEvent.
    """
    if _read(_Action, payload).action not in _PUBLISHED:
        return ()
    webhook = _read(_Webhook, payload)
    told = webhook.registry_package or webhook.package
    if told is None:
        raise MalformedEvent(
            say("Expected an event with {key} or {other}.", key="registry_package", other="package")
        )
    version = told.package_version
    if version is None or version.container_metadata is None:
        return ()
    metadata = version.container_metadata
    # The owner's name is spelt in capitals as it may be, a repository never is.
    repository = _TAG.sub("", version.package_url).lower()
    digest = metadata.tag.digest or version.version
    moment = _known(version.created_at) or version.updated_at
    return _images(repository, metadata.tag.name or "", digest, moment, _revision(metadata.labels))


def told(event: Any) -> tuple[Image, ...]:
    """Read an event of any of these registries, by its shape. Raises MalformedEvent."""
    keys = frozenset(event) if isinstance(event, dict) else frozenset[str]()
    if "events" in keys:
        return distribution(event)
    return package(event) if keys & {"registry_package", "package"} else ecr(event)


def _read(shape: type[_Shape], data: Any) -> _Shape:
    try:
        return msgspec.convert(data, shape)
    except msgspec.ValidationError as error:
        raise MalformedEvent(say("This event is not as documented: {detail}", detail=str(error))) from None


def _unexpected(expected: str, found: str) -> MalformedEvent:
    return MalformedEvent(say("Expected {expected}; found {found}.", expected=expected, found=found))


def _images(
    repository: str, tag: str, digest: str, moment: datetime | None, revision: str | None = None
) -> tuple[Image, ...]:
    """The image that was pushed; none where it is a signature or the like."""
    if _BESIDE.fullmatch(tag):
        return ()
    try:
        reference = parse(spelled(repository, tag, digest))
    except InvalidReference as error:
        raise MalformedEvent(*error.messages) from None
    if reference.digest is None:
        raise _unexpected("sha256:…", digest)
    commit = _commit(reference.tag, revision)
    return (Image(reference.repository, reference.tag, reference.digest, commit, _known(moment)),)


def _commit(tag: str | None, revision: str | None) -> str | None:
    """The commit that was built: the tag's, in full where the label knows it.

    An image inherits the labels of the one that it is built on, so a tag is believed before a label.
    """
    named = commit_of(tag)
    if revision is None or not _HEX.fullmatch(revision) or (named and not revision.startswith(named)):
        return named
    return revision


def _known(moment: datetime | None) -> datetime | None:
    """A moment in UTC; GitHub writes the year 1 for one that it does not know."""
    return moment.astimezone(UTC) if moment and MINYEAR < moment.year < MAXYEAR else None


def _ecr_host(account: str, region: str) -> str:
    suffix = ".cn" if region.startswith("cn-") else ""
    return f"{account}.dkr.ecr.{region}.amazonaws.com{suffix}"


def _is_manifest(event: Any) -> bool:
    target = _read(_Media, event).target or _MediaType()
    kind = target.media_type
    return ("manifest" in kind or "image.index" in kind) and bool(target.tag)


def _revision(labels: _Labels | None) -> str | None:
    if labels is None:
        return None
    revision = (labels.all_labels or {}).get(_REVISION) or labels.revision
    return revision if isinstance(revision, str) else None
