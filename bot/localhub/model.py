"""What the hub knows besides git: frozen values, named as GitHub's GraphQL names them (in snake case).

`database_id` is the number that REST calls `id`; `id` is the node id.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class AccountType(StrEnum):
    """The types of an account, as webhooks and GraphQL spell them."""

    USER = "User"
    BOT = "Bot"
    ORGANIZATION = "Organization"


_PREFIX = {AccountType.USER: "U", AccountType.BOT: "BOT", AccountType.ORGANIZATION: "O"}


@dataclass(frozen=True, slots=True)
class Account:
    """A person, a bot or an organisation. `login` is GraphQL's spelling; REST adds "[bot]" to a bot's."""

    database_id: int
    login: str
    type: AccountType = AccountType.USER

    @property
    def id(self) -> str:
        """The node id."""
        return f"{_PREFIX[self.type]}_{self.database_id}"


@dataclass(frozen=True, slots=True)
class App:
    """A GitHub App as everybody sees it. `bot` is the account that it acts as."""

    database_id: int
    slug: str
    name: str
    owner: Account
    bot: Account
    created_at: datetime
    permissions: tuple[tuple[str, str], ...] = (("checks", "write"), ("metadata", "read"))
    events: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The node id."""
        return f"A_{self.database_id}"


@dataclass(frozen=True, slots=True)
class Team:
    """A team of an organisation; `members` in the order in which they joined."""

    database_id: int
    organization: Account
    slug: str
    members: tuple[Account, ...] = ()

    @property
    def id(self) -> str:
        """The node id."""
        return f"T_{self.database_id}"

    def without(self, person: Account) -> "Team":
        """The team less a person."""
        return replace(self, members=tuple(one for one in self.members if one != person))


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository; its objects and refs are git's. `parent` is the repository that it was forked from.

    Where `immutable_releases` are kept, what is published stays, and the name of its tag is used up.
    """

    database_id: int
    owner: Account
    name: str
    default_branch: str
    is_private: bool
    created_at: datetime
    parent: int | None = None
    immutable_releases: bool = False
    merge_commit_allowed: bool = True
    squash_merge_allowed: bool = True
    rebase_merge_allowed: bool = True

    @property
    def id(self) -> str:
        """The node id."""
        return f"R_{self.database_id}"

    @property
    def name_with_owner(self) -> str:
        """The full name, owner/name."""
        return f"{self.owner.login}/{self.name}"

    @property
    def is_fork(self) -> bool:
        """Whether it was forked from another."""
        return self.parent is not None


class PullRequestState(StrEnum):
    """GraphQL's `PullRequestState`."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    MERGED = "MERGED"


