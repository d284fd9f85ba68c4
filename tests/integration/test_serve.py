"""`signalbox serve` as a process: what stops its start, what it answers, how it stops."""

import asyncio
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import aiohttp
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from support.browser import browsing
from support.machine import free_port

from bot import settings
from bot.localhub import Hub
from bot.webhooks.signature import HEADER, sign
from service.ledger.schema import HEAD


@pytest.fixture(scope="module")
def pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def environment(folder: Path, pem: str, port: int) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "GITHUB_APP_ID": "7",
        "GITHUB_PRIVATE_KEY": pem,
        "GITHUB_WEBHOOK_SECRET": "hush",
        "GITHUB_API_URL": "http://127.0.0.1:9",
        "SIGNALBOX_DATA_DIR": str(folder),
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }


async def start(environ: dict[str, str], role: str = "all") -> Process:
    command = (sys.executable, "-m", "bot", "serve", "--role", role)
    return await asyncio.create_subprocess_exec(*command, env=environ, stdout=PIPE, stderr=PIPE)


@asynccontextmanager
async def serving(environ: dict[str, str], role: str = "all") -> AsyncIterator[tuple[Process, str]]:
    """Start a process and wait until it answers; kill it at the end if it still lives."""
    process, url = await start(environ, role), f"http://127.0.0.1:{environ['PORT']}"
    try:
        async with asyncio.timeout(30), aiohttp.ClientSession() as session:
            while not await answers(session, url):
                assert process.returncode is None, (await process.communicate())[1].decode()
                await asyncio.sleep(0.05)
        yield process, url
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/healthz") as answer:
            return answer.status == 200
    except aiohttp.ClientConnectionError:
        return False


async def get(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


async def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        return answer.status


async def test_missing_settings_stop_the_start_with_a_line_each(tmp_path: Path) -> None:
    process = await start({"PATH": os.environ["PATH"], "SIGNALBOX_DATA_DIR": str(tmp_path)}, "bot")
    out, error = await process.communicate()
    assert (process.returncode, out) == (2, b"")
    lines = error.decode().splitlines()
    names = ("GITHUB_APP_ID", "GITHUB_WEBHOOK_SECRET", "GITHUB_PRIVATE_KEY")
    assert [name in line for name, line in zip(names, lines, strict=True)] == [True] * 3


async def test_without_an_app_the_control_room_alone_registers_one_and_ends(tmp_path: Path) -> None:
    async with Hub.start(tmp_path / "hub") as hub:
        hub.person("mina")
        environ = {
            "PATH": os.environ["PATH"],
            "SIGNALBOX_DATA_DIR": str(tmp_path / "data"),
            "GITHUB_API_URL": hub.api_url,
            "GITHUB_URL": hub.url,
            "HOST": "127.0.0.1",
            "PORT": str(free_port()),
        }
        async with serving(environ) as (process, url), browsing(url) as browser:
            assert await post(f"{url}/webhooks/github", b"{}", {}) == 405
            page = await browser.register()
            assert page.status == 200, page.html
            _, error = await process.communicate()
        assert process.returncode == 0
        assert "/setup?token=" in error.decode()
        assert settings.identity(settings.read(environ)).app_id == hub.app.database_id


async def test_malformed_settings_stop_the_start_and_show_no_secret(tmp_path: Path, pem: str) -> None:
    environ = environment(tmp_path, pem, free_port()) | {
        "SIGNALBOX_ENGINE_URL": "mysql://user:hush@db/engine",
        "PORT": "http",
    }
    process = await start(environ)
    _, error = await process.communicate()
    assert process.returncode == 2
    assert len(error.decode().splitlines()) == 2
    assert "hush" not in error.decode()


async def test_a_process_answers_its_probes_and_counts(tmp_path: Path, pem: str) -> None:
    async with serving(environment(tmp_path, pem, free_port())) as (_, url):
        status, text = await get(f"{url}/readyz")
        assert (status, json.loads(text)) == (200, {"database": "ok", "engine": "ok"})
        body = json.dumps({"zen": "Keep it logically awesome."}).encode()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": "ping",
            "X-GitHub-Delivery": "guid-1",
            HEADER: sign(body, b"hush"),
        }
        assert await post(f"{url}/webhooks/github", body, headers) == 202
        _, metrics = await get(f"{url}/metrics")
        assert 'signalbox_deliveries_total{event="ping",outcome="nothing to ask"} 1.0' in metrics
        assert 'signalbox_questions{state="parked"} 0.0' in metrics
        assert (await get(f"{url}/nowhere"))[0] == 404


