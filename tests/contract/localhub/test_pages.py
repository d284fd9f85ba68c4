"""The pages: what a person sees of a check, and the button that works."""

from typing import Any

import pytest

RETARGET = {"label": "Retarget", "description": "Send it to develop", "identifier": "retarget"}
HOSTILE = "<script>alert(1)</script> [x](javascript:alert(1)) <!-- hidden -->"


async def page(api: Any, path: str, **headers: str) -> str:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with api.session.get(api.hub.url + path, headers=sent) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/html"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        return str(await answer.text())


async def test_the_first_page_lists_everything(team: Any, api: Any) -> None:
    assert "No pull requests yet." in await page(api, "/")
    await team.hub.pulls.edit(await team.open(), by=team.mina, title="<b>bold</b>")
    html = await page(api, "/")
    assert 'href="/acme/shop/pull/1"' in html
    assert "&lt;b&gt;bold&lt;/b&gt;" in html
    assert "<script" not in html


async def test_a_pull_request_shows_its_check(team: Any, api: Any) -> None:
    pull = await team.open()
    assert "No check has reported" in await page(api, "/acme/shop/pull/1")
    output = {"title": "Wrong", "summary": "| a | b |\n|---|---|\n| 1 | 2 |", "text": HOSTILE}
    await api.check(pull, output=output, actions=[RETARGET])
    html = await page(api, "/acme/shop/pull/1")
    assert "✕" in html
    assert "<td>1</td>" in html
    assert "<script" not in html
    assert 'href="javascript' not in html
    assert "&lt;!-- hidden --&gt;" in html
    assert ">Retarget</button>" in html


async def test_the_button_presses_the_action(team: Any, api: Any, ear: Any) -> None:
    pull = await team.open()
    await api.check(pull, actions=[RETARGET])
    (run,) = team.hub.world.runs.values()
    address = f"{api.hub.url}/acme/shop/runs/{run.database_id}"
    async with api.session.get(address) as shown:
        assert shown.url.path == "/acme/shop/pull/1"
    form = {"sender": "mina", "identifier": "retarget"}
    async with api.session.post(address + "/actions", data=form) as answer:
        assert (answer.status, answer.url.path) == (200, "/acme/shop/pull/1")
    await team.hub.settled()
    (told,) = ear.payloads("check_run", "requested_action")
    assert told["sender"]["login"] == "mina"


async def test_a_check_that_is_asked_for_again_waits(team: Any, api: Any) -> None:
    await api.check(await team.open())
    (run,) = team.hub.world.runs.values()
    assert "waiting</span>" not in await page(api, "/acme/shop/pull/1")
    await team.hub.checks.rerequest(run, by=team.mina)
    html = await page(api, "/acme/shop/pull/1")
    assert "waiting</span>" in html
    assert "✕" in html
    await team.hub.checks.update(run, conclusion="SUCCESS")
    assert "waiting</span>" not in await page(api, "/acme/shop/pull/1")


@pytest.mark.parametrize(
    ("form", "origin", "status"),
    [
        ({"sender": "nobody", "identifier": "retarget"}, None, 400),
        ({"sender": "mina", "identifier": "merge"}, None, 422),
        ({}, None, 400),
        ({"sender": "mina", "identifier": "retarget"}, "http://elsewhere.example", 403),
    ],
)
async def test_a_press_that_is_refused(
    team: Any, api: Any, form: dict[str, str], origin: str | None, status: int
) -> None:
    await api.check(await team.open(), actions=[RETARGET])
    (run,) = team.hub.world.runs.values()
    address = f"{api.hub.url}/acme/shop/runs/{run.database_id}/actions"
    headers = {"Origin": origin} if origin else {}
    async with api.session.post(address, data=form, headers=headers) as answer:
        assert answer.status == status


@pytest.mark.parametrize("path", ["/acme/shop/pull/9", "/acme/nothing/pull/1", "/acme/shop/runs/9"])
async def test_what_is_not_there(api: Any, path: str) -> None:
    async with api.session.get(api.hub.url + path) as answer:
        assert answer.status == 404


async def test_korean_for_who_asks(api: Any) -> None:
    assert '<html lang="ko">' in await page(api, "/", Accept_Language="ko-KR,ko;q=0.9")
    assert '<html lang="ko">' in await page(api, "/?language=ko")
    assert '<html lang="en">' in await page(api, "/?language=en", Accept_Language="ko")
