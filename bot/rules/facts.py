"""What a rule may know: one frozen value, gathered before anything is decided.

Every type here is filled by `bot.github.gather` (from one GraphQL request) and by `bot.cli.checkout`
(from a local clone), and read by the rules alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from types import MappingProxyType

from semver import Version

from bot.message import Message


class Actor(StrEnum):
    """What an account is, by GitHub's type and never by the spelling of a login."""

    PERSON = "person"
    BOT = "bot"
    GHOST = "ghost"  # the account was deleted: GitHub answers null


@dataclass(frozen=True, slots=True)
class Author:
    """The account behind a pull request, a review or a comment.

    `login` is "ghost" where GitHub has none to show. `id` is the GraphQL node id, which never changes and is
    spelt one way everywhere, as a login is not (R8); "" for a ghost and for whoever works offline.
    """

    login: str
    actor: Actor
    id: str = ""

    def is_same(self, other: "Author") -> bool:
        """Whether both are one account; nobody is a ghost."""
        return bool(self.id) and self.id == other.id


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as history needs it: `oid` is 40 hex digits, `parents` in git's order (first parent first)."""

    oid: str
    parents: tuple[str, ...]
    headline: str
    authored: datetime
    committed: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """A branch that lasts (main, develop, the base), seen from the head of the pull request.

    `ahead` are the commits of the head that are not on this branch, in no promised order; None when the
    comparison could not be made. `whole` is False when `ahead` stops at the cap. `recent` are the newest
    commits of the branch itself (a window), newest first.
    """

    name: str
    tip: str
    ahead: tuple[Commit, ...] | None
    whole: bool = True
    recent: tuple[Commit, ...] = ()


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request, or the one that a branch would open. `number` is 0 where there is none yet."""

    number: int
    head: str
    head_oid: str
    base: str
    author: Author
    from_fork: bool = False
    # The base as a line where its kind is judged against it; None when the base branch is gone.
    base_line: Line | None = None
    # When it last got another base; None when it never did.
    retargeted: datetime | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """The rulebook as a pull request would leave it. `text` is None when the file is removed or not text."""

    path: str
    text: str | None
    removed: bool = False


class ReviewState(StrEnum):
    """What a review says of the whole, in GraphQL's words (`PullRequestReviewState`)."""

    APPROVED = "APPROVED"
    CHANGES_REQUESTED = "CHANGES_REQUESTED"
    COMMENTED = "COMMENTED"
    DISMISSED = "DISMISSED"


@dataclass(frozen=True, slots=True)
class Remark:
    """A text about a pull request as it reads now, by whoever wrote it.

    `id` is a node id, `may_write` whether the author may push to the repository now (R12, R13), `since`
    when the text became what it is: when it was last edited, else when it was written (R7).
    """

    id: str
    author: Author
    may_write: bool
    body: str
    url: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Review(Remark):
    """A submitted review. `commit` is what was looked at, "" where that is gone."""

    state: ReviewState
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Inline(Remark):
    """A comment on a line; `review` is the id of the review that it was submitted with."""

    review: str = ""


@dataclass(frozen=True, slots=True)
class Thread:
    """Comments on one place; `line` is None for a whole file, and where the line is gone."""

    path: str
    line: int | None
    resolved: bool
    remarks: tuple[Inline, ...]


class CheckState(StrEnum):
    """How a check run or a commit status stands: neutral and skipped ones have passed."""

    PASSED = "passed"
    PENDING = "pending"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class OtherCheck:
    """A check run or a commit status on the head, by its name."""

    name: str
    state: CheckState


class Role(IntEnum):
    """What a person may do in a repository, the least first (REST: `role_name`)."""

    NONE = 0
    READ = 1
    TRIAGE = 2
    WRITE = 3
    MAINTAIN = 4
    ADMIN = 5


@dataclass(frozen=True, slots=True)
class Order:
    """A comment that commands something. `role` is what its author may do now, as far as it was asked.

    `at` is when the words became what they are; `by_other` says that somebody else wrote into the comment.
    `accepted` is what this App answered by its reaction; None where it has not answered yet.
    """

    id: str
    author: Author
    body: str
    at: datetime
    by_other: bool = False
    accepted: bool | None = None
    role: Role = Role.NONE


