"""files: the files that the rulebook names carry the version that is released (V14)."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Final

from semver import Version

from bot.errors import TellUser
from bot.message import Message, say
from bot.rules.claim import Unclaimed, applies, claim
from bot.rules.facts import Facts, ReleaseFacts
from bot.rules.models import Rulebook, VersionFile
from bot.rules.verdict import MOST_ITEMS, Action, Button, Finding, Outcome
from bot.rules.version_files import bump, read

RULE: Final = "files"


def find(facts: Facts, rulebook: Rulebook) -> Finding | None:
    """Judge the version files at the head; without any, it does not apply."""
    release = facts.release
    if not applies(rulebook, facts.pull) or release is None or not rulebook.versions.files:
        return None
    found = claim(facts, release, rulebook)
    if isinstance(found, Unclaimed):
        return None
    version = found.version
    wrong = tuple(problems(rulebook, release, version))
    if not wrong:
        return Finding(RULE, Outcome.PASS, say("Every version file carries {version}.", version=str(version)))
    return Finding(
        RULE,
        Outcome.FAIL,
        say(
            "Expected {version} in every version file; found {count} without it.",
            version=str(version),
            count=len(wrong),
        ),
        mend=say(
            "Write {version} into them, in a commit on {branch}.",
            version=str(version),
            branch=facts.pull.head,
        ),
        items=wrong[:MOST_ITEMS],
        found=len(wrong),
        button=None if facts.pull.from_fork else Button(Action.BUMP, str(version)),
    )


def problems(rulebook: Rulebook, release: ReleaseFacts, version: Version) -> Iterator[Message]:
    """Say each version file that does not carry the version."""
    for file in rulebook.versions.files:
        problem = _problem(file, release.files.get(file.path), version)
        if problem is not None:
            yield problem


def mended(rulebook: Rulebook, texts: Mapping[str, str | None], version: Version) -> Mapping[str, str]:
    """Return the new texts, by path, of the version files that carry another version than this.

    One that cannot be written to is left out: the rule says what is wrong with it.
    """
    changed: dict[str, str] = {}
    for file in rulebook.versions.files:
        text = changed.get(file.path, texts.get(file.path))
        if text is None or _problem(file, text, version) is None:
            continue
        with suppress(TellUser):
            changed[file.path] = bump(text, file.path, file.pattern, version)
    return changed


def _problem(file: VersionFile, text: str | None, version: Version) -> Message | None:
    if text is None:
        return say("{path} is not there, or is no text", path=file.path)
    found = read(text, file.path, file.pattern)
    if isinstance(found, Message):
        return found
    if str(found) != str(version):
        return say("{path} carries {found}", path=file.path, found=str(found))
    return None
