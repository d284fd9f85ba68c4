"""merging: a release is merged by a merge commit, or what is merged back conflicts with itself (V4)."""

from shlex import quote
from typing import Final

from bot.message import Message, say
from bot.rules.claim import applies
from bot.rules.facts import Facts, MergeMethod
from bot.rules.models import Rulebook
from bot.rules.verdict import Finding, Outcome

RULE: Final = "merging"


def find(facts: Facts, rulebook: Rulebook) -> Finding | None:
    """Judge how the pull request can be merged; where it makes no version, any way is right."""
    if not applies(rulebook, facts.pull) or facts.release is None:
        return None
    allowed, ruled = facts.release.methods, facts.release.ruled
    methods = tuple(method for method in allowed if ruled is None or method in ruled)
    others = tuple(method.value for method in methods if method is not MergeMethod.MERGE)
    if MergeMethod.MERGE not in methods:
        off = MergeMethod.MERGE not in allowed
        return Finding(
            RULE,
            Outcome.FAIL,
            _refusal(facts.pull.base, others),
            say("Allow merge commits in the settings of the repository, and in the ruleset of the branch."),
            commands=(f"gh repo edit {quote(facts.repository)} --enable-merge-commit",) if off else (),
        )
    if not others:
        return Finding(RULE, Outcome.PASS, say("{base} takes only merge commits.", base=facts.pull.base))
    reason = say(
        "Merge this with a merge commit: after {methods}, merging it back conflicts.", methods=others
    )
    if methods[0] is not MergeMethod.MERGE:
        reason = say(
            "Merge this with a merge commit: after {methods}, merging it back conflicts. "
            "GitHub proposes {first} here.",
            methods=others,
            first=methods[0].value,
        )
    number = facts.pull.number
    return Finding(
        RULE, Outcome.ADVICE, reason, commands=(f"gh pr merge {number} --merge",) if number else ()
    )


def _refusal(base: str, others: tuple[str, ...]) -> Message:
    if not others:
        return say(
            "Expected that {base} takes merge commits; found no way of merging that both the repository and "
            "the rulesets of the branch allow.",
            base=base,
        )
    return say(
        "Expected that {base} takes merge commits; found only {methods}, whose commits are new ones: "
        "merged back, they conflict with those that they were made of.",
        base=base,
        methods=others,
    )
