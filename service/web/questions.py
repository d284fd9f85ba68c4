"""What an address asks for after its `?`, checked: the parameters of the pages and of the API."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Final, Self, TypeVar

from multidict import MultiMapping
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic.json_schema import SkipJsonSchema

from service.web.language import later as _

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_WHOLE: Final = re.compile(r"\d{1,19}", re.ASCII)
# Twelve weeks with this one, and what two years of figures are read in one go.
_A_DAY, _USUAL, _LONGEST = timedelta(days=1), timedelta(weeks=11), timedelta(weeks=104)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a parameter takes, in words (a message)."""

    words: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """A parameter that cannot be answered: what was found in it, and what was expected (a message)."""

    name: str
    found: str
    expected: str


class BadQuestion(Exception):
    """Some parameters of a question cannot be answered; `wrong` says which."""

    def __init__(self, *wrong: Wrong) -> None:
        super().__init__(", ".join(each.name for each in wrong))
        self.wrong = wrong


def _whole(text: Any) -> Any:
    """The digits of a number and nothing else: pydantic takes "1.0" and "1_0", too."""
    if isinstance(text, str) and not _WHOLE.fullmatch(text):
        raise ValueError
    return text


def _day(text: Any) -> Any:
    """A day and nothing else: pydantic takes seconds since 1970, too."""
    if isinstance(text, str) and not _DAY.fullmatch(text):
        raise ValueError
    return text


_Text = Annotated[str, Field(max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$")]
_TEXT = Expected(_("at most 255 characters on one line"))
_Day = Annotated[date, BeforeValidator(_day)]
_DAY_WORDS = Expected(_("a day, as 2026-01-31"))
_Cursor = Annotated[int, Field(ge=1, le=2**63 - 1), BeforeValidator(_whole)]

Text = Annotated[_Text | SkipJsonSchema[None], _TEXT]
Day = Annotated[_Day | SkipJsonSchema[None], _DAY_WORDS]
Limit = Annotated[
    int,
    Field(ge=1, le=100, description=_("How many to answer at most.")),
    BeforeValidator(_whole),
    Expected(_("a whole number from 1 to 100")),
]
OlderThan = Annotated[
    _Cursor | SkipJsonSchema[None],
    Field(description=_("The `older` of the page before this one.")),
    Expected(_("the “older” of a page that was answered before")),
]


@dataclass(frozen=True, slots=True)
class Days:
    """The days from the first to the last one, UTC."""

    first: date
    last: date

    @property
    def since(self) -> datetime:
        """When the first day begins."""
        return datetime.combine(self.first, time(), UTC)

    @property
    def until(self) -> datetime:
        """When the last day is over."""
        return datetime.combine(min(self.last, date.max - _A_DAY) + _A_DAY, time(), UTC)


class Question(BaseModel):
    """The parameters of one address."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Names(Question):
    """A page of what is ordered by name."""

    after: Text = Field(None, description=_("The `after` of the page before this one: a name."))
    limit: Limit = 50


class Newest(Question):
    """A page of what is ordered by time, the newest first."""

    older: OlderThan = None
    limit: Limit = 50


class Period(Question):
    """A time in whole days, UTC."""

    first: Day = Field(None, alias="from", description=_("The first day, UTC."))
    last: Day = Field(None, alias="to", description=_("The last day, UTC."))

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.first and self.last and self.first > self.last:
            raise ValueError
        return self

    @property
    def since(self) -> datetime | None:
        """When the first day begins."""
        return Days(self.first, self.first).since if self.first else None

    @property
    def until(self) -> datetime | None:
        """When the last day is over."""
        return Days(self.last, self.last).until if self.last else None

    def bounded(self, today: date) -> "Days":
        """All its days: by default twelve weeks up to today, and never more than the last 104 weeks of it."""
        last = self.last or max(today, self.first or today)
        first = self.first or _back(last - timedelta(days=last.weekday()), _USUAL)
        return Days(max(first, _back(last, _LONGEST)), last)


class AuditQuestion(Period):
    """Which entries of the audit."""

    repository: Text = Field(None, description=_("The repository, as owner/name."))
    actor: Text = Field(None, description=_("Who did it: a login."))
    action: Text = Field(None, description=_("What was done, in a word."))
    subject: Text = Field(None, description=_("What it was done to."))
    older: OlderThan = None
    limit: Limit = 50


Q = TypeVar("Q", bound=Question)


def read(kind: type[Q], asked: MultiMapping[str]) -> Q:
    """The question in the parameters of a request. Raises `BadQuestion`, also for what it does not know."""
    twice = [name for name in dict.fromkeys(asked) if len(asked.getall(name)) > 1]
    if twice:
        raise BadQuestion(*(Wrong(name, ", ".join(asked.getall(name)), _("one value")) for name in twice))
    try:
        return kind.model_validate_strings(dict(asked))
    except ValidationError as error:
        raise BadQuestion(*_wrong(kind, asked, error)) from None


def read_form(kind: type[Q], asked: MultiMapping[str]) -> Q:
    """The same for a form, which sends what nobody filled in; what it does not know is left aside."""
    known = {field.alias or name for name, field in kind.model_fields.items()}
    filled = {name: asked[name].strip() for name in known if asked.get(name, "").strip()}
    try:
        return kind.model_validate_strings(filled)
    except ValidationError as error:
        raise BadQuestion(*_wrong(kind, filled, error)) from None


def _wrong(kind: type[Question], asked: Mapping[str, str], error: ValidationError) -> list[Wrong]:
    fields = {field.alias or name: field for name, field in kind.model_fields.items()}
    places = [each["loc"] for each in error.errors(include_url=False)]
    if () in places:  # the only thing that two parameters can get wrong together
        return [Wrong("from", asked["from"], _("a day that is not after the last one"))]
    return [_told(name, asked, fields) for name in sorted({str(place[0]) for place in places})]


def _told(name: str, asked: Mapping[str, str], fields: Mapping[str, Any]) -> Wrong:
    if name not in fields:
        return Wrong(name, asked[name], _("no parameter of this name"))
    expected = next(each for each in fields[name].metadata if isinstance(each, Expected))
    return Wrong(name, asked[name], expected.words)


def _back(day: date, span: timedelta) -> date:
    return day - span if day - date.min > span else date.min
