"""approvals: the people whom the rulebook wants to approve have approved."""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.message import Message, Value, say
from bot.rules.branches import belongs, kind_of_head
from bot.rules.facts import CheckState, Facts, Pull
from bot.rules.models import Approval, Rulebook
from bot.rules.owners import Owned, Ownership, ownership
from bot.rules.standing import Standing, objections, standing
from bot.rules.verdict import MOST_ITEMS, PREFIX, Enforcement, Finding, Outcome, Table

RULE: Final = "approvals"


def find(facts: Facts, rulebook: Rulebook) -> Finding | None:
    """Judge all requirements that are for this pull request; where none is, it does not apply."""
    asked = applicable(rulebook, facts.pull)
    if not asked:
        return None
    owned = ownership_of(facts) if any(each.code_owners for each in asked.values()) else None
    standings = [standing(name, approval, facts, owned) for name, approval in asked.items()]
    outcome, reason, mend = _strictest(standings, facts)
    items = tuple(_items(standings, facts, owned))
    return Finding(
        RULE,
        outcome,
        reason,
        mend,
        items=items[:MOST_ITEMS],
        found=len(items),
        table=_table(standings, facts),
        brief=_brief(standings, facts),
    )


def applicable(rulebook: Rulebook, pull: Pull) -> dict[str, Approval]:
    """Return the requirements that are for a pull request: for its kind, or for where it goes."""
    kind = kind_of_head(rulebook, pull)
    return {
        name: approval
        for name, approval in rulebook.approvals.items()
        if approval.enforcement is not Enforcement.OFF
        and (kind in approval.kinds or any(belongs(rulebook, pull.base, word) for word in approval.into))
    }


_Answer = tuple[Outcome, Message, Message | None]


def _strictest(standings: Sequence[Standing], facts: Facts) -> _Answer:
    """What is required decides; what is only advised is worth a word when that is there."""
    required = [each for each in standings if each.approval.enforcement is Enforcement.REQUIRED]
    answer = _answer(required, facts) if required else (Outcome.PASS, say("No approval is required."), None)
    if answer[0] is Outcome.PASS and len(required) < len(standings):
        outcome, reason, mend = _answer(standings, facts)
        return (answer[0] if outcome is Outcome.PASS else Outcome.ADVICE), reason, mend
    return answer


def _answer(standings: Sequence[Standing], facts: Facts) -> _Answer:
    waits = any(each.approval.checks for each in standings)
    if against := objections(facts):
        logins = tuple(review.author.login for review in against)
        mend = say("Whoever requested them withdraws that by approving, or the review is dismissed.")
        return Outcome.FAIL, say("Changes are requested by {logins}.", logins=logins), mend
    if waits and (failed := _named(facts, CheckState.FAILED)):
        return Outcome.FAIL, say("Other checks have failed: {checks}.", checks=failed), None
    if not all(each.is_met for each in standings):
        if any(each.unread for each in standings):
            return Outcome.UNKNOWN, say("Who may approve cannot be read whole, so nothing is proved."), None
        return Outcome.WAIT, say("Approvals are still to come."), None
    if waits and (coming := (*_named(facts, CheckState.PENDING), *_missing(facts))):
        reason = say("All who must have approved; other checks are still to come: {checks}.", checks=coming)
        return Outcome.WAIT, reason, None
    return Outcome.PASS, say("All who must have approved."), None


def ownership_of(facts: Facts) -> Ownership | None:
    """Return who owns the changed files; None where CODEOWNERS or the list of files cannot be had whole."""
    owners = facts.owners
    if owners is None or owners.text is None or owners.paths is None:
        return None
    return ownership(owners.text, owners.paths)


def _named(facts: Facts, state: CheckState) -> tuple[str, ...]:
    return tuple(dict.fromkeys(check.name for check in facts.checks if check.state is state))


def _missing(facts: Facts) -> tuple[str, ...]:
    """The checks of others that the base requires and that have not reported at all; ours always do (R14)."""
    reported = {check.name for check in facts.checks}
    required = (name for name in dict.fromkeys(facts.required) if not name.startswith(PREFIX))
    return tuple(name for name in required if name not in reported)


def _items(standings: Sequence[Standing], facts: Facts, owned: Ownership | None) -> Iterator[Message]:
    """What it waits for beside approvals, and what is left out of account."""
    if any(each.approval.checks for each in standings):
        if pending := _named(facts, CheckState.PENDING):
            yield say("still running: {checks}", checks=pending)
        if missing := _missing(facts):
            yield say("required and not reported yet: {checks}", checks=missing)
    if owned and owned.addresses:
        yield say(
            "CODEOWNERS names e-mail addresses, which are ignored: {addresses}", addresses=owned.addresses
        )


def _files(part: Owned) -> Value:
    if part.count > 1:
        return say("{path} and {count} more files", path=part.first, count=part.count - 1)
    return part.first


def _table(standings: Sequence[Standing], facts: Facts) -> Table | None:
    header = (say("Who"), say("Approval"), say("For"))
    rows = tuple(row for each in standings for row in (*_given(each), *_wanting(each, facts)))
    return Table(header, rows) if rows else None


def _given(each: Standing) -> Iterator[tuple[Value, ...]]:
    for review, why in each.approvals:
        yield review.author.login, why.value if why else say("approved"), each.name


def _wanting(each: Standing, facts: Facts) -> Iterator[tuple[Value, ...]]:
    """What is still missing, and who can give it."""
    if each.lacking:
        anyone = say("anyone who may write, but the author")
        who = _able(each.approval.by, each, facts) if each.approval.by else anyone
        yield who, say("missing: {count}", count=each.lacking), each.name
    for part in each.unowned or ():
        yield _able(part.owners, each, facts), say("missing: one, for {files}", files=_files(part)), each.name


def _able(names: Sequence[str], each: Standing, facts: Facts) -> Value:
    """Those of `names` who can still approve: not the author, nor anybody else who does not count."""
    done = {review.author.login.casefold() for review in each.counted}
    done.add(facts.pull.author.login.casefold())
    if facts.pusher and not each.approval.last_pusher:
        done.add(facts.pusher.login.casefold())
    able = tuple(name for name in names if name.casefold() not in done and not name.endswith("[bot]"))
    return able or say("nobody of those who are asked")


def _brief(standings: Sequence[Standing], facts: Facts) -> Message:
    if against := objections(facts):
        return say("Changes requested: {logins}", logins=tuple(review.author.login for review in against))
    wanted = sum(each.approval.count for each in standings)
    count = wanted - sum(each.lacking for each in standings)
    return say("{count} of {wanted} approvals", count=count, wanted=wanted)
