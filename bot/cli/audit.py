"""`signalbox audit [PATH]`: how a local git history stands against a rulebook."""

import json
from argparse import Namespace
from datetime import UTC, datetime

from bot.cli.language import language
from bot.cli.past import local
from bot.errors import TellUser
from bot.message import say
from bot.releases.audit import audit
from bot.text.audit import audit_data, audit_text


def run(arguments: Namespace) -> int:
    """Print the audit; with `--strict`, 1 where anything was found. Raises `TellUser`."""
    since = None if arguments.since is None else _date(arguments.since)
    done = audit(local(arguments.path, arguments.rulebook).past, since)
    if arguments.json:
        print(json.dumps(audit_data(done), indent=2, ensure_ascii=False))
    else:
        print(audit_text(done, language()))
    return int(arguments.strict and bool(done.found))


def _date(text: str) -> datetime:
    """Read a date or a moment (ISO 8601), which is UTC where it does not say."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise TellUser(
            say("expected a date such as {example}; found {found}", example="2026-01-31", found=text)
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
