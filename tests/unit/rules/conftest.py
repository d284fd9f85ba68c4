"""What the tests of the rules share: a real repository, and facts made by hand."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from unit.rules.git_repository import Repository

from bot.rules.facts import Actor, Author, Commit, Facts, Line, Pull


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository whose main and develop stand at one first commit."""
    made = Repository(tmp_path / "shop")
    made.commit("first")
    made.git("branch", "develop")
    return made


@pytest.fixture
def facts() -> Callable[..., Facts]:
    """Make the facts of a pull request of a person, in a repository with main and develop."""

    def made(head: str, base: str = "develop", **changes: Any) -> Facts:
        moment = datetime(2026, 1, 1, tzinfo=UTC)
        tip = Commit("a" * 40, (), "first", moment, moment)
        author = Author("mina", changes.pop("actor", Actor.PERSON))
        pull = Pull(7, head, tip.oid, base, author, from_fork=changes.pop("from_fork", False))
        main, develop = (Line(name, tip.oid, (), recent=(tip,)) for name in ("main", "develop"))
        return replace(Facts("acme/shop", pull, main, develop), **changes)

    return made
