"""What Signalbox reads of a webhook, and the questions that each event raises.

The structs hold only the fields that are needed; msgspec skips the rest without building it. Source of
the shapes: "Webhook events and payloads", docs.github.com. Fields that GitHub may leave out have defaults.
"""

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Final, TypeAlias

import msgspec
from msgspec import Meta, Struct

from bot.engine import Question
from bot.webhooks.questions import (
    AboutButton,
    AboutCommit,
    AboutInstallation,
    AboutPull,
    AboutQueue,
    AboutRepository,
)


class Malformed(ValueError):
    """A body that is no JSON: cut off, nested without end, not UTF-8."""


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

    sha: Oid = ""
    label: str | None = None
    repo: Repository | None = None


class Pull(Struct, frozen=True):
    """A pull request, as far as a question needs it."""

    number: Id
    head: Head = Head()


class App(Struct, frozen=True):
    """The App that owns a check."""

    id: int


class Named(Struct, frozen=True):
    """A pull request that a check names."""

    number: Id


class CheckSuite(Struct, frozen=True):
    """A check suite: its commit, the App that owns it, the pull requests of the commit's branch."""

    head_sha: Oid = ""
    app: App | None = None
    pull_requests: list[Named] = []


class CheckRun(Struct, frozen=True):
    """A check run: its commit, the App that owns it, the pull requests of the commit's branch."""

    id: Id
    head_sha: Oid = ""
    app: App | None = None
    pull_requests: list[Named] = []


class MergeGroup(Struct, frozen=True):
    """Pull requests that a merge queue has put together: the commit that they make."""

    head_sha: Oid


class ChangedDefault(Struct, frozen=True):
    """What was changed of a repository; only that the default branch is another matters."""

    default_branch: Any = None


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
    """`push`: commits reached a branch. `ref` is the full name; GitHub lists at most 2,048 commits."""

    ref: str
    forced: bool = False
    commits: list[PushedCommit] = []


class MergeGroupEvent(Envelope, frozen=True, kw_only=True):
    """`merge_group`: a merge queue waits for the checks of a commit."""

    merge_group: MergeGroup


class RepositoryEvent(Envelope, frozen=True, kw_only=True):
    """`repository`: edited, among other things its default branch."""

    changes: ChangedDefault = ChangedDefault()


# The actions of a pull request after which another answer may be right. A pull request that closes may
# share its head with one that stays open.
_PULL_ACTIONS: Final = frozenset({"opened", "reopened", "synchronize", "edited", "closed"})
_ARRIVALS: Final = frozenset({"created", "unsuspend", "new_permissions_accepted"})
# The repository whose rulebook is shared by all of its owner's that have none.
_SHARED: Final = ".github"

About: TypeAlias = AboutInstallation


