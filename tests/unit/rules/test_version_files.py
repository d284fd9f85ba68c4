import json
import tomllib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from semver import Version

from bot.errors import TellUser
from bot.message import Message
from bot.rules.version_files import MOST_PARSED, MOST_PLACES, bump, is_known, read

OLD, NEW = Version(1, 2, 0), Version.parse("1.3.0-rc.1")

PYPROJECT = """\
# version = "1.2.0"
[tool.other]
version = "1.2.0"   # not this one
about = '''
[project]
version = "1.2.0"
'''

[project]
name = "shop"
version = '1.2.0'  # this one: "1.2.0"
dependencies = ["shop-core==1.2.0", "1.2.0"]
"""
PACKAGE = '{"dependencies": {"version": "1.2.0"},\n\t"version" :"1.2.0", "nan": NaN, "v": "1.2.0"}'


OTHER = {"version": "1.2.0"}


@pytest.mark.parametrize(
    ("path", "text", "changed"),
    [
        ("pyproject.toml", PYPROJECT, "version = '{}'  # this one"),
        ("a/b/pyproject.toml", '[tool.poetry]\nversion="1.2.0"', 'version="{}"'),
        ("pyproject.toml", 'project = {name = "x", version = "1.2.0"}\n', 'version = "{}"}'),
        ("pyproject.toml", 'project."version" = """1.2.0"""\n', '"""{}"""'),
        ("package.json", PACKAGE, '"version" :"{}", "nan"'),
        ("package.json", '{"version": "1.2.0", "version": "1.2.0"}', ', "version": "{}"}'),
    ],
)
@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_only_the_version_changes(path: str, text: str, changed: str, bom: str, end: str) -> None:
    before = bom + text.replace("\n", end)
    assert read(before, path) == OLD
    after = bump(before, path, None, NEW)
    old, new = (changed.replace("{}", str(each)) for each in (OLD, NEW))
    assert after == before.replace(old, new, 1)
    assert read(after, path) == NEW
    assert bump(after, path, None, NEW) == after


def test_both_tables_of_a_pyproject_move_together() -> None:
    both = '[project]\nversion = "1.2.0"\n[tool.poetry]\nversion = "1.1.0"\n'
    problem = read(both, "pyproject.toml")
    assert isinstance(problem, Message)
    assert problem.values["found"] == ("1.1.0", "1.2.0")
    assert bump(both, "pyproject.toml", None, NEW).count(str(NEW)) == 2


@pytest.mark.parametrize(
    ("pattern", "text", "version"),
    [
        ("{version}", "1.2.0\n", "1.2.0"),
        ("{version}", "the version is 1.2.0.", "1.2.0"),
        ("{version}", "1.2.0.4 and v1.2.0", None),
        ("{version}", "1.2.0-rc.1+5", "1.2.0-rc.1+5"),
        ('__version__ = "{version}"', 'x = 1\n__version__ = "1.2.0"\n', "1.2.0"),
        ("shop-{version}-linux", "get shop-1.2.0-linux", "1.2.0"),
        ("shop-{version}-linux", "get shop-1.2.0-rc.1-linux", "1.2.0-rc.1"),
        ("image: shop:{version}", "image: shop:1.2.0\nimage: shop:1.2.0\n", "1.2.0"),
        ("image: shop:{version}", "image: shop:latest", None),
    ],
)
def test_a_pattern_says_where_the_version_stands(pattern: str, text: str, version: str | None) -> None:
    found = read(text, "any.txt", pattern)
    if version is None:
        assert isinstance(found, Message)
    else:
        assert str(found) == version
        after = bump(text, "any.txt", pattern, NEW)
        assert after == text.replace(version, str(NEW))
        assert bump(after, "any.txt", pattern, NEW) == after


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", "[project"),
        ("pyproject.toml", '[project]\nname = "x"\ndynamic = ["version"]\n'),
        ("pyproject.toml", "project = 1"),
        ("pyproject.toml", '[project]\nversion = "1\\u002e2.0"\n'),
        ("package.json", "[]"),
        ("package.json", '{"version": 1}'),
        ("package.json", "[" * 100_000),
        ("setup.cfg", "version = 1.2.0"),
        ("package.json", json.dumps({**dict.fromkeys(map(str, range(MOST_PLACES)), OTHER), **OTHER})),
    ],
)
def test_a_file_without_a_place_for_a_version_is_told(path: str, text: str) -> None:
    assert isinstance(read(text, path), Message)
    with pytest.raises(TellUser):
        bump(text, path, None, NEW)


