"""Issues, and what people say about pull requests: frozen values, named as GitHub's GraphQL names them.

`author` is None for a ghost; `pull` is the number of the pull request; `last_edited_at` is None until
somebody edits.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.localhub.model import Account


@dataclass(frozen=True, slots=True)
class Label:
    """A label of a repository. `color` is six hex digits."""

    database_id: int
    repository: int
    name: str
    color: str
    description: str | None

    @property
    def id(self) -> str:
        """The node id."""
        return f"LA_{self.database_id}"


class IssueState(StrEnum):
    """GraphQL's `IssueState`."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue that is no pull request; both share their numbers. `labels` are the numbers of its labels."""

    database_id: int
    repository: int
    number: int
    title: str
    body: str
    author: Account | None
    created_at: datetime
    updated_at: datetime
    state: IssueState = IssueState.OPEN
    closed_at: datetime | None = None
    labels: frozenset[int] = frozenset()

    @property
    def id(self) -> str:
        """The node id."""
        return f"I_{self.database_id}"

    @property
    def is_open(self) -> bool:
        """Whether it is not closed."""
        return self.state is IssueState.OPEN


class PullRequestReviewState(StrEnum):
    """GraphQL's `PullRequestReviewState`, less the reviews that nobody has submitted yet."""

    APPROVED = "APPROVED"
    CHANGES_REQUESTED = "CHANGES_REQUESTED"
    COMMENTED = "COMMENTED"
    DISMISSED = "DISMISSED"

    @property
    def is_opinion(self) -> bool:
        """Whether it says what should become of the pull request."""
        return self in {PullRequestReviewState.APPROVED, PullRequestReviewState.CHANGES_REQUESTED}


@dataclass(frozen=True, slots=True)
class PullRequestReview:
    """A review of what was then the head, `commit`; `dismissal_message` says why it was dismissed."""

    database_id: int
    repository: int
    pull: int
    author: Account | None
    state: PullRequestReviewState
    body: str
    commit: str
    submitted_at: datetime
    last_edited_at: datetime | None = None
    dismissal_message: str = ""

    @property
    def id(self) -> str:
        """The node id."""
        return f"PRR_{self.database_id}"

    @property
    def anchor(self) -> str:
        """Where it is on the page of its pull request."""
        return f"pullrequestreview-{self.database_id}"


@dataclass(frozen=True, slots=True)
class PullRequestReviewThread:
    """Comments on a line of a file. `original_line` is where that line was in `original_commit`."""

    database_id: int
    repository: int
    pull: int
    path: str
    original_line: int
    original_commit: str
    is_resolved: bool = False

    @property
    def id(self) -> str:
        """The node id."""
        return f"PRRT_{self.database_id}"


@dataclass(frozen=True, slots=True)
class PullRequestReviewComment:
    """A comment in a thread; `review` and `thread` are the numbers of those that it belongs to."""

    database_id: int
    repository: int
    pull: int
    review: int
    thread: int
    author: Account | None
    body: str
    created_at: datetime
    last_edited_at: datetime | None = None

    @property
    def id(self) -> str:
        """The node id."""
        return f"PRRC_{self.database_id}"

    @property
    def anchor(self) -> str:
        """Where it is on the page of its pull request."""
        return f"discussion_r{self.database_id}"


class ReactionContent(StrEnum):
    """GraphQL's `ReactionContent`, in the order in which GitHub shows the groups."""

    THUMBS_UP = "THUMBS_UP"
    THUMBS_DOWN = "THUMBS_DOWN"
    LAUGH = "LAUGH"
    HOORAY = "HOORAY"
    CONFUSED = "CONFUSED"
    HEART = "HEART"
    ROCKET = "ROCKET"
    EYES = "EYES"


@dataclass(frozen=True, slots=True)
class IssueComment:
    """A comment on a pull request or an issue, which is then what `pull` is the number of.

    `reactions` are accounts and what they reacted with. `via_app` is what a person wrote by way of the App.
    """

    database_id: int
    repository: int
    pull: int
    author: Account | None
    body: str
    created_at: datetime
    last_edited_at: datetime | None = None
    editor: Account | None = None
    reactions: frozenset[tuple[Account, ReactionContent]] = frozenset()
    via_app: bool = False

    @property
    def id(self) -> str:
        """The node id."""
        return f"IC_{self.database_id}"

    @property
    def anchor(self) -> str:
        """Where it is on the page of its pull request."""
        return f"issuecomment-{self.database_id}"
