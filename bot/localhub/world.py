"""The tables of the hub: who and what there is, and how to find it."""

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, TypeAlias, TypeVar

from bot.localhub.deployed import Deployment, DeploymentStatus
from bot.localhub.discussion import (
    Issue,
    IssueComment,
    Label,
    PullRequestReview,
    PullRequestReviewComment,
    PullRequestReviewThread,
)
from bot.localhub.git import Git
from bot.localhub.model import (
    Account,
    AccountType,
    Activity,
    App,
    CheckRun,
    CheckSuite,
    Installation,
    MergeQueueEntry,
    PullRequest,
    PullRequestState,
    Release,
    Repository,
    StatusCheckConfiguration,
    StatusContext,
    Team,
)
from bot.localhub.refusals import NotFound

Json: TypeAlias = dict[str, Any]
# What has a number in a repository, and a conversation.
Subject: TypeAlias = PullRequest | Issue
# What somebody wrote into a pull request.
Said: TypeAlias = PullRequestReview | PullRequestReviewThread | PullRequestReviewComment | IssueComment
Node: TypeAlias = Repository | PullRequest | Issue | CheckRun | Label | Release | Said
# Where an event happens: in a repository, in an organisation, or to an installation itself.
Place: TypeAlias = Repository | Account | Installation


class Numbered(Protocol):
    """A value that has a number of its own."""

    @property
    def database_id(self) -> int:
        """GitHub's database id."""


class Placed(Protocol):
    """A value that belongs to a pull request."""

    @property
    def repository(self) -> int:
        """The number of the repository."""

    @property
    def pull(self) -> int:
        """The number of the pull request."""


N = TypeVar("N", bound=Numbered)
P = TypeVar("P", bound=Placed)


class Announce(Protocol):
    """Tell the App what happened: `event` and `action` as GitHub's webhooks name them."""

    def __call__(self, event: str, action: str | None, place: Place, body: Json) -> None:
        """`body` has the event's own fields and `sender`, an `Account`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnApp(App):
    """The App that is registered with the hub. The key pair is PEM; people come back to `callback_urls`."""

    private_key: str = field(repr=False)
    public_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    client_id: str
    client_secret: str = field(repr=False)
    callback_urls: tuple[str, ...] = field(default=(), compare=False)
    permissions: tuple[tuple[str, str], ...] = (
        ("checks", "write"),
        ("contents", "write"),
        ("deployments", "write"),
        ("issues", "write"),
        ("members", "read"),
        ("merge_queues", "read"),
        ("metadata", "read"),
        ("pull_requests", "write"),
        ("statuses", "read"),
    )
    events: tuple[str, ...] = (
        "check_run",
        "check_suite",
        "create",
        "delete",
        "deployment",
        "deployment_status",
        "issue_comment",
        "member",
        "membership",
        "merge_group",
        "organization",
        "pull_request",
        "pull_request_review",
        "pull_request_review_comment",
        "pull_request_review_thread",
        "push",
        "repository",
        "status",
    )


def utc_now() -> datetime:
    """The time, to the second: GitHub shows no more of it."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(slots=True)
