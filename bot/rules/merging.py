"""merging: a release is merged by a merge commit, or what is merged back conflicts with itself (V4)."""

from shlex import quote
from typing import Final

from bot.message import say
from bot.rules.claim import applies
from bot.rules.facts import Facts, MergeMethod
from bot.rules.models import Rulebook
from bot.rules.verdict import Finding, Outcome

RULE: Final = "merging"


def find(facts: Facts, rulebook: Rulebook) -> Finding | None:
    """Judge how the pull request can be merged; where it makes no version, any way is right."""
    if not applies(rulebook, facts.pull) or facts.release is None:
        return None
    methods = facts.release.methods
    others = tuple(method.value for method in methods if method is not MergeMethod.MERGE)
    if MergeMethod.MERGE not in methods:
        return Finding(
            RULE,
            Outcome.FAIL,
            say(
                "Expected that {base} takes merge commits; found only {methods}, whose commits are new ones: "
                "merged back, they conflict with those that they were made of.",
                base=facts.pull.base,
                methods=others,
            ),
            say("Allow merge commits in the settings of the repository, and in the ruleset of the branch."),
            commands=(f"gh repo edit {quote(facts.repository)} --enable-merge-commit",),
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
