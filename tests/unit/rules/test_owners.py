"""CODEOWNERS as GitHub reads it ("About code owners", docs.github.com)."""

import pytest
from codeowners import CodeOwners
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.owners import ownership

EXAMPLE = """\
# Everything is the core team's, unless a later line says otherwise.
*       @acme/core @mina

*.js    @noor #no space is needed here
*.go docs@example.com
/build/logs/ @eve
docs/*  @writer
apps/ @octocat
/docs/ @doctor
**/logs @keeper
/apps/github
\\#x @hash
"""


def owners(text: str, *paths: str) -> dict[str, tuple[str, ...]]:
    return {path: next((part.owners for part in ownership(text, [path]).owned), ()) for path in paths}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("README.md", ("acme/core", "mina")),
        ("web/app.js", ("noor",)),
        ("main.go", ()),  # an address alone is nobody
        ("build/logs/today.txt", ("keeper",)),  # the last match wins
        ("src/build/logs.txt", ("acme/core", "mina")),
        ("docs/start.md", ("doctor",)),
        ("src/docs/start.md", ("acme/core", "mina")),
        ("src/apps/x.py", ("octocat",)),
        ("apps/y.py", ("octocat",)),
        ("apps/github", ()),  # a line without owners takes them away
        ("apps/github/x.py", ()),
        ("deploy/logs/x", ("keeper",)),
    ],
)
def test_the_last_line_that_fits_has_it(path: str, expected: tuple[str, ...]) -> None:
    assert owners(EXAMPLE, path) == {path: expected}


def test_a_pattern_of_one_level_holds_no_deeper_files() -> None:
    assert owners("docs/* @writer", "docs/a.md", "docs/more/b.md") == {
        "docs/a.md": ("writer",),
        "docs/more/b.md": (),
    }


@pytest.mark.parametrize("line", ["!*.md @mina", "*.m[dx] @mina", "[section] @mina", "^[Optional] @mina"])
def test_what_github_cannot_read_is_skipped(line: str) -> None:
    assert owners(f"* @noor\n{line}\n", "README.md") == {"README.md": ("noor",)}


def test_addresses_are_ignored_and_told() -> None:
    found = ownership("*.go docs@example.com @mina\n", ["a.go", "b.go"])
    assert found.addresses == ("docs@example.com",)
    (part,) = found.owned
    assert (part.owners, part.first, part.count) == (("mina",), "a.go", 2)


def test_an_address_in_a_remark_is_nobodys() -> None:
    assert ownership("*.go @mina # ask docs@example.com or @noor\n", ["a.go"]).addresses == ()
    assert owners("*.go @mina # ask @noor\n", "a.go") == {"a.go": ("mina",)}


def test_files_with_the_same_owners_are_one_part() -> None:
    found = ownership("* @mina\n/web/ @noor @mina\n/api/ @mina @noor\n", ["a", "web/b", "api/c", "d"])
    assert [(part.owners, part.count) for part in found.owned] == [(("mina",), 2), (("mina", "noor"), 2)]


def test_no_file_is_nobodys() -> None:
    assert ownership("", ["a"]).owned == ()
    assert ownership("* @mina", []).owned == ()


SEGMENTS = st.sampled_from(
    ["a", "b", "ab", "*", "**", "*a", "a*", "?", "a?", "*a*", "a*b", "**a", "*.b", r"\*"]
)
ENDS = st.sampled_from(["", "/", "/*", "/**"])
PATTERNS = st.tuples(
    st.sampled_from(["", "/"]), st.lists(SEGMENTS, min_size=1, max_size=5).map("/".join), ENDS
)
PATHS = st.lists(st.sampled_from(["a", "b", "ab", "aab", "x.b", "*"]), min_size=1, max_size=6).map("/".join)


@settings(max_examples=400)
@given(PATTERNS.map("".join), st.lists(PATHS, min_size=1, max_size=9))
def test_a_pattern_fits_what_it_fits_for_the_library_codeowners(pattern: str, paths: list[str]) -> None:
    line = f"{pattern} @mina"
    library = CodeOwners(line)
    assert owners(line, *paths) == {path: ("mina",) if library.of(path) else () for path in paths}


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        (r"a\ b.txt", "a b.txt", True),
        (r"a\ b.txt", "a", False),
        (r"\a\?", "a?", True),
        ("a", "a b", False),
        ("/", "a", False),
        ("**", "a/b", True),
        ("**/", "a", False),
        ("a/**", "a", False),
    ],
)
def test_letters_and_edges_of_patterns(pattern: str, path: str, fits: bool) -> None:
    assert owners(f"{pattern} @mina", path) == {path: ("mina",) if fits else ()}


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("**/" * 30 + "x", "a/" * 60 + "y"),
        ("**/a/" * 30 + "b", "a/" * 2_000 + "c"),
        ("**/*a*/" * 40 + "b", ("a" * 20 + "/") * 200 + "c"),
        ("*a" * 40 + "b", "a" * 4_000),
        ("*-*-*-*.x", "-" * 1_000),
        ("**a" * 20 + "b", "a" * 4_000),
    ],
)
def test_a_pattern_that_a_backtracking_search_would_never_finish(pattern: str, path: str) -> None:
    assert owners(f"{pattern} @mina", path) == {path: ()}


def test_a_file_with_the_line_ends_of_windows() -> None:
    assert owners("* @mina\r\n/docs @noor\r\n", "docs/a", "b") == {"docs/a": ("noor",), "b": ("mina",)}