@dataclass(frozen=True, slots=True)
class Override:
    """A maintainer lets a pull request pass a rule, for one head and this base, ordered `at` a moment."""

    rule: str
    number: int
    base: str
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Owners:
    """Who owns what a pull request changes. `text` is the CODEOWNERS of its base, "" where there is none.

    `text` is None where GitHub cannot show it, `paths` are all changed files, None where they are too many.
    """

    text: str | None
    paths: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag that is a version (without build part), and the object (an oid) that it leads to in the end (V2).

    That is a commit, unless somebody has tagged something else: no version then, but the name is taken.

    `in_base` and `in_head` say whether it is an ancestor of the tip of the base (as it was before
    the merge, where that is done) and of the head, or is that tip.
    """

    name: str
    version: Version
    target: str
    annotated: bool = True
    in_base: bool = False
    in_head: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A commit that a pull request brings, as its author tells it: the first line, and what follows."""

    oid: str
    headline: str
    body: str = ""


class MergeMethod(StrEnum):
    """How GitHub may merge a pull request (REST: `merge_method`)."""

    MERGE = "merge"
    SQUASH = "squash"
    REBASE = "rebase"


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """What has to be known to judge the version of a release or a hotfix.

    `tags` are all that are versions. `changes` are the commits of the head that are not on the base, newest
    first; `whole` is False where they stop at a cap. `files` are the texts at the head by path, None for a
    file that is not there or no text. `reservations` are pull request numbers by version. `methods` are those
    that the repository allows, the one that GitHub proposes first; `ruled` those that rulesets of the base
    allow, None where they say nothing of it. `merge_commit` is the oid that the merge made, None before it.
    """

    tags: tuple[Tag, ...] = ()
    changes: tuple[Change, ...] = ()
    whole: bool = True
    files: Mapping[str, str | None] = field(default_factory=lambda: MappingProxyType({}))
    reservations: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    methods: tuple[MergeMethod, ...] = (MergeMethod.MERGE,)
    ruled: frozenset[MergeMethod] | None = None
    merge_commit: str | None = None


class Referred(StrEnum):
    """What a manifest may name a database by."""

    HOST = "host"
    SECRET = "secret"  # noqa: S105 (a kind of name, not a password)


@dataclass(frozen=True, slots=True)
class Referral:
    """A host or a secret that a manifest names; `line` counts from 1."""

    kind: Referred
    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """A file of a GitOps repository as a pull request leaves it; `trouble` is why it cannot be read."""

    path: str
    referrals: tuple[Referral, ...] = ()
    trouble: Message | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known when a pull request is judged.

    `main` and `develop` are the permanent branches, None where the repository has no such branch.
    `proposal` is None when the rulebook is not touched. `checks` are those of others on the head, `required`
    the names of those that the base wants. `teams` are the node ids of the members, None for a team that
    cannot be read. `reported` is when each check of this App first reported on this head, by its short name.
    What is not asked for (`owners`, `pusher`, `release`) is None. `manifests` are the changed ones of
    environments, as far as they are asked for; None where GitHub does not list all changed files.
    """

    repository: str  # "owner/name"
    pull: Pull
    main: Line | None = None
    develop: Line | None = None
    proposal: Proposal | None = None
    reviews: tuple[Review, ...] = ()
    threads: tuple[Thread, ...] = ()
    labels: tuple[str, ...] = ()
    orders: tuple[Order, ...] = ()
    overrides: tuple[Override, ...] = ()
    checks: tuple[OtherCheck, ...] = ()
    required: tuple[str, ...] = ()
    teams: Mapping[str, frozenset[str] | None] = field(default_factory=lambda: MappingProxyType({}))
    reported: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))
    owners: Owners | None = None
    pusher: Author | None = None
    release: ReleaseFacts | None = None
    manifests: tuple[Manifest, ...] | None = ()
