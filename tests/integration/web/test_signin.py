"""Signing in by the real flow, and every way in which it must not work."""

import re
from typing import Any

import pytest
from yarl import URL

from bot.localhub.faults import refuse

SESSION = "signalbox-session"


async def test_nobody_sees_anything_before_they_sign_in(browser: Any) -> None:
    for path in ("/", "/acme/shop", "/nothing/at/all", "/live"):
        page = await browser.get(path)
        assert page.status == 401
        assert f'href="/signin?next=%2F{path[1:].replace("/", "%2F")}"' in page.html
        assert "acme" not in page.html.replace(path, "").replace("acme%2Fshop", "")


async def test_a_person_signs_in_and_arrives_where_they_wanted(desk: Any, browser: Any) -> None:
    page = await browser.sign_in("mina", "/?after=acme/a")
    assert (page.status, page.url) == (200, URL(f"{desk.home}/?after=acme/a"))
    assert ("acme/shop" in page.html, "acme/vault" in page.html) == (True, False)
    assert "<span>mina</span>" in page.html


async def test_a_person_signs_out(desk: Any, browser: Any) -> None:
    page = await browser.sign_in("mina")
    assert (await browser.post("/signout", {})).status == 403
    assert (await browser.get("/")).status == 200
    kept = browser.cookie(SESSION)
    page = await browser.post("/signout", {"csrf": page.form["csrf"]})
    assert (page.status, browser.cookie(SESSION)) == (401, "")
    # Whoever has copied the cookie has a token that GitHub does not know any more.
    browser.http.cookie_jar.update_cookies({SESSION: kept}, URL(desk.home))
    assert (await browser.get("/")).status == 401


async def test_a_person_signs_out_while_github_is_away(desk: Any, browser: Any) -> None:
    page = await browser.sign_in("mina")
    desk.hub.faults.next("DELETE", "/applications/*/token", refuse(502))
    page = await browser.post("/signout", {"csrf": page.form["csrf"]})
    assert (page.status, browser.cookie(SESSION)) == (401, "")


@pytest.mark.parametrize(("length", "kept"), [(1500, True), (1501, False), (4000, False)])
async def test_a_long_way_back_is_forgotten(browser: Any, length: int, kept: bool) -> None:
    path = f"/{'a' * (length - 1)}"
    answer = await browser.get(f"/signin?next={path}", allow_redirects=False)
    written = answer.headers["Set-Cookie"]
    assert (1500 < len(written) < 4096) if kept else len(written) < 1500


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/",
        "%2F%2Fevil.example",
        "%2F%5Cevil.example",
        "/%09/evil.example",
        "javascript:alert(1)",
        "",
    ],
)
async def test_nobody_is_led_elsewhere(desk: Any, browser: Any, wanted: str) -> None:
    page = await browser.sign_in("mina", wanted)
    assert (page.status, page.url) == (200, URL(f"{desk.home}/"))


async def test_the_state_belongs_to_the_browser_that_began(browser: Any, other: Any) -> None:
    asked = await browser.get("/signin")
    url = str(asked.url.with_query({}))
    told = await browser.post(url, asked.form | {"as": "mina"}, allow_redirects=False)
    back = told.headers["Location"]
    assert (await other.get(back)).status == 400
    assert (await browser.get(back + "x")).status == 400  # another state
    assert (await browser.get(back)).status == 200


async def test_a_code_is_good_once(desk: Any, browser: Any) -> None:
    asked = await browser.get("/signin")
    told = await browser.post(
        str(asked.url.with_query({})), asked.form | {"as": "mina"}, allow_redirects=False
    )
    kept = browser.cookie("signalbox-sign-in")
    assert (await browser.get(told.headers["Location"])).status == 200
    browser.http.cookie_jar.update_cookies({"signalbox-sign-in": kept}, URL(desk.home))
    page = await browser.get(told.headers["Location"])
    assert (page.status, "/signin" in page.html) == (400, True)


async def test_a_code_of_another_way_is_refused(browser: Any, other: Any) -> None:
    codes = []
    for each in (browser, other):
        asked = await each.get("/signin")
        url = str(asked.url.with_query({}))
        told = await each.post(url, asked.form | {"as": "mina"}, allow_redirects=False)
        codes.append(URL(told.headers["Location"]))
    stolen = codes[0].update_query(code=codes[1].query["code"])  # the verifier of PKCE is another one
    assert (await browser.get(str(stolen))).status == 400


async def test_who_does_not_want_to_is_told_how_to_begin_again(browser: Any) -> None:
    asked = await browser.get("/signin")
    page = await browser.post(str(asked.url.with_query({})), asked.form | {"cancel": "1"})
    assert (page.status, page.url.path) == (400, "/signin/callback")


@pytest.mark.parametrize("value", ["", "forged", "gAAAAABmZm9yZ2Vk", "\xe9"])
async def test_a_session_that_is_none_is_signed_out(browser: Any, value: str) -> None:
    await browser.sign_in("mina")
    for kept in (value, browser.cookie(SESSION)[:-9], browser.cookie("signalbox-notice")):
        headers = {"Cookie": f"{SESSION}={kept}"}
        browser.http.cookie_jar.clear()
        assert (await browser.get("/", headers=headers)).status == 401


async def test_the_session_is_sealed_and_out_of_reach_of_scripts(browser: Any) -> None:
    asked = await browser.get("/signin")
    told = await browser.post(
        str(asked.url.with_query({})), asked.form | {"as": "mina"}, allow_redirects=False
    )
    answer = await browser.get(told.headers["Location"], allow_redirects=False)
    (written,) = [each for each in answer.headers.getall("Set-Cookie") if each.startswith(SESSION)]
    assert re.search(r"; HttpOnly; Max-Age=28800; Path=/; SameSite=Lax$", written)
    assert "ghu_" not in written
    assert "mina" not in written


async def test_no_token_is_in_a_page_a_log_or_the_ledger(browser: Any, caplog: Any, tmp_path: Any) -> None:
    caplog.set_level("DEBUG")
    page = await browser.sign_in("sora")
    assert (await browser.act("/acme/shop/environments/prod/hold", reason="the fair")).status == 303
    kept = b"".join(file.read_bytes() for file in (tmp_path / "data").iterdir())
    assert b"acme/shop" in kept
    for text in (page.html, caplog.text, kept.decode("latin-1")):
        assert "ghu_" not in text
