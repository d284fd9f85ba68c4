"""How the reviews of a pull request stand against what the rulebook wants approved."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from bot.message import say
from bot.rules.facts import Actor, Facts, Review, ReviewState
from bot.rules.models import Approval
from bot.rules.owners import Owned, Ownership
from bot.rules.people import is_named

_OPINIONS: Final = frozenset({ReviewState.APPROVED, ReviewState.CHANGES_REQUESTED, ReviewState.DISMISSED})


class Why(Enum):
    """Why an approval is none of those that are counted."""

    BOT = say("does not count: a bot")
    GHOST = say("does not count: the account is gone")
    AUTHOR = say("does not count: the author")
    STRANGER = say("does not count: may not write")
    OLDER = say("does not count: an older commit")
    PUSHER = say("does not count: pushed last")
    UNASKED = say("does not count: not one of those who are asked")
    OWNER = say("approved, as an owner of files alone")
    UNREAD = say("not known: who may approve cannot be read whole")
    UNKNOWN_PUSHER = say("not known: who pushed last cannot be read")


@dataclass(frozen=True, slots=True)
class Standing:
    """How one requirement, called `name`, stands.

    `approvals` are those that people have given, each with why it is not counted; None when it is.
    `unowned` are changed files whose owners have not approved, None where who owns them cannot be told.
    `unread` says that more might count if everything could be read: a team, who pushed, all of CODEOWNERS.
    """

    name: str
    approval: Approval
    approvals: tuple[tuple[Review, Why | None], ...]
    unowned: tuple[Owned, ...] | None = ()
    unread: bool = False

    @property
    def counted(self) -> tuple[Review, ...]:
        """The approvals that count."""
        return tuple(review for review, why in self.approvals if why is None)

    @property
    def lacking(self) -> int:
        """How many approvals are still to come."""
        return max(0, self.approval.count - len(self.counted))

    @property
    def is_met(self) -> bool:
        """Whether all who must have approved; what the checks of others say is another matter."""
        return not self.lacking and self.unowned == ()


def standing(name: str, approval: Approval, facts: Facts, owned: Ownership | None) -> Standing:
    """Weigh the reviews for one requirement; `owned` is None where who owns the files cannot be read."""
    approvals = tuple(
        (review, _why_not(review, approval, facts))
        for review in opinions(facts)
        if review.state is ReviewState.APPROVED
    )
    unread = any(why in {Why.UNREAD, Why.UNKNOWN_PUSHER} for _, why in approvals)
    stands = Standing(name, approval, approvals, unread=unread)
    if not approval.code_owners:
        return stands
    if owned is None:
        return replace(stands, unowned=None, unread=True)
    # An owner need not be one of those whom `by` names.
    valid = [review for review, why in approvals if why in {None, Why.UNASKED, Why.UNREAD}]
    asked = [(part, _is_approved(part, valid, facts)) for part in owned.owned]
    owners = {name for part in owned.owned for name in part.owners}
    return replace(
        stands,
        approvals=tuple((review, _as_owner(review, why, owners, facts)) for review, why in approvals),
        unowned=tuple(part for part, approved in asked if not approved),
        unread=unread or any(approved is None for _, approved in asked),
    )


def opinions(facts: Facts) -> tuple[Review, ...]:
    """Return each person's latest opinion, which a review that only comments does not replace (R6).

    What was dismissed is no opinion any more, and brings no earlier one back.
    """
    latest: dict[str, Review] = {}
    for review in facts.reviews:
        if review.state in _OPINIONS:
            latest[review.author.id or review.id] = review
    return tuple(review for review in latest.values() if review.state is not ReviewState.DISMISSED)


def objections(facts: Facts) -> tuple[Review, ...]:
    """Return the requests for changes that stand: of people who may write, whatever commit they looked at."""
    return tuple(
        review
        for review in opinions(facts)
        if review.state is ReviewState.CHANGES_REQUESTED
        and review.may_write
        and review.author.actor is Actor.PERSON
    )


def _why_not(review: Review, approval: Approval, facts: Facts) -> Why | None:
    """Why an approval does not count; None when it does."""
    if review.author.actor is not Actor.PERSON:
        return Why.BOT if review.author.actor is Actor.BOT else Why.GHOST
    if review.author.is_same(facts.pull.author):
        return Why.AUTHOR
    if not review.may_write:
        return Why.STRANGER
    if approval.current_head and review.commit != facts.pull.head_oid:
        return Why.OLDER
    return _is_pusher(review, approval, facts) or _is_unasked(review, approval, facts)


def _is_pusher(review: Review, approval: Approval, facts: Facts) -> Why | None:
    if approval.last_pusher:
        return None
    if facts.pusher is None:
        return Why.UNKNOWN_PUSHER
    return Why.PUSHER if review.author.is_same(facts.pusher) else None


def _is_unasked(review: Review, approval: Approval, facts: Facts) -> Why | None:
    named = is_named(review.author, approval.by, facts) if approval.by else True
    if named is None:
        return Why.UNREAD
    return None if named else Why.UNASKED


def _as_owner(review: Review, why: Why | None, owners: Collection[str], facts: Facts) -> Why | None:
    is_owner = why is Why.UNASKED and is_named(review.author, owners, facts)
    return Why.OWNER if is_owner else why


def _is_approved(part: Owned, valid: Sequence[Review], facts: Facts) -> bool | None:
    """Whether an owner of some files has approved; None where that cannot be told."""
    named = [is_named(review.author, part.owners, facts) for review in valid]
    return any(named) or (None if None in named else False)
