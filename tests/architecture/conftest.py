"""What the house rules look at: the parsed source, and every text file that git would keep."""

import ast
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def modules() -> Mapping[str, ast.Module]:
    """Every module of `bot` and `service`, parsed, by its dotted name; a package ends in `.__init__`."""
    files = sorted(path for package in ("bot", "service") for path in (ROOT / package).rglob("*.py"))
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): ast.parse(path.read_text("utf-8"))
        for path in files
    }


@pytest.fixture(scope="session")
def files() -> Sequence[str]:
    """The path of every file of the repository that git keeps or would keep."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return [name for name in listing.split("\0") if name]


@pytest.fixture(scope="session")
def texts(files: Sequence[str]) -> Mapping[str, str]:
    """Every text file of the repository, by its path."""
    found = {}
    for name in files:
        path = ROOT / name
        content = path.read_bytes() if path.is_file() else b""
        if b"\0" not in content:
            found[name] = content.decode("utf-8")
    return found
