"""Measure the bars, print them, and write docs/benchmarks.md; the exit code is 1 when one is missed."""

import asyncio
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console

from benches import acknowledge, board, burst, fanout, footprint, ledger, promises, report, response
from benches.bar import Bar, Bench

BENCHES: Final[Mapping[str, Bench]] = {
    "acknowledge": acknowledge.throughput,
    "burst": acknowledge.burst,
    "sigkill": promises.sigkill,
    "guid": promises.one_guid,
    "storm": promises.storm,
    "requests": promises.requests,
    "response": response.acknowledge_to_check,
    "fanout": fanout.fan_out,
    "images": burst.images,
    "pages": board.pages,
    "ledger": ledger.recording,
    "start": footprint.start,
    "idle": footprint.idle,
}
_DOCUMENT: Final = Path(__file__).parents[1] / "docs/benchmarks.md"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the chosen benches; every bar of them decides the exit code."""
    arguments = _arguments(argv)
    console = Console()
    bars = asyncio.run(_measure(arguments.only or list(BENCHES), console))
    console.print(report.table(bars))
    output = arguments.output or (None if arguments.only else _DOCUMENT)
    if output is not None:
        today = datetime.now(UTC).date()
        output.write_text(report.markdown(bars, today, _command(arguments)), "utf-8")
    missed = [bar.what for bar in bars if bar.met is False]
    console.print(f"bench: {len(bars)} figures, {len(missed)} bars missed")
    return 1 if missed else 0


def _arguments(argv: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(prog="python -m benches", description="Measure the bars of docs/benchmarks.md.")
    parser.add_argument(
        "--only", metavar="NAME", action="append", choices=BENCHES,
        help=f"one bench, several times for several; nothing is written then: {', '.join(BENCHES)}",
    )  # fmt: skip
    parser.add_argument(
        "--output", metavar="PATH", type=Path, help="the report, instead of docs/benchmarks.md"
    )
    return parser.parse_args(argv)


def _command(arguments: Namespace) -> str:
    only = " ".join(f"--only {name}" for name in arguments.only or ())
    return f"python -m benches {only}" if only else "make bench"


async def _measure(names: Sequence[str], console: Console) -> list[Bar]:
    bars = list[Bar]()
    for name in names:
        with (
            console.status(name),
            tempfile.TemporaryDirectory(prefix="signalbox-bench-", ignore_cleanup_errors=True) as folder,
        ):
            bars += await BENCHES[name](Path(folder))
    return bars


if __name__ == "__main__":
    sys.exit(main())
