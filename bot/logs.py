"""Structured logs: one line an event, with delivery, repository, number and outcome as fields.

`text` is for a terminal, `json` for a machine. Only what a log call names in `extra` becomes a field.
"""

import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any, Final, Literal

import msgspec

# Logging is a tenth of what an acknowledgement costs; this encoder is the quickest there is.
_ENCODER: Final = msgspec.json.Encoder(enc_hook=str)
# What would end a line, drive a terminal, or turn the direction of text.
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def configure(level: str, form: Literal["text", "json"]) -> None:
    """Log everything of this process to standard error in one form."""
    # Nobody reads these fields, so nobody shall wait for them ("Optimization", Python's logging HOWTO).
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    logging.captureWarnings(True)
    logging.basicConfig(level=level, handlers=[handler], force=True)


class JsonFormatter(logging.Formatter):
    """A JSON object a line: time, level, logger, message, then the fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _json(line)


class TextFormatter(logging.Formatter):
    """A line for people: time, level, message, then the fields that say something."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; line ends and controls in what others wrote are shown, not obeyed."""
        time = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        said = {name: value for name, value in _fields(record).items() if value not in ("", [], None)}
        fields = "".join(f" {name}={_json(value)}" for name, value in said.items())
        line = _CONTROL.sub(_escaped, f"{time} {record.levelname:7} {record.getMessage()}{fields}")
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}


def _json(value: object) -> str:
    return _ENCODER.encode(value).decode()


def _escaped(control: re.Match[str]) -> str:
    return control[0].encode("unicode_escape").decode()
