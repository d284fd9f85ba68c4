"""People and what they say, as the rules know it."""

from datetime import UTC, datetime, timedelta
from itertools import count

from bot.rules.facts import Actor, Author, Inline, Order, Review, ReviewState, Role, Thread

HEAD = "a" * 40
OLDER = "b" * 40
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
GHOST = Author("ghost", Actor.GHOST)

_numbers = count()


def person(login: str) -> Author:
    return Author(login, Actor.PERSON, f"U_{login}")


def bot(login: str) -> Author:
    return Author(login, Actor.BOT, f"BOT_{login}")


def review(
    by: str | Author,
    state: ReviewState = ReviewState.APPROVED,
    body: str = "",
    *,
    commit: str = HEAD,
    may_write: bool = True,
) -> Review:
    number = next(_numbers)
    author = person(by) if isinstance(by, str) else by
    since = NOON + timedelta(minutes=number)
    return Review(
        f"PRR_{number}", author, may_write, body, "https://github.com/acme/shop/pull/7", since, state, commit
    )


def said(by: str | Author, body: str, *, may_write: bool = True, of: Review | None = None) -> Inline:
    number = next(_numbers)
    author = person(by) if isinstance(by, str) else by
    since = NOON + timedelta(minutes=number)
    return Inline(f"PRRC_{number}", author, may_write, body, "https://x.test/1", since, of.id if of else "")


def thread(*remarks: Inline, resolved: bool = False, line: int | None = 12) -> Thread:
    return Thread("src/shop.py", line, resolved, remarks)


def order(by: str | Author, body: str, role: Role = Role.WRITE, accepted: bool | None = None) -> Order:
    number = next(_numbers)
    author = person(by) if isinstance(by, str) else by
    return Order(f"IC_{number}", author, body, NOON + timedelta(days=1), accepted=accepted, role=role)
