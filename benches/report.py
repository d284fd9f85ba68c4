"""The report: a table for the terminal, and docs/benchmarks.md."""

import os
import platform
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from rich.table import Table

from benches.bar import Bar

_HEADINGS: Final = ("what", "how", "bar", "measured", "met")
_WORDS: Final = {True: "yes", False: "**no**", None: "–"}
_PREFACE: Final = """\
# Benchmarks

[한국어](ko/benchmarks.md)

The bars that Signalbox is held to, and what one run measured. The throughput is a ratio to a reference of the
same run, measured turn about; times are those of this machine. The server is `signalbox serve --role bot` in
a process of its own with its default settings, the load comes from another process, and GitHub is the local
hub on the same machine. Each bar is also a test of its count or invariant (`tests/scenarios/test_bars.py`),
which holds on any machine.
"""


def table(bars: Iterable[Bar]) -> Table:
    """The bars for a terminal."""
    shown = Table("what", "bar", "measured", "met")
    for bar in bars:
        shown.add_row(bar.what, bar.bar, bar.measured, _WORDS[bar.met].strip("*"))
    return shown


def markdown(bars: Iterable[Bar], today: date, command: str) -> str:
    """The whole document."""
    rows = [(bar.what, bar.how, bar.bar, bar.measured, _WORDS[bar.met]) for bar in bars]
    return "\n".join(
        [
            _PREFACE,
            f"Measured on {today.isoformat()} by `{command}` on {_machine()}.\n",
            _row(_HEADINGS),
            _row(["---"] * len(_HEADINGS)),
            *map(_row, rows),
            "",
        ]
    )


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _machine() -> str:
    """What the figures depend on; no name of a host."""
    cores = len(os.sched_getaffinity(0))
    kernel = f"{platform.system()} {platform.release()} {platform.machine()}"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{cores} cores, {kernel}, {python}, SQLite {sqlite3.sqlite_version}"
