"""`signalbox jobs` and `signalbox jobs retry`: the questions that wait for a person."""

import asyncio
from argparse import Namespace
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from rich.console import Console
from rich.table import Table

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
    table = Table(told(say("Question")), told(say("Since")), told(say("Attempts")), told(say("Error")))
    for question in found:
        since = question.since.isoformat(timespec="seconds")
        table.add_row(question.key, since, str(question.attempts), question.error)
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
