"""base: a branch of its kind may go into the base of the pull request."""

from shlex import quote
from typing import Final

from bot.message import Message, Value, say
from bot.rules.branches import belongs, kind_of, kind_of_head, line_of, name_of, permanent_head
from bot.rules.facts import Facts
from bot.rules.models import PERMANENT, Rulebook
from bot.rules.verdict import Action, Button, Finding, Outcome

RULE: Final = "base"


def find(facts: Facts, rulebook: Rulebook) -> Finding | None:
    """Judge the base; a head that is of no kind has no right base, and `naming` says what it lacks."""
    head = permanent_head(rulebook, facts.pull)
    if head == "main":
        return _from_main(facts, rulebook)
    if head == "develop":
        return _from_develop(facts, rulebook)
    kind = kind_of_head(rulebook, facts.pull)
    return None if kind is None else _of_kind(facts, rulebook, kind)


def _of_kind(facts: Facts, rulebook: Rulebook, kind: str) -> Finding:
    base, into = facts.pull.base, rulebook.kinds[kind].into
    if any(belongs(rulebook, base, word) for word in into):
        reason = say("A branch of the kind {kind} may go into {base}.", kind=kind, base=base)
        return Finding(RULE, Outcome.PASS, reason)
    bases = tuple(_described(facts, rulebook, word) for word in into)
    reason = say(
        "Expected one of {bases} as the base of a branch of the kind {kind}; found {base}.",
        kind=kind,
        bases=bases,
        base=base,
    )
    right = next((word for word in into if word in PERMANENT), None)
    return _retargetable(facts, reason, right)


def _described(facts: Facts, rulebook: Rulebook, word: str) -> Value:
    if word in PERMANENT:
        return name_of(facts, rulebook, word)
    return say("a branch such as {pattern}", pattern=rulebook.kinds[word].names[0])


def _from_main(facts: Facts, rulebook: Rulebook) -> Finding:
    """Main goes back into develop, and into a release that was cut from develop before main moved on."""
    base = facts.pull.base
    kind = kind_of(rulebook, base)
    release = kind is not None and _is_release(rulebook, kind)
    if belongs(rulebook, base, "develop") or release:
        return Finding(
            RULE, Outcome.PASS, say("{base} may take back what {head} has.", base=base, head=facts.pull.head)
        )
    reason = say(
        "{head} goes only back, into develop or an open release; found {base} as the base.",
        head=facts.pull.head,
        base=base,
    )
    return _retargetable(facts, reason, "develop")


def _is_release(rulebook: Rulebook, kind: str) -> bool:
    body = rulebook.kinds[kind]
    return body.source == "develop" and "main" in body.into


def _from_develop(facts: Facts, rulebook: Rulebook) -> Finding:
    reason = say(
        "{head} goes nowhere by itself; found {base} as the base.", head=facts.pull.head, base=facts.pull.base
    )
    release = next((kind for kind in rulebook.kinds if _is_release(rulebook, kind)), None)
    if release is None:
        return Finding(RULE, Outcome.FAIL, reason)
    mend = say(
        "Cut a branch such as {pattern} from {head}, and open the pull request from there.",
        pattern=rulebook.kinds[release].names[0],
        head=facts.pull.head,
    )
    return Finding(RULE, Outcome.FAIL, reason, mend)


def _retargetable(facts: Facts, reason: Message, right: str | None) -> Finding:
    """Fail with the button that changes the base, where the repository has the right one."""
    line = line_of(facts, right) if right else None
    if line is None:
        return Finding(RULE, Outcome.FAIL, reason)
    number = facts.pull.number
    return Finding(
        RULE,
        Outcome.FAIL,
        reason,
        mend=say("Change the base of the pull request to {base}.", base=line.name),
        commands=(f"gh pr edit {number} --base {quote(line.name)}",) if number else (),
        button=Button(Action.RETARGET, line.name),
    )
