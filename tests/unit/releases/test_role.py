"""What a pull request is to the releases."""

import pytest

from bot.releases.role import role_of
from bot.rules.facts import Actor, Author, Pull
from bot.rules.rulebook import Rulebook, read


@pytest.mark.parametrize(
    ("preset", "head", "base", "role"),
    [
        ("git-flow", "release-v1.2.0", "main", "release"),
        ("git-flow", "hotfix/v1.2.1", "main", "hotfix"),
        ("git-flow", "hotfix/tax", "develop", None),
        ("git-flow", "feat/login", "develop", None),
        ("git-flow", "main", "develop", None),
        ("trunk", "fix/tax", "release/1.2.0", "hotfix"),
        ("trunk", "fix/tax", "main", None),
        ("trunk", "feature/login", "main", None),
    ],
)
def test_roles(preset: str, head: str, base: str, role: str | None) -> None:
    rulebook = read(f"preset: {preset}\n")
    assert isinstance(rulebook, Rulebook)
    pull = Pull(1, head, "a" * 40, base, Author("mina", Actor.PERSON))
    assert role_of(rulebook, pull) == role
