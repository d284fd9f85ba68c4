"""A repository whose main and develop stand at one first commit."""

from pathlib import Path

import pytest
from unit.rules.git_repository import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository whose main and develop stand at one first commit."""
    made = Repository(tmp_path / "shop")
    made.commit("first")
    made.git("branch", "develop")
    return made