async def test_an_unreachable_database_is_not_ready_yet_alive(tmp_path: Path, pem: str) -> None:
    environ = environment(tmp_path, pem, free_port())
    environ["SIGNALBOX_DATABASE_URL"] = "mysql://user:hush@127.0.0.1:9/ledger"
    async with serving(environ) as (process, url):
        status, text = await get(f"{url}/readyz")
        assert (status, json.loads(text)) == (503, {"database": "unreachable", "engine": "ok"})
        process.terminate()
        _, error = await process.communicate()
        assert b"hush" not in error


async def test_the_service_alone_needs_nothing_of_github_and_takes_no_webhook(tmp_path: Path) -> None:
    environ = {
        "PATH": os.environ["PATH"],
        "SIGNALBOX_DATA_DIR": str(tmp_path / "new" / "folder"),
        "HOST": "127.0.0.1",
        "PORT": str(free_port()),
    }
    async with serving(environ, "service") as (_, url):
        assert (await get(f"{url}/readyz"))[0] == 200
        assert "signalbox_deliveries" in (await get(f"{url}/metrics"))[1]
        assert await post(f"{url}/webhooks/github", b"{}", {}) == 405


def database(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "bot", "db", *arguments)
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("role", ["bot", "service"])
async def test_a_schema_that_is_not_known_stops_the_start(
    tmp_path: Path, pem: str, mysql_url: str, role: str
) -> None:
    environ = environment(tmp_path, pem, free_port()) | {"SIGNALBOX_DATABASE_URL": mysql_url}
    process = await start(environ, role)
    _, error = await process.communicate()
    assert process.returncode == 2
    line = error.decode().splitlines()[-1]
    for part in (f"expected revision {HEAD}", "found none", "signalbox db upgrade"):
        assert part in line


async def test_a_chosen_database_is_upgraded_by_its_operator(
    tmp_path: Path, pem: str, mysql_url: str
) -> None:
    environ = environment(tmp_path, pem, free_port()) | {"SIGNALBOX_DATABASE_URL": mysql_url}
    assert database(environ, "current").returncode == 1
    assert database(environ, "upgrade").stdout == f"from revision none to {HEAD}\n"
    assert database(environ, "current").returncode == 0
    async with serving(environ) as (_, url):
        assert (await get(f"{url}/readyz"))[0] == 200


async def test_the_file_that_nobody_chose_follows_the_code_up_and_not_down(tmp_path: Path, pem: str) -> None:
    environ = environment(tmp_path, pem, free_port())
    assert database(environ, "upgrade", "0001").returncode == 0
    async with serving(environ) as (_, url):
        assert (await get(f"{url}/readyz"))[0] == 200
    assert database(environ, "current").stdout == f"revision {HEAD}; expected {HEAD}\n"
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    process = await start(environ)
    _, error = await process.communicate()
    assert process.returncode == 2
    assert f"signalbox db downgrade {HEAD}" in error.decode().splitlines()[-1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_drains_and_ends_the_process(tmp_path: Path, pem: str, number: signal.Signals) -> None:
    async with serving(environment(tmp_path, pem, free_port())) as (process, _):
        process.send_signal(number)
        async with asyncio.timeout(20):
            _, error = await process.communicate()
        assert process.returncode == 0
        lines = [json.loads(line) for line in error.decode().splitlines()]
        assert [line for line in lines if line["level"] in {"ERROR", "WARNING"}] == []


async def test_a_port_that_is_taken_is_said_clearly(tmp_path: Path, pem: str) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        process = await start(environment(tmp_path, pem, listener.getsockname()[1]))
        _, error = await process.communicate()
    assert process.returncode == 2
    assert "Traceback" not in error.decode()
    assert "PORT" in error.decode().splitlines()[-1]
