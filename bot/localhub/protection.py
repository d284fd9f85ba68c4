"""What a protected branch refuses, in GitHub's words."""

from bot.localhub.model import Repository, StatusCheckConfiguration
from bot.localhub.world import World

CREATION_RESTRICTED = (
    "Repository rule violations found\n\nCannot create ref due to creations being restricted.\n\n"
)

_PASSED = {"SUCCESS", "NEUTRAL", "SKIPPED"}
_FAILED = {"ERROR", "FAILURE", "CANCELLED", "TIMED_OUT", "ACTION_REQUIRED", "STALE", "STARTUP_FAILURE"}


def unmet(world: World, repository: Repository, branch: str, oid: str, *, pulled: bool = False) -> str | None:
    """Why a branch may not come to stand on a commit; None when it may.

    `pulled` where a pull request brings it there; else the commit itself has to have passed the checks.
    """
    place = (repository.database_id, branch)
    ruled = place in world.rulesets
    required = [StatusCheckConfiguration(context) for context in world.protections.get(place, ())]
    required += world.rulesets.get(place, ())
    direct = place in world.reviewed and not pulled
    problems = ["Changes must be made through a pull request."] if direct else []
    problems += _missing(world, repository.database_id, oid, required)
    if not problems:
        return None
    return "Repository rule violations found\n\n" + "\n\n".join(problems) + "\n\n" if ruled else problems[0]


def is_classic(world: World, repository: Repository, branch: str) -> bool:
    """Whether a branch has a classic protection: it is neither deleted nor forced."""
    return (repository.database_id, branch) in world.protections


def _missing(world: World, home: int, oid: str, required: list[StatusCheckConfiguration]) -> list[str]:
    """What is said of the checks that have not passed on a commit."""
    words = {check.context: _word(world, home, oid, check) for check in required}
    missing = {context: word for context, word in words.items() if word}
    if len(missing) > 1:
        return [f"{len(missing)} of {len(words)} required status checks have not succeeded."]
    return [f'Required status check "{context}" is {word}.' for context, word in missing.items()]


def _word(world: World, home: int, oid: str, check: StatusCheckConfiguration) -> str | None:
    """How a check stands that has not passed: expected, pending or failing."""
    runs = [run for suite in world.suites_on(home, oid) for run in world.runs_of(suite, latest=True)]
    found = [
        run.conclusion
        for run in runs
        if run.name == check.context and check.integration_id in {None, run.app.database_id}
    ]
    if check.integration_id is None:
        found += [one.state for one in world.statuses_on(home, oid) if one.context == check.context]
    if not found:
        return "expected"
    if any(outcome in _FAILED for outcome in found):
        return "failing"
    return None if all(outcome in _PASSED for outcome in found) else "pending"