class Reader:
    """Names the questions of an event, for one App and the path where rulebooks live."""

    def __init__(self, app_id: int, rulebook_path: str) -> None:
        self._app_id, self._rulebook_path = app_id, rulebook_path
        self._readers: dict[str, tuple[type[Envelope], Callable[..., Iterator[About]]]] = {
            "pull_request": (PullRequestEvent, self._pull_request),
            "check_run": (CheckRunEvent, self._check_run),
            "check_suite": (CheckSuiteEvent, self._check_suite),
            "merge_group": (MergeGroupEvent, self._merge_group),
            "installation": (Envelope, self._installation),
            "installation_repositories": (InstallationRepositoriesEvent, self._installation_repositories),
            "repository": (RepositoryEvent, self._repository),
            "push": (PushEvent, self._push),
        }

    def read(self, event: str, body: bytes) -> tuple[Envelope, list[Question]]:
        """Read a body and the questions that it raises; an event that raises none is read no further.

        Raises `msgspec.ValidationError` when GitHub's shape is not the documented one, `Malformed` when the
        body is no JSON that can be read.
        """
        shape, questions = self._readers.get(event, (Envelope, _nothing))
        try:
            envelope = msgspec.json.decode(body, type=shape)
        except msgspec.ValidationError:
            raise
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Malformed(str(error)) from None
        return envelope, [about.question for about in questions(envelope)]

    def _pull_request(self, event: PullRequestEvent) -> Iterator[About]:
        if event.action in _PULL_ACTIONS and (repository := _where(event, event.repository)):
            yield _pull(repository, event.pull_request, event.before)

    def _check_run(self, event: CheckRunEvent) -> Iterator[About]:
        repository = _where(event, event.repository)
        if repository is None or not self._ours(event.check_run.app):
            return
        if event.action == "rerequested":
            yield from _again(repository, event.check_run)
        elif event.action == "requested_action" and event.requested_action and event.sender:
            yield _button(repository, event.check_run, event.requested_action, event.sender)

    def _check_suite(self, event: CheckSuiteEvent) -> Iterator[About]:
        repository = _where(event, event.repository)
        if repository and event.action == "rerequested" and self._ours(event.check_suite.app):
            yield from _again(repository, event.check_suite)

    def _merge_group(self, event: MergeGroupEvent) -> Iterator[About]:
        repository = _where(event, event.repository)
        if repository and event.action == "checks_requested":
            yield AboutQueue(**msgspec.structs.asdict(repository), head=event.merge_group.head_sha)

    def _installation(self, event: Envelope) -> Iterator[About]:
        if event.action in _ARRIVALS and event.installation:
            yield AboutInstallation(installation=event.installation.id)

    def _installation_repositories(self, event: InstallationRepositoriesEvent) -> Iterator[About]:
        if event.action == "added":
            yield from filter(None, (_where(event, added) for added in event.repositories_added))

    def _repository(self, event: RepositoryEvent) -> Iterator[About]:
        """Another default branch may bring another rulebook."""
        repository = _where(event, event.repository)
        if repository and event.action == "edited" and event.changes.default_branch is not None:
            yield repository

    def _push(self, event: PushEvent) -> Iterator[About]:
        """A rulebook that changed on the default branch may change every answer that it is for."""
        repository, default = _where(event, event.repository), _default_branch(event)
        if repository is None or event.ref != default:
            return
        # A forced push does not list the commits that it took away.
        if event.forced or any(commit.touches(self._rulebook_path) for commit in event.commits):
            shared = repository.full_name.rpartition("/")[2] == _SHARED
            yield AboutInstallation(installation=repository.installation) if shared else repository

    def _ours(self, app: App | None) -> bool:
        """Whether a check is this App's own: by id, which nobody else can have (R16)."""
        return app is not None and app.id == self._app_id


def _nothing(event: Envelope) -> Iterator[About]:  # noqa: ARG001 - the shape of a reader
    yield from ()


def _where(event: Envelope, repository: Repository | None) -> AboutRepository | None:
    """The address of a repository; None for an event that does not come from an installation."""
    if event.installation is None or repository is None:
        return None
    return AboutRepository(
        installation=event.installation.id,
        repository=repository.node_id,
        repository_id=repository.id,
        full_name=repository.full_name,
    )


def _default_branch(event: PushEvent) -> str:
    return f"refs/heads/{event.repository.default_branch}" if event.repository else ""


def _pull(repository: AboutRepository, pull: Pull, before: str) -> AboutPull:
    """Ask about a pull request. What is said of its head only spares a request: the job reads the truth."""
    owner, head = repository.full_name.partition("/")[0], pull.head
    in_fork = head.repo is not None and head.repo.id != repository.repository_id
    # Within one owner "owner:branch" would name the base repository's own branch.
    named = in_fork and head.label and not head.label.startswith(f"{owner}:")
    return repository.pull(pull.number, head.sha, str(head.label) if named else head.sha, before)


def _again(repository: AboutRepository, check: CheckRun | CheckSuite) -> Iterator[About]:
    """Ask about the pull requests of a check: those it names (never a fork's), those of its commit (R9)."""
    for named in check.pull_requests:
        yield repository.pull(named.number, check.head_sha, check.head_sha)
    yield AboutCommit(**msgspec.structs.asdict(repository), head=check.head_sha)


def _button(
    repository: AboutRepository, run: CheckRun, action: RequestedAction, sender: Sender
) -> AboutButton:
    return AboutButton(
        **msgspec.structs.asdict(repository),
        check_run=run.id,
        identifier=action.identifier,
        head=run.head_sha,
        login=sender.login,
    )
