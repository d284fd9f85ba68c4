"""Branches whose names are of no kind: those that are there, and those that were merged."""

from collections import Counter
from collections.abc import Iterator

from bot.message import say
from bot.releases.audit.names import source_of
from bot.releases.audit.report import Fault, Found
from bot.releases.past import Past, PastCommit
from bot.rules.branches import kind_of, permanent
from bot.rules.models import PERMANENT
from bot.rules.patterns import compiled
from bot.rules.verdict import Enforcement


def misnamed(past: Past) -> Iterator[Found]:
    """Find them, each name once; a fork's names matter as much as the rulebook says."""
    rulebook = past.rulebook
    if rulebook.rules.naming is Enforcement.OFF or not rulebook.kinds:
        return
    for name, oid in sorted({**_merged(past), **past.branches}.items()):
        is_bots = any(compiled(pattern).fits(name) for pattern in rulebook.bots)
        if not (is_bots or permanent(rulebook, name) or kind_of(rulebook, name)):
            message = say("The branch {branch} is of no kind.", branch=name)
            yield Found(Fault.MISNAMED, name, oid, message)


def _merged(past: Past) -> dict[str, str]:
    """The branches that were merged into a permanent one, with the last merge of each."""
    told = [(commit, source) for commit in _spines(past) if (source := source_of(past, commit))]
    owners = Counter(source.owner for _, source in told if source.owner)
    home = owners.most_common(1)[0][0] if owners else ""
    tags = {tag.name for tag in past.tags}
    found: dict[str, str] = {}
    for commit, source in told:
        # "Merge v1.2.0 into develop" is what GitHub writes when a tag is merged back.
        if source.branch in tags:
            continue
        from_fork = source.owner not in ("", home)
        if past.rulebook.enforcement("naming", from_fork=from_fork) is not Enforcement.OFF:
            found.setdefault(source.branch, commit.oid)
    return found


def _spines(past: Past) -> Iterator[PastCommit]:
    for word in PERMANENT:
        if name := past.permanent(word):
            yield from past.spine(name)
