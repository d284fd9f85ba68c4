"""`signalbox demo`: the life of some pull requests, played by real webhooks through the real bot."""

import asyncio
import os
import sys
import webbrowser
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rich.console import Console
from rich.markup import escape

from bot import logs
from bot.cli.language import told
from bot.cli.stage import Stage, staged
from bot.cli.story import STORY
from bot.cli.story.step import Step
from bot.errors import TellUser
from bot.message import say

_ANY_PORT: Final = 0


def run(arguments: Namespace) -> int:
    """Play; then stay until interrupted, or with `once` exit: 0 when every step came as expected, else 1.

    Raises `TellUser` when the port is taken.
    """
    logs.configure("ERROR", "text")
    return asyncio.run(play(arguments.port, once=arguments.once))


async def play(port: int, *, once: bool, story: Sequence[Step] = STORY) -> int:
    """Set the stage in a folder of the moment, and `perform` a story on it. Raises `TellUser` as `run`."""
    console = Console(highlight=False, soft_wrap=True)
    with TemporaryDirectory(prefix="signalbox-demo-", ignore_cleanup_errors=True) as folder:
        try:
            # Whoever only plays it through needs no page that can be found again.
            context = staged(Path(folder), _ANY_PORT if once else port)
            async with context as stage:
                return await perform(console, stage, once=once, story=story)
        except OSError as error:
            reason = str(error.strerror or error)
            raise TellUser(
                say("port {port} cannot be used ({reason}); choose another: signalbox demo --port 0",
                    port=str(port), reason=reason)
            ) from None  # fmt: skip


async def perform(console: Console, stage: Stage, *, once: bool, story: Sequence[Step] = STORY) -> int:
    """Play a story and print it; with `once` return 0 when every step came as expected, else 1."""
    room = f"{stage.room}/acme/shop"
    for message in (
        say("The control room: {page}. Sign in as anybody, and watch what follows arrive.", page=room),
        say("The pull requests and their checks, on a local GitHub: {page}", page=f"{stage.hub.url}/"),
    ):
        console.print(told(message))
    console.print()
    if not once and _has_a_screen():
        await asyncio.to_thread(webbrowser.open, room)
    kept = 0
    for number, step in enumerate(story, start=1):
        kept += await _step(console, stage, number, step)
    if not once:
        console.print(told(say("Open {page} and look around; Ctrl-C ends the demo.", page=room)))
    # For programs as much as for people, so the same in every language.
    console.print(f"demo: {len(story)} steps, {kept} as expected")
    if not once:
        await asyncio.Event().wait()
    return 0 if kept == len(story) else 1


def _has_a_screen() -> bool:
    """Whether somebody sits there: without a desktop a browser would take the terminal itself."""
    desktop = sys.platform in {"darwin", "win32"} or {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys()
    return bool(desktop) and sys.stdout.isatty()


async def _step(console: Console, stage: Stage, number: int, step: Step) -> bool:
    """Play one step; print what travelled, what the check says, and whether it came as expected."""
    heard, asked = len(stage.hub.webhooks.deliveries), len(stage.hub.requests)
    console.print(f"{number:2}. {told(step.does)}", style="bold", markup=False)
    kept = await step.act(stage)
    await stage.hub.settled()
    notices = [delivery.notice for delivery in list(stage.hub.webhooks.deliveries.values())[heard:]]
    webhooks = [".".join(filter(None, (notice.event, notice.action))) for notice in notices]
    requests = [each.operation or f"{each.method} {each.path}" for each in stage.hub.requests[asked:]]
    travelled = (
        say("webhooks: {names}", names=tuple(dict.fromkeys(webhooks))),
        say("requests: {names}", names=tuple(requests)),
    )
    for message in travelled:
        console.print(f"    {told(message)}", style="dim", markup=False)
    check = stage.check(step.pull, step.check)
    if check is not None:
        conclusion = (check.conclusion or check.status).lower()
        said = f"    #{step.pull} {check.name}: {conclusion} · {check.title}"
        console.print(said, markup=False)
    colour, outcome = ("green", say("✓ as expected")) if kept else ("red", say("✗ not as expected"))
    console.print(f"    [{colour}]{told(outcome)}:[/] {escape(told(step.expects))}\n")
    return kept
