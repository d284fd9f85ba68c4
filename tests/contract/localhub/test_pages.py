"""The pages: what a person sees of a check and of what was said, and the button that works."""

import itertools
import re
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


async def test_the_first_page_names_every_check(team: Any, api: Any) -> None:
    pull = await team.open()
    await api.check(pull, name="signalbox / release", output={"title": "Becomes 1.2.0", "summary": ""})
    html = await page(api, "/")
    assert "signalbox / release" in html
    assert "Becomes 1.2.0" in html


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
    assert "hidden --" not in html
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


async def test_what_was_said_is_shown_in_its_order(team: Any, api: Any) -> None:
    reviews, noor = team.hub.reviews, team.hub.person("noor")
    await team.branch("feat/login", files={"login.txt": "one\ntwo\n"})
    pull = await team.hub.pulls.open(team.shop, head="feat/login", base="develop", by=team.mina)
    assert "Conversation" not in await page(api, "/acme/shop/pull/1")
    remarks = [("login.txt", 1, "P2: a **better** name?"), ("login.txt", 2, "P3: why?")]
    asked = await reviews.submit(pull, by=noor, state="CHANGES_REQUESTED", body="P1: no", comments=remarks)
    first = next(iter(team.hub.world.threads.values()))
    await reviews.reply(first, by=team.mina, body="Renamed.")
    await reviews.resolve(first, by=noor)
    await team.hub.comments.write(pull, by=team.mina, body="/signalbox check")
    await reviews.submit(pull, by=noor, state="APPROVED")
    html = await page(api, "/acme/shop/pull/1")
    anchors = ("pullrequestreview-", "discussion_r", "discussion_r", "discussion_r", "issuecomment-")
    found = re.findall(r'id="([a-z_]+[-r])\d+"', html)
    assert found == [*anchors, "pullrequestreview-"]
    words = ("changes requested", "P1: no", "login.txt:1", "resolved", "<strong>better</strong>")
    places = [html.index(word) for word in (*words, "Renamed.", "not resolved", "commented", "approved")]
    assert places == sorted(places)
    assert html.count("outdated") == 0
    await team.clone.commit("rewrite", {"login.txt": "anew"})
    await team.push("feat/login")
    await reviews.dismiss(asked, by=team.mina, message="All done")
    team.hub.delete_account(noor)
    html = await page(api, "/acme/shop/pull/1?language=ko")
    assert [html.count(word) for word in ("All done", "무효 처리", "오래된 코드", "삭제된 계정")] == [
        1,
        1,
        2,
        4,
    ]


async def test_other_peoples_words_show_and_do_nothing(team: Any, api: Any) -> None:
    await team.branch("feat/login")
    pull = await team.hub.pulls.open(team.shop, head="feat/login", base="develop", by=team.mina, body=HOSTILE)
    unclosed = "Read me\n\n<!-- hidden, and <b>never</b> closed"
    for body in (f"<!-- signalbox -->\n\nDone. {HOSTILE}", unclosed):
        await team.hub.comments.write(pull, by=team.hub.app.bot, body=body)
    await team.hub.reviews.submit(pull, by=team.hub.person("noor"), state="COMMENTED", body=HOSTILE)
    html = await page(api, "/acme/shop/pull/1")
    assert html.count("&lt;script&gt;") == 3
    for gone in ("<script", 'href="javascript', "hidden --", "hidden, and", "never", "--&gt;", "&lt;!--"):
        assert gone not in html


