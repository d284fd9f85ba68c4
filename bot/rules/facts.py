"""What a rule may know: one frozen value, gathered before anything is decided.

Every type here is filled by `bot.github.gather` (from one GraphQL request) and by `bot.cli.checkout`
(from a local clone), and read by the rules alone.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Actor(StrEnum):
    """Who opened a pull request, by GitHub's type and never by the spelling of a login."""

    PERSON = "person"
    BOT = "bot"
    GHOST = "ghost"  # the account was deleted: GitHub answers null


@dataclass(frozen=True, slots=True)
class Author:
    """The account behind a pull request. `login` is "ghost" where GitHub has none to show."""

    login: str
    actor: Actor


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


@dataclass(frozen=True, slots=True)
class Proposal:
    """The rulebook as a pull request would leave it. `text` is None when the file is removed or not text."""

    path: str
    text: str | None
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known when a pull request is judged.

    `main` and `develop` are the permanent branches, None where the repository has no such branch.
    `proposal` is None when the rulebook is not touched.
    """

    repository: str  # "owner/name"
    pull: Pull
    main: Line | None = None
    develop: Line | None = None
    proposal: Proposal | None = None
