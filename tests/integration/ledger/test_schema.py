"""The migrations, up and down, on every database; and what a process thinks of the schema that it finds."""

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from support.mariadb import MariaDB

from bot.engine import database as queue_database
from bot.engine.store import Store
from service.ledger import creation, migrate, schema
from service.ledger.audit import Entry, Filter
from service.ledger.database import Database
from service.ledger.models import Base, Deployment, Shipment
from service.ledger.repository import Repository
from service.ledger.schema import HEAD, UnknownSchema
from service.ledger.store import Ledger

ROOT = Path(__file__).parents[3]
SCRIPTS = ScriptDirectory.from_config(migrate.config())
REVISIONS = [script.revision for script in reversed(list(SCRIPTS.walk_revisions()))]


def differences(connection: sa.Connection) -> list[Any]:
    """What the models have and the database has not, or the other way about."""
    options = {"include_name": migrate.is_ours}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))


def tables(connection: sa.Connection) -> set[str]:
    return set(sa.inspect(connection).get_table_names()) - {"alembic_version"}


def test_the_constant_is_the_newest_of_the_migrations() -> None:
    assert SCRIPTS.get_heads() == [HEAD]
    assert [int(revision) for revision in REVISIONS] == list(range(1, len(REVISIONS) + 1))


async def test_every_migration_goes_up_and_down(database: Database) -> None:
    seen = [await database.run(tables)]
    for revision in REVISIONS:
        await migrate.upgrade(database, revision)
        assert await database.run(schema.revision) == revision
        seen.append(await database.run(tables))
    for revision in [*REVISIONS[-2::-1], "base"]:
        seen.pop()
        await migrate.downgrade(database, revision)
        assert await database.run(tables) == seen[-1]
    assert (await database.run(tables), await database.run(schema.revision)) == (set(), None)
    await migrate.upgrade(database)
    assert await database.run(tables) == set(Base.metadata.tables)


async def test_what_was_shipped_before_is_kept_as_it_is_now(database: Database) -> None:
    await migrate.upgrade(database, "0018")
    names = ("repository", "environment", "state")
    columns: list[sa.ColumnClause[Any]] = [
        sa.column(name) for name in ("repository_id", "deployment", "installation", "target", *names)
    ]
    old = sa.table(
        "ledger_shipment", *columns, sa.column("content", sa.JSON()), sa.column("at", sa.DateTime())
    )
    row = {"repository_id": 7, "deployment": 1, "installation": 5, **dict.fromkeys(names, "prod")}
    row |= {
        "target": "Acme/GitOps",
        "content": {"image": "registry.example.com:5000/acme/shop:v1"},
        "at": datetime(2026, 3, 2),  # noqa: DTZ001
    }
    await database.transact(lambda connection: connection.execute(sa.insert(old).values(row)))
    await migrate.upgrade(database)
    (shipped,) = await database.rows(sa.select(Shipment.image_name, Shipment.target))
    assert (*shipped,) == ("registry.example.com:5000/acme/shop", "acme/gitops")


async def test_what_was_deployed_before_gets_the_name_of_its_image(database: Database) -> None:
    await migrate.upgrade(database, "0019")
    names = ("repository", "environment", "action", "ref", "commit", "by", "why", "state", "image")
    columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in ("repository_id", "id", *names)]
    old = sa.table("ledger_deployment", *columns, sa.column("created_at", sa.DateTime()))
    row = {"repository_id": 7, **dict.fromkeys(names, ""), "created_at": datetime(2026, 3, 2)}  # noqa: DTZ001
    images = ("registry.example.com:5000/acme/shop:v1@sha256:0", None)
    rows = [row | {"id": number, "image": image} for number, image in enumerate(images)]
    await database.transact(lambda connection: connection.execute(sa.insert(old).values(rows)))
    await migrate.upgrade(database)
    found = await database.rows(sa.select(Deployment.image_name).order_by(Deployment.id))
    assert [row.image_name for row in found] == ["registry.example.com:5000/acme/shop", ""]


async def test_the_migrations_make_what_the_models_say(database: Database) -> None:
    await migrate.upgrade(database)
    assert await database.run(differences) == []


async def test_a_difference_between_models_and_migrations_is_seen(database: Database) -> None:
    await migrate.upgrade(database)

    def differ(connection: sa.Connection) -> None:
        connection.execute(sa.text("ALTER TABLE ledger_audit DROP COLUMN origin"))
        connection.execute(sa.text("CREATE INDEX extra ON ledger_audit (actor)"))

    await database.transact(differ)
    assert len(await database.run(differences)) == 2


async def test_processes_that_upgrade_together_take_turns(url: str, database: Database) -> None:
    program = (
        "import asyncio, sys\n"
        "from service.ledger import database, migrate\n"
        "asyncio.run(migrate.upgrade(database.Database(sys.argv[1])))\n"
    )
    command = (sys.executable, "-c", program, url)
    several = [await asyncio.create_subprocess_exec(*command, cwd=ROOT) for _ in range(3)]
    assert [await process.wait() for process in several] == [0, 0, 0]
    assert await database.run(differences) == []


