"""`signalbox audit [PATH|OWNER/REPO]`: how a git history, here or on GitHub, stands against a rulebook."""

import asyncio
import json
import re
from argparse import Namespace
from datetime import UTC, datetime
from importlib import import_module
from typing import Final

from bot.cli.language import language
from bot.cli.past import local
from bot.errors import TellUser
from bot.message import say
from bot.releases.audit import audit
from bot.releases.past import Past
from bot.text.audit import audit_data, audit_text

_NAME: Final = re.compile(r"(?P<owner>[\w-]+)/(?P<name>[\w.-]+)", re.ASCII)


def run(arguments: Namespace) -> int:
    """Print the audit; with `--strict`, 1 where anything was found. Raises `SignalboxError`."""
    since = None if arguments.since is None else _date(arguments.since)
    done = audit(_past(arguments), since)
    if arguments.json:
        print(json.dumps(audit_data(done), indent=2, ensure_ascii=False))
    else:
        print(audit_text(done, language()))
    return int(arguments.strict and bool(done.found))


def _past(arguments: Namespace) -> Past:
    """The history of a repository here, else of the one on GitHub that is called so."""
    named = None if arguments.path.exists() else _NAME.fullmatch(arguments.path.as_posix())
    if named is None:
        return local(arguments.path, arguments.rulebook).past
    remote = import_module("bot.cli.remote")  # it takes a while, and most audits need none of it
    past: Past = asyncio.run(remote.remote(named["owner"], named["name"], arguments.rulebook))
    return past


def _date(text: str) -> datetime:
    """Read a date or a moment (ISO 8601), which is UTC where it does not say."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise TellUser(
            say("expected a date such as {example}; found {found}", example="2026-01-31", found=text)
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
