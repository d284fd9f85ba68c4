import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.patterns import compiled, is_legal, strict_version


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("feat/*", "feat/login", True),
        ("feat/*", "feat/a/b", False),
        ("feat/*", "Feat/login", False),
        ("feat/*", "feat/", False),
        ("feat/*", "feat", False),
        ("feat/*", "xfeat/login", False),
        ("feature/**", "feature/a/b/c", True),
        ("feature/**", "feature/a//c", False),
        ("release*", "release", True),
        ("*", "x", True),
        ("*", "", False),
        ("**/x", "a/b/x", True),
        ("a*b**c", "a1b2/3c", True),
        ("a*b**c", "a/b/c", False),
        ("**", "기능/로그인", True),
        ("a.b", "axb", False),
        ("release-v{version}", "release-v1.2.3", True),
        ("release-v{version}", "release-v1.2.3-rc.1+5", True),
        ("release-v{version}", "release-v01.2.3", False),
        ("release-v{version}", "release-v1.2", False),
        ("release-v{version}", "release-v1.2.٣", False),
        ("{version}-line", "1.2.3-line", True),
        ("ab{version}b", "ab", False),
    ],
)
def test_patterns(pattern: str, name: str, fits: bool) -> None:
    assert compiled(pattern).fits(name) is fits


PIECES = st.lists(st.sampled_from(["a", "b", "/", ".", "*", "**"]), min_size=1, max_size=8).map("".join)
NAMES = st.text("ab/.", max_size=12)


@given(PIECES, NAMES)
def test_patterns_agree_with_the_plain_translation(pattern: str, name: str) -> None:
    stars = {"*": "[^/]*"}
    parts = [
        stars.get(part, ".*" if "*" in part else re.escape(part)) for part in re.findall(r"\*+|[^*]", pattern)
    ]
    expected = "" not in name.split("/") and re.fullmatch("".join(parts), name, re.DOTALL) is not None
    assert compiled(pattern).fits(name) is expected


def test_a_hostile_pattern_and_name_cost_one_step_a_character() -> None:
    assert not compiled("*a" * 60).fits("a" * 50_000 + "b")


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_versions_are_read_back(major: int, minor: int, patch: int) -> None:
    text = f"{major}.{minor}.{patch}"
    assert str(compiled("v{version}").version(f"v{text}")) == text
    assert strict_version(f"0{text}") is None


@given(st.text())
def test_strict_version_takes_any_text(text: str) -> None:
    version = strict_version(text)
    assert version is None or str(version) == text


@pytest.mark.parametrize(
    "name",
    [
        "",
        "@",
        "a..b",
        "a b",
        "a~b",
        "a^",
        "a:b",
        "a?",
        "a[",
        "a\\",
        "a*",
        "/a",
        "a/",
        "a//b",
        ".a",
        "a/.b",
        "-a",
        "a.",
        "a.lock",
        "a.lock/b",
        "a@{b",
        "a\x7f",
        "a\n",
    ],
)
def test_what_git_refuses_is_not_legal(name: str) -> None:
    assert not is_legal(name)


@pytest.mark.parametrize("name", ["a", "feat/login", "기능/로그인", "a@b", "a-b.c", "v1.2.3+x", "a{b}"])
def test_what_git_takes_is_legal(name: str) -> None:
    assert is_legal(name)


def test_the_prefix_is_what_stands_before_the_first_wildcard() -> None:
    assert [compiled(text).prefix for text in ("feat/*", "release-v{version}", "x")] == [
        "feat/",
        "release-v",
        "x",
    ]
