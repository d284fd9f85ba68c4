"""content: a version is as great as what it brings: MAJOR for what breaks, MINOR for features (V14)."""

from collections.abc import Iterable
from typing import Final

from semver import Version

from bot.message import Message, say
from bot.rules.claim import LABELS, Unclaimed, applies, claim
from bot.rules.conventional import asked
from bot.rules.facts import Change, Facts
from bot.rules.models import Rulebook
from bot.rules.succession import Step, demanded, step_between
from bot.rules.verdict import MOST_ITEMS, Finding, Outcome

RULE: Final = "content"


def find(facts: Facts, rulebook: Rulebook) -> Finding | None:
    """Judge the version by the commits and labels; a first version may bring anything."""
    if not applies(rulebook, facts.pull) or facts.release is None:
        return None
    found = claim(facts, facts.release, rulebook)
    if isinstance(found, Unclaimed) or found.previous is None:
        return None
    step = step_between(found.previous, found.version)
    commits = exceeding(asked(facts.release.changes), found.previous, step)
    items = (*map(described, commits), *_labels(facts, found.previous, step))
    if items:
        return _small(found.version, step, items)
    if not facts.release.whole:
        return Finding(RULE, Outcome.UNKNOWN, say("The commits are too many to be read."))
    reason = say("{version} is great enough for what it brings.", version=str(found.version))
    return Finding(RULE, Outcome.PASS, reason)


def exceeding(
    wanted: Iterable[tuple[Change, Step]], previous: Version, step: Step
) -> tuple[tuple[Change, Step], ...]:
    """Return the commits that ask for more than `step` after `previous`."""
    return tuple((change, size) for change, size in wanted if demanded(size, previous) > step)


def described(commit: tuple[Change, Step]) -> Message:
    """Say one commit, and what it asks for."""
    change, step = commit
    return say(
        "{commit} asks for {step}: {headline}",
        commit=change.oid[:12],
        step=step.word,
        headline=change.headline,
    )


def _labels(facts: Facts, previous: Version, step: Step) -> Iterable[Message]:
    for label in facts.labels:
        size = LABELS.get(label.casefold())
        if size is not None and demanded(size, previous) > step:
            yield say("the label {label}", label=label)


def _small(version: Version, step: Step, items: tuple[Message, ...]) -> Finding:
    return Finding(
        RULE,
        Outcome.FAIL,
        say(
            "Expected a version as great as what it brings; found that {version} is only a {step} version.",
            version=str(version),
            step=step.word,
        ),
        say("Release this as a greater version, or take these commits out of it."),
        items=items[:MOST_ITEMS],
        found=len(items),
    )
