"""Which branch a merge brought, as the headlines tell that git, GitHub, GitLab and Bitbucket write."""

import re
from typing import Final

from bot.releases.past import Past, PastCommit, Source

_PULL: Final = re.compile(r"Merge pull request #\d+ (?:in \S+ )?from (?P<owner>[^/\s]+)/(?P<branch>\S+)")
_FORMS: Final = tuple(
    re.compile(form)
    for form in (
        r"Merge branch '(?P<branch>[^']+)'(?: of \S+)?(?: into .+)?",
        r"Merge remote-tracking branch '[^/']+/(?P<branch>[^']+)'(?: into .+)?",
        r"Merged in (?P<branch>\S+) \(pull request #\d+\)",
        r"Merge (?P<branch>\S+) into \S+",
    )
)
# Bitbucket Server says it below: "Merge in SHOP/web from feat/cart to develop".
_BELOW: Final = re.compile(r"^(?:\s*\*?\s*)Merge in \S+ from (?P<branch>\S+) to \S+", re.MULTILINE)


def source_of(past: Past, commit: PastCommit) -> Source | None:
    """Read the branch that a commit brought, from its pull request or headline; None where nothing tells."""
    return past.sources.get(commit.oid) or _told(commit)


def _told(commit: PastCommit) -> Source | None:
    """What the headline of a merge tells; nothing for merged tags."""
    if not commit.is_merge:
        return None
    headline = commit.headline.strip()
    if pull := _PULL.match(headline):
        return Source(pull["branch"], pull["owner"])
    for form in _FORMS:
        if found := form.fullmatch(headline):
            return Source(found["branch"].removeprefix("origin/"))
    below = _BELOW.search(commit.body)
    return Source(below["branch"]) if below else None
