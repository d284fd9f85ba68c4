"""What else has to be known to judge a pull request, beyond what every one brings along.

Each of these costs a request or more, so it is asked for only where the answer may depend on it.
"""

from bot.rules import ancestry, claim
from bot.rules.approvals import applicable, ownership_of
from bot.rules.branches import kind_of, permanent
from bot.rules.facts import Facts, Pull, ReviewState
from bot.rules.levels import outstanding
from bot.rules.models import Rulebook
from bot.rules.people import is_team
from bot.rules.standing import opinions
from bot.rules.verdict import Enforcement


def checks(rulebook: Rulebook, pull: Pull) -> bool:
    """Say whether the checks of others matter."""
    return any(approval.checks for approval in applicable(rulebook, pull).values())


def owners(rulebook: Rulebook, pull: Pull) -> bool:
    """Say whether it matters who owns the changed files."""
    return any(approval.code_owners for approval in applicable(rulebook, pull).values())


def may_need_owners(rulebook: Rulebook) -> bool:
    """Say whether there is any pull request for which that matters."""
    return any(approval.code_owners for approval in rulebook.approvals.values())


def teams(facts: Facts, rulebook: Rulebook) -> frozenset[str]:
    """Name the teams, in small letters, whose members must be known."""
    named = set[str]()
    if any(map(is_team, rulebook.reviews.by)) and outstanding(facts, rulebook):
        named.update(rulebook.reviews.by)
    if _is_approved(facts):
        for approval in applicable(rulebook, facts.pull).values():
            named.update(approval.by)
            if approval.code_owners and (owned := ownership_of(facts)):
                named.update(owner for part in owned.owned for owner in part.owners)
    return frozenset(name.casefold() for name in named if is_team(name))


def pusher(facts: Facts, rulebook: Rulebook) -> bool:
    """Say whether it matters who pushed last."""
    asked = applicable(rulebook, facts.pull).values()
    return _is_approved(facts) and not all(approval.last_pusher for approval in asked)


def _is_approved(facts: Facts) -> bool:
    return any(review.state is ReviewState.APPROVED for review in opinions(facts))


def access(rulebook: Rulebook, pull: Pull) -> bool:
    """Say whether it matters who may write: to approve, or to hold a pull request by a level."""
    return bool(rulebook.levels or applicable(rulebook, pull))


def release(rulebook: Rulebook, pull: Pull) -> bool:
    """Say whether tags, version files and the rest of what makes a version matter."""
    return claim.applies(rulebook, pull)


def manifests(rulebook: Rulebook) -> bool:
    """Say whether it matters what the manifests of environments say."""
    return rulebook.databases.told_apart and rulebook.rules.database is not Enforcement.OFF


def line(rulebook: Rulebook, pull: Pull, branch: str) -> bool:
    """Say whether a pull request is judged against a branch: its base, or a line that its kind is held to."""
    if branch == pull.base:
        return True
    words = ancestry.compared(rulebook, pull)
    return permanent(rulebook, branch) in words


def may_be_base(rulebook: Rulebook, branch: str) -> bool:
    """Say whether any pull request could be judged against a branch."""
    words = {word for kind in rulebook.kinds.values() for word in kind.into}
    return permanent(rulebook, branch) is not None or kind_of(rulebook, branch) in words
