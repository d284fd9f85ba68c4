import json
from pathlib import Path

import pytest

from bot.cli.rulebook import check_rulebook, print_schema
from bot.rules.models import Language
from bot.rules.rulebook import schema


@pytest.mark.parametrize(
    ("content", "told", "expected"),
    [
        (b"preset: trunk\n", "{path} is a valid rulebook.", 0),
        (b"\xef\xbb\xbfpreset: trunk\n", "{path} is a valid rulebook.", 0),
        (
            b"preset: trunk\nkindz: 1\n",
            "{path}:2:1: kindz: kindz is not known here; the nearest key is kinds",
            1,
        ),
        (b"- a\n", "{path}:1:1: expected keys and their values", 1),
        (b"\xff\xfe", "{path} is not UTF-8 text", 2),
    ],
)
def test_each_problem_is_a_line_with_its_place(
    tmp_path: Path, content: bytes, told: str, expected: int
) -> None:
    path = tmp_path / "signalbox.yml"
    path.write_bytes(content)
    assert check_rulebook(path, Language.EN) == (told.format(path=path), expected)


def test_a_file_that_is_not_there_or_is_a_folder_cannot_be_read(tmp_path: Path) -> None:
    assert check_rulebook(tmp_path / "nowhere", Language.EN)[1] == 2
    assert check_rulebook(tmp_path, Language.KO)[1] == 2


def test_the_schema_is_json() -> None:
    assert json.loads(print_schema()) == schema()
