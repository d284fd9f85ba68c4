"""From which environment is promoted to which."""

import pytest

from bot.rules.environments import before
from bot.rules.rulebook import Rulebook, read

GIT_FLOW = "preset: git-flow\n"
TRUNK = "preset: trunk\n"
WITHOUT_TEST = "environments: {test: null, demo: {from: tag, deploy: manual, database: dummy}}\n"


@pytest.mark.parametrize("preset", [GIT_FLOW, TRUNK])
def test_a_developers_own_place_is_nobodys_predecessor(preset: str) -> None:
    rulebook = read(preset)
    assert isinstance(rulebook, Rulebook)
    found = {name: before(rulebook, name) for name in rulebook.environments}
    assert found == {"local": None, "dev": None, "test": "dev", "stage": "test", "prod": "stage"}


def test_the_order_is_the_rulebooks() -> None:
    rulebook = read(GIT_FLOW + WITHOUT_TEST)
    assert isinstance(rulebook, Rulebook)
    names = list(rulebook.environments)
    assert [before(rulebook, name) for name in names[2:]] == names[1:-1]
