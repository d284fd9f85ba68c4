"""`signalbox settings`: every setting, the value in force, and what it means."""

from argparse import Namespace

from rich.console import Console
from rich.table import Table

from bot import settings
from bot.cli.language import told
from bot.message import say


def run(_: Namespace) -> int:
    """Print the table; secrets are masked. Raises `SettingsError`."""
    table = Table(told(say("Setting")), told(say("In force")), told(say("Meaning")))
    for name, value, meaning in settings.table(settings.read()):
        table.add_row(name, value, told(meaning))
    Console().print(table)
    return 0
