"""`signalbox settings`: every setting, the value in force, and what it means."""

from argparse import Namespace

from pydantic import SecretStr
from rich.console import Console
from rich.table import Table
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bot import settings
from bot.cli.language import told
from bot.message import Message, say
from bot.settings import MASK, Settings


def run(_: Namespace) -> int:
    """Print the table; secrets are masked. Raises `SettingsError`."""
    table = Table(told(say("Setting")), told(say("In force")), told(say("Meaning")))
    for name, value, meaning in values(settings.read()):
        table.add_row(name, value, told(meaning))
    Console().print(table)
    return 0


def values(found: Settings) -> list[tuple[str, str, Message]]:
    """(name, value in force, meaning) of every setting, secrets masked."""
    return [
        (str(field.alias), _shown(getattr(found, name)), Message(str(field.description)))
        for name, field in Settings.model_fields.items()
    ]


def _shown(value: object) -> str:
    match value:
        case None | ():
            return ""
        case SecretStr():
            return _without_password(value.get_secret_value())
        case tuple():
            return ",".join(MASK for _ in value)
        case bool():
            return str(value).lower()
        case _:
            return str(value)


def _without_password(secret: str) -> str:
    """A database address without its password; anything else that is secret, masked whole."""
    try:
        # A password may also stand in the query, so nothing of that is shown.
        return make_url(secret).set(query={}).render_as_string(hide_password=True)
    except ArgumentError:
        return MASK