class World:
    """Everything that the hub holds in memory. The git repositories lie under `directory`.

    `suites` are the App's own, by repository and commit; those of other Apps are in `other_suites`. `queues`,
    `protections` (classic ones) and `rulesets` are by repository and branch; `reviewed` are the branches into
    which only pull requests lead, `merge_methods` how a ruleset lets those be merged. `latest` is the release
    that each repository shows first, `burnt_tags` are the names that immutable releases have used up.
    """

    directory: Path
    app: OwnApp
    now: Callable[[], datetime]
    url: str = ""
    accounts: dict[str, Account] = field(default_factory=dict)
    apps: dict[str, App] = field(default_factory=dict)
    teams: dict[int, Team] = field(default_factory=dict)
    repositories: dict[int, Repository] = field(default_factory=dict)
    gits: dict[int, Git] = field(default_factory=dict)
    permissions: dict[tuple[int, str], str] = field(default_factory=dict)
    pulls: dict[tuple[int, int], PullRequest] = field(default_factory=dict)
    issues: dict[tuple[int, int], Issue] = field(default_factory=dict)
    releases: dict[int, Release] = field(default_factory=dict)
    latest: dict[int, int] = field(default_factory=dict)
    burnt_tags: set[tuple[int, str]] = field(default_factory=set)
    deployments: dict[int, Deployment] = field(default_factory=dict)
    deployment_statuses: dict[int, DeploymentStatus] = field(default_factory=dict)
    labels: dict[int, Label] = field(default_factory=dict)
    reviews: dict[int, PullRequestReview] = field(default_factory=dict)
    threads: dict[int, PullRequestReviewThread] = field(default_factory=dict)
    review_comments: dict[int, PullRequestReviewComment] = field(default_factory=dict)
    issue_comments: dict[int, IssueComment] = field(default_factory=dict)
    suites: dict[tuple[int, str], CheckSuite] = field(default_factory=dict)
    other_suites: dict[tuple[int, str, int], CheckSuite] = field(default_factory=dict)
    runs: dict[int, CheckRun] = field(default_factory=dict)
    statuses: dict[int, StatusContext] = field(default_factory=dict)
    queues: dict[tuple[int, str], tuple[MergeQueueEntry, ...]] = field(default_factory=dict)
    protections: dict[tuple[int, str], tuple[str, ...]] = field(default_factory=dict)
    rulesets: dict[tuple[int, str], tuple[StatusCheckConfiguration, ...]] = field(default_factory=dict)
    reviewed: set[tuple[int, str]] = field(default_factory=set)
    merge_methods: dict[tuple[int, str], tuple[str, ...]] = field(default_factory=dict)
    activities: dict[int, Activity] = field(default_factory=dict)
    installations: dict[int, Installation] = field(default_factory=dict)
    announce: Announce = field(init=False)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1001))

    @property
    def api_url(self) -> str:
        """The REST root, spelt as on GitHub Enterprise Server."""
        return f"{self.url}/api/v3"

    def number(self) -> int:
        """A number that nothing else has: GitHub's database ids."""
        return next(self._numbers)

    def account(self, login: str, kind: AccountType = AccountType.USER) -> Account:
        """The account of this login, made when it is new."""
        if login.lower() not in self.accounts:
            self.accounts[login.lower()] = Account(self.number(), login, kind)
        return self.accounts[login.lower()]

    def other_app(self, slug: str) -> App:
        """Another App than the one that is registered here, made when it is new."""
        if slug not in self.apps:
            bot = self.account(slug, AccountType.BOT)
            self.apps[slug] = App(self.number(), slug, slug, self.app.owner, bot, self.now())
        return self.apps[slug]

    def repository(self, name_with_owner: str) -> Repository | None:
        """The repository "owner/name"; case does not matter, as on GitHub."""
        wanted = name_with_owner.lower()
        found = (one for one in self.repositories.values() if one.name_with_owner.lower() == wanted)
        return next(found, None)

    def git(self, repository: Repository) -> Git:
        """The repository on disk."""
        return self.gits[repository.database_id]

    def fork_of(self, repository: Repository, owner: str) -> Repository | None:
        """The repository of `owner` in this one's network (itself, or a fork of it)."""
        network = {repository.database_id, repository.parent}
        return next(
            (
                one
                for one in self.repositories.values()
                if one.owner.login.lower() == owner.lower() and {one.database_id, one.parent} & network
            ),
            None,
        )

    def permission(self, repository: Repository, login: str) -> str:
        """What a person may do: admin, maintain, write, triage, read or none."""
        if login.lower() == repository.owner.login.lower():
            return "admin"
        granted = self.permissions.get((repository.database_id, login.lower()))
        return granted or ("none" if repository.is_private else "read")

    def keeper(self, repository: Repository) -> Account:
        """Who acts where nobody said who: the owner, or an organisation's first administrator."""
        if repository.owner.type is AccountType.USER:
            return repository.owner
        admins = (
            self.accounts[login]
            for (number, login), permission in self.permissions.items()
            if (number, permission) == (repository.database_id, "admin")
        )
        return next(admins, repository.owner)

    def pulls_of(self, repository: Repository, *states: PullRequestState) -> list[PullRequest]:
        """The pull requests of a repository in these states (all, when none is named), by number."""
        return [
            pull
            for (owner, _), pull in self.pulls.items()
            if owner == repository.database_id and (not states or pull.state in states)
        ]

    def current(self, pull: PullRequest) -> PullRequest:
        """A pull request as it is by now: who acts on it may hold an older value."""
        return self.pulls[pull.repository, pull.number]

    def pull_of(self, one: Placed) -> PullRequest:
        """The pull request that something belongs to."""
        return self.pulls[one.repository, one.pull]

    def subject_of(self, comment: IssueComment) -> Subject:
        """The pull request or the issue that a comment was written on."""
        home = (comment.repository, comment.pull)
        return self.issues[home] if home in self.issues else self.pulls[home]

    def next_number(self, repository: Repository) -> int:
        """The number that the next pull request or issue of a repository gets."""
        homes = (*self.pulls, *self.issues)
        return 1 + sum(home == repository.database_id for home, _ in homes)

    def releases_of(self, repository: Repository) -> list[Release]:
        """The releases of a repository, the oldest first, drafts and all."""
        return [one for one in self.releases.values() if one.repository == repository.database_id]

    def release(self, repository: Repository, tag_name: str) -> Release | None:
        """The published release of a tag: drafts have none."""
        found = (one for one in self.releases_of(repository) if not one.is_draft)
        return next((one for one in found if one.tag_name == tag_name), None)

    def deployments_of(self, repository: Repository) -> list[Deployment]:
        """The deployments of a repository, the oldest first."""
        return [one for one in self.deployments.values() if one.repository == repository.database_id]

    def said_of(self, deployment: Deployment) -> list[DeploymentStatus]:
        """The statuses of a deployment, the oldest first."""
        said = self.deployment_statuses.values()
        return [one for one in said if one.deployment == deployment.database_id]

    def label(self, repository: Repository, name: str) -> Label | None:
        """The label of this name; case does not matter, as on GitHub."""
        wanted = (repository.database_id, name.lower())
        found = (one for one in self.labels.values() if (one.repository, one.name.lower()) == wanted)
        return next(found, None)

    def labels_of(self, subject: Subject) -> list[Label]:
        """The labels of a pull request or an issue, oldest first."""
        return [label for number, label in self.labels.items() if number in subject.labels]

    def comments_in(self, thread: PullRequestReviewThread) -> list[PullRequestReviewComment]:
        """The comments of a thread, oldest first."""
        return [one for one in self.review_comments.values() if one.thread == thread.database_id]

    def put_suite(self, suite: CheckSuite) -> CheckSuite:
        """Write a check suite down."""
        home = (suite.repository, suite.head_oid)
        if suite.app == self.app:
            self.suites[home] = suite
        else:
            self.other_suites[*home, suite.app.database_id] = suite
        return suite

    def suites_on(self, repository: int, oid: str) -> list[CheckSuite]:
        """The check suites on a commit: every App has one a commit, the App of this hub comes first."""
        home = (repository, oid)
        own = [self.suites[home]] if home in self.suites else []
        others = self.other_suites.values()
        return [*own, *(one for one in others if (one.repository, one.head_oid) == home)]

    def suite_of(self, run: CheckRun) -> CheckSuite:
        """The check suite that a run belongs to."""
        if run.app == self.app:
            return self.suites[run.repository, run.head_oid]
        return self.other_suites[run.repository, run.head_oid, run.app.database_id]

    def runs_of(self, suite: CheckSuite, *, latest: bool = False) -> list[CheckRun]:
        """The check runs of a suite, oldest first; only the newest of each name when `latest`."""
        home = (suite.repository, suite.head_oid, suite.app)
        runs = [run for run in self.runs.values() if (run.repository, run.head_oid, run.app) == home]
        return list({run.name: run for run in runs}.values()) if latest else runs

    def outcome(self, suite: CheckSuite) -> tuple[str, str | None]:
        """The status of a suite, and its conclusion once every run has one: a failure before a success.

        A suite that is asked for again is queued, whatever its runs still say.
        """
        runs = self.runs_of(suite, latest=True)
        if suite.rerequested or not runs or any(run.conclusion is None for run in runs):
            return "QUEUED", None
        found = {run.conclusion for run in runs}
        order = ("ACTION_REQUIRED", "TIMED_OUT", "CANCELLED", "FAILURE", "NEUTRAL", "SUCCESS")
        return "COMPLETED", next((word for word in order if word in found), "NEUTRAL")

    def statuses_on(self, repository: int, oid: str) -> list[StatusContext]:
        """The statuses of a commit, the newest of each context."""
        found = (one for one in self.statuses.values() if (one.repository, one.oid) == (repository, oid))
        return list({one.context: one for one in found}.values())

    def queued(self, pull: PullRequest) -> MergeQueueEntry | None:
        """The place of a pull request in the queue that it waits in, if it does."""
        entries = (entry for queue in self.queues.values() for entry in queue)
        home = (pull.repository, pull.number)
        return next((entry for entry in entries if (entry.repository, entry.pull) == home), None)

    def leave_queue(self, pull: PullRequest) -> None:
        """Take a pull request out of the queue that it waits in, if it does."""
        for (repository, branch), entries in self.queues.items():
            if repository == pull.repository:
                stay = tuple(entry for entry in entries if entry.pull != pull.number)
                self.queues[repository, branch] = stay

    def installation_on(self, where: Repository | Account) -> Installation | None:
        """The installation that was given this repository, or is on this account; suspended or not."""
        return next((one for one in self.installations.values() if one.covers(where)), None)

    def home_of(self, node: Node) -> Repository | None:
        """The repository that something belongs to; None when that was deleted."""
        return self.repositories.get(node.database_id if isinstance(node, Repository) else node.repository)

    def node(self, id: str) -> Node | None:
        """What a node id stands for, of all that is kept here."""
        prefix, _, digits = id.partition("_")
        number = int(digits) if digits.isdecimal() else 0
        subjects: dict[str, Mapping[tuple[int, int], Subject]] = {"PR": self.pulls, "I": self.issues}
        for subject in subjects.get(prefix, {}).values():
            if subject.database_id == number:
                return subject
        tables: Mapping[str, Mapping[int, Node]] = {
            "R": self.repositories,
            "CR": self.runs,
            "LA": self.labels,
            "RE": self.releases,
            "PRR": self.reviews,
            "PRRT": self.threads,
            "PRRC": self.review_comments,
            "IC": self.issue_comments,
        }
        return tables.get(prefix, {}).get(number)


def as_now(table: Mapping[int, N], one: N) -> N:
    """A value as it is by now: who acts on it may hold an older one. Refused when it was deleted."""
    if one.database_id not in table:
        raise NotFound("Not Found")
    return table[one.database_id]


def said_in(said: Iterable[P], subject: Subject) -> list[P]:
    """What of a table belongs to a pull request or an issue, oldest first."""
    home = (subject.repository, subject.number)
    return [one for one in said if (one.repository, one.pull) == home]
