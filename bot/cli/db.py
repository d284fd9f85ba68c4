"""`signalbox db upgrade`, `downgrade`, `current` and `revision`: the schema of the ledger's database."""

import asyncio
from argparse import Namespace

from sqlalchemy.exc import SQLAlchemyError

from bot import logs, settings
from bot.cli.language import told
from bot.compose import with_folder
from bot.errors import TellUser
from bot.message import Message, say
from service.ledger import migrate
from service.ledger.database import Database
from service.ledger.schema import HEAD


def run(arguments: Namespace) -> int:
    """Do one action; `current` exits 1 when the database is not at the revision that is expected."""
    found = settings.read()
    logs.configure("WARNING", found.log_format)
    return asyncio.run(_run(arguments, with_folder(found.database_url.get_secret_value())))


async def _run(arguments: Namespace, url: str) -> int:
    database = Database(url)
    try:
        return await _act(arguments, database)
    except migrate.Refused as error:
        raise TellUser(say("the ledger's schema stays as it is: {reason}", reason=str(error))) from None
    except (SQLAlchemyError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise TellUser(say("the ledger's database cannot be used: {reason}", reason=reason)) from None
    finally:
        await database.close()


async def _act(arguments: Namespace, database: Database) -> int:
    before = await database.revision()
    match arguments.action:
        case "upgrade":
            await migrate.upgrade(database, arguments.revision)
        case "downgrade":
            await migrate.downgrade(database, arguments.revision)
        case "revision":
            print(await migrate.draft(database, arguments.message))
            return 0
        case _:
            found = _named(before)
            print(told(say("revision {found}; expected {expected}", found=found, expected=HEAD)))
            return 0 if before == HEAD else 1
    after = await database.revision()
    if after == before:
        print(told(say("at revision {found} already", found=_named(after))))
        return 0
    print(told(say("from revision {before} to {after}", before=_named(before), after=_named(after))))
    return 0


def _named(revision: str | None) -> str | Message:
    return revision or say("none")
