"""The repository names no place: neither a package index nor a folder of somebody's machine."""

import re
from collections.abc import Mapping

import pytest

PLACES = re.compile(
    r"""
    \b(?: pypi\.org | pythonhosted\.org | registry\.npmjs\.org | registry\.yarnpkg\.com
      | proxy\.golang\.org | rubygems\.org | crates\.io )\b
    | (?<![\w.)}>/-]) / (?: home | Users | root | work | mnt ) / \w
    | \b [A-Z] :\\ \w
    | \b file:// /+ \w
    """,
    re.VERBOSE,
)


def places(name: str, text: str) -> list[str]:
    """The lines of a file that name a package index or an absolute path of a machine."""
    return [
        f"{name}:{number}: {line.strip()[:100]}"
        for number, line in enumerate(text.splitlines(), 1)
        if PLACES.search(line)
    ]


def test_no_file_names_a_place(texts: Mapping[str, str]) -> None:
    assert "pyproject.toml" in texts
    assert [fault for name, text in texts.items() for fault in places(name, text)] == []


# Each is put together here, so that this file does not name a place either.
@pytest.mark.parametrize(
    "parts",
    [
        ("--index-url https://", "pypi", ".org/simple"),
        ('"resolved": "https://', "registry.npmjs", '.org/x.tgz"'),
        ("cd ", "/", "home/ann/signalbox"),
        ("path = '", "/", "Users/ann/key.pem'"),
        ("log: ", "/", "root/signalbox.log"),
        ("open C", ":", "\\temp"),
        ("--find-links file", "://", "/srv/wheels"),
    ],
)
def test_a_place_is_seen(parts: tuple[str, ...]) -> None:
    assert places("sample", "".join(parts)) == ["sample:1: " + "".join(parts)]


@pytest.mark.parametrize(
    "line",
    [
        "https://github.com/home/repository",
        "bot/work/tree.py",
        "/var/lib/signalbox is where the data lives",
        "{root}/home/index",
        "git worktree add ../work/x",
    ],
)
def test_other_paths_pass(line: str) -> None:
    assert places("sample", line) == []
