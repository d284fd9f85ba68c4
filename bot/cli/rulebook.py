"""Check a rulebook file, and print the schema of all of them."""

import json
from pathlib import Path

from bot.cli.checkout import read_file
from bot.message import say
from bot.rules.models import Language
from bot.rules.rulebook import Invalid, Unreadable, schema
from bot.text.escape import plain
from bot.text.render import render


def check_rulebook(path: Path, language: Language) -> tuple[str, int]:
    """Return `path:line:column: key: message` for each problem; 0 without any, 1 with some, 2 unread."""
    reading = read_file(path)
    if isinstance(reading, Unreadable):
        return render(reading.reason, language), 2
    if not isinstance(reading, Invalid):
        return render(say("{path} is a valid rulebook.", path=str(path)), language), 0
    lines = []
    for problem in reading.problems:
        key = f"{plain(problem.key)}: " if problem.key else ""
        place = f"{plain(str(path))}:{problem.line}:{problem.column}"
        lines.append(f"{place}: {key}{render(problem.message, language)}")
    return "\n".join(lines), 1


def print_schema() -> str:
    """Return the JSON Schema of a rulebook as text."""
    return json.dumps(schema(), indent=2, ensure_ascii=False)