async def test_a_database_without_a_schema_is_refused(database: Database) -> None:
    with pytest.raises(UnknownSchema, match=f"expected revision {HEAD} .* found none"):
        await database.open()
    with pytest.raises(UnknownSchema):
        await database.reach()
    await migrate.upgrade(database, REVISIONS[-2])
    with pytest.raises(UnknownSchema) as error:
        await database.reach()
    assert (error.value.found, error.value.newer) == (REVISIONS[-2], False)
    await migrate.upgrade(database)
    await database.reach()  # found right once, it is asked for no more
    await migrate.downgrade(database, REVISIONS[-2])
    await database.reach()


async def test_a_newer_schema_is_refused_even_where_we_may_upgrade(database: Database) -> None:
    await migrate.upgrade(database)
    newer = sa.text("UPDATE alembic_version SET version_num = '9999'")
    await database.transact(lambda connection: connection.execute(newer))
    with pytest.raises(UnknownSchema) as error:
        await database.open(upgrade=True)
    assert error.value.newer


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("before", [None, *REVISIONS])
async def test_our_own_file_is_brought_up_to_date(database: Database, before: str | None) -> None:
    if before:
        await migrate.upgrade(database, before)
    for _ in range(2):
        await database.open(upgrade=True)
    assert await database.run(schema.revision) == HEAD
    assert await database.run(differences) == []


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_a_file_that_was_made_at_once_can_be_taken_back(database: Database) -> None:
    await asyncio.gather(*(database.transact(creation.create) for _ in range(3)))
    assert await database.run(differences) == []
    await migrate.downgrade(database, "base")
    assert await database.run(tables) == set()


def test_an_empty_file_gets_its_schema_without_alembic(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys\n"
        "from service.ledger.database import Database\n"
        "asyncio.run(Database(sys.argv[1]).open(upgrade=True))\n"
        "print(*sys.modules)\n"
    )
    command = (sys.executable, "-c", program, f"sqlite:///{tmp_path}/ledger.sqlite")
    loaded = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert "service.ledger.creation" in loaded
    assert {"alembic", "asyncmy", "psycopg"} & set(loaded) == set()


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_the_ledger_may_live_in_the_database_of_the_queue(url: str, database: Database) -> None:
    queue = queue_database.connect(url)
    Store(queue, settle=0, spacing=0).create()
    theirs = await database.run(tables)
    await migrate.upgrade(database)
    assert await database.run(differences) == []
    assert await database.run(tables) == theirs | set(Base.metadata.tables)
    await migrate.downgrade(database, "base")
    assert await database.run(tables) == theirs
    queue.dispose()


@pytest.mark.parametrize("url", ["mysql"], indirect=True)
async def test_the_accounts_need_no_more_than_the_documents_say(
    url: str, database: Database, mariadb: MariaDB
) -> None:
    address = sa.make_url(url)
    rows = "SELECT, INSERT, UPDATE, DELETE"
    for account in ("operator", "server"):
        mariadb.sql(f"CREATE USER IF NOT EXISTS {account} IDENTIFIED BY 'hush'")
    mariadb.sql(f"GRANT {rows}, CREATE, ALTER, DROP, INDEX, REFERENCES ON {address.database}.* TO operator")
    for revision in ("head", "base", "head"):
        operator = Database(_as(address, "operator"))
        await (migrate.downgrade if revision == "base" else migrate.upgrade)(operator, revision)
        await operator.close()
    for table in await database.run(tables):
        some = "SELECT, INSERT" if table == "ledger_audit" else rows
        mariadb.sql(f"GRANT {some} ON {address.database}.{table} TO server")
    mariadb.sql(f"GRANT SELECT ON {address.database}.alembic_version TO server")
    server = Database(_as(address, "server"))
    await server.open()
    served = Ledger(server)
    entry = Entry(datetime.now(UTC), "mina", "promote", "prod", "", "control room")
    await served.audit.append(entry)
    assert (await served.audit.entries(Filter())).entries == (entry,)
    assert (await served.reservations.reserve(Repository(7, "acme/shop"), "1.0.1", 5)).pull == 5
    await served.prune(entry.at)
    await server.close()


def _as(address: sa.URL, account: str) -> str:
    return address.set(username=account, password="hush").render_as_string(hide_password=False)


@pytest.mark.parametrize("url", ["mysql"], indirect=True)
async def test_every_text_is_utf8mb4_and_names_differ_by_case(database: Database) -> None:
    await migrate.upgrade(database)
    question = sa.text(
        "SELECT DISTINCT COLLATION_NAME FROM information_schema.COLUMNS "
        "WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME <> 'alembic_version' AND COLLATION_NAME IS NOT NULL"
    )
    found = await database.run(lambda connection: connection.execute(question).scalars().all())
    assert found == ["utf8mb4_bin"]


def alembic(url: str, folder: Path, *arguments: str) -> str:
    program = Path(sys.executable).with_name("alembic")
    environ = {**os.environ, "SIGNALBOX_DATA_DIR": str(folder), "SIGNALBOX_DATABASE_URL": url}
    done = subprocess.run(
        [program, *arguments], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_alembic_itself_works_from_the_root(url: str, tmp_path: Path) -> None:
    alembic(url, tmp_path, "upgrade", "head")
    alembic(url, tmp_path, "check")  # the database has all that the models say


def test_alembic_finds_the_file_that_signalbox_would(tmp_path: Path) -> None:
    alembic("", tmp_path / "new", "upgrade", "head")
    assert (tmp_path / "new" / "ledger.sqlite").exists()
