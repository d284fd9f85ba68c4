"""naming: the head branch is of a kind that the rulebook knows."""

from typing import Final

from bot.message import say
from bot.rules.branches import is_bots, kind_of, permanent_head
from bot.rules.facts import Facts, Pull
from bot.rules.models import Rulebook
from bot.rules.shell import renaming
from bot.rules.suggestion import Suggestion, suggest
from bot.rules.verdict import Finding, Outcome

RULE: Final = "naming"


def find(facts: Facts, rulebook: Rulebook) -> Finding | None:
    """Judge the name of the head; permanent branches and bots' branches have theirs already."""
    pull = facts.pull
    if permanent_head(rulebook, pull) or is_bots(rulebook, pull) or not rulebook.kinds:
        return None
    kind = kind_of(rulebook, pull.head)
    if kind is not None:
        reason = say("{branch} is a name of the kind {kind}.", branch=pull.head, kind=kind)
        return Finding(RULE, Outcome.PASS, reason)
    return _misnamed(pull, rulebook, suggest(rulebook, pull.head))


def _misnamed(pull: Pull, rulebook: Rulebook, suggestion: Suggestion) -> Finding:
    head = pull.head
    patterns = tuple(pattern for kind in rulebook.kinds.values() for pattern in kind.names)
    reason = say(
        "Expected a name that fits one of {patterns}; found {branch}.", patterns=patterns, branch=head
    )
    if suggestion.name is None:
        mend = say(
            "Rename the branch to fit {pattern}, such as {example}. A renamed branch closes its pull "
            "request: open a new one from the new name.",
            pattern=suggestion.pattern,
            example=suggestion.example,
        )
        return Finding(RULE, Outcome.FAIL, reason, mend)
    mend = say(
        "Rename the branch to {name}. A renamed branch closes its pull request: open a new one from "
        "the new name.",
        name=suggestion.name,
    )
    return Finding(RULE, Outcome.FAIL, reason, mend, commands=renaming(pull, suggestion.name))
