"""What Signalbox reads of a webhook, and the questions that each event raises.

The structs hold only the fields that are needed; msgspec skips the rest without building it. Source of
the shapes: "Webhook events and payloads", docs.github.com. Fields that GitHub may leave out have defaults.
"""

from collections.abc import Callable, Iterator
from typing import Final

import msgspec
from msgspec import Struct

from bot.engine import Question


class Malformed(ValueError):
    """A body that is no JSON: cut off, nested without end, not UTF-8."""


class Installation(Struct, frozen=True):
    """Whose permission the App acts under."""

    id: int


class Repository(Struct, frozen=True):
    """A repository: its number, its GraphQL node id, its full name."""

    id: int
    node_id: str = ""
    full_name: str = ""
    default_branch: str = ""


class Head(Struct, frozen=True):
    """The head of a pull request; `repo` is null when the fork was deleted."""

    sha: str = ""
    label: str | None = None
    repo: Repository | None = None


class Pull(Struct, frozen=True):
    """A pull request, as far as a question needs it."""

    number: int
    head: Head = Head()


class App(Struct, frozen=True):
    """The App that owns a check."""

    id: int


class CheckSuite(Struct, frozen=True):
    """A check suite: the commit it is about and the App that owns it."""

    head_sha: str = ""
    app: App | None = None


class CheckRun(Struct, frozen=True):
    """A check run: the commit it is about and the App that owns it."""

    id: int
    head_sha: str = ""
    app: App | None = None


class RequestedAction(Struct, frozen=True):
    """The button that was pressed."""

    identifier: str = ""


class Sender(Struct, frozen=True):
    """Who did it."""

    id: int
    login: str = ""


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
    """`pull_request`: opened, pushed to, retargeted, closed."""

    pull_request: Pull


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
    commits: list[PushedCommit] = []


# The actions of a pull request after which another answer may be right. A pull request that closes may
# share its head with one that stays open.
_PULL_ACTIONS: Final = frozenset({"opened", "reopened", "synchronize", "edited", "closed"})
_ARRIVALS: Final = frozenset({"created", "unsuspend", "new_permissions_accepted"})


class Reader:
    """Names the questions of an event, for one App and the path where rulebooks live."""

    def __init__(self, app_id: int, rulebook_path: str) -> None:
        self._app_id, self._rulebook_path = app_id, rulebook_path
        self._readers: dict[str, tuple[type[Envelope], Callable[..., Iterator[Question]]]] = {
            "pull_request": (PullRequestEvent, self._pull_request),
            "check_run": (CheckRunEvent, self._check_run),
            "check_suite": (CheckSuiteEvent, self._check_suite),
            "installation": (Envelope, self._installation),
            "installation_repositories": (InstallationRepositoriesEvent, self._installation_repositories),
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
        return envelope, list(questions(envelope))

    def _pull_request(self, event: PullRequestEvent) -> Iterator[Question]:
        if event.action in _PULL_ACTIONS and event.installation and event.repository:
            yield _pull(event.installation, event.repository, event.pull_request)

    def _check_run(self, event: CheckRunEvent) -> Iterator[Question]:
        if not self._ours(event.check_run.app) or not event.installation or not event.repository:
            return
        if event.action == "rerequested":
            yield _commit(event.installation, event.repository, event.check_run.head_sha)
        elif event.action == "requested_action" and event.requested_action and event.sender:
            yield _button(event, event.installation, event.repository, event.requested_action, event.sender)

    def _check_suite(self, event: CheckSuiteEvent) -> Iterator[Question]:
        ours = self._ours(event.check_suite.app)
        if ours and event.action == "rerequested" and event.installation and event.repository:
            yield _commit(event.installation, event.repository, event.check_suite.head_sha)

    def _installation(self, event: Envelope) -> Iterator[Question]:
        if event.action in _ARRIVALS and event.installation:
            number = event.installation.id
            yield Question(key=f"installation/{number}", subject={"installation": number})

    def _installation_repositories(self, event: InstallationRepositoriesEvent) -> Iterator[Question]:
        if event.action == "added" and event.installation:
            for repository in event.repositories_added:
                yield _repository(event.installation, repository)

    def _push(self, event: PushEvent) -> Iterator[Question]:
        """A rulebook that changed on the default branch may change every answer of its repository."""
        repository = event.repository
        if repository and event.installation and event.ref == f"refs/heads/{repository.default_branch}":
            touched = any(commit.touches(self._rulebook_path) for commit in event.commits)
            yield from [_repository(event.installation, repository)] if touched else []

    def _ours(self, app: App | None) -> bool:
        """Whether a check is this App's own: by id, which nobody else can have (R16)."""
        return app is not None and app.id == self._app_id


def _nothing(event: Envelope) -> Iterator[Question]:  # noqa: ARG001 - the shape of a reader
    yield from ()


def _pull(installation: Installation, repository: Repository, pull: Pull) -> Question:
    """Ask about a pull request. What is said of its head only spares a request: the job reads the truth."""
    in_fork = pull.head.repo is not None and pull.head.repo.id != repository.id
    return Question(
        key=f"pull/{repository.id}/{pull.number}",
        subject={
            **_where(installation, repository),
            "number": pull.number,
            "head": pull.head.sha,
            "compare": (pull.head.label if in_fork else None) or pull.head.sha,
        },
    )


def _commit(installation: Installation, repository: Repository, head: str) -> Question:
    return Question(
        key=f"commit/{repository.id}/{head}", subject={**_where(installation, repository), "head": head}
    )


def _button(
    event: CheckRunEvent,
    installation: Installation,
    repository: Repository,
    action: RequestedAction,
    sender: Sender,
) -> Question:
    return Question(
        key=f"button/{repository.id}/{event.check_run.id}/{action.identifier}/{sender.id}",
        subject={
            **_where(installation, repository),
            "identifier": action.identifier,
            "head": event.check_run.head_sha,
            "login": sender.login,
        },
    )


def _repository(installation: Installation, repository: Repository) -> Question:
    return Question(key=f"repository/{repository.id}", subject=_where(installation, repository))


def _where(installation: Installation, repository: Repository) -> dict[str, str | int]:
    return {
        "installation": installation.id,
        "repository": repository.node_id,
        "repository_id": repository.id,
        "full_name": repository.full_name,
    }
