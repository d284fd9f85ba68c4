"""The shape of what a rulebook says of environments, of what they run, and of what writes their manifests."""

import re
from datetime import datetime
from typing import Annotated, Final, Literal, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from croniter import CroniterBadDateError, croniter  # type: ignore[import-untyped]  # published without types
from pydantic import AfterValidator, Field, StrictBool, StrictInt

from bot.message import say
from bot.rules.part import BranchName, Count, Part, People, Refused

_CRON_FIELDS: Final = 5
_ANY_DAY: Final = datetime(2026, 1, 1)  # noqa: DTZ001 - by the clock on the wall
_FIELD: Final = re.compile(r"\{([^}]*)\}")
# The grammar of the Distribution specification ("reference"), without tag and digest.
_COMPONENT: Final = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_IMAGE: Final = re.compile(rf"(?:[A-Za-z0-9.-]+(?::\d{{1,5}})?/)?{_COMPONENT}(?:/{_COMPONENT})*", re.ASCII)


def _cron(text: str) -> str:
    if len(text.split()) != _CRON_FIELDS or not croniter.is_valid(text):
        raise Refused(say("expected five fields as cron has them, such as {example}", example="0 18 * * 5"))
    try:
        croniter(text, _ANY_DAY).get_prev(datetime)
    except CroniterBadDateError:
        raise Refused(
            say("expected a day that some month has, such as {example}; found {found}, which never comes",
                example="0 18 * * 5", found=text)
        ) from None  # fmt: skip
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Refused(say("expected a time zone such as {example}; found {found}",
                          example="Asia/Seoul", found=name)) from None  # fmt: skip
    return name


def _place(path: str) -> str:
    parts = path.split("/")
    if {"", ".", ".."} & set(parts) or not path.isprintable():
        raise Refused(say("expected a path from the root of the repository; found {found}", found=path))
    if set(_FIELD.findall(path)) - {"project", "environment"}:
        raise Refused(
            say("expected no field but {project} and {environment}; found {found}",
                project="{project}", environment="{environment}", found=path)
        )  # fmt: skip
    return path


class ValuePlace(NamedTuple):
    """A value in a file below `manifests`, by its path; `image` is whose it is, None where the file says."""

    image: str | None
    file: str
    path: str


def value_place(text: str) -> ValuePlace:
    """Take apart what an environment's `values` say: `FILE:PATH` or `IMAGE=FILE:PATH`."""
    image, equals, place = text.rpartition("=")
    file, _, path = place.partition(":")
    return ValuePlace(image if equals else None, file, path)


def _image(name: str) -> str:
    if not _IMAGE.fullmatch(name):
        raise Refused(
            say("expected an image without tag, such as {example}; found {found}",
                example="ghcr.io/acme/shop", found=name)
        )  # fmt: skip
    return name


def _full_name(name: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_-]+/[A-Za-z0-9_.-]+", name) is None:
        raise Refused(say("expected {shape}; found {found}", shape="owner/name", found=name))
    return name


def _value(text: str) -> str:
    image, file, path = value_place(text)
    if not file or not re.fullmatch(r"[\w-]+(\.[\w-]+)*", path):
        raise Refused(
            say("expected {shape} or {longer}, such as {example}",
                shape="FILE:PATH", longer="IMAGE=FILE:PATH", example="values.yaml:web.image")
        )  # fmt: skip
    _place(file)
    if image is not None:
        _image(image)
    return text


def _apart(values: tuple[str, ...]) -> tuple[str, ...]:
    places = [value_place(value)[1:] for value in values]
    for place in places:
        if places.count(place) > 1:
            raise Refused(say("expected each place once; found {found} twice", found=":".join(place)))
    return values


DatabaseClass: TypeAlias = Literal["dummy", "real"]


class FreezeWindow(Part):
    """Hours in which nothing is deployed, again and again."""

    begins: Annotated[str, AfterValidator(_cron)] = Field(
        description="When it begins, as cron says it: minute, hour, day of month, month, day of week. A day "
        "that never comes is refused."
    )
    hours: Annotated[StrictInt, Field(ge=1, le=24 * 14)] = Field(description="How many hours it lasts.")
    zone: Annotated[str, AfterValidator(_zone)] = Field(
        default="UTC", description="The time zone of `begins`, as IANA names it."
    )
    why: str = Field(description="What people are told.")


