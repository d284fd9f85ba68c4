"""The questions of Signalbox: what each is about, under which key it is asked, and how its job reads it.

A question carries an address, never a payload: whoever answers reads the truth from GitHub.
"""

from typing import Self

import msgspec

from bot.engine import Question
from bot.errors import GiveUp


class AboutInstallation(msgspec.Struct, frozen=True, kw_only=True):
    """An installation of the App: all its repositories need a look."""

    installation: int

    @property
    def key(self) -> str:
        """What the question is asked under; questions with one key are one question."""
        return f"installation/{self.installation}"

    @property
    def question(self) -> Question:
        """The question about this."""
        return Question(self.key, msgspec.to_builtins(self))

    @classmethod
    def of(cls, question: Question) -> Self:
        """What a question is about. Raises `GiveUp` when another version of Signalbox wrote it."""
        try:
            return msgspec.convert(dict(question.subject), cls)
        except msgspec.ValidationError as error:
            raise GiveUp(f"{question.key} cannot be read: {error}") from error


class AboutRepository(AboutInstallation, frozen=True, kw_only=True):
    """A repository, by GraphQL node id, number and "owner/name": all its open pull requests need a look."""

    repository: str
    repository_id: int
    full_name: str

    @property
    def key(self) -> str:
        """See `AboutInstallation`."""
        return f"repository/{self.repository_id}"

    def pull(self, number: int, head: str, compare: str, before: str = "") -> "AboutPull":
        """A pull request of this repository; see `AboutPull`."""
        return AboutPull(
            installation=self.installation,
            repository=self.repository,
            repository_id=self.repository_id,
            full_name=self.full_name,
            number=number,
            head=head,
            compare=compare,
            before=before,
        )


class AboutPull(AboutRepository, frozen=True, kw_only=True):
    """A pull request needs a look.

    What was heard of its head only spares a request: `head` is 40 hex digits, `compare` how a comparison
    names it (by id, or "owner:branch" in a fork), `before` the head that it left.
    """

    number: int
    head: str = ""
    compare: str = ""
    before: str = ""

    @property
    def key(self) -> str:
        """See `AboutInstallation`."""
        return f"pull/{self.repository_id}/{self.number}"


class AboutCommit(AboutRepository, frozen=True, kw_only=True):
    """A commit, by its 40 hex digits: the pull requests that have it as head need a look."""

    head: str

    @property
    def key(self) -> str:
        """See `AboutInstallation`."""
        return f"commit/{self.repository_id}/{self.head}"


class AboutButton(AboutRepository, frozen=True, kw_only=True):
    """A button of a check that somebody pressed: its identifier, the head of its check, the presser."""

    check_run: int
    identifier: str
    head: str
    login: str

    @property
    def key(self) -> str:
        """See `AboutInstallation`."""
        return f"button/{self.repository_id}/{self.check_run}/{self.identifier}/{self.login}"


class AboutQueue(AboutRepository, frozen=True, kw_only=True):
    """The head of a merge group, by its 40 hex digits, which waits for its checks."""

    head: str

    @property
    def key(self) -> str:
        """See `AboutInstallation`."""
        return f"queue/{self.repository_id}/{self.head}"
