from dataclasses import replace

import pytest
from semver import Version
from unit.rules.releases import facts, rulebook

from bot.rules import files
from bot.rules.facts import Facts
from bot.rules.verdict import Action, Button, Finding, Outcome

BOOK = rulebook("versions: {files: [{path: pyproject.toml}, {path: VERSION, pattern: '{version}'}]}")
PYPROJECT = '[project]\nversion = "1.3.0"\n'


def found(given: Facts) -> Finding:
    finding = files.find(given, BOOK)
    assert finding is not None
    return finding


def carrying(
    pyproject: str | None, version: str | None, head: str = "release-v1.3.0", *, from_fork: bool = False
) -> Facts:
    return facts(head, "1.2.0", files={"pyproject.toml": pyproject, "VERSION": version}, from_fork=from_fork)


def test_files_that_carry_the_version_pass() -> None:
    assert found(carrying(PYPROJECT, "1.3.0\n")).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("pyproject", "version", "wrong"),
    [
        ('[project]\nversion = "1.2.0"\n', "1.3.0\n", 1),
        (None, "1.3.0\n", 1),
        ("[project", "nothing", 2),
        ('[project]\nversion = "1.3"\n', "1.3.0+7\n", 2),
    ],
)
def test_v14_files_that_never_moved_fail_with_a_button(
    pyproject: str | None, version: str | None, wrong: int
) -> None:
    finding = found(carrying(pyproject, version))
    assert (finding.outcome, finding.found) == (Outcome.FAIL, wrong)
    assert finding.button == Button(Action.BUMP, "1.3.0")


def test_what_carries_another_version_is_mended_and_nothing_else() -> None:
    texts = {"pyproject.toml": '# ours\r\n[project]\r\nversion = "1.2.0"  # old\r\n', "VERSION": "1.3.0\n"}
    changed = files.mended(BOOK, texts, Version(1, 3, 0))
    assert changed == {"pyproject.toml": texts["pyproject.toml"].replace("1.2.0", "1.3.0")}


def test_what_cannot_be_written_to_is_left_alone() -> None:
    assert files.mended(BOOK, {"pyproject.toml": "[project", "VERSION": None}, Version(1, 3, 0)) == {}
    assert files.mended(BOOK, {}, Version(1, 3, 0)) == {}


def test_a_file_with_two_places_gets_both() -> None:
    book = rulebook(
        "versions: {files: [{path: README.md, pattern: 'v{version}'},"
        " {path: README.md, pattern: 'shop=={version}'}]}"
    )
    changed = files.mended(book, {"README.md": "v1.2.0\npip install shop==1.2.0\n"}, Version(1, 3, 0))
    assert changed == {"README.md": "v1.3.0\npip install shop==1.3.0\n"}


def test_a_file_that_was_not_read_is_no_pass() -> None:
    assert found(facts("release-v1.3.0", "1.2.0")).found == 2


def test_a_bare_hotfix_has_its_files_too() -> None:
    assert found(carrying(PYPROJECT, "1.3.0", "hotfix/price")).button == Button(Action.BUMP, "1.2.1")


def test_a_fork_cannot_be_written_to() -> None:
    assert found(carrying(None, None, from_fork=True)).button is None


def test_where_no_file_or_version_is_named_it_does_not_apply() -> None:
    given = carrying(None, None)
    assert files.find(given, rulebook()) is None
    assert files.find(replace(given, release=None), BOOK) is None
    assert files.find(facts("feat/x", base="develop"), BOOK) is None
    labels = rulebook("versions: {source: labels, files: [{path: pyproject.toml}]}")
    assert files.find(given, labels) is None
