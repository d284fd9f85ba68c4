"""What the API answers. The values of the ledger fill these by their attributes."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from service.ledger.repository import Repository as LedgerRepository
from service.web.language import later as _


class Model(BaseModel):
    """An answer, or a part of one; moments are UTC."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


def _counted(levels: Any) -> Any:
    """Counts by level, as the ledger has them, as objects."""
    pairs = levels.items() if isinstance(levels, Mapping) else levels
    return [{"level": level, "count": count} for level, count in pairs]


Seconds = Annotated[
    timedelta,
    PlainSerializer(timedelta.total_seconds, return_type=float),
    Field(description=_("In seconds.")),
]
Commit = Annotated[str, Field(description=_("A commit: 40 hexadecimal digits."))]
Name = Annotated[str, BeforeValidator(lambda each: each.name if isinstance(each, LedgerRepository) else each)]


class Repository(Model):
    """A repository as everything names it."""

    id: int = Field(description=_("GitHub's number for it, which outlives its name."))
    name: str = Field(description=_("owner/name."))


class LevelCount(Model):
    """How many there are of a level."""

    level: str | None = Field(description=_("The name of a review level; null is none."))
    count: int


class Place(Model):
    """What the rulebook says of an environment."""

    source: str = Field(description=_("What feeds it: a branch, a kind of branch, or “tag”."))
    deploy: str = Field(description=_("“auto” or “manual”."))
    database: str = Field(description=_("The class of its database: “dummy” or “real”."))
    after: str | None = Field(description=_("The environment from which is promoted to it."))


class Deployment(Model):
    """A deployment."""

    id: int = Field(description=_("GitHub's number for it."))
    action: str = Field(description=_("What it does: “deploy”, “promote”, “rollback”."))
    ref: str
    commit: Commit
    image: str | None
    by: str
    why: str
    state: str = Field(description=_("GitHub's word for its last status."))
    note: str | None = Field(description=_("What that status says."))
    url: str | None
    created_at: datetime
    succeeded_at: datetime | None
    finished_at: datetime | None


class Hold(Model):
    """An environment is held: nothing but an explicit promotion changes it."""

    by: str
    why: str
    since: datetime


class Freeze(Model):
    """An environment is frozen: nothing changes it."""

    by: str
    why: str
    since: datetime
    until: datetime | None


class Environment(Model):
    """An environment and what it runs."""

    name: str
    place: Place | None = Field(description=_("What the rulebook says of it; null where it says nothing."))
    running: Deployment | None = Field(description=_("Its newest deployment that succeeded."))
    last: Deployment | None = Field(description=_("Its newest deployment."))
    refused: Deployment | None = Field(
        description=_("An order to hold or freeze it, or to end that, which was refused since; else null.")
    )
    hold: Hold | None
    freeze: Freeze | None


class Shipment(Model):
    """What Signalbox carries of a deployment, and how far it came."""

    deployment: int = Field(description=_("GitHub's number for the deployment."))
    image: str = Field(description=_("As “repository:tag@digest”."))
    version: str | None
    by: str = Field(description=_("Who ordered it; empty where the image came by itself."))
    state: str = Field(description=_("“waiting” to be written, “written”, or “settled”."))
    target: str | None = Field(
        description=_("The GitOps repository; null where somebody else writes the manifests.")
    )
    revision: Commit | None = Field(description=_("The commit there that wrote it."))
    written_at: datetime | None
    healthy_at: datetime | None = Field(description=_("Since when it is known to be healthy."))


class Image(Model):
    """A container image that a registry told of."""

    reference: str = Field(description=_("As “repository:tag@digest”."))
    version: str | None
    commit: str | None = Field(description=_("What it was built from."))
    pushed_at: datetime | None


class BoardRow(Model):
    """An environment on the board."""

    environment: Environment = Field(validation_alias="state")
    waiting: Deployment | None = Field(description=_("What waits to be promoted to it."))
    image: Image | None = Field(
        description=_("The newest image that waits, where no environment is before it.")
    )
    shipments: tuple[Shipment, ...] = Field(
        description=_("What Signalbox carries of the deployments that are told here.")
    )
    earlier: tuple[str, ...] = Field(description=_("What it may be rolled back to, the newest first."))


class Board(Model):
    """The environments of a repository, in the order of promotion."""

    environments: tuple[BoardRow, ...]


class KnownRepository(Model):
    """A repository and what is in force in it."""

    repository: Repository
    private: bool
    default_branch: str
    rulebook: str = Field(description=_("“own”, “absent”, “invalid” or “unreadable”."))
    preset: str | None
    main: str | None
    develop: str | None
    levels: tuple[str, ...] = Field(description=_("Its review levels, the gravest first."))


class Trouble(Model):
    """What keeps a repository from being all right, beside its pull requests."""

    sort: str = Field(
        description=_("“rulebook”, “deployment”, or of a release “stopped”, “waiting” or “unfinished”.")
    )
    about: str = Field(description=_("The state of the rulebook, the environment, or the tag."))
    conclusion: str


class Glance(Model):
    """A repository at a glance."""

    known: KnownRepository
    worst: str = Field(description=_("The strictest of all that stands in it."))
    troubles: tuple[Trouble, ...]
    conclusion: str = Field(description=_("The strictest conclusion on its open pull requests."))
    open_pulls: int
    levels: Annotated[tuple[LevelCount, ...], BeforeValidator(_counted)] = Field(
        description=_("The open pull requests by their gravest outstanding level.")
    )
    environments: tuple[Environment, ...]


