"""Signing in at the hub goes as GitHub describes it: the page, the code, the token, and each refusal."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

HOME = "http://127.0.0.1:9/signin/callback"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def asked(hub: Any, **more: str) -> dict[str, str]:
    """What the App asks with."""
    usual = {
        "client_id": hub.app.client_id,
        "redirect_uri": HOME,
        "state": "s&t",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return {**usual, **more}


async def says(api: Any, who: Mapping[str, str], **more: str) -> dict[str, str]:
    """Press a button of the page; what the App is told."""
    form = {**asked(api.hub, **more), **who}
    url = f"{api.hub.url}/login/oauth/authorize"
    async with api.session.post(url, data=form, allow_redirects=False) as answer:
        assert answer.status == 302
        where = urlsplit(answer.headers["Location"])
        assert f"{where.scheme}://{where.netloc}{where.path}" == HOME
        return dict(parse_qsl(where.query))


async def exchange(api: Any, code: str, **more: str) -> dict[str, Any]:
    shown = {
        "client_id": api.hub.app.client_id,
        "client_secret": api.hub.app.client_secret,
        "code": code,
        "redirect_uri": HOME,
        "code_verifier": VERIFIER,
        **more,
    }
    url, headers = f"{api.hub.url}/login/oauth/access_token", {"Accept": "application/json"}
    async with api.session.post(url, data=shown, headers=headers) as answer:
        assert answer.status == 200
        told: dict[str, Any] = await answer.json()
        return told


@pytest.fixture(autouse=True)
def at_home(hub: Any) -> None:
    hub.call_back(HOME)


async def test_the_page_asks_who_one_is(team: Any, api: Any) -> None:
    team.hub.person("<i>noor</i>")
    query = asked(team.hub, login="<I>noor</I>", state='"><script>')
    async with api.session.get(f"{api.hub.url}/login/oauth/authorize", params=query) as answer:
        html, policy = await answer.text(), answer.headers["Content-Security-Policy"]
    assert answer.status == 200
    assert policy.endswith("form-action 'self' http://127.0.0.1:9")
    assert html.index("&lt;i&gt;noor&lt;/i&gt;") < html.index(">mina</button>")
    assert "<script" not in html
    assert "acme" not in html


async def test_a_person_signs_in(team: Any, api: Any) -> None:
    told = await says(api, {"as": "Mina"})
    assert told["state"] == "s&t"
    token = await exchange(api, told["code"])
    assert (token["token_type"], token["scope"], token["expires_in"]) == ("bearer", "", 8 * 3600)
    assert token["access_token"].startswith("ghu_")
    status, user, headers = await api.rest("GET", "/user", token=token["access_token"])
    assert (status, user["login"], user["id"]) == (200, "mina", team.mina.database_id)
    assert headers["x-ratelimit-remaining"] == "4999"
    assert (await exchange(api, told["code"]))["error"] == "bad_verification_code"


async def test_the_token_comes_as_a_form_to_who_does_not_ask_for_json(team: Any, api: Any) -> None:
    app, code = team.hub.app, (await says(api, {"as": "mina"}))["code"]
    shown = {"client_id": app.client_id, "client_secret": app.client_secret, "code": code}
    url = f"{api.hub.url}/login/oauth/access_token"
    async with api.session.post(url, data={**shown, "code_verifier": VERIFIER}) as answer:
        told = parse_qs(await answer.text())
    assert told["access_token"][0].startswith("ghu_")


async def test_who_does_not_want_to_sign_in(api: Any) -> None:
    told = await says(api, {"cancel": "cancel"})
    assert (told["error"], told["state"]) == ("access_denied", "s&t")


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"client_id": "Iv23other"}, "incorrect_client_credentials"),
        ({"client_secret": "guessed"}, "incorrect_client_credentials"),
        ({"code": "guessed"}, "bad_verification_code"),
        ({"code_verifier": "guessed"}, "bad_verification_code"),
        ({"code_verifier": ""}, "bad_verification_code"),
        ({"redirect_uri": "http://elsewhere.example/"}, "redirect_uri_mismatch"),
    ],
)
async def test_what_is_no_proof_brings_no_token(api: Any, wrong: dict[str, str], word: str) -> None:
    code = (await says(api, {"as": "mina"}))["code"]
    told = await exchange(api, **{"code": code, **wrong})
    assert set(told) == {"error", "error_description", "error_uri"}
    assert told["error"] == word


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"client_id": "Iv23other"}, 404),
        ({"redirect_uri": "http://elsewhere.example/"}, 400),
        ({"code_challenge_method": "plain"}, 400),
    ],
)
async def test_what_an_app_may_not_ask(api: Any, wrong: dict[str, str], status: int) -> None:
    url = f"{api.hub.url}/login/oauth/authorize"
    async with api.session.get(url, params=asked(api.hub, **wrong)) as answer:
        assert answer.status == status


@pytest.mark.parametrize(
    ("form", "origin", "status"),
    [
        ({"as": "nobody"}, None, 400),
        ({"as": "acme"}, None, 400),
        ({"as": "mina"}, "http://elsewhere.example", 403),
    ],
)
async def test_nobody_else_can_be_signed_in(
    api: Any, form: dict[str, str], origin: str | None, status: int
) -> None:
    url, headers = f"{api.hub.url}/login/oauth/authorize", {"Origin": origin} if origin else {}
    async with api.session.post(url, data=asked(api.hub) | form, headers=headers) as answer:
        assert answer.status == status


async def test_codes_and_tokens_end(team: Any, api: Any) -> None:
    world, begun = team.hub.world, datetime.now(UTC)
    code = (await says(api, {"as": "mina"}))["code"]
    world.now = lambda: begun + timedelta(minutes=11)
    assert (await exchange(api, code))["error"] == "bad_verification_code"
    token = (await exchange(api, (await says(api, {"as": "mina"}))["code"]))["access_token"]
    assert (await api.rest("GET", "/user", token=token))[0] == 200
    world.now = lambda: begun + timedelta(hours=9)
    assert (await api.rest("GET", "/user", token=token))[0] == 401
    token = (await exchange(api, (await says(api, {"as": "mina"}))["code"]))["access_token"]
    team.hub.signins.revoke(team.mina)
    assert (await api.rest("GET", "/user", token=token))[0] == 401
