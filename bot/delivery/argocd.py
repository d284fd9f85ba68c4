"""What Argo CD tells of an application, and what that says of an image that was to run there."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

from bot.delivery.events import MalformedEvent
from bot.delivery.image import Image, InvalidReference, Reference, parse
from bot.message import say

_Name = Annotated[str, Meta(min_length=1, max_length=253)]


class _Metadata(Struct):
    name: _Name


class _Sync(Struct):
    status: str | None = None
    revision: str | None = None


class _Health(Struct):
    status: str | None = None


class _Result(Struct):
    revision: str | None = None


class _Operation(Struct, rename="camel"):
    phase: str | None = None
    finished_at: datetime | None = None
    message: str | None = None
    sync_result: _Result | None = None


class _Summary(Struct):
    images: list[str] | None = None


class _Status(Struct, rename="camel"):
    sync: _Sync = field(default_factory=_Sync)
    health: _Health = field(default_factory=_Health)
    operation_state: _Operation | None = None
    summary: _Summary = field(default_factory=_Summary)


class _Application(Struct):
    metadata: _Metadata
    status: _Status


class _Notification(Struct):
    app: _Application


class News(Struct, frozen=True, kw_only=True):
    """How an application stands, in Argo CD's words.

    Source: the Application's `status` ("Notifications catalog", "Health status", Argo CD documentation), as
    deploy/argocd sends it. `revision` is the commit of the GitOps repository that was synced last; `images`
    are references as people write them.
    """

    app: str
    health: str
    phase: str
    revision: str
    message: str
    images: tuple[str, ...]


class State(StrEnum):
    """What news says of one image."""

    HEALTHY = "healthy"
    FAILED = "failed"
    SILENT = "silent"  # it is not about this image, or not about its end


def news(body: Any) -> News:
    """Read a notification of Argo CD. Raises MalformedEvent."""
    try:
        application = msgspec.convert(body, _Notification).app
    except msgspec.ValidationError as error:
        raise MalformedEvent(say("This event is not as documented: {detail}", detail=str(error))) from None
    status = application.status
    operation = status.operation_state or _Operation()
    synced = operation.sync_result.revision if operation.sync_result else None
    return News(
        app=application.metadata.name,
        health=status.health.status or "",
        phase=operation.phase or "",
        revision=synced or status.sync.revision or "",
        message=operation.message or "",
        images=tuple(status.summary.images or ()),
    )


def state_of(told: News, image: Image, *, proposed: bool = False) -> State:
    """Say what news means for an image that was written into the manifests of its application.

    Health may be that of the pods of before (D8), so that it counts only beside the image itself and once the
    sync is over; a failed sync has not come so far as to show it. Of one that is only `proposed`, by a pull
    request, the image alone says that somebody has merged it. That the revision is the one that was written,
    or a later one, is the caller's to know.
    """
    is_there = any(_is(image, each) for each in told.images)
    if told.phase in {"Failed", "Error"} and (is_there or not proposed):
        return State.FAILED
    if told.phase != "Succeeded" or not is_there:
        return State.SILENT
    return {"Healthy": State.HEALTHY, "Degraded": State.FAILED}.get(told.health, State.SILENT)


def _is(image: Image, text: str) -> bool:
    try:
        found: Reference = parse(text)
    except InvalidReference:
        return False
    if found.repository != image.repository:
        return False
    if found.digest and image.digest:
        return found.digest == image.digest
    return found.tag is not None and found.tag == image.tag
