"""CODEOWNERS as GitHub reads it ("About code owners", docs.github.com)."""

import pytest

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
