"""version: the version of a release or a hotfix is free, and the next one of its line (V1, V7, V8)."""

from collections.abc import Callable
from typing import Final

from semver import Version

from bot.message import Message, say
from bot.rules.claim import Claim, Unclaimed, applies, claim, contained, reserved, settled, tagged
from bot.rules.environments import outlook
from bot.rules.facts import Facts, ReleaseFacts
from bot.rules.models import Rulebook
from bot.rules.shell import renaming
from bot.rules.succession import bare, follows, step_of, successors
from bot.rules.verdict import Finding, Outcome

RULE: Final = "version"


def find(facts: Facts, rulebook: Rulebook) -> Finding | None:
    """Judge the version that merging this would make; where it would make none, it does not apply."""
    if not applies(rulebook, facts.pull):
        return None
    if facts.release is None:
        return Finding(RULE, Outcome.UNKNOWN, say("The tags could not be read, so no version is proved."))
    found = claim(facts, facts.release, rulebook)
    if isinstance(found, Unclaimed):
        return Finding(RULE, found.outcome, found.reason, found.mend)
    return refusal(facts, facts.release, found) or _passed(rulebook, found)


def refusal(facts: Facts, release: ReleaseFacts, found: Claim) -> Finding | None:
    """Judge a version that is claimed: what is wrong with it, or waited for; None where it may come next."""
    findings = (refuse(facts, release, found) for refuse in _REFUSALS)
    return next((finding for finding in findings if finding), None)


def _passed(rulebook: Rulebook, found: Claim) -> Finding:
    version = str(found.version)
    reason = say("This becomes {version}, the first version. {reason}", version=version, reason=found.reason)
    if found.previous is not None:
        reason = say(
            "This becomes {version}, after {previous}. {reason}",
            version=version,
            previous=str(found.previous),
            reason=found.reason,
        )
    brief = say("Becomes {version}", version=version)
    return Finding(RULE, Outcome.PASS, reason, brief=brief, outlook=outlook(rulebook, found.version))


def _tagged(facts: Facts, release: ReleaseFacts, found: Claim) -> Finding | None:
    """A tag is never moved (V1)."""
    for tag in settled(release):
        if tag.version == found.version:
            reason = say(
                "Expected a version without a tag; found the tag {tag} on {commit}.",
                tag=tag.name,
                commit=tag.target[:12],
            )
            return _refused(facts, release, found, reason)
    return None


def _lower(facts: Facts, release: ReleaseFacts, found: Claim) -> Finding | None:
    greatest = max(contained(release), default=None)
    if greatest is None or found.version > greatest:
        return None
    reason = say(
        "Expected a version above {greatest}, which this contains; found {version}.",
        greatest=str(greatest),
        version=str(found.version),
    )
    return _refused(facts, release, found, reason)


def _reserved(facts: Facts, release: ReleaseFacts, found: Claim) -> Finding | None:
    number = reserved(release, facts.pull).get(bare(found.version))
    if number is None:
        return None
    reason = say(
        "The version {version} is reserved for #{number}.", version=str(found.version), number=number
    )
    return _refused(facts, release, found, reason)


def _leaping(facts: Facts, release: ReleaseFacts, found: Claim) -> Finding | None:
    """Versions leave no gap; one that another open pull request fills is waited for."""
    version = bare(found.version)
    line = contained(release)
    if follows(version, line, tagged(release)):
        return None
    others = reserved(release, facts.pull)
    expected = successors(line, tagged(release))
    if follows(version, line, tagged(release) | others.keys()):
        first = tuple(
            say("{version} (#{number})", version=str(each), number=others[each])
            for each in expected
            if each in others
        )
        reason = say("{version} comes after {versions}, still open.", version=str(version), versions=first)
        # A number that only this pull request was given can be merged in any order.
        return Finding(RULE, Outcome.WAIT, reason) if found.named else None
    reason = say(
        "Expected one of {expected} after {previous}; found {version}, which leaves a gap.",
        expected=tuple(map(str, expected)),
        previous=str(max(line)),
        version=str(version),
    )
    return _refused(facts, release, found, reason)


_REFUSALS: tuple[Callable[[Facts, ReleaseFacts, Claim], Finding | None], ...] = (
    _tagged,
    _lower,
    _reserved,
    _leaping,
)


def _refused(facts: Facts, release: ReleaseFacts, found: Claim, reason: Message) -> Finding:
    """Refuse, and propose the number that is free (V8)."""
    free = _free(facts, release, found)
    if not found.named:
        mend = say("The next version that is free is {version}.", version=str(free))
        return Finding(RULE, Outcome.FAIL, reason, mend)
    head, _, rest = facts.pull.head.rpartition(str(found.version))
    new = f"{head}{free}{rest}"
    mend = say(
        "Rename the branch to {name}. A renamed branch closes its pull request: open a new one from "
        "the new name.",
        name=new,
    )
    return Finding(RULE, Outcome.FAIL, reason, mend, commands=renaming(facts.pull, new))


def _free(facts: Facts, release: ReleaseFacts, found: Claim) -> Version:
    """The next version of the same size that nobody has."""
    taken = tagged(release) | reserved(release, facts.pull).keys()
    candidates = successors(contained(release) or (bare(found.version),), taken)
    step = step_of(found.version)
    return next((each for each in candidates if step_of(each) >= step), candidates[-1])