@pytest.mark.parametrize("old", ["1.2", "", "1.2.0.dev1", "0.0.0'", "a b"])
def test_what_is_no_version_is_told_and_mended(old: str) -> None:
    text = json.dumps({"version": old})
    assert isinstance(read(text, "package.json"), Message)
    assert read(bump(text, "package.json", None, NEW), "package.json") == NEW


def test_an_empty_version_between_many_quotes_is_found() -> None:
    text = '{"a": "", "version": "", "b": {"version": ""}}'
    assert bump(text, "package.json", None, OLD) == '{"a": "", "version": "1.2.0", "b": {"version": ""}}'


def test_a_place_that_would_break_the_file_is_none() -> None:
    text = '[project]\nabout = """x"""\nversion = ""\n'
    assert bump(text, "pyproject.toml", None, OLD) == text.replace('= ""\n', '= "1.2.0"\n')


numbers = st.integers(0, 99)
versions = st.builds(Version, numbers, numbers, numbers, st.sampled_from([None, "rc.1", "a-b.2"]))
values = st.recursive(
    st.text() | st.integers() | st.booleans() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8) | st.just("version"), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    versions,
    versions,
    st.dictionaries(st.text(max_size=8), values, max_size=4),
    st.sampled_from([None, 2, "\t"]),
)
def test_any_package_json_changes_at_its_version_only(
    old: Version, new: Version, others: dict[str, object], indent: int | str | None
) -> None:
    document = {**others, "copy": str(old), "version": str(old)}
    after = bump(json.dumps(document, indent=indent), "package.json", None, new)
    assert after == json.dumps({**document, "version": str(new)}, indent=indent)


@given(
    versions,
    versions,
    st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    st.sampled_from(["'", '"', '"""']),
)
def test_any_pyproject_changes_at_its_version_only(
    old: Version, new: Version, comment: str, quote: str
) -> None:
    written = f"version={quote}{old}{quote}#{old}"
    text = f"# {comment} '{old}'\n[a]\nversion = '{old}'\n[project] # {comment}\n{written}\n"
    after = bump(text, "pyproject.toml", None, new)
    assert tomllib.loads(after) == {"a": {"version": str(old)}, "project": {"version": str(new)}}
    assert len(after) - len(text) == len(str(new)) - len(str(old))
    assert bump(after, "pyproject.toml", None, new) == after


@given(versions, versions, st.text(), st.text(), st.text(max_size=5), st.text(max_size=5))
def test_any_text_around_a_version_stays(
    old: Version, new: Version, head: str, tail: str, before: str, after: str
) -> None:
    pattern = f"{before}|{{version}}|{after}"
    assume("{version}" not in head + tail + before + after)
    text = f"{head}{before}|{old}|{after}{tail}"
    bumped = bump(text, "any", pattern, new)
    assert bumped == text.replace(f"{before}|{old}|{after}", f"{before}|{new}|{after}")
    assert bump(bumped, "any", pattern, new) == bumped


def test_which_files_need_no_pattern() -> None:
    assert [is_known(path) for path in ("pyproject.toml", "web/package.json", "VERSION")] == [
        True,
        True,
        False,
    ]


def test_where_a_text_stands_often_its_key_is_tried_first() -> None:
    others = {str(number): "1.2.0" for number in range(MOST_PLACES)}
    assert read(json.dumps({**others, **OTHER}), "package.json") == OLD


def test_a_large_file_is_not_parsed_for_each_of_many_places() -> None:
    padding = f"# {'x' * (MOST_PARSED // 2)}\n"
    text = f'{padding}[a]\nversion = "1.2.0"\n[project]\nversion = "1.2.0"\n'
    assert isinstance(read(text, "pyproject.toml"), Message)
    assert read(text.replace(padding, ""), "pyproject.toml") == OLD


def test_a_place_whose_change_leaves_no_document_is_not_the_one() -> None:
    # In TOML a key may stand but once: changing the first text into the second takes the file apart.
    twice = '[tool.pins]\n"1.2.0" = 1\n"0.0.0-signalbox" = 2\n[project]\nversion = """1.2.0"""\n'
    assert read(twice, "pyproject.toml") == OLD
