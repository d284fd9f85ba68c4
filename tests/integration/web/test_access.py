"""Who sees what: what GitHub shows to each, and without sign-in this machine alone."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.localhub.faults import refuse, secondary_limit


async def test_each_sees_what_github_shows_them(browser: Any, other: Any) -> None:
    mina, sora = await browser.sign_in("mina"), await other.sign_in("sora")
    assert ("acme/shop" in mina.html, "acme/vault" in mina.html) == (True, False)
    assert ("acme/shop" in sora.html, "acme/vault" in sora.html) == (True, True)


async def test_what_may_not_be_seen_looks_like_what_is_not_there(browser: Any) -> None:
    await browser.sign_in("mina")
    hidden, absent = await browser.get("/acme/vault/x"), await browser.get("/acme/nothing/x")
    assert (hidden.status, absent.status) == (404, 404)
    assert hidden.html.replace("vault", "nothing") == absent.html


async def test_many_pages_ask_github_once(desk: Any, browser: Any) -> None:
    await browser.sign_in("mina")
    await browser.get("/acme/shop/x")
    before = len(desk.hub.requests)
    await asyncio.gather(*(browser.get(path) for path in ("/", "/acme/shop/x") * 3))
    assert len(desk.hub.requests) == before


async def test_github_is_not_asked_for_names_that_the_ledger_does_not_know(desk: Any, browser: Any) -> None:
    await browser.sign_in("mina")
    before = len(desk.hub.requests)
    for path in ("/no/such-1", "/no/such-2/pulls", "/api/v1/repositories/no/such-3", "/acme/shop"):
        await browser.get(path)
    assert len(desk.hub.requests) == before
    await browser.get("/acme/vault")
    assert len(desk.hub.requests) == before + 1


@pytest.mark.parametrize("fault", [refuse(500), secondary_limit()])
async def test_nothing_is_shown_while_github_does_not_say(desk: Any, browser: Any, fault: Any) -> None:
    desk.hub.faults.next("GET", "/user/installations", fault)
    page = await browser.sign_in("mina")
    assert (page.status, page.headers["Retry-After"]) == (503, "30")
    assert "acme" not in page.html
    assert "acme/shop" in (await browser.get("/")).html


async def test_nothing_is_shown_of_a_suspended_installation(desk: Any, browser: Any) -> None:
    (installation,) = desk.hub.world.installations.values()
    desk.hub.installations.suspend(installation)
    page = await browser.sign_in("mina")
    assert (page.status, "acme" in page.html) == (200, False)


async def test_hostile_names_are_only_names(desk: Any, browser: Any) -> None:
    desk.hub.person("<img src=x>")
    page = await browser.sign_in("<img src=x>", "/?after=%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<span>&lt;img src=x&gt;</span>" in page.html
    assert ("<img" in page.html, "<script>" in page.html) == (False, False)


async def test_every_answer_has_the_headers(browser: Any) -> None:
    await browser.sign_in("mina")
    for path in ("/", "/nothing", "/signin", "/static/room.css", "/display?next=/"):
        headers = (await browser.get(path, allow_redirects=False)).headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in headers
        cached = "no-cache" if "static" in path else "private, no-store"
        assert headers["Cache-Control"] == cached


async def test_with_https_the_cookies_are_of_this_host_alone(hub: Any, tmp_path: Path, serve: Any) -> None:
    environ = hub.environment(tmp_path / "data") | {"SIGNALBOX_PUBLIC_URL": "https://signalbox.example.com"}
    hub.call_back("https://signalbox.example.com/signin/callback")
    async with serve(environ) as browser:
        answer = await browser.get("/signin", allow_redirects=False)
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    written = answer.headers["Set-Cookie"]
    assert written.startswith("__Host-signalbox-sign-in=")
    assert "; Path=/;" in written
    assert "; Secure" in written
    assert "redirect_uri=https://signalbox.example.com/signin/callback" in answer.headers["Location"]


async def test_behind_a_proxy_that_says_nothing_nobody_is_this_machine(tmp_path: Path, serve: Any) -> None:
    environ = {"SIGNALBOX_DATA_DIR": str(tmp_path), "SIGNALBOX_PUBLIC_URL": "https://signalbox.example.com"}
    async with serve(environ) as browser:
        for path in ("/", "/audit", "/setup"):
            page = await browser.get(path)
            assert (page.status, "settings/apps/new" in page.html) == (403, False)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:8080"}, 200),
        ({"Host": "[::1]:8080"}, 200),
        ({"Host": "rebound.example"}, 403),
        ({"X-Forwarded-For": "127.0.0.1"}, 403),
        ({"Forwarded": "for=127.0.0.1"}, 403),
        ({"X-Real-IP": "127.0.0.1"}, 403),
    ],
)
async def test_without_sign_in_this_machine_alone_may_look(
    tmp_path: Path, serve: Any, headers: dict[str, str], status: int
) -> None:
    async with serve({"SIGNALBOX_DATA_DIR": str(tmp_path), "GITHUB_APP_ID": "1"}) as browser:
        page = await browser.get("/", headers=headers)
        assert page.status == status
        assert ("GITHUB_CLIENT_ID" in page.html) == (status == 403)
        assert (await browser.post("/acme/shop/pull/1/recheck", {"csrf": ""})).status == 404
        for path in ("/signin", "/signin/callback", "/setup"):
            assert (await browser.get(path)).status == 404
