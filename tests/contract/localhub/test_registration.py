"""An App is registered from its manifest as GitHub describes it: page, code, and its secrets once."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest

MANIFEST: dict[str, Any] = {
    "name": "Signal <Box>",
    "url": "https://signalbox.example.com",
    "redirect_url": "http://127.0.0.1:9/setup",
    "callback_urls": ["http://127.0.0.1:9/signin/callback"],
    "hook_attributes": {"url": "http://127.0.0.1:9/webhooks/github"},
    "public": False,
    "default_permissions": {"checks": "write", "metadata": "read"},
    "default_events": ["check_run"],
}


async def code_of(api: Any, path: str = "/settings/apps/new") -> str:
    """Post the manifest, press the button, and go back with a code."""
    text, url = json.dumps(MANIFEST), api.hub.url
    async with api.session.post(f"{url}{path}?state=abc", data={"manifest": text}) as answer:
        html = await answer.text()
        assert (answer.status, "Signal &lt;Box&gt;" in html, "<Box>" in html) == (200, True, False)
    owner = "acme" if "acme" in path else "mina"
    assert f'name="owner" value="{owner}"' in html
    form = {"manifest": text, "owner": owner, "state": "abc"}
    async with api.session.post(f"{url}/settings/apps", data=form, allow_redirects=False) as answer:
        where = urlsplit(answer.headers["Location"])
        told: dict[str, str] = dict(parse_qsl(where.query))
    assert (answer.status, where.path, told["state"]) == (302, "/setup", "abc")
    return told["code"]


@pytest.mark.parametrize(
    ("path", "owner"),
    [("/settings/apps/new", "mina"), ("/organizations/acme/settings/apps/new", "acme")],
)
async def test_a_manifest_becomes_the_app(team: Any, api: Any, path: str, owner: str) -> None:
    conversions = f"/app-manifests/{await code_of(api, path)}/conversions"
    status, app, _ = await api.rest("POST", conversions, token="")
    assert (status, app["owner"]["login"], app["slug"]) == (201, owner, "signal-box")
    assert (app["permissions"], app["events"]) == (MANIFEST["default_permissions"], ["check_run"])
    assert all(app[name] for name in ("id", "client_id", "client_secret", "webhook_secret", "html_url"))
    claims = {"iat": 0, "exp": team.hub.world.now() + timedelta(minutes=5), "iss": str(app["id"])}
    status, itself, _ = await api.rest("GET", "/app", token=jwt.encode(claims, app["pem"], "RS256"))
    assert (status, itself["name"]) == (200, MANIFEST["name"])
    assert team.hub.webhooks.url == "http://127.0.0.1:9/webhooks/github"
    assert team.hub.app.callback_urls == tuple(MANIFEST["callback_urls"])
    assert (await api.rest("POST", conversions, token=""))[0] == 404


async def test_a_code_ends_after_an_hour(team: Any, api: Any) -> None:
    code, world, before = await code_of(api), team.hub.world, team.hub.app
    later = world.now() + timedelta(minutes=61)
    world.now = lambda: later
    assert (await api.rest("POST", f"/app-manifests/{code}/conversions", token=""))[0] == 404
    assert team.hub.app is before


@pytest.mark.parametrize(
    "wrong", [{"url": 1}, {"colour": "red"}, {"redirect_url": "javascript:alert(1)"}, {"redirect_url": ""}]
)
async def test_a_manifest_that_is_none(api: Any, wrong: dict[str, Any]) -> None:
    form = {"manifest": json.dumps(MANIFEST | wrong)}
    async with api.session.post(f"{api.hub.url}/settings/apps/new", data=form) as answer:
        assert answer.status == 422


async def test_nobody_else_presses_the_button(api: Any) -> None:
    form, headers = (
        {"manifest": json.dumps(MANIFEST), "owner": "mina"},
        {"Origin": "http://elsewhere.example"},
    )
    async with api.session.post(f"{api.hub.url}/settings/apps", data=form, headers=headers) as answer:
        assert answer.status == 403
    async with api.session.post(f"{api.hub.url}/settings/apps", data=form | {"owner": "x"}) as answer:
        assert answer.status == 404
    url = f"{api.hub.url}/organizations/nobody/settings/apps/new"
    async with api.session.post(url, data=form) as answer:
        assert answer.status == 404
