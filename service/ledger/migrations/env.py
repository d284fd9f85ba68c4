"""What Alembic runs: the migrations, on the connection it was given or on the database of the environment."""

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path

import sqlalchemy as sa
from alembic import context
from alembic.operations import MigrationScript
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from service.ledger.database import Database
from service.ledger.migrate import alone, is_ours
from service.ledger.models import Base


def address() -> str:
    """Where the ledger is, as `signalbox settings` says it; the folder of its file is made when missing."""
    folder = Path(os.environ.get("SIGNALBOX_DATA_DIR") or "var")
    folder.mkdir(parents=True, exist_ok=True)
    return os.environ.get("SIGNALBOX_DATABASE_URL") or f"sqlite:///{folder / 'ledger.sqlite'}"


def migrate(connection: sa.Connection) -> None:
    """Run what was asked for, all of it or (but on MySQL) nothing."""
    with alone(connection):
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_name=is_ours,
            render_as_batch=True,  # SQLite changes a table by making it anew
            process_revision_directives=number,
            user_module_prefix="",
        )
        context.run_migrations()


def number(
    _: MigrationContext, __: str | Iterable[str | None] | Iterable[str], drafts: list[MigrationScript]
) -> None:
    """Number a new migration, so that whoever reads two knows which is the newer one."""
    scripts = ScriptDirectory.from_config(context.config)
    for draft in drafts:
        draft.rev_id = f"{int(scripts.get_current_head() or 0) + 1:04}"


def migrate_environment() -> None:
    """Migrate the database of the environment."""
    asyncio.run(_migrate_environment())


async def _migrate_environment() -> None:
    database = Database(address())
    await database.run(migrate)
    await database.close()


if (given := context.config.attributes.get("connection")) is not None:
    migrate(given)
else:
    migrate_environment()
