"""A real PostgreSQL, started once where its binaries exist, and a database of one's own on it."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from support.machine import lacking


def _binary(name: str) -> Path | None:
    on_path = shutil.which(name)
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return Path(on_path) if on_path else (installed[-1] if installed else None)


def _account() -> str | None:
    """PostgreSQL refuses to run as root: the account to run it as, None for our own."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a throwaway server, without a database name."""
    initdb, server = _binary("initdb"), _binary("postgres")
    if initdb is None or server is None:
        lacking("PostgreSQL is not installed")
    account, port = _account(), _free_port()
    data = Path(tempfile.mkdtemp(prefix="signalbox-postgres-"))
    if account:
        shutil.chown(data, account)
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
        subprocess.run(arguments, check=True, capture_output=True, user=account, cwd=data)
        options = ["-p", str(port), "-h", "127.0.0.1", "-k", "", "-c", "fsync=off"]
        with subprocess.Popen(
            [server, "-D", data, *options], user=account, cwd=data, stderr=subprocess.DEVNULL
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
