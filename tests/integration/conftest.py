"""A real PostgreSQL and a real MariaDB, each started once where it is installed, with empty databases."""

import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from support.machine import account, binary, free_port, lacking
from support.mariadb import MariaDB


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a throwaway server, without a database name."""
    initdb, server = (binary(name, f"lib/postgresql/*/bin/{name}") for name in ("initdb", "postgres"))
    if initdb is None or server is None:
        lacking("PostgreSQL is not installed")
    user, port = account("postgres"), free_port()
    data = Path(tempfile.mkdtemp(prefix="signalbox-postgres-"))
    if user:
        shutil.chown(data, user)
    try:
        arguments: list[str | Path] = [
            initdb,
            "-D",
            data,
            "-U",
            "signalbox",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "-N",
        ]
        subprocess.run(arguments, check=True, capture_output=True, user=user, cwd=data)
        options = ["-p", str(port), "-h", "127.0.0.1", "-k", "", "-c", "fsync=off"]
        with subprocess.Popen(
            [server, "-D", data, *options], user=user, cwd=data, stderr=subprocess.DEVNULL
        ) as running:
            try:
                yield _when_up(f"postgresql://signalbox@127.0.0.1:{port}", running)
            finally:
                running.terminate()
    finally:
        shutil.rmtree(data)


def _when_up(url: str, server: subprocess.Popen[bytes]) -> str:
    while True:
        try:
            psycopg.connect(f"{url}/postgres", connect_timeout=10).close()
        except psycopg.OperationalError:
            assert server.poll() is None, "PostgreSQL did not start"
        else:
            return url


@pytest.fixture
def postgres_url(postgres: str) -> Iterator[str]:
    """The URL of an empty database."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(f"{postgres}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield f"{postgres}/{name}"
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    """A throwaway server."""
    with MariaDB() as server:
        yield server


@pytest.fixture
def mysql_url(mariadb: MariaDB) -> Iterator[str]:
    """The URL of an empty database, on a server whose own default is not utf8mb4."""
    name = f"test_{uuid.uuid4().hex}"
    mariadb.sql(f"CREATE DATABASE {name} CHARACTER SET latin1")
    yield f"{mariadb.url}/{name}"
    mariadb.sql(f"DROP DATABASE {name}")
