"""`/setup` registers the App at GitHub, keeps its credentials once, and lets nobody else do so."""

import json
import stat
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from poetry.core.masonry.api import build_wheel
from support.browser import ACTION, Browser, browsing

from bot import settings
from bot.kept import FILE
from bot.localhub import Hub
from bot.room import furnish
from service.ledger.database import Database
from service.web.door import Door
from service.web.people.unregistered import Unregistered

ROOT = Path(__file__).parents[3]
TOKEN = "token-of-the-log"
FOREIGN = {"X-Forwarded-For": "192.0.2.7"}


@pytest.fixture
def environ(hub: Hub, tmp_path: Path) -> dict[str, str]:
    """A Signalbox that knows where GitHub is, and no more."""
    hub.person("mina")
    hub.organisation("acme")
    known = hub.environment(tmp_path / "data")
    return {name: known[name] for name in ("GITHUB_API_URL", "GITHUB_URL", "SIGNALBOX_DATA_DIR")}


@pytest.fixture
def left() -> list[str]:
    """Whether the process was told to end."""
    return []


@pytest.fixture
async def setup(environ: dict[str, str], left: list[str]) -> AsyncIterator[Browser]:
    """A browser at a control room that is no App yet."""
    found = settings.read(environ)
    database = Database(found.database_url.get_secret_value())
    unregistered = Unregistered(found.data_dir / FILE, TOKEN, lambda: left.append("left"))
    door = Door(partial(furnish, found, database, ("secret",), unregistered))
    app = web.Application()
    app.add_routes(door.routes())
    async with TestServer(app) as server, browsing(str(server.make_url("")).rstrip("/")) as browser:
        yield browser
        await door.close()
    await database.close()


async def test_the_app_is_registered_and_its_credentials_are_kept(
    hub: Hub, environ: dict[str, str], setup: Browser, left: list[str]
) -> None:
    page = await setup.register("/setup?organisation=acme")
    assert (page.status, page.url.path) == (200, "/setup")
    assert f'href="{hub.url}/apps/signalbox/installations/new"' in page.html
    file = Path(environ["SIGNALBOX_DATA_DIR"]) / "app.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    app = json.loads(file.read_text())
    assert (app["id"], app["client_secret"]) == (hub.app.database_id, hub.app.client_secret)
    assert (hub.app.owner.login, hub.webhooks.url) == ("acme", "http://localhost:8080/webhooks/github")
    assert hub.app.callback_urls == ("http://localhost:8080/signin/callback",)
    assert dict(hub.app.permissions)["checks"] == "write"
    for secret in (app["client_secret"], app["webhook_secret"], app["pem"], "ghu_"):
        assert secret not in page.html
    assert left == ["left"]
    found = settings.read(environ)
    assert settings.identity(found).app_id == hub.app.database_id
    assert settings.client(found) == (hub.app.client_id, hub.app.client_secret)


async def test_credentials_are_never_overwritten(environ: dict[str, str], setup: Browser) -> None:
    await setup.get("/setup")
    file = Path(environ["SIGNALBOX_DATA_DIR"]) / "app.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text("mine")
    assert (await setup.get("/setup")).status == 404
    assert (await setup.get("/setup?code=x&state=y")).status == 404
    assert file.read_text() == "mine"


async def test_only_the_machine_itself_or_the_token_of_the_log_registers(
    environ: dict[str, str], setup: Browser
) -> None:
    for path in ("/setup", "/setup?token=", "/setup?token=guessed"):
        page = await setup.get(path, headers=FOREIGN)
        assert (page.status, "manifest" in page.html) == (403, False)
    page = await setup.get(f"/setup?token={TOKEN}", headers=FOREIGN)
    assert page.status == 200
    assert (await setup.get("/setup?organisation=acme", headers=FOREIGN)).status == 200
    assert not (Path(environ["SIGNALBOX_DATA_DIR"]) / "app.json").exists()


async def test_a_code_that_somebody_else_brings_registers_nothing(
    environ: dict[str, str], setup: Browser, left: list[str]
) -> None:
    assert (await setup.get("/setup?code=abc&state=guessed")).status == 400
    page = await setup.get("/setup")
    state = ACTION.findall(page.html)[0].partition("state=")[2]
    assert (await setup.get("/setup?code=abc&state=guessed")).status == 400
    assert (await setup.get(f"/setup?code=abc&state={state}")).status == 400
    assert (await setup.get(f"/setup?code=..%2Fuser&state={state}")).status == 400
    assert not (Path(environ["SIGNALBOX_DATA_DIR"]) / "app.json").exists()
    assert left == []


async def test_the_form_may_lead_to_github_and_nowhere_else(hub: Hub, setup: Browser) -> None:
    page = await setup.get("/setup?organisation=%22%3E%3Cscript%3E")
    assert "<script>" not in page.html
    assert f"form-action 'self' {hub.url};" in page.headers["Content-Security-Policy"]
    assert page.headers["Referrer-Policy"] == "strict-origin"


def test_the_package_carries_the_manifest_of_app_yml(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(ROOT)
    with ZipFile(tmp_path / build_wheel(str(tmp_path))) as wheel:
        assert wheel.read("service/web/app.yml") == (ROOT / "app.yml").read_bytes()
