"""What an audit may find."""

from dataclasses import dataclass
from enum import StrEnum

from bot.message import Message


class Fault(StrEnum):
    """The kinds of what an audit finds, as its JSON names them."""

    MISNAMED = "misnamed-branch"
    OFF_MAIN = "tag-off-main"
    LIGHTWEIGHT = "lightweight-tag"
    ORDER = "version-out-of-order"
    MISSING = "version-missing"
    NOT_BACK = "not-merged-back"
    SQUASHED = "squash-merged"
    CONTENT = "content"


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that is not as the rulebook has it.

    `subject` is the branch or tag, `commit` (an oid) where it shows. `items` are the commits behind it.
    """

    fault: Fault
    subject: str
    commit: str
    message: Message
    items: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Audit:
    """How a history stands: how much was looked at, what was found, and the tags that are no versions."""

    commits: int
    merges: int
    branches: int
    versions: int
    found: tuple[Found, ...]
    unread: tuple[str, ...]
