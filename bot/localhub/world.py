"""The tables of the hub: who and what there is, and how to find it."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from bot.localhub.git import Git
from bot.localhub.model import (
    Account,
    AccountType,
    CheckRun,
    CheckSuite,
    Installation,
    PullRequest,
    PullRequestState,
    Repository,
)

Json: TypeAlias = dict[str, Any]
Node: TypeAlias = Repository | PullRequest | CheckRun


class Announce(Protocol):
    """Tell the App what happened: `event` and `action` as GitHub's webhooks name them."""

    def __call__(self, event: str, action: str | None, about: Repository | Installation, body: Json) -> None:
        """`body` has the event's own fields and `sender`, an `Account`."""


@dataclass(frozen=True, slots=True)
class App:
    """The GitHub App that the hub knows. The key pair is PEM; `bot` is the account that it acts as."""

    database_id: int
    slug: str
    name: str
    owner: Account
    bot: Account
    created_at: datetime
    private_key: str = field(repr=False)
    public_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    permissions: tuple[tuple[str, str], ...] = (
        ("checks", "write"),
        ("contents", "write"),
        ("merge_queues", "read"),
        ("metadata", "read"),
        ("pull_requests", "write"),
    )
    events: tuple[str, ...] = (
        "check_run",
        "check_suite",
        "create",
        "delete",
        "merge_group",
        "pull_request",
        "push",
        "repository",
    )

    @property
    def id(self) -> str:
        """The node id."""
        return f"A_{self.database_id}"


def utc_now() -> datetime:
    """The time, to the second: GitHub shows no more of it."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(slots=True)
class World:
    """Everything that the hub holds in memory. The git repositories lie under `directory`."""

    directory: Path
    app: App
    now: Callable[[], datetime]
    url: str = ""
    accounts: dict[str, Account] = field(default_factory=dict)
    repositories: dict[int, Repository] = field(default_factory=dict)
    gits: dict[int, Git] = field(default_factory=dict)
    permissions: dict[tuple[int, str], str] = field(default_factory=dict)
    pulls: dict[tuple[int, int], PullRequest] = field(default_factory=dict)
    suites: dict[tuple[int, str], CheckSuite] = field(default_factory=dict)
    runs: dict[int, CheckRun] = field(default_factory=dict)
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

    def suite_of(self, run: CheckRun) -> CheckSuite:
        """The check suite that a run belongs to: the App has one a commit."""
        return self.suites[run.repository, run.head_oid]

    def runs_of(self, suite: CheckSuite, *, latest: bool = False) -> list[CheckRun]:
        """The check runs of a suite, oldest first; only the newest of each name when `latest`."""
        home = (suite.repository, suite.head_oid)
        runs = [run for run in self.runs.values() if (run.repository, run.head_oid) == home]
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

    def installation_on(self, repository: Repository) -> Installation | None:
        """The installation that was given this repository, suspended or not."""
        return next((one for one in self.installations.values() if one.covers(repository)), None)

    def node(self, id: str) -> Node | None:
        """What a node id stands for: a repository, a pull request or a check run."""
        prefix, _, digits = id.partition("_")
        number = int(digits) if digits.isdecimal() else 0
        match prefix:
            case "R":
                return self.repositories.get(number)
            case "CR":
                return self.runs.get(number)
            case "PR":
                return next((pull for pull in self.pulls.values() if pull.database_id == number), None)
        return None
