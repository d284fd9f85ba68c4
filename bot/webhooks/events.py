"""What Signalbox reads of a webhook.

The structs hold only the fields that are needed; msgspec skips the rest without building it. Source of
the shapes: "Webhook events and payloads", docs.github.com. Fields that GitHub may leave out have defaults.
"""

from typing import Annotated, Any

from msgspec import Meta, Struct

# What GitHub's names are made of. They become keys and parts of addresses, so nothing else is taken.
Id = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Oid = Annotated[str, Meta(pattern=r"^([0-9a-f]{40,64})?\Z")]
Login = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,100}(\[bot\])?\Z")]
FullName = Annotated[str, Meta(pattern=r"^([A-Za-z0-9_-]+/(?!\.\.?\Z)[A-Za-z0-9_.-]+)?\Z")]
Identifier = Annotated[str, Meta(pattern=r"^[!-.0-~]{0,20}\Z")]


class Installation(Struct, frozen=True):
    """Whose permission the App acts under."""

    id: Id


class Repository(Struct, frozen=True):
    """A repository: its number, its GraphQL node id, its full name."""

    id: Id
    node_id: str = ""
    full_name: FullName = ""
    default_branch: str = ""


class Head(Struct, frozen=True):
    """The head of a pull request; `repo` is null when the fork was deleted."""

    ref: str = ""
    sha: Oid = ""
    label: str | None = None
    repo: Repository | None = None


class Side(Struct, frozen=True):
    """The head or the base of a pull request: the name of its branch."""

    ref: str = ""


class Pull(Struct, frozen=True):
    """A pull request, as far as a question needs it."""

    number: Id
    head: Head = Head()
    base: Side = Side()
    merged: bool | None = None


class App(Struct, frozen=True):
    """The App that owns a check."""

    id: int


class Named(Struct, frozen=True):
    """A pull request that a check names."""

    number: Id
    head: Side = Side()
    base: Side = Side()


class Branch(Struct, frozen=True):
    """A branch, by its name."""

    name: str = ""


class Suite(Struct, frozen=True):
    """The check suite that a run belongs to: the branch that it was made for."""

    head_branch: str | None = None


class CheckSuite(Struct, frozen=True):
    """A check suite: its commit and branch, the App that owns it, the pull requests of the branch."""

    head_sha: Oid = ""
    head_branch: str | None = None
    app: App | None = None
    pull_requests: list[Named] = []


class CheckRun(Struct, frozen=True):
    """A check run: its commit, its suite, the App that owns it, the pull requests of its branch.

    `external_id` is what that App wants to be told again.
    """

    id: Id
    external_id: str | None = None
    head_sha: Oid = ""
    check_suite: Suite = Suite()
    app: App | None = None
    pull_requests: list[Named] = []


class MergeGroup(Struct, frozen=True):
    """Pull requests that a merge queue has put together: the commit that they make, and for where.

    `head_ref` is the queue's own branch, which names the pull request that it was made for.
    """

    head_sha: Oid
    head_ref: str = ""
    base_ref: str = ""


class User(Struct, frozen=True):
    """Whoever wrote something; an App that does so by itself is a "Bot"."""

    type: str = ""


class Comment(Struct, frozen=True):
    """A comment in the conversation.

    `performed_via_github_app` is the App that wrote it, if one did: by itself, or with the token of a person,
    who is the `user` then.
    """

    body: str | None = None
    user: User | None = None
    performed_via_github_app: App | None = None


class Issue(Struct, frozen=True):
    """An issue, open or closed; `pull_request` is there when it is one."""

    number: Id
    state: str = "open"
    pull_request: Any = None


class ChangedDefault(Struct, frozen=True):
    """What was changed of a repository; only that the default branch is another matters."""

    default_branch: Any = None


class Deployment(Struct, frozen=True):
    """A deployment, by its number."""

    id: Id


class RequestedAction(Struct, frozen=True):
    """The button that was pressed."""

    identifier: Identifier = ""


class Sender(Struct, frozen=True):
    """Who did it."""

    login: Login


class PushedCommit(Struct, frozen=True):
    """The files that a pushed commit changed."""

    added: list[str] = []
    modified: list[str] = []
    removed: list[str] = []

    def touches(self, path: str) -> bool:
        """Whether the commit added, changed or removed this file."""
        return path in self.added or path in self.modified or path in self.removed


class Envelope(Struct, frozen=True):
    """What every event may carry."""

    action: str = ""
    installation: Installation | None = None
    repository: Repository | None = None
    sender: Sender | None = None


class PullRequestEvent(Envelope, frozen=True, kw_only=True):
    """`pull_request`: opened, pushed to, retargeted, closed. `before` is the head that a push left."""

    pull_request: Pull
    before: Oid = ""


class CheckRunEvent(Envelope, frozen=True, kw_only=True):
    """`check_run`: asked for again, or one of its buttons pressed."""

    check_run: CheckRun
    requested_action: RequestedAction | None = None


class CheckSuiteEvent(Envelope, frozen=True, kw_only=True):
    """`check_suite`: all checks of a commit asked for again."""

    check_suite: CheckSuite


class InstallationRepositoriesEvent(Envelope, frozen=True, kw_only=True):
    """`installation_repositories`: the App came to these repositories too."""

    repositories_added: list[Repository] = []


class PushEvent(Envelope, frozen=True, kw_only=True):
    """`push`: a branch or a tag was made, moved or deleted.

    `ref` is the full name; GitHub lists at most 2,048 commits, and tells of no more than three tags at once.
    """

    ref: str
    created: bool = False
    forced: bool = False
    deleted: bool = False
    commits: list[PushedCommit] = []


class MergeGroupEvent(Envelope, frozen=True, kw_only=True):
    """`merge_group`: a merge queue waits for the checks of a commit."""

    merge_group: MergeGroup


class RepositoryEvent(Envelope, frozen=True, kw_only=True):
    """`repository`: edited, among other things its default branch."""

    changes: ChangedDefault = ChangedDefault()


class IssueCommentEvent(Envelope, frozen=True, kw_only=True):
    """`issue_comment`: written, edited or deleted in the conversation of an issue or a pull request."""

    issue: Issue
    comment: Comment


class StatusEvent(Envelope, frozen=True, kw_only=True):
    """`status`: a commit status was set. `sha` is the commit, `branches` hold it (ten at most)."""

    sha: Oid
    branches: list[Branch] = []


class PackageEvent(Envelope, frozen=True, kw_only=True):
    """`registry_package`, for a repository's own webhooks `package`: something was published.

    `bot.delivery.events` reads what that is.
    """

    registry_package: Any = None
    package: Any = None


class DeploymentEvent(Envelope, frozen=True, kw_only=True):
    """`deployment`, `deployment_status`: something is to be deployed, or came further."""

    deployment: Deployment
