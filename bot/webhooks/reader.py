"""The questions that each event raises."""

import re
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from bot.delivery.events import MalformedEvent, package
from bot.delivery.proposal import deployment_of
from bot.engine import Question
from bot.webhooks.events import (
    App,
    CheckRun,
    CheckRunEvent,
    CheckSuite,
    CheckSuiteEvent,
    DeploymentEvent,
    Envelope,
    InstallationRepositoriesEvent,
    Issue,
    IssueCommentEvent,
    MergeGroupEvent,
    PackageEvent,
    Pull,
    PullRequestEvent,
    PushEvent,
    Repository,
    RepositoryEvent,
    RequestedAction,
    Sender,
    StatusEvent,
)
from bot.webhooks.questions import (
    About,
    AboutAccess,
    AboutBase,
    AboutButton,
    AboutChecks,
    AboutCleanup,
    AboutCommit,
    AboutDeployment,
    AboutImage,
    AboutInstallation,
    AboutMembers,
    AboutOrders,
    AboutProposal,
    AboutPull,
    AboutQueue,
    AboutRelease,
    AboutRepository,
    AboutTag,
    AboutVisible,
)

# The actions of a pull request after which another answer may be right. A pull request that closes may
# share its head with one that stays open.
_PULL_ACTIONS: Final = frozenset(
    {
        *("opened", "reopened", "synchronize", "edited", "closed"),
        *("labeled", "unlabeled", "ready_for_review"),
    }
)
_DEPARTURES: Final = frozenset({"deleted", "suspend"})
# A repository has another name, another reader, or another owner's rulebook.
_CHANGES: Final = frozenset({"renamed", "transferred", "privatized", "publicized"})
_ARRIVALS: Final = frozenset({"created", "unsuspend", "new_permissions_accepted"})
_RUNS: Final = frozenset({"created", "completed"})
_MEMBERS: Final = frozenset({"member_added", "member_removed"})
# The repository whose rulebook is shared by all of its owner's that have none.
_SHARED: Final = ".github"
# What a comment that commands something has in it, wherever; the rules read it in earnest.
_ORDER: Final = "/signalbox"
_ORDER_OF_REPOSITORY: Final = re.compile(
    rf"{_ORDER}\s+(?:release|hotfix|retry|promote|rollback|hold|freeze|thaw)\b"
)
_BRANCHES: Final = "refs/heads/"
_TAGS: Final = "refs/tags/"
# The branch of a merge group: gh-readonly-queue/<base>/pr-<number>-<commit of the base>.
_GROUP: Final = re.compile(r"gh-readonly-queue/(?P<base>.+)/pr-(?P<number>\d{1,18})-[0-9a-f]+")


class Malformed(ValueError):
    """A body that is no JSON: cut off, nested without end, not UTF-8."""


