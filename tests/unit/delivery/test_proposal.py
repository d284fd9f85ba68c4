"""The branches whose pull requests bring deployments."""

import pytest

from bot.delivery.proposal import branch_of, deployment_of


@pytest.mark.parametrize("environment", ["prod", "eu-west-1", "a/b"])
def test_a_branch_says_which_deployment_it_brings(environment: str) -> None:
    assert deployment_of(branch_of(environment, 73)) == 73


@pytest.mark.parametrize(
    "branch",
    [
        "",
        "main",
        "signalbox/deploy-prod",
        "signalbox/deploy-7",
        "signalbox/forward-prod-7",
        "x/signalbox/deploy-prod-7",
        f"signalbox/deploy-prod-{'7' * 19}",
    ],
)
def test_other_branches_bring_none(branch: str) -> None:
    assert deployment_of(branch) is None
