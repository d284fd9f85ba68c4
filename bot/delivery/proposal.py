"""The branch whose pull request brings a deployment into the manifests."""

import re
from typing import Final

_BRANCH: Final = re.compile(r"signalbox/deploy-.+-(?P<deployment>\d{1,18})")


def branch_of(environment: str, deployment: int) -> str:
    """Name the branch that brings a deployment, by its number, to an environment."""
    return f"signalbox/deploy-{environment}-{deployment}"


def deployment_of(branch: str) -> int | None:
    """Read which deployment a branch brings; None where it is none of these."""
    found = _BRANCH.fullmatch(branch)
    return int(found["deployment"]) if found else None
