"""What is commanded of releases: which branch is to be cut, its names, and the version that it carries."""

import re
from dataclasses import dataclass
from typing import Final

from semver import Version

from bot.errors import TellUser
from bot.message import Message, say
from bot.releases.watch import is_watched
from bot.rules import RULEBOOK_PATH, conventional
from bot.rules.branches import kind_of
from bot.rules.claim import (
    FIRST,
    Claim,
    applies,
    by_commits,
    contained,
    is_hotfix,
    is_release,
    last_tag,
    tagged,
)
from bot.rules.commands import MARK, Verb, arguments_of
from bot.rules.facts import Facts, Pull, ReleaseFacts
from bot.rules.models import PERMANENT, Permanent, Rulebook
from bot.rules.patterns import VERSION, compiled, is_legal, strict_version
from bot.rules.rulebook import DEFAULT, Reading
from bot.rules.succession import Step, last_final, next_version
from bot.rules.verdict import Outcome
from bot.rules.versions import refusal

_STEPS: Final = {step.word: step for step in Step}
_WILDCARD: Final = re.compile(r"\*+")


@dataclass(frozen=True, slots=True)
class Cut:
    """A branch that is to be cut, of a kind.

    `said` is its version, by how much that is to be raised, None where the commits say that; or the name of a
    hotfix, which may be a version too.
    """

    kind: str
    said: Version | Step | str | None


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an order, and the lines to paste into a shell in order to go on."""

    message: Message
    commands: tuple[str, ...] = ()


def in_force(reading: Reading) -> Rulebook:
    """Return the rulebook that releases go by. Raises TellUser where the team has not written one."""
    if isinstance(reading, Rulebook) and reading is not DEFAULT:
        return reading
    raise TellUser(
        say("Expected a valid rulebook, which says how releases are made: write {path}.", path=RULEBOOK_PATH)
    )


def wanted(verb: Verb, body: str, rulebook: Rulebook) -> Cut:
    """Read what an order to cut a branch asks for. Raises TellUser where that is nothing that can be cut."""
    said = arguments_of(body)
    if verb is Verb.RELEASE:
        return Cut(_kind(rulebook, verb), _version(said))
    if not said:
        raise TellUser(say("Expected a version or a name: {command}", command=f"{MARK} {verb} NAME"))
    return Cut(_kind(rulebook, verb), said)


def must_be_merged(rulebook: Rulebook, pull: Pull | None, *, merged: bool) -> None:
    """Raise TellUser unless something follows from a pull request, and it is merged; None is an issue."""
    follows = pull is not None and (applies(rulebook, pull) or is_watched(rulebook, pull.head, pull.base))
    if not (follows and merged):
        raise TellUser(
            say(
                "{verb} is said on a merged pull request of a release, a hotfix, or a fix of a release.",
                verb=str(Verb.RETRY),
            )
        )


def source_of(rulebook: Rulebook, kind: str) -> Permanent:
    """Say which permanent branch a kind is cut from."""
    source = rulebook.kinds[kind].source
    return next((word for word in PERMANENT if word == source), "main")


def version_of(said: Version | Step | None, release: ReleaseFacts) -> Version:
    """Return the version that is asked for; `release.changes` are what is new since the last one.

    What is reserved is not skipped: an order that is carried out twice means one version. Raises TellUser
    where the commits do not say it.
    """
    if isinstance(said, Version):
        return said
    previous = last_final(contained(release))
    if said is None:
        if previous is None:
            return FIRST
        said = _step(release, previous)
    return next_version(previous or Version(0), said, tagged(release))


def spellings(rulebook: Rulebook, kind: str, name: str) -> tuple[str, ...]:
    """Return what a branch of a kind may be called for a version or a word, the canonical name first (V13).

    Raises TellUser where no such name is of that kind.
    """
    version = strict_version(name.removeprefix("v"))
    texts = (name,) if version is None else (name, str(version), f"v{version}")
    names = dict.fromkeys(
        _filled(pattern, text, version) for pattern in rulebook.kinds[kind].names for text in texts
    )
    found = tuple(each for each in names if is_legal(each) and kind_of(rulebook, each) == kind)
    if not found:
        patterns = rulebook.kinds[kind].names
        raise TellUser(
            say(
                "Expected what makes a branch such as {patterns}; found {name}.", patterns=patterns, name=name
            )
        )
    return found


def must_be_free(pull: Pull, release: ReleaseFacts, version: Version) -> None:
    """Raise TellUser where the check of the pull request that is to be would refuse its version."""
    reason = say("The branch {branch} carries the version {version}.", branch=pull.head, version=str(version))
    claim = Claim(version, last_final(contained(release)), reason, named=True)
    found = refusal(Facts("", pull, release=release), release, claim)
    if found is not None and found.outcome is Outcome.FAIL:
        raise TellUser(found.reason)


def _kind(rulebook: Rulebook, verb: Verb) -> str:
    is_of = is_release if verb is Verb.RELEASE else is_hotfix
    found = next((kind for kind in rulebook.kinds if is_of(rulebook, kind)), None)
    if found is None:
        raise TellUser(say("The rulebook knows no kind of branch for a {verb}.", verb=str(verb)))
    return found


def _version(said: str) -> Version | Step | None:
    if not said:
        return None
    found = _STEPS.get(said.lower()) or strict_version(said.removeprefix("v"))
    if found is None:
        raise TellUser(
            say("Expected a version, or one of {steps}; found {found}.", steps=tuple(_STEPS), found=said)
        )
    return found


def _step(release: ReleaseFacts, previous: Version) -> Step:
    if not release.whole:
        raise TellUser(say("The commits are too many to be read, and they say the version: say it yourself."))
    if not release.changes:
        raise TellUser(say("Nothing has been committed since {tag}.", tag=last_tag(release) or ""))
    step, _ = by_commits(conventional.asked(release.changes), previous)
    return step


def _filled(pattern: str, text: str, version: Version | None) -> str:
    """A pattern with a text for its wildcard, or with the version; "" where it lacks one."""
    if compiled(pattern).has_version:
        return "" if version is None else pattern.replace(VERSION, str(version))
    return _WILDCARD.sub(lambda _: text, pattern, count=1)
