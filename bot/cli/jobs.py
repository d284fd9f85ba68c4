"""`signalbox jobs` and `signalbox jobs retry`: the questions that wait for a person."""

import asyncio
from argparse import Namespace
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot import logs, settings
from bot.cli.language import told
from bot.compose import engine_of
from bot.engine import Engine
from bot.message import say


def run(arguments: Namespace) -> int:
    """List the parked questions, 1 when there are any; or ask some again, 1 when one is not parked."""
    return asyncio.run(_retry(arguments.retry) if arguments.retry else _parked())


async def _parked() -> int:
    async with _engine() as engine:
        found = await engine.parked()
    console = Console()
    if not found:
        console.print(told(say("No question waits for a person.")))
        return 0
    table = Table()
    # A key is for pasting, so it stays on its line; an error is somebody's words, not markup.
    table.add_column(told(say("Question")), no_wrap=True, overflow="ignore")
    for title in (say("Since"), say("Attempts"), say("Error")):
        table.add_column(told(title))
    for question in found:
        since = question.since.isoformat(timespec="seconds")
        table.add_row(Text(question.key), since, str(question.attempts), Text(question.error))
    console.print(table)
    return 1


async def _retry(keys: Sequence[str]) -> int:
    code = 0
    async with _engine() as engine:
        for key in keys:
            if await engine.retry(key):
                print(told(say("{key} is asked again", key=key)))
            else:
                print(told(say("{key} is not parked", key=key)))
                code = 1
    return code


@asynccontextmanager
async def _engine() -> AsyncIterator[Engine]:
    """Open the queue beside a running process: it looks and stores, and takes no work."""
    found = settings.read()
    logs.configure("WARNING", found.log_format)
    engine = engine_of(found)
    await engine.start(work=False)
    try:
        yield engine
    finally:
        await engine.stop(1.0)
