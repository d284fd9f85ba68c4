"""The operations of the API: one table, by which requests are answered and the description is written."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiohttp import web

from service.ledger.repositories import KnownRepository
from service.ledger.store import Ledger
from service.web.api import models
from service.web.language import later as _
from service.web.questions import AuditQuestion, Names, Newest, Period, Question
from service.web.trail import chosen
from service.web.viewer import Viewer

# As far back as the line map looks.
_LINES: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is well formed: who asks, with which parameters, and about what.

    `known` is the repository that the path names, `number` the pull request.
    """

    viewer: Viewer
    question: Any
    known: KnownRepository | None = None
    number: int = 0

    @property
    def repository_id(self) -> int:
        """GitHub's id of the repository. Raises `HTTPNotFound` where the path names none."""
        if self.known is None:
            raise web.HTTPNotFound
        return self.known.repository.id


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    `page` is its name in `service.web.door.ADDRESSES`, which has its path; `summary` is a message; `question`
    are its parameters, `answer` what `act` finds.
    """

    page: str
    summary: str
    question: type[Question]
    answer: type[models.Model]
    act: Callable[[Ledger, Asked], Awaitable[models.Model]]


async def _repositories(ledger: Ledger, asked: Asked) -> models.Model:
    question: Names = asked.question
    found = await ledger.overview.page(asked.viewer.visible, question.after, question.limit)
    return models.RepositoryPage.model_validate(found)


async def _repository(ledger: Ledger, asked: Asked) -> models.Model:
    (found,) = (await ledger.overview.page({asked.repository_id})).repositories or (None,)
    if found is None:
        raise web.HTTPNotFound
    return models.Glance.model_validate(found)


async def _environments(ledger: Ledger, asked: Asked) -> models.Model:
    rows = await ledger.board.of(asked.known) if asked.known else ()
    return models.Board(environments=tuple(models.BoardRow.model_validate(row) for row in rows))


async def _lines(ledger: Ledger, asked: Asked) -> models.Model:
    found = await ledger.lines.of(asked.repository_id, datetime.now(UTC) - _LINES)
    return models.Lines.model_validate(found)


async def _pulls(ledger: Ledger, asked: Asked) -> models.Model:
    question: Newest = asked.question
    found = await ledger.pulls.open(asked.repository_id, question.older, question.limit)
    return models.PullPage.model_validate(found)


async def _pull(ledger: Ledger, asked: Asked) -> models.Model:
    found = await ledger.pulls.of(asked.repository_id, asked.number)
    if found is None:
        raise web.HTTPNotFound
    return models.Pull.model_validate(found)


async def _decisions(ledger: Ledger, asked: Asked) -> models.Model:
    question: Newest = asked.question
    found = await ledger.decisions.page(asked.repository_id, asked.number, question.older, question.limit)
    return models.DecisionPage.model_validate(found)


async def _releases(ledger: Ledger, asked: Asked) -> models.Model:
    question: Newest = asked.question
    found = await ledger.releases.page(asked.repository_id, question.older, question.limit)
    return models.ReleasePage.model_validate(found)


async def _insights(ledger: Ledger, asked: Asked) -> models.Model:
    question: Period = asked.question
    days = question.bounded(datetime.now(UTC).date())
    ids = {asked.known.repository.id} if asked.known else asked.viewer.visible
    found = await ledger.figures.of(ids, days.since, days.until)
    return models.Insights(
        first=days.first,
        last=days.last,
        levels=tuple(models.LevelWeek.model_validate(each) for each in found.levels),
        approval=tuple(models.Week.model_validate(each) for each in found.approval),
        delivery=models.Delivery.model_validate(found.delivery),
    )


async def _audit(ledger: Ledger, asked: Asked) -> models.Model:
    question: AuditQuestion = asked.question
    which = await chosen(ledger, asked.viewer, question)
    found = await ledger.audit.entries(which, question.older, question.limit)
    return models.AuditPage.model_validate(found)


OPERATIONS: Final = (
    Operation("api repositories", _("Repositories at a glance"), Names, models.RepositoryPage, _repositories),
    Operation("api repository", _("A repository at a glance"), Question, models.Glance, _repository),
    Operation("api environments", _("The board of its environments"), Question, models.Board, _environments),
    Operation("api lines", _("What its line map is drawn from"), Question, models.Lines, _lines),
    Operation("api pulls", _("Its open pull requests"), Newest, models.PullPage, _pulls),
    Operation("api pull", _("A pull request"), Question, models.Pull, _pull),
    Operation("api decisions", _("What was decided about it"), Newest, models.DecisionPage, _decisions),
    Operation("api releases", _("Its releases and their steps"), Newest, models.ReleasePage, _releases),
    Operation("api insights", _("Its figures"), Period, models.Insights, _insights),
    Operation("api all insights", _("The figures of all repositories"), Period, models.Insights, _insights),
    Operation("api audit", _("Who did what"), AuditQuestion, models.AuditPage, _audit),
)
