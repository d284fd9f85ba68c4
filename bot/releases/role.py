"""What a pull request is to the releases."""

from typing import Literal

from bot.releases.watch import is_watched
from bot.rules.branches import kind_of
from bot.rules.claim import applies, is_release
from bot.rules.facts import Pull
from bot.rules.models import Rulebook


def role_of(rulebook: Rulebook, pull: Pull) -> Literal["release", "hotfix"] | None:
    """Say whether merging it makes a release, or mends one (or main); None for everyday work."""
    if is_watched(rulebook, pull.head, pull.base):
        return "hotfix"
    if not applies(rulebook, pull):
        return None
    kind = kind_of(rulebook, pull.head)
    return "release" if kind and is_release(rulebook, kind) else "hotfix"