class RepositoryPage(Model):
    """Some repositories, by name."""

    repositories: tuple[Glance, ...]
    after: str | None = Field(description=_("Asks for the next page; null at the end."))


class Pull(Model):
    """A pull request as it stood when it was last judged."""

    repository: Repository
    number: int
    title: str
    url: str
    author: str
    head: str
    head_commit: Commit
    kind: str | None = Field(description=_("What the rulebook calls its branch."))
    base: str
    base_kind: str | None
    role: str | None = Field(description=_("“release” or “hotfix” where merging it makes a version."))
    draft: bool
    state: str = Field(description=_("“open”, “merged” or “closed”."))
    conclusion: str = Field(description=_("The strictest of its conclusions."))
    conclusions: dict[str, str] = Field(description=_("What each check last concluded, by the check."))
    levels: Annotated[tuple[LevelCount, ...], BeforeValidator(_counted)] = Field(
        description=_("What is outstanding by level, the gravest first.")
    )
    opened_at: datetime
    approved_at: datetime | None = Field(description=_("When all who must had approved it, first."))
    merged_at: datetime | None
    closed_at: datetime | None
    merge_commit: Commit | None


class PullPage(Model):
    """Some open pull requests, the highest number first."""

    pulls: tuple[Pull, ...]
    older: int | None = Field(description=_("Asks for the next page; null at the end."))


class Decision(Model):
    """What the checks of a pull request said, and why."""

    head: Commit
    at: datetime
    conclusions: dict[str, str] = Field(description=_("What each check concluded, by the check."))
    findings: tuple[dict[str, Any], ...] = Field(
        description=_("What each rule found, why, and how to mend it, in every language.")
    )
    facts: dict[str, Any] = Field(description=_("What the rules stood on."))


class DecisionPage(Model):
    """Some decisions about a pull request, the newest first."""

    decisions: tuple[Decision, ...]
    older: int | None = Field(description=_("Asks for the next page; null at the end."))


class Step(Model):
    """A step of a release."""

    name: str
    state: str = Field(description=_("“done”, “waiting” for a person, or “failed”."))
    detail: dict[str, Any] = Field(description=_("Why it is not done, where it is not."))
    begun_at: datetime
    at: datetime


class Release(Model):
    """A release of one version."""

    version: str
    tag: str
    commit: Commit
    pull: int | None = Field(description=_("The pull request that was merged for it."))
    begun_at: datetime
    finished_at: datetime | None = Field(description=_("When nothing was left to do; else null."))
    notes: str | None = Field(description=_("Its notes, in Markdown."))
    steps: tuple[Step, ...]


class ReleasePage(Model):
    """Some releases, the newest first."""

    releases: tuple[Release, ...]
    older: int | None = Field(description=_("Asks for the next page; null at the end."))


class Lines(Model):
    """What the line map is drawn from: the stations of the last weeks, the newest first."""

    merged: tuple[Pull, ...]
    open: tuple[Pull, ...]
    releases: tuple[Release, ...]


class LevelWeek(Model):
    """How often a level was raised and resolved in the week from a Monday."""

    monday: date
    level: str
    raised: int
    resolved: int
    median: Seconds | None = Field(description=_("How long what was resolved had stood, in seconds."))


class Week(Model):
    """How many there were in the week from a Monday."""

    monday: date
    count: int
    median: Seconds | None = Field(description=_("How long they took, in seconds."))


class FailureWeek(Model):
    """How many attempts to deploy in the week from a Monday needed mending."""

    monday: date
    attempts: int
    failures: int


class Delivery(Model):
    """The four measures of DORA."""

    deployments: tuple[Week, ...]
    per_day: float
    lead: tuple[Week, ...] = Field(description=_("From the merge of a change until it was in production."))
    lead_median: Seconds | None
    attempts: int
    failures: int
    failure_rate: float | None = Field(description=_("From 0 to 1."))
    failing: tuple[FailureWeek, ...]
    restored: Seconds | None = Field(description=_("The median time to recover, in seconds."))
    recovery: tuple[Week, ...]


class Insights(Model):
    """The figures of a time."""

    first: date = Field(serialization_alias="from", description=_("The first day that is told."))
    last: date = Field(serialization_alias="to", description=_("The last day that is told."))
    levels: tuple[LevelWeek, ...]
    approval: tuple[Week, ...] = Field(description=_("From opening a pull request to its approval."))
    delivery: Delivery


class Entry(Model):
    """Who did what, on what, why, from where, and when."""

    at: datetime
    repository: Repository | None
    actor: str
    action: str
    subject: str
    why: str
    origin: str


class AuditPage(Model):
    """Some entries, the newest first."""

    entries: tuple[Entry, ...]
    older: int | None = Field(description=_("Asks for the next page; null at the end."))


class WrongParameter(Model):
    """A parameter that cannot be answered."""

    name: str
    found: str
    expected: str


class Problem(Model):
    """Why there is no answer: problem details (RFC 9457)."""

    type: str = Field("about:blank", description=_("Always “about:blank”: the status says what kind it is."))
    title: str
    status: int
    detail: str | None = Field(None, description=_("What to do, in the language that the request accepts."))
    wrong: tuple[WrongParameter, ...] = Field((), description=_("The parameters that cannot be answered."))
