"""Which version a release or hotfix pull request claims, and what says so."""

from collections.abc import Container
from dataclasses import dataclass

from semver import Version

from bot.message import Message, say
from bot.rules import conventional
from bot.rules.branches import belongs, kind_of
from bot.rules.facts import Change, Facts, Pull, ReleaseFacts, Tag
from bot.rules.models import Rulebook
from bot.rules.patterns import compiled, strict_version
from bot.rules.succession import Step, bare, demanded, last_final, next_version
from bot.rules.verdict import Outcome

LABELS = {f"semver:{step.word}": step for step in reversed(Step)}
# The first version of a repository that says nothing else (semver.org: "How should I deal with revisions
# in the 0.y.z initial development phase?").
FIRST = Version(0, 1, 0)


@dataclass(frozen=True, slots=True)
class Claim:
    """A version, why it is this one, and the greatest final one that the merge would contain.

    `named` says that the branch carries it, so that another version needs another branch.
    """

    version: Version
    previous: Version | None
    reason: Message
    named: bool


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """No version can be claimed yet, and what a person can do about it."""

    outcome: Outcome
    reason: Message
    mend: Message | None = None


def is_versioned(rulebook: Rulebook, kind: str) -> bool:
    """Say whether branches of a kind become versions when they are merged into main.

    Releases carry the version in their name; hotfixes come from main and return to it past develop.
    """
    return is_release(rulebook, kind) or is_hotfix(rulebook, kind)


def is_release(rulebook: Rulebook, kind: str) -> bool:
    """Say whether a kind is of releases: it becomes a version, its name says which, and it is no hotfix."""
    body = rulebook.kinds[kind]
    numbered = any(compiled(pattern).has_version for pattern in body.names)
    return "main" in body.into and numbered and not is_hotfix(rulebook, kind)


def is_hotfix(rulebook: Rulebook, kind: str) -> bool:
    """Say whether a kind is of hotfixes: it comes from main, and returns to it past develop."""
    body = rulebook.kinds[kind]
    return "main" in body.into and body.source == "main" and rulebook.branches.develop is not None


def applies(rulebook: Rulebook, pull: Pull) -> bool:
    """Say whether merging a pull request would make a version."""
    return may_be(rulebook, pull.head, pull.base)


def may_be(rulebook: Rulebook, head: str, base: str) -> bool:
    """Say whether merging one branch into another would make a version."""
    kind = kind_of(rulebook, head)
    return kind is not None and is_versioned(rulebook, kind) and belongs(rulebook, base, "main")


def named_version(rulebook: Rulebook, branch: str) -> Version | None:
    """Read the version that the name of a branch carries, in every spelling of its kind (V13); None for none.

    Where the pattern is not of versions (`hotfix/*`), the whole of what its wildcard stands for may be one.
    """
    kind = kind_of(rulebook, branch)
    for pattern in map(compiled, rulebook.kinds[kind].names if kind else ()):
        if pattern.has_version:
            found = pattern.version(branch)
        else:
            rest = branch.removeprefix(pattern.prefix) if pattern.fits(branch) else ""
            found = strict_version(rest.removeprefix("v"))
        if found is not None:
            return found
    return None


def settled(release: ReleaseFacts) -> tuple[Tag, ...]:
    """Return the tags that are there already, without the one that this very merge was given (V1)."""
    return tuple(tag for tag in release.tags if tag.target != release.merge_commit)


def contained(release: ReleaseFacts) -> tuple[Version, ...]:
    """Return the versions that the merge would contain."""
    return tuple(tag.version for tag in settled(release) if tag.in_base or tag.in_head)


def last_tag(release: ReleaseFacts) -> str | None:
    """Return the tag of the greatest final version that the merge would contain; None for a first one."""
    last = last_final(contained(release))
    return next((tag.name for tag in release.tags if tag.version == last), None)


def tagged(release: ReleaseFacts) -> frozenset[Version]:
    """Return every version that has a tag."""
    return frozenset(tag.version for tag in settled(release))


def reserved(release: ReleaseFacts, pull: Pull) -> dict[Version, int]:
    """Return the versions that other pull requests have reserved, with their numbers."""
    return {
        bare(Version.parse(version)): number
        for version, number in release.reservations.items()
        if number != pull.number
    }


def claim(facts: Facts, release: ReleaseFacts, rulebook: Rulebook) -> Claim | Unclaimed:
    """Find the version that a pull request claims, from where the rulebook's `versions.source` says."""
    named = named_version(rulebook, facts.pull.head)
    previous = last_final(contained(release))
    if rulebook.versions.source == "branch" and named is not None:
        reason = say(
            "The branch {branch} carries the version {version}.", branch=facts.pull.head, version=str(named)
        )
        return Claim(named, previous, reason, named=True)
    found = _step(facts, release, rulebook, previous)
    if isinstance(found, Unclaimed):
        return found
    step, reason = found
    taken = tagged(release) | reserved(release, facts.pull).keys()
    version = next_free(previous, step, taken)
    if named is not None and named != version:
        return Unclaimed(
            Outcome.FAIL,
            say(
                "The branch {branch} carries the version {named}; expected {version}. {reason}",
                branch=facts.pull.head,
                named=str(named),
                version=str(version),
                reason=reason,
            ),
            say(
                "Rename the branch, or change what the version is taken from ({key}).", key="versions.source"
            ),
        )
    return Claim(version, previous, reason, named=named is not None)


def next_free(previous: Version | None, step: Step, taken: Container[Version]) -> Version:
    """Return the version a step after `previous`, or the first of all, or the next that is not taken."""
    if previous is not None:
        return next_version(previous, step, taken)
    return next_version(FIRST, Step.PATCH, taken) if FIRST in taken else FIRST


def _step(
    facts: Facts, release: ReleaseFacts, rulebook: Rulebook, previous: Version | None
) -> tuple[Step, Message] | Unclaimed:
    """What the version is raised by where the name of the branch does not say it, and why."""
    match rulebook.versions.source:
        case "labels":
            return _by_labels(facts)
        case "commits":
            return _by_commits(release, previous)
        case _:
            return Step.PATCH, say("A hotfix without a version in its name is the next patch.")


def _by_labels(facts: Facts) -> tuple[Step, Message] | Unclaimed:
    carried = {label.casefold() for label in facts.labels}
    found = tuple(label for label in LABELS if label in carried)
    if len(found) == 1:
        return LABELS[found[0]], say("The pull request has the label {label}.", label=found[0])
    reason = say(
        "Expected one of the labels {labels}, which say the version; found {count}.",
        labels=tuple(LABELS),
        count=len(found),
    )
    return Unclaimed(Outcome.FAIL, reason, say("Leave one of these labels on the pull request."))


def _by_commits(release: ReleaseFacts, previous: Version | None) -> tuple[Step, Message] | Unclaimed:
    if not release.whole:
        return Unclaimed(
            Outcome.UNKNOWN, say("The commits are too many to be read, and they say the version.")
        )
    return by_commits(conventional.asked(release.changes), previous)


def by_commits(asked: tuple[tuple[Change, Step], ...], previous: Version | None) -> tuple[Step, Message]:
    """Return the step that the commits of a release demand after `previous`, and which one does; or a patch.

    `previous` is None for a first version.
    """
    if not asked:
        return Step.PATCH, say("No commit says that it adds or breaks anything, so it is a patch.")
    change, step = max(asked, key=lambda each: each[1])
    reason = say(
        "The commit {commit} asks for a {step} version: {headline}.",
        commit=change.oid[:12],
        step=step.word,
        headline=change.headline,
    )
    return step if previous is None else demanded(step, previous), reason