@dataclass(frozen=True, slots=True)
class BaseRefChangedEvent:
    """A pull request was given another base."""

    database_id: int
    previous_ref_name: str
    current_ref_name: str
    created_at: datetime

    @property
    def id(self) -> str:
        """The node id."""
        return f"BRCE_{self.database_id}"


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request. `author` is None for a ghost; `head_repository` is None once the fork is deleted.

    Once it is merged, `base_ref_oid` is the base just before, and `merge_commit` the first that has all of
    it. `labels` are the numbers of its labels; those that were deleted since count no more.
    """

    database_id: int
    repository: int
    number: int
    title: str
    body: str
    author: Account | None
    head_repository: int | None
    head_repository_owner: Account | None
    head_ref_name: str
    head_ref_oid: str
    base_ref_name: str
    base_ref_oid: str
    created_at: datetime
    updated_at: datetime
    state: PullRequestState = PullRequestState.OPEN
    closed_at: datetime | None = None
    merge_commit: str | None = None
    merged_by: Account | None = None
    is_draft: bool = False
    labels: frozenset[int] = frozenset()
    base_changes: tuple[BaseRefChangedEvent, ...] = ()

    @property
    def id(self) -> str:
        """The node id."""
        return f"PR_{self.database_id}"

    @property
    def is_cross_repository(self) -> bool:
        """Whether it comes from a fork."""
        return self.head_repository != self.repository

    @property
    def is_open(self) -> bool:
        """Whether it is neither merged nor closed."""
        return self.state is PullRequestState.OPEN

    @property
    def merged(self) -> bool:
        """Whether its base contains it."""
        return self.state is PullRequestState.MERGED

    @property
    def merged_at(self) -> datetime | None:
        """When it was merged; None when it was not."""
        return self.closed_at if self.merged else None

    @property
    def ref(self) -> str:
        """Where git keeps its head."""
        return f"refs/pull/{self.number}/head"


@dataclass(frozen=True, slots=True)
class Release:
    """A release. `created_at` is the date of its commit; a draft has none, and says when it was drafted.

    `target_commitish` is a branch or a commit: where its tag is made when it is published without one.
    """

    database_id: int
    repository: int
    tag_name: str
    target_commitish: str
    name: str | None
    description: str | None
    author: Account | None
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None = None
    is_draft: bool = False
    is_prerelease: bool = False
    immutable: bool = False

    @property
    def id(self) -> str:
        """The node id."""
        return f"RE_{self.database_id}"

    @property
    def is_full(self) -> bool:
        """Whether everybody sees it, and as no mere pre-release."""
        return not (self.is_draft or self.is_prerelease)


@dataclass(frozen=True, slots=True)
class CheckSuite:
    """The check runs of an App on one commit: GitHub makes one for every push.

    `rerequested` from when a person asks for it again until the App writes a run of it.
    """

    database_id: int
    repository: int
    head_oid: str
    head_branch: str | None
    before: str
    created_at: datetime
    app: App
    rerequested: bool = False

    @property
    def id(self) -> str:
        """The node id."""
        return f"CS_{self.database_id}"


@dataclass(frozen=True, slots=True)
class CheckAction:
    """A button on a check run."""

    label: str
    description: str
    identifier: str


@dataclass(frozen=True, slots=True)
class CheckRun:
    """A check run. `status` and `conclusion` are GraphQL's words, in capitals."""

    database_id: int
    repository: int
    head_oid: str
    name: str
    status: str
    started_at: datetime
    app: App
    conclusion: str | None = None
    completed_at: datetime | None = None
    external_id: str = ""
    details_url: str | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    actions: tuple[CheckAction, ...] = ()

    @property
    def id(self) -> str:
        """The node id."""
        return f"CR_{self.database_id}"


@dataclass(frozen=True, slots=True)
class StatusContext:
    """A commit status. `state` is GraphQL's word, in capitals; `creator` is None for a ghost."""

    database_id: int
    repository: int
    oid: str
    context: str
    state: str
    description: str
    creator: Account | None
    created_at: datetime

    @property
    def id(self) -> str:
        """The node id."""
        return f"SC_{self.database_id}"


@dataclass(frozen=True, slots=True)
class StatusCheckConfiguration:
    """A check that a ruleset requires, from one App (its id) or from anybody."""

    context: str
    integration_id: int | None = None


@dataclass(frozen=True, slots=True)
class RequiredStatusChecksParameters:
    """What a ruleset requires of the checks of a branch."""

    required_status_checks: tuple[StatusCheckConfiguration, ...]


@dataclass(frozen=True, slots=True)
class PullRequestParameters:
    """What a ruleset requires of the pull requests into a branch, and how it lets them be merged."""

    required_approving_review_count: int = 0
    allowed_merge_methods: tuple[str, ...] = ("merge", "squash", "rebase")


@dataclass(frozen=True, slots=True)
class MergeQueueEntry:
    """A pull request in the queue of a branch: `head_commit` merges it into `base_commit`."""

    database_id: int
    repository: int
    branch: str
    pull: int
    base_commit: str
    head_commit: str

    @property
    def id(self) -> str:
        """The node id."""
        return f"MQE_{self.database_id}"

    @property
    def ref(self) -> str:
        """Where git keeps its head."""
        return f"refs/heads/gh-readonly-queue/{self.branch}/pr-{self.pull}-{self.base_commit}"


@dataclass(frozen=True, slots=True)
class Activity:
    """What happened to a branch, as GitHub remembers it with who did it (None for a ghost)."""

    database_id: int
    repository: int
    ref: str
    before: str
    after: str
    timestamp: datetime
    activity_type: str
    actor: Account | None

    @property
    def id(self) -> str:
        """The node id."""
        return f"PSH_{self.database_id}"


@dataclass(frozen=True, slots=True)
class Installation:
    """The App on an account. `repositories` are the selected ones; None stands for all."""

    database_id: int
    account: Account
    repositories: frozenset[int] | None
    created_at: datetime
    suspended_at: datetime | None = None

    @property
    def id(self) -> str:
        """The node id."""
        return f"I_{self.database_id}"

    def covers(self, where: Repository | Account) -> bool:
        """Whether the App was given this repository, or is on this account."""
        if isinstance(where, Account):
            return where == self.account
        selected = self.repositories is None or where.database_id in self.repositories
        return where.owner == self.account and selected