async def test_labels_are_words_that_can_be_read_on_any_colour(team: Any, api: Any) -> None:
    pull = await team.open()
    assert "<ul" not in await page(api, "/acme/shop/pull/1")
    for red, green, blue in itertools.product(range(0, 256, 85), repeat=3):
        name = f"{red:02x}{green:02x}{blue:02x}"
        await team.hub.labels.create(team.shop, name, by=team.mina, color=name, description='"quoted"')
        await team.hub.labels.add(pull, name, by=team.mina)
    html = await page(api, "/acme/shop/pull/1")
    shown = re.findall(r"background:#(\w{6});color:#(\w{6})\"[^>]*>\s*(\w{6})</li>", html)
    assert len(shown) == 64
    assert all(paper == name and contrast(paper, ink) >= 4.5 for paper, ink, name in shown)
    assert 'title="&#34;quoted&#34;"' in html


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio of two colours."""

    def luminance(color: str) -> float:
        channels = [value / 255 for value in bytes.fromhex(color)]
        linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
        return sum(weight * each for weight, each in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


async def test_a_draft_says_so(team: Any, api: Any) -> None:
    await team.branch("feat/login")
    pull = await team.hub.pulls.open(team.shop, head="feat/login", base="main", by=team.mina, draft=True)
    assert "Draft" in await page(api, "/acme/shop/pull/1")
    await team.hub.pulls.ready(pull, by=team.mina)
    assert "Draft" not in await page(api, "/acme/shop/pull/1")


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


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
async def test_the_button_merges(team: Any, api: Any, method: str) -> None:
    await team.open()
    html = await page(api, "/acme/shop/pull/1")
    assert ("Squash and merge" in html, "Delete the branch" in html) == (True, True)
    form = {"sender": "mina", "method": method, "delete_branch": "on"}
    address = f"{api.hub.url}/acme/shop/pull/1/merge"
    async with api.session.post(address, data=form) as answer:
        assert (answer.status, answer.url.path) == (200, "/acme/shop/pull/1")
        html = await answer.text()
    tip = await team.tip("develop")
    for word in ("Merged", tip[:7], "mina"):
        assert word in html
    assert "Squash and merge" not in html
    assert "refs/heads/feat/login" not in await team.hub.world.git(team.shop).refs()


@pytest.mark.parametrize(
    ("form", "origin", "status"),
    [
        ({"sender": "nobody", "method": "merge"}, None, 400),
        ({"sender": "mina", "method": "octopus"}, None, 400),
        ({"sender": "noor", "method": "merge"}, None, 409),
        ({"sender": "mina", "method": "merge"}, "http://elsewhere.example", 403),
    ],
)
async def test_a_merge_that_is_refused(
    team: Any, api: Any, form: dict[str, str], origin: str | None, status: int
) -> None:
    pull = await team.open()
    team.hub.person("noor")
    address, headers = f"{api.hub.url}/acme/shop/pull/1/merge", {"Origin": origin} if origin else {}
    async with api.session.post(address, data=form, headers=headers) as answer:
        assert answer.status == status
    assert team.now(pull).is_open


async def test_releases_and_tags_have_a_page(team: Any, api: Any) -> None:
    path = "/acme/shop/releases"
    assert f'href="{path}"' in await page(api, "/")
    html = await page(api, path)
    assert ("No releases yet." in html, "No tags yet." in html) == (True, True)
    await team.clone.git("tag", "-a", "v1.0.0", "-m", "one", "main")
    await team.push("v1.0.0")
    releases, mina = team.hub.releases, team.mina
    await releases.create(team.shop, "v1.0.0", by=mina, name="<b>One</b>", description=HOSTILE)
    await releases.create(team.shop, "v2.0.0-rc.1", by=mina, is_prerelease=True)
    await releases.create(team.shop, "v2.0.0", by=mina, is_draft=True)
    html = await page(api, path)
    assert "&lt;b&gt;One&lt;/b&gt;" in html
    words = (">Draft<", "Pre-release", "Latest", "annotated", "lightweight")
    assert [html.count(word) for word in words] == [1] * 5
    for gone in ("<script", 'href="javascript', "hidden --"):
        assert gone not in html
    korean = await page(api, f"{path}?language=ko")
    assert all(word not in korean for word in words[1:])
    address = f"{api.hub.url}{path}/tag/v1.0.0"
    async with api.session.get(address, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (302, f"{path}#v1.0.0")
    assert 'id="v1.0.0"' in html


async def test_an_issue_has_a_page(team: Any, api: Any) -> None:
    issue = await team.hub.issues.open(team.shop, title="<i>Broken</i>", by=team.mina, body=HOSTILE)
    await team.hub.comments.write(issue, by=team.mina, body="/signalbox release 1.4.0")
    assert 'href="/acme/shop/issues/1"' in await page(api, "/")
    html = await page(api, "/acme/shop/issues/1")
    for word in ("&lt;i&gt;Broken&lt;/i&gt;", "/signalbox release 1.4.0", "Open", "issuecomment-"):
        assert word in html
    assert "<script" not in html
    await team.hub.issues.close(issue, by=team.mina)
    assert "Closed" in await page(api, "/acme/shop/issues/1")


@pytest.mark.parametrize(
    "path",
    [
        "/acme/shop/pull/9",
        "/acme/nothing/pull/1",
        "/acme/shop/runs/9",
        "/acme/shop/issues/9",
        "/acme/nothing/releases",
    ],
)
async def test_what_is_not_there(api: Any, path: str) -> None:
    async with api.session.get(api.hub.url + path) as answer:
        assert answer.status == 404


async def test_korean_for_who_asks(api: Any) -> None:
    assert '<html lang="ko">' in await page(api, "/", Accept_Language="ko-KR,ko;q=0.9")
    assert '<html lang="ko">' in await page(api, "/?language=ko")
    assert '<html lang="en">' in await page(api, "/?language=en", Accept_Language="ko")
