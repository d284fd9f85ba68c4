"""The questions of Signalbox: what each is about, under which key it is asked, and how its job reads it.

A question carries an address, never a payload: whoever answers reads the truth from GitHub.
"""

from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Self, TypeVar

import msgspec

from bot.delivery.argocd import News
from bot.delivery.image import Image
from bot.engine import Question
from bot.errors import GiveUp

T = TypeVar("T", bound="AboutRepository")

# The branches that Signalbox makes for what it cannot merge by itself.
OWN_BRANCHES: Final = "signalbox/"


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a question is about."""

    @property
    def key(self) -> str:
        """What the question is asked under; questions with one key are one question."""
        raise NotImplementedError

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


class AboutInstallation(About, frozen=True, kw_only=True):
    """An installation of the App: all its repositories need a look."""

    installation: int

    @property
    def key(self) -> str:
        """See `About`."""
        return f"installation/{self.installation}"


class AboutRepository(AboutInstallation, frozen=True, kw_only=True):
    """A repository, by GraphQL node id, number and "owner/name": all its open pull requests need a look."""

    repository: str
    repository_id: int
    full_name: str

    @property
    def key(self) -> str:
        """See `About`."""
        return f"repository/{self.repository_id}"

    def about(self, kind: type[T], **what: Any) -> T:
        """Something else of this repository: a question of that kind about `what`."""
        return kind(**{name: getattr(self, name) for name in AboutRepository.__struct_fields__}, **what)

    def pull(
        self, number: int, head: str, compare: str, before: str = "", *, calm: bool = False
    ) -> "AboutPull":
        """A pull request of this repository; see `AboutPull`."""
        return self.about(AboutPull, number=number, head=head, compare=compare, before=before, calm=calm)

    def queue(self, number: int, head: str, branch: str) -> "AboutQueue":
        """A merge group of this repository; see `AboutQueue`."""
        return self.about(AboutQueue, number=number, head=head, branch=branch)

    def release(self, number: int) -> "AboutRelease":
        """What a merged pull request of this repository brought; see `AboutRelease`."""
        return self.about(AboutRelease, number=number)

    def main(self, branch: str) -> "AboutMain":
        """A branch of this repository that may be main; see `AboutMain`."""
        return self.about(AboutMain, branch=branch)


class AboutPull(AboutRepository, frozen=True, kw_only=True):
    """A pull request needs a look.

    What was heard of its head only spares a request: `head` is 40 hex digits, `compare` how a comparison
    names it (by id, or "owner:branch" in a fork), `before` the head that it left. `calm` says that nobody
    waits for the answer.
    """

    number: int
    head: str = ""
    compare: str = ""
    before: str = ""
    calm: bool = False

    @property
    def key(self) -> str:
        """See `About`."""
        return f"pull/{self.repository_id}/{self.number}"


class AboutOrders(AboutRepository, frozen=True, kw_only=True):
    """Something was commanded on an issue or a pull request, and nobody has answered it yet."""

    number: int

    @property
    def key(self) -> str:
        """See `About`."""
        return f"orders/{self.repository_id}/{self.number}"


class AboutRelease(AboutRepository, frozen=True, kw_only=True):
    """A pull request was closed: a release may have to begin, to go on, or to be given up.

    `head` and `base` are the names of its branches, the head that of a fork or of this repository.
    """

    number: int
    head: str = ""
    base: str = ""
    merged: bool = True
    from_fork: bool = False

    @property
    def key(self) -> str:
        """See `About`."""
        return f"release/{self.repository_id}/{self.number}"


class AboutCleanup(AboutRepository, frozen=True, kw_only=True):
    """A pull request of this repository was merged: the images of its branch, `head`, may have to go."""

    number: int
    head: str

    @property
    def key(self) -> str:
        """See `About`."""
        return f"cleanup/{self.repository_id}/{self.number}"


class AboutProposal(AboutRepository, frozen=True, kw_only=True):
    """A pull request that brings a deployment was closed, by whom: merged, or not."""

    number: int
    login: str

    @property
    def key(self) -> str:
        """See `About`."""
        return f"proposal/{self.repository_id}/{self.number}"


class AboutCommit(AboutRepository, frozen=True, kw_only=True):
    """A commit, by its 40 hex digits: the pull requests that have it as head need a look."""

    head: str

    @property
    def key(self) -> str:
        """See `About`."""
        return f"commit/{self.repository_id}/{self.head}"


class AboutChecks(AboutRepository, frozen=True, kw_only=True):
    """The checks of others on a commit have changed; somebody may wait for them.

    `refs` are the head and the base of the pull requests that the check named: it never names a fork's.
    """

    head: str
    refs: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """See `About`."""
        return f"checks/{self.repository_id}/{self.head}"


class AboutBase(AboutRepository, frozen=True, kw_only=True):
    """A branch has moved: pull requests that are judged against it need a look."""

    branch: str

    @property
    def key(self) -> str:
        """See `About`."""
        return f"base/{self.repository_id}/{_digest(self.branch)}"


class AboutTag(AboutRepository, frozen=True, kw_only=True):
    """A tag was made, moved or deleted: what is to become a version needs a look, where the tag is one."""

    tag: str

    @property
    def key(self) -> str:
        """See `About`."""
        return f"tag/{self.repository_id}/{_digest(self.tag)}"


class AboutMain(AboutRepository, frozen=True, kw_only=True):
    """A branch has moved that may be main: perhaps by another way than a release."""

    branch: str

    @property
    def key(self) -> str:
        """See `About`."""
        return f"main/{self.repository_id}/{_digest(self.branch)}"


class AboutAccess(AboutRepository, frozen=True, kw_only=True):
    """Other people may write to a repository: pull requests that wait for approvals need a look."""

    @property
    def key(self) -> str:
        """See `About`."""
        return f"access/{self.repository_id}"


class AboutMembers(AboutInstallation, frozen=True, kw_only=True):
    """A team or an organisation has other members: see `AboutAccess`, for all its repositories."""

    @property
    def key(self) -> str:
        """See `About`."""
        return f"members/{self.installation}"


class AboutButton(AboutRepository, frozen=True, kw_only=True):
    """A button of a check that somebody pressed: its identifier, the head of its check, the presser.

    `drawn` is what the check says of the moment at which it was drawn, "" for nothing.
    """

    check_run: int
    identifier: str
    head: str
    login: str
    drawn: str = ""

    @property
    def key(self) -> str:
        """See `About`."""
        return f"button/{self.repository_id}/{self.check_run}/{self.identifier}/{self.login}"


class AboutQueue(AboutRepository, frozen=True, kw_only=True):
    """The head of a merge group, by its 40 hex digits, which waits for its checks.

    `branch` is what it is to be merged into, `number` the pull request that it was made for.
    """

    head: str
    branch: str
    number: int

    @property
    def key(self) -> str:
        """See `About`."""
        return f"queue/{self.repository_id}/{self.head}"


class AboutDeployment(AboutRepository, frozen=True, kw_only=True):
    """A GitHub Deployment, by its number, is there or came further."""

    deployment: int

    @property
    def key(self) -> str:
        """See `About`."""
        return f"deployment/{self.repository_id}/{self.deployment}"


class AboutDwelling(AboutDeployment, frozen=True, kw_only=True):
    """A deployment became healthy, and it is time to see whether it stayed so."""

    @property
    def key(self) -> str:
        """See `About`."""
        return f"dwelling/{self.repository_id}/{self.deployment}"


class AboutDelivery(AboutRepository, frozen=True, kw_only=True):
    """Images of a repository may have to go somewhere."""

    @property
    def key(self) -> str:
        """See `About`."""
        return f"delivery/{self.repository_id}"


class AboutVisible(AboutInstallation, frozen=True, kw_only=True):
    """An installation has other repositories, or none any more."""

    @property
    def key(self) -> str:
        """See `About`."""
        return f"visible/{self.installation}"


class AboutImage(About, frozen=True, kw_only=True):
    """An image was pushed; see `bot.delivery.image.Image` for the words.

    The event is all that there is to read of it, so the question carries it. `home` is the number of the
    repository that it was built from, where its registry is GitHub's and says so, else 0.
    """

    repository: str
    tag: str | None = None
    digest: str | None = None
    commit: str | None = None
    pushed_at: datetime | None = None
    home: int = 0

    @property
    def key(self) -> str:
        """What the question is asked under: one that is told of twice is one."""
        return f"image/{_digest(str(self.image.reference))}"

    @property
    def image(self) -> Image:
        """The image."""
        return Image(self.repository, self.tag, self.digest, self.commit, self.pushed_at)

    @classmethod
    def told(cls, image: Image, home: int = 0) -> Self:
        """An image as its registry told of it."""
        return cls(
            repository=image.repository,
            tag=image.tag,
            digest=image.digest,
            commit=image.commit,
            pushed_at=image.pushed_at,
            home=home,
        )


class AboutTarget(About, frozen=True, kw_only=True):
    """Something is to be written into a GitOps repository ("owner/name")."""

    target: str

    @property
    def key(self) -> str:
        """What the question is asked under: one writer a repository (D2)."""
        return f"gitops/{_digest(self.target.lower())}"


class AboutNews(About, frozen=True, kw_only=True):
    """Argo CD told how an application stands, at a `revision` of the GitOps repository."""

    news: News

    @property
    def key(self) -> str:
        """What the question is asked under: of one revision the last news is true."""
        return f"news/{_digest(f'{self.news.app} {self.news.revision}')}"

    @classmethod
    def told(cls, news: News) -> Self:
        """What Argo CD told."""
        return cls(news=news)


def _digest(name: str) -> str:
    """A branch or a tag may have any letters, a key only some."""
    return sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
