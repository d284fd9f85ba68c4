"""What people can set or type is documented, in both languages."""

from argparse import ArgumentParser, _SubParsersAction
from pathlib import Path

import pytest

from bot.cli.parser import parser
from bot.settings import Settings

ROOT = Path(__file__).parents[2]


def settings() -> list[str]:
    return [str(field.alias) for field in Settings.model_fields.values()]


def commands(root: ArgumentParser) -> list[str]:
    """Every command and subcommand, as it is typed."""
    found = []
    for action in root._actions:
        if isinstance(action, _SubParsersAction):
            for name, command in action.choices.items():
                found += [name, *(f"{name} {below}" for below in commands(command))]
    return found


def undocumented(words: list[str], text: str, form: str) -> list[str]:
    return [word for word in words if form.format(word) not in text]


@pytest.mark.parametrize("document", ["docs/operations.md", "docs/ko/operations.md"])
def test_every_setting_is_documented(document: str) -> None:
    assert undocumented(settings(), (ROOT / document).read_text("utf-8"), "| `{}` |") == []


@pytest.mark.parametrize("document", ["README.md", "docs/ko/README.md"])
def test_every_command_is_documented(document: str) -> None:
    assert undocumented(commands(parser()), (ROOT / document).read_text("utf-8"), "`signalbox {}") == []


def test_the_commands_are_those_of_the_parser() -> None:
    assert "jobs retry" in commands(parser())


def test_a_setting_or_command_that_is_not_documented_is_found() -> None:
    assert undocumented(["PORT", "HOST"], "| `PORT` | 8080 |", "| `{}` |") == ["HOST"]
    assert undocumented(["serve", "demo"], "`signalbox serve`", "`signalbox {}") == ["demo"]
