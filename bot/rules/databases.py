"""database: no manifest of an environment names a database of the other class.

Whoever tries something out must not do it to the data of people, nor people work on data that is thrown away.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, starmap
from typing import Final

from bot.message import Message, say
from bot.rules.facts import Facts, Manifest, Referral, Referred
from bot.rules.models import Rulebook
from bot.rules.patterns import compiled
from bot.rules.shipping import DatabaseClass, Databases
from bot.rules.verdict import MOST_ITEMS, Finding, Outcome

RULE: Final = "database"
_YAML: Final = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Crossing:
    """A host or a secret that is of the other class, `found`, by a pattern of the rulebook."""

    referral: Referral
    expected: DatabaseClass
    found: DatabaseClass
    pattern: str


def find(facts: Facts, rulebook: Rulebook) -> Finding | None:
    """Judge the changed manifests of environments; without any, it does not apply."""
    if facts.manifests is None:
        reason = say("There are more changed files than GitHub lists, so a manifest may be among the others.")
        return Finding(RULE, Outcome.UNKNOWN, reason)
    judged = [(each, name) for each in facts.manifests for name in environments(rulebook, each.path)]
    if not judged:
        return None
    if crossed := dict.fromkeys(_crossed(judged, rulebook)):
        reason = say(
            "Expected manifests that name databases of the class of their environment; found {count} names "
            "of the other class.",
            count=len(crossed),
        )
        mend = say(
            "Name a database of the right class there. Which hosts and secrets are of which class is written "
            "in {key} of the rulebook.",
            key="databases",
        )
        items = tuple(starmap(told, islice(crossed, MOST_ITEMS)))
        return Finding(RULE, Outcome.FAIL, reason, mend, items=items, found=len(crossed))
    if unread := tuple({each.path: each.trouble for each, _ in judged if each.trouble}.values()):
        reason = say("Manifests cannot be read, so what they name is not known: {count}.", count=len(unread))
        return Finding(RULE, Outcome.UNKNOWN, reason, items=unread[:MOST_ITEMS], found=len(unread))
    return Finding(RULE, Outcome.PASS, say("No changed manifest names a database of the other class."))


def crossings(
    referrals: Iterable[Referral], databases: Databases, expected: DatabaseClass
) -> tuple[Crossing, ...]:
    """Return what is not of the class that is expected; what fits no pattern is of neither."""
    found = ((each, _class_of(each, databases)) for each in referrals)
    return tuple(
        Crossing(referral, expected, *known) for referral, known in found if known and known[0] != expected
    )


def told(path: str, crossing: Crossing) -> Message:
    """Say where it is, what was expected and what was found."""
    values: dict[str, str | int] = {
        "path": path,
        "line": crossing.referral.line,
        "expected": crossing.expected,
        "name": crossing.referral.name,
        "found": crossing.found,
        "pattern": crossing.pattern,
    }
    if crossing.referral.kind is Referred.HOST:
        return say(
            "{path}, line {line}: expected a {expected} database; found the host {name}, which is {found} by "
            "the pattern {pattern}",
            **values,
        )
    return say(
        "{path}, line {line}: expected a {expected} database; found the secret {name}, which is {found} by "
        "the pattern {pattern}",
        **values,
    )


def environments(rulebook: Rulebook, path: str) -> tuple[str, ...]:
    """Name the environments that a file of a GitOps repository is a manifest of: most often one, or none.

    `{project}` may be any. Of several places that fit, the one that says most counts: in `apps/x-pre-prod`,
    `pre-prod` rather than `prod`.
    """
    if not path.endswith(_YAML):
        return ()
    found: dict[str, int] = {}
    for name, place in rulebook.environments.items():
        pattern = place.manifests.replace("{environment}", name).replace("{project}", "*")
        if compiled(pattern if pattern.endswith(_YAML) else f"{pattern}/**").fits(path):
            found[name] = len(pattern)
    return tuple(name for name, length in found.items() if length == max(found.values()))


def _crossed(judged: Iterable[tuple[Manifest, str]], rulebook: Rulebook) -> Iterator[tuple[str, Crossing]]:
    for manifest, name in judged:
        expected = rulebook.environments[name].database
        for crossing in crossings(manifest.referrals, rulebook.databases, expected):
            yield manifest.path, crossing


def _class_of(referral: Referral, databases: Databases) -> tuple[DatabaseClass, str] | None:
    """The class of a host or a secret, and the pattern that says so; real where it fits both."""
    classes: tuple[DatabaseClass, ...] = ("real", "dummy")
    for name in classes:
        database = databases.real if name == "real" else databases.dummy
        patterns = database.hosts if referral.kind is Referred.HOST else database.secrets
        for pattern in patterns:
            if _fits(referral.kind, pattern, referral.name):
                return name, pattern
    return None


@lru_cache(maxsize=16384)
def _fits(kind: Referred, pattern: str, name: str) -> bool:
    if kind is Referred.HOST:  # case does not matter to DNS
        pattern, name = pattern.lower(), name.lower()
    return compiled(pattern).fits(name)