class Environment(Part):
    """A place where the software runs."""

    source: str = Field(
        alias="from", description="What feeds it: `main`, `develop`, `tag`, or a kind (any branch of it)."
    )
    deploy: Literal["auto", "manual"] = Field(description="Whether it is fed at once or by hand.")
    database: DatabaseClass = Field(description="The class of its database.")
    rollback: Literal["previous", "release"] = Field(
        default="previous",
        description="Where a rollback goes: the previous deployment, or the image of the previous release.",
    )
    hold: StrictBool = Field(
        default=True, description="Whether a rollback holds it until somebody promotes again."
    )
    manifests: Annotated[str, AfterValidator(_place)] = Field(
        default="apps/{project}-{environment}",
        description="The folder or the file of its manifests in the GitOps repository; `{project}` and "
        "`{environment}` stand for their names.",
    )
    values: Annotated[tuple[Annotated[str, AfterValidator(_value)], ...], AfterValidator(_apart)] = Field(
        default=(),
        description="Where Helm values name its image, as `FILE:PATH` (`values.yaml:web.image`), seen "
        "from the folder of `manifests`. Where `delivery.images` has several and a value alone does not say "
        "of which it is, `IMAGE=FILE:PATH` does.",
    )
    application: Annotated[str, AfterValidator(_place)] = Field(
        default="{project}-{environment}", description="The application that Argo CD makes of them."
    )
    digest: StrictBool = Field(
        default=False, description="Whether its manifests name the digest beside the tag."
    )
    write: Literal["commit", "pull_request"] = Field(
        default="commit",
        description="How its manifests are changed: by a commit, or by a pull request that somebody merges.",
    )
    permission: Literal["write", "maintain", "admin"] = Field(
        default="maintain",
        description="What whoever promotes, rolls back, holds or freezes must be allowed on GitHub.",
    )
    by: People = Field(
        default=(),
        description="Logins, or teams as `owner/team`, who alone may do that; empty for all with the "
        "permission.",
    )
    dwell: Annotated[StrictInt, Field(ge=0, le=3600)] = Field(
        default=60, description="For how many seconds it must stay healthy before that counts."
    )
    patience: Annotated[StrictInt, Field(ge=1, le=1440)] = Field(
        default=15, description="For how many minutes it may take to become healthy."
    )
    degraded: Literal["tell", "button", "rollback"] = Field(
        default="tell",
        description="What follows a deployment that fails: only the news, a button that rolls back, or the "
        "rollback.",
    )
    freezes: tuple[FreezeWindow, ...] = Field(default=(), description="When nothing is deployed to it.")


class Delivery(Part):
    """What is built from the repository, and where the manifests of what runs are."""

    images: tuple[Annotated[str, AfterValidator(_image)], ...] = Field(
        description="The container images that are built from it, without tag: `registry/name`. Empty for "
        "those of GitHub's registry that say so themselves."
    )
    repository: Annotated[str, AfterValidator(_full_name)] | None = Field(
        description="The GitOps repository, `owner/name`; `null` where somebody else writes the manifests."
    )
    branch: BranchName | None = Field(
        description="The branch that Argo CD follows there; `null` for the default branch."
    )
    project: str | None = Field(
        description="What `{project}` means in `manifests`; `null` for the name of the repository."
    )
    migrations: tuple[str, ...] = Field(
        description="Files that change the database (patterns of paths): rolling back across a change of "
        "them is asked twice."
    )


class Database(Part):
    """How a class of databases is told apart."""

    reset: StrictBool = Field(description="Whether its data may be thrown away.")
    hosts: tuple[str, ...] = Field(default=(), description="Host names that are of this class (patterns).")
    secrets: tuple[str, ...] = Field(default=(), description="Secrets that are of this class (patterns).")


class Databases(Part):
    """The two classes of databases; what is of one class must not be reached from the other.

    What fits patterns of both is real.
    """

    dummy: Database = Field(description="Data nobody would miss.")
    real: Database = Field(description="Data of people.")

    @property
    def told_apart(self) -> bool:
        """Whether there is any pattern to tell them apart by."""
        return any((*one.hosts, *one.secrets) for one in (self.dummy, self.real))


class Images(Part):
    """The clean-up of container images."""

    delete_merged: tuple[str, ...] = Field(
        description="Kinds of branch whose images are deleted after the merge."
    )
    keep: Count = Field(
        description="How many of the newest images of each repository stay for rollbacks, and those of as "
        "many deployments of each environment."
    )