class Reader:
    """Names the questions of an event, for one App and the path where rulebooks live.

    `own_login` is what this App is called where it acts, "slug[bot]"; None as long as that is not known.
    """

    def __init__(self, app_id: int, rulebook_path: str) -> None:
        self._app_id, self._rulebook_path = app_id, rulebook_path
        self.own_login: str | None = None
        self._readers: dict[str, tuple[type[Envelope], Callable[..., Iterator[About]]]] = {
            "pull_request": (PullRequestEvent, self._pull_request),
            "pull_request_review": (PullRequestEvent, self._conversation),
            "pull_request_review_comment": (PullRequestEvent, self._conversation),
            "pull_request_review_thread": (PullRequestEvent, self._conversation),
            "issue_comment": (IssueCommentEvent, self._issue_comment),
            "check_run": (CheckRunEvent, self._check_run),
            "check_suite": (CheckSuiteEvent, self._check_suite),
            "status": (StatusEvent, self._status),
            "merge_group": (MergeGroupEvent, self._merge_group),
            "member": (Envelope, self._access),
            "team": (Envelope, self._access),
            "membership": (Envelope, self._members),
            "organization": (Envelope, self._organization),
            "installation": (Envelope, self._installation),
            "installation_repositories": (InstallationRepositoriesEvent, self._installation_repositories),
            "repository": (RepositoryEvent, self._repository),
            "push": (PushEvent, self._push),
            "deployment": (DeploymentEvent, _deployment),
            "deployment_status": (DeploymentEvent, _deployment),
            "package": (PackageEvent, _package),
            "registry_package": (PackageEvent, _package),
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
        own = event.action in {"labeled", "unlabeled"} and self._is_own(event.sender)
        if event.action in _PULL_ACTIONS and not own:
            yield from self._conversation(event)
        if event.action == "closed":
            yield from _closed(event)
            yield from self._proposed(event)

    def _proposed(self, event: PullRequestEvent) -> Iterator[About]:
        """What brought a deployment was merged, or is not wanted; what the App withdrew it knows of."""
        repository, pull = _where(event, event.repository), event.pull_request
        if repository and event.sender and deployment_of(pull.head.ref) and not self._is_own(event.sender):
            yield repository.about(AboutProposal, number=pull.number, login=event.sender.login)

    def _conversation(self, event: PullRequestEvent) -> Iterator[About]:
        """Whatever people say of a pull request may change its answer."""
        if repository := _where(event, event.repository):
            yield _pull(repository, event.pull_request, event.before)

    def _issue_comment(self, event: IssueCommentEvent) -> Iterator[About]:
        """A command; or our own comment in other hands."""
        repository, comment, issue = _where(event, event.repository), event.comment, event.issue
        if repository is None:
            return
        # What a person orders in the control room is a comment of theirs, written by way of this App.
        by_person = comment.user is not None and comment.user.type == "User"
        if by_person or not self._ours(comment.performed_via_github_app):
            yield from _ordered(repository, issue, comment.body or "")
        elif issue.pull_request is not None and not self._is_own(event.sender):
            yield repository.pull(issue.number, "", "")

    def _check_run(self, event: CheckRunEvent) -> Iterator[About]:
        repository = _where(event, event.repository)
        if repository is None:
            return
        run, action = event.check_run, event.action
        group = _group(repository, run.check_suite.head_branch, run.head_sha)
        if not self._ours(run.app):
            if action in _RUNS:
                yield group or _others(repository, run)
        elif group and (action == "rerequested" or _is_about_group(event)):
            yield group
        elif action == "rerequested":
            yield from _again(repository, run)
        elif action == "requested_action" and event.requested_action and event.sender:
            yield _button(repository, run, event.requested_action, event.sender)

    def _check_suite(self, event: CheckSuiteEvent) -> Iterator[About]:
        repository = _where(event, event.repository)
        if repository is None:
            return
        suite = event.check_suite
        group = _group(repository, suite.head_branch, suite.head_sha)
        if not self._ours(suite.app):
            if event.action == "completed":
                yield group or _others(repository, suite)
        elif event.action == "rerequested":
            yield from [group] if group else _again(repository, suite)

    def _status(self, event: StatusEvent) -> Iterator[About]:
        if repository := _where(event, event.repository):
            groups = (_group(repository, branch.name, event.sha) for branch in event.branches)
            others = repository.about(AboutChecks, head=event.sha)
            yield next(filter(None, groups), others)

    def _merge_group(self, event: MergeGroupEvent) -> Iterator[About]:
        repository, group = _where(event, event.repository), event.merge_group
        if repository and event.action == "checks_requested":
            named = _GROUP.fullmatch(group.head_ref.removeprefix(_BRANCHES))
            number = int(named["number"]) if named else 0
            yield repository.queue(number, group.head_sha, group.base_ref.removeprefix(_BRANCHES))

    def _access(self, event: Envelope) -> Iterator[About]:
        """Who may write, and so who may approve, is other people now; a deleted team names no repository."""
        if repository := _where(event, event.repository):
            yield repository.about(AboutAccess)
        else:
            yield from self._members(event)

    def _members(self, event: Envelope) -> Iterator[About]:
        """A team has other members; it may be asked in any repository."""
        if event.installation:
            yield AboutMembers(installation=event.installation.id)

    def _organization(self, event: Envelope) -> Iterator[About]:
        if event.action in _MEMBERS:
            yield from self._members(event)

    def _installation(self, event: Envelope) -> Iterator[About]:
        if event.action in _ARRIVALS and event.installation:
            yield AboutInstallation(installation=event.installation.id)
        if event.action in _DEPARTURES and event.installation:
            yield AboutVisible(installation=event.installation.id)

    def _installation_repositories(self, event: InstallationRepositoriesEvent) -> Iterator[About]:
        if event.action == "added":
            yield from filter(None, (_where(event, added) for added in event.repositories_added))
        if event.action == "removed" and event.installation:
            yield AboutVisible(installation=event.installation.id)

    def _repository(self, event: RepositoryEvent) -> Iterator[About]:
        """Another default branch may bring another rulebook; another name is to be known."""
        repository = _where(event, event.repository)
        if repository is None:
            return
        if event.action == "deleted":
            yield AboutVisible(installation=repository.installation)
        elif event.action in _CHANGES or event.changes.default_branch is not None:
            yield repository

    def _push(self, event: PushEvent) -> Iterator[About]:
        """A tag or a branch moved; another rulebook may make every answer that it is for another."""
        repository, branch = _where(event, event.repository), event.ref.removeprefix(_BRANCHES)
        if repository and event.ref.startswith(_TAGS):  # with `deleted` too: that version is free again
            yield repository.about(AboutTag, tag=event.ref.removeprefix(_TAGS))
        if repository is None or branch == event.ref or event.deleted:
            return
        # A forced push does not list the commits that it took away.
        touched = event.forced or any(commit.touches(self._rulebook_path) for commit in event.commits)
        if touched and event.repository and branch == event.repository.default_branch:
            shared = repository.full_name.rpartition("/")[2] == _SHARED
            yield AboutInstallation(installation=repository.installation) if shared else repository
            if not event.created:
                yield repository.main(branch)
        elif not event.created:  # what goes into a branch comes after it
            yield repository.about(AboutBase, branch=branch)

    def _ours(self, app: App | None) -> bool:
        """Whether something is this App's own: by id, which nobody else can have (R16)."""
        return app is not None and app.id == self._app_id

    def _is_own(self, sender: Sender | None) -> bool:
        """Whether this App did it; GitHub says only the login that it acts by."""
        return sender is not None and sender.login == self.own_login


def _deployment(event: DeploymentEvent) -> Iterator[About]:
    if repository := _where(event, event.repository):
        yield repository.about(AboutDeployment, deployment=event.deployment.id)


def _package(event: PackageEvent) -> Iterator[AboutImage]:
    """An image that GitHub's own registry has; what it publishes besides is not for us."""
    if event.installation is None:
        return
    told = {"registry_package": event.registry_package, "package": event.package}
    try:
        images = package({"action": event.action, **told})
    except MalformedEvent:
        return
    home = event.repository.id if event.repository else 0
    yield from (AboutImage.told(image, home) for image in images)


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


def _pull(repository: AboutRepository, pull: Pull, before: str) -> AboutPull:
    """Ask about a pull request. What is said of its head only spares a request: the job reads the truth."""
    owner, head = repository.full_name.partition("/")[0], pull.head
    in_fork = head.repo is not None and head.repo.id != repository.repository_id
    # Within one owner "owner:branch" would name the base repository's own branch.
    named = in_fork and head.label and not head.label.startswith(f"{owner}:")
    return repository.pull(pull.number, head.sha, str(head.label) if named else head.sha, before)


def _ordered(repository: AboutRepository, issue: Issue, body: str) -> Iterator[About]:
    """What is said on an open pull request is about it, unless it names a command of the repository."""
    is_open_pull = issue.pull_request is not None and issue.state == "open"
    if _ORDER in body and is_open_pull:
        yield repository.pull(issue.number, "", "")
    if _ORDER_OF_REPOSITORY.search(body) if is_open_pull else _ORDER in body:
        yield repository.about(AboutOrders, number=issue.number)


def _closed(event: PullRequestEvent) -> Iterator[About]:
    """What was merged may be a release, and leaves images; what was closed otherwise is none any more."""
    repository, pull = _where(event, event.repository), event.pull_request
    if repository:
        from_fork = pull.head.repo is None or pull.head.repo.id != repository.repository_id
        yield repository.about(
            AboutRelease,
            number=pull.number,
            head=pull.head.ref,
            base=pull.base.ref,
            merged=pull.merged is True,
            from_fork=from_fork,
        )
        if pull.merged and not from_fork:  # whose images would not be ours
            yield repository.about(AboutCleanup, number=pull.number, head=pull.head.ref)


def _group(repository: AboutRepository, branch: str | None, head: str) -> AboutQueue | None:
    """The merge group whose branch this is; None for every other branch."""
    named = _GROUP.fullmatch(branch or "")
    return repository.queue(int(named["number"]), head, named["base"]) if named else None


def _again(repository: AboutRepository, check: CheckRun | CheckSuite) -> Iterator[About]:
    """Ask about the pull requests of a check: those it names (never a fork's), those of its commit (R9)."""
    for named in check.pull_requests:
        yield repository.pull(named.number, check.head_sha, check.head_sha)
    yield repository.about(AboutCommit, head=check.head_sha)


def _others(repository: AboutRepository, check: CheckRun | CheckSuite) -> AboutChecks:
    """Ask whether anybody waits for the checks of a commit; what the check names spares a request."""
    refs = tuple((named.head.ref, named.base.ref) for named in check.pull_requests)
    return repository.about(AboutChecks, head=check.head_sha, refs=refs)


def _is_about_group(event: CheckRunEvent) -> bool:
    """Whether a button is a pull request's, which it names: others are of what came by the group perhaps."""
    return event.requested_action is not None and ":" in event.requested_action.identifier


def _button(
    repository: AboutRepository, run: CheckRun, action: RequestedAction, sender: Sender
) -> AboutButton:
    return repository.about(
        AboutButton,
        check_run=run.id,
        identifier=action.identifier,
        head=run.head_sha,
        login=sender.login,
        drawn=run.external_id or "",
    )
