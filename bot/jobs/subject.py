"""What the questions of the jobs are about, and how a job raises one itself."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Protocol, TypeVar

import msgspec

from bot.engine import Question
from bot.errors import GiveUp
from bot.github.nodes import Target


class InstallationSubject(msgspec.Struct, frozen=True):
    """The installation to act under."""

    installation: int


class RepositorySubject(InstallationSubject, frozen=True):
    """The address of most questions: a repository, by node id, number and "owner/name"."""

    repository: str
    repository_id: int
    full_name: str


class PullSubject(RepositorySubject, frozen=True):
    """A pull request, with what an event said of its head (see `bot.github.nodes.Target`)."""

    number: int
    head: str = ""
    compare: str = ""


class CommitSubject(RepositorySubject, frozen=True):
    """A commit, by its 40 hex digits."""

    head: str


class ButtonSubject(RepositorySubject, frozen=True):
    """A button that somebody pressed: its identifier, the head its check is about, the presser's login."""

    identifier: str
    head: str
    login: str


S = TypeVar("S", bound=InstallationSubject)


def read(question: Question, shape: type[S]) -> S:
    """Return a question's subject. Raises `GiveUp` when another version of Signalbox wrote something else."""
    try:
        return msgspec.convert(dict(question.subject), shape)
    except msgspec.ValidationError as error:
        raise GiveUp(f"{question.key} cannot be read: {error}") from error


class Ask(Protocol):
    """Raises questions, to be answered no earlier than `not_before` (aware, UTC)."""

    def __call__(self, *questions: Question, not_before: datetime | None = None) -> Awaitable[None]:
        """Raise them."""


def pull_question(subject: RepositorySubject, target: Target) -> Question:
    """Return the question about a pull request of the subject's repository."""
    where = {name: getattr(subject, name) for name in RepositorySubject.__struct_fields__}
    head = {"number": target.number, "head": target.head, "compare": target.compare}
    return Question(key=f"pull/{subject.repository_id}/{target.number}", subject={**where, **head})
