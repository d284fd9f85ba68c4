"""Logs: one line an event, its fields kept apart from what others wrote."""

import json
import logging
import sys

from bot.logs import JsonFormatter, TextFormatter


def record(message: str, **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("bot.jobs", logging.INFO, "file.py", 1, message, (), None)
    vars(made).update(fields)
    return made


def test_json_carries_the_fields_of_the_call_and_no_others() -> None:
    line = json.loads(JsonFormatter().format(record("answered", repository="acme/shop", number=7)))
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "INFO",
        "logger": "bot.jobs",
        "message": "answered",
        "repository": "acme/shop",
        "number": 7,
    }


def test_json_is_one_line_whatever_is_logged() -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        made = record("a\nb", branch="feat/\u2028x")
        made.exc_info = sys.exc_info()
    line = JsonFormatter().format(made)
    assert "\n" not in line
    assert "ValueError: first\nsecond" in json.loads(line)["exception"]


def test_text_shows_line_ends_instead_of_obeying_them() -> None:
    line = TextFormatter().format(record("pushed\nINFO forged", branch="a\nb", empty=""))
    assert line.split(" ", 2)[1:] == ["INFO", '   pushed\\nINFO forged branch="a\\nb"']


def test_text_drives_no_terminal() -> None:
    line = TextFormatter().format(record("\x1b[31mred\r\u202e", branch="\x9b2J"))
    assert line.split(" ", 2)[2] == '   \\x1b[31mred\\r\\u202e branch="\\x9b2J"'
