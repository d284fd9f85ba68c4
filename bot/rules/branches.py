"""What a branch is to a rulebook: permanent, of a kind, a bot's, or nothing it knows."""

from bot.rules.facts import Actor, Facts, Line, Pull
from bot.rules.models import Permanent, Rulebook
from bot.rules.patterns import compiled


def permanent(rulebook: Rulebook, name: str) -> Permanent | None:
    """Say which permanent branch `name` is; None for any other branch."""
    if name in rulebook.branches.main:
        return "main"
    if name in (rulebook.branches.develop or ()):
        return "develop"
    return None


def permanent_head(rulebook: Rulebook, pull: Pull) -> Permanent | None:
    """Say which permanent branch the pull request comes from; a fork's `main` is not this repository's."""
    return None if pull.from_fork else permanent(rulebook, pull.head)


def kind_of(rulebook: Rulebook, name: str) -> str | None:
    """Name the kind of the branch: the first whose pattern fits; None for none and for permanent branches."""
    if permanent(rulebook, name):
        return None
    return next((kind for kind in rulebook.kinds if _is_of(rulebook, kind, name)), None)


def kind_of_head(rulebook: Rulebook, pull: Pull) -> str | None:
    """Name the kind that the head is held to: its own, or for a fork's branch of none, that of `forks`.

    Forks name their branches as they like (`patch-1`), and must not bring develop's work to main by that.
    """
    return kind_of(rulebook, pull.head) or (rulebook.forks.kind if pull.from_fork else None)


def _is_of(rulebook: Rulebook, kind: str, name: str) -> bool:
    body = rulebook.kinds[kind]
    for pattern in map(compiled, body.names):
        if pattern.fits(name):
            version = pattern.version(name) if pattern.has_version else None
            if version is None or body.prereleases or not (version.prerelease or version.build):
                return True
    return False


def belongs(rulebook: Rulebook, name: str, word: str) -> bool:
    """Say whether the branch `name` is what `word` means: `main`, `develop`, or a kind."""
    return word in (permanent(rulebook, name), kind_of(rulebook, name))


def is_bots(rulebook: Rulebook, pull: Pull) -> bool:
    """Say whether a bot opened the pull request from a branch that the rulebook leaves to bots."""
    fits = any(compiled(pattern).fits(pull.head) for pattern in rulebook.bots)
    return fits and pull.author.actor is Actor.BOT


def line_of(facts: Facts, word: str) -> Line | None:
    """The permanent branch `word` as the repository has it; None where it has none, or is not permanent."""
    return {"main": facts.main, "develop": facts.develop}.get(word)


def name_of(facts: Facts, rulebook: Rulebook, word: str) -> str:
    """What the repository calls the permanent branch `word`, or would call it."""
    line = line_of(facts, word)
    names = rulebook.branches.main if word == "main" else rulebook.branches.develop
    return line.name if line else (names or (word,))[0]
