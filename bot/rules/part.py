"""What the parts of a rulebook are made of."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictInt

from bot.message import Message, say
from bot.rules.patterns import is_legal


class Refused(ValueError):
    """A value that breaks a rule of its own; `message` says what was expected."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.id)
        self.message = message


class Part(BaseModel):
    """A part of the rulebook: frozen, and without keys that nobody reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def listed(value: Any) -> Any:
    """Take one text for a list of it."""
    return [value] if isinstance(value, str) else value


def some(names: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse an empty list."""
    if not names:
        raise Refused(say("expected at least one entry"))
    return names


def _branch(name: str) -> str:
    if not is_legal(name):
        raise Refused(say("git does not take {found} as the name of a branch", found=name))
    return name


def _person(name: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*(\[bot\])?(/[A-Za-z0-9_.-]+)?", name) is None:
        raise Refused(
            say("expected a login, or a team as {example}; found {found}", example="owner/team", found=name)
        )
    return name


BranchName = Annotated[str, AfterValidator(_branch)]
BranchNames = Annotated[
    tuple[BranchName, ...],
    BeforeValidator(listed, json_schema_input_type=str | list[str]),
    AfterValidator(some),
]
People = tuple[Annotated[str, AfterValidator(_person)], ...]
Count = Annotated[StrictInt, Field(ge=0)]
