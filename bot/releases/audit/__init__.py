"""How a history stands against a rulebook."""

from datetime import datetime

from bot.releases.audit.branches import misnamed
from bot.releases.audit.merges import not_merged_back, squashed
from bot.releases.audit.report import Audit, Fault, Found
from bot.releases.audit.tags import disordered, lightweight, off_main, small
from bot.releases.past import Past

__all__ = ["Audit", "Fault", "Found", "audit"]

_CHECKS = (misnamed, off_main, lightweight, disordered, not_merged_back, squashed, small)


def audit(past: Past, since: datetime | None = None) -> Audit:
    """Look at all of a history, and tell what was committed at `since` (aware) or later."""
    found = [each for check in _CHECKS for each in check(past)]
    if since is not None:
        found = [each for each in found if past.commits[each.commit].committed >= since]
    return Audit(
        commits=len(past.commits),
        merges=sum(commit.is_merge for commit in past.commits.values()),
        branches=len(past.branches),
        versions=len(past.versions),
        found=tuple(found),
        unread=past.unread,
    )
