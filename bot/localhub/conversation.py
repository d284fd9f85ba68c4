"""What was said about a pull request or an issue, as its page shows it: labels, reviews, comments."""

import math
from dataclasses import dataclass

from markupsafe import Markup

from bot.localhub.discussion import (
    IssueComment,
    Label,
    PullRequestReview,
    PullRequestReviewComment,
    PullRequestReviewState,
    PullRequestReviewThread,
)
from bot.localhub.markdown import html
from bot.localhub.model import Account
from bot.localhub.reviews import line_now
from bot.localhub.world import Subject, World, said_in
from bot.message import say
from bot.text import Language, render

_WORDS = {
    PullRequestReviewState.APPROVED: say("approved"),
    PullRequestReviewState.CHANGES_REQUESTED: say("changes requested"),
    PullRequestReviewState.COMMENTED: say("commented"),
    PullRequestReviewState.DISMISSED: say("dismissed"),
}
# A kind and a sign for every state of a review: the shape of a sign says as much as its colour.
_SIGNS = {
    PullRequestReviewState.APPROVED: ("success", "✓"),
    PullRequestReviewState.CHANGES_REQUESTED: ("failure", "✕"),
    PullRequestReviewState.COMMENTED: ("neutral", "–"),
    PullRequestReviewState.DISMISSED: ("waiting", "–"),
}

# Where black and white stand out equally against a colour (WCAG's relative luminance).
_MIDDLE = 0.179


@dataclass(frozen=True, slots=True)
class LabelView:
    """A label as the page shows it: black or white on its colour, whatever the page's own colours are."""

    name: str
    description: str
    paper: str
    ink: str


@dataclass(frozen=True, slots=True)
class CommentView:
    """A comment of a thread."""

    anchor: str
    author: str
    body: Markup


@dataclass(frozen=True, slots=True)
class ThreadView:
    """A thread: the line it is on, and the words for how it stands."""

    place: str
    states: list[str]
    comments: list[CommentView]


@dataclass(frozen=True, slots=True)
class EntryView:
    """A review with the threads that it opened, or a comment, which has no sign."""

    anchor: str
    author: str
    word: str
    body: Markup
    kind: str = ""
    sign: str = ""
    note: str = ""
    threads: tuple[ThreadView, ...] = ()


def labels_on(world: World, subject: Subject) -> list[LabelView]:
    """The labels of a pull request or an issue."""
    return [_label(label) for label in world.labels_of(subject)]


class Conversation:
    """Puts what was said about pull requests and issues into words of one language."""

    def __init__(self, world: World, language: Language) -> None:
        self._world = world
        self._language = language

    async def entries(self, subject: Subject) -> list[EntryView]:
        """Every review and comment in the order in which they were written."""
        world = self._world
        said: list[PullRequestReview | IssueComment] = [
            *said_in(world.reviews.values(), subject),
            *said_in(world.issue_comments.values(), subject),
        ]
        entries: list[EntryView] = []
        for one in sorted(said, key=lambda one: one.database_id):
            entry = await self._review(one) if isinstance(one, PullRequestReview) else self._comment(one)
            entries += [entry] if entry else []
        return entries

    async def _review(self, review: PullRequestReview) -> EntryView | None:
        """A review; none for one that is no more than an answer, which is shown in its thread."""
        opened = [one for one in self._world.threads.values() if self._opened(review, one)]
        if review.state is PullRequestReviewState.COMMENTED and not review.body and not opened:
            return None
        kind, sign = _SIGNS[review.state]
        return EntryView(
            anchor=review.anchor,
            author=self._name(review.author),
            word=render(_WORDS[review.state], self._language),
            body=html(review.body),
            kind=kind,
            sign=sign,
            note=review.dismissal_message,
            threads=tuple([await self._thread(one) for one in opened]),
        )

    def _opened(self, review: PullRequestReview, thread: PullRequestReviewThread) -> bool:
        return self._world.comments_in(thread)[0].review == review.database_id

    async def _thread(self, thread: PullRequestReviewThread) -> ThreadView:
        line = await line_now(self._world, thread)
        states = [say("resolved") if thread.is_resolved else say("not resolved")]
        states += [say("outdated")] if line is None else []
        return ThreadView(
            place=f"{thread.path}:{line or thread.original_line}",
            states=[render(state, self._language) for state in states],
            comments=[self._remark(one) for one in self._world.comments_in(thread)],
        )

    def _remark(self, comment: PullRequestReviewComment) -> CommentView:
        return CommentView(comment.anchor, self._name(comment.author), html(comment.body))

    def _comment(self, comment: IssueComment) -> EntryView:
        word = render(_WORDS[PullRequestReviewState.COMMENTED], self._language)
        return EntryView(comment.anchor, self._name(comment.author), word, html(comment.body))

    def _name(self, author: Account | None) -> str:
        return author.login if author else render(say("a deleted account"), self._language)


def _label(label: Label) -> LabelView:
    ink = "000000" if _luminance(label.color) > _MIDDLE else "ffffff"
    return LabelView(label.name, label.description or "", label.color, ink)


def _luminance(color: str) -> float:
    """How bright six hex digits are, from 0 for black (all but a thousandth) to 1 for white."""
    channels = (int(color[start : start + 2], 16) / 255 for start in (0, 2, 4))
    red, green, blue = (math.pow((channel + 0.055) / 1.055, 2.4) for channel in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
