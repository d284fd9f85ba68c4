"""Which version would come next, and why."""

from dataclasses import dataclass

from semver import Version

from bot.message import Message, say
from bot.releases.past import Past
from bot.rules.claim import FIRST, by_commits, named_version
from bot.rules.conventional import asked
from bot.rules.succession import next_version


@dataclass(frozen=True, slots=True)
class Upcoming:
    """The next version; None where nothing has changed since the last."""

    version: Version | None
    reason: Message


def upcoming(past: Past, head: str, branch: str | None) -> Upcoming:
    """Find the version that a commit (an oid) would be released as.

    The name of its branch says it where the rulebook lets names do that; else its commits do, by the greatest
    change since the last version that is no pre-release. Labels are GitHub's, and are not seen here.
    """
    named = (
        named_version(past.rulebook, branch) if branch and past.rulebook.versions.source == "branch" else None
    )
    if named is not None:
        return Upcoming(
            named,
            say(
                "The branch {branch} carries the version {version}.", branch=branch or "", version=str(named)
            ),
        )
    before = past.held(head) & past.finals
    previous = past.greatest(before)
    if previous is None:
        return Upcoming(FIRST, say("No version has been tagged yet, so it is the first."))
    changes = past.since(head, before)
    if not changes:
        return Upcoming(None, say("Nothing has been committed since {tag}.", tag=previous.name))
    step, reason = by_commits(asked(changes), previous.version)
    taken = frozenset(tag.version for tag in past.versions)
    version = next_version(previous.version, step, taken)
    told = say(
        "After {previous}, of which {count} commits are new. {reason}",
        previous=previous.name,
        count=len(changes),
        reason=reason,
    )
    return Upcoming(version, told)
