"""Acts in the control room: only one's own, only as GitHub lets one at that moment, and never too quickly."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.localhub.faults import refuse
from service.ledger.audit import Filter
from service.ledger.environments import Hold
from service.ledger.repository import Repository

RECHECK = "/acme/shop/pull/1/recheck"
PROD = "/acme/shop/environments/prod"
HOLD, PROMOTE, ROLLBACK = f"{PROD}/hold", f"{PROD}/promote", f"{PROD}/rollback"
REASON = "The <b>summer</b> sale"


async def test_an_order_is_said_as_the_person(desk: Any, browser: Any) -> None:
    await browser.sign_in("sora")
    answer = await browser.act(RECHECK)
    assert (answer.status, answer.headers["Location"]) == (303, "/acme/shop/pull/1")
    override = {"rule": "ancestry", "reason": 'It is "mended" tomorrow'}
    await browser.act("/acme/shop/pull/1/override", **override, next="/")
    await browser.act("/acme/shop/pull/1/retry")
    said = ["recheck", 'override ancestry "It is "mended" tomorrow"', "retry"]
    assert desk.said() == [("sora", f"/signalbox {each}") for each in said]
    # What becomes of an order the bot knows, which notes what it did.
    assert (await desk.ledger.audit.entries(Filter())).entries == ()


async def test_the_next_page_says_once_what_came_of_it(browser: Any) -> None:
    await browser.sign_in("mina")
    await browser.act(RECHECK, next="/")
    told = "Said on the pull request, as you"
    assert [told in (await browser.get("/")).html for _ in range(2)] == [True, False]


async def test_a_hold_and_a_freeze_are_ordered_as_the_person(desk: Any, browser: Any) -> None:
    since = datetime(2026, 3, 2, 10, tzinfo=UTC)
    place = Repository(desk.shop.database_id, "acme/shop")
    await desk.ledger.environments.hold(place, "prod", Hold("mina", "the fair", since))
    await browser.sign_in("sora")
    page = await browser.get("/acme/shop")
    assert f'action="{PROD}/release-hold"' in page.html
    for verb in ("release-hold", "freeze"):
        answer = await browser.act(f"{PROD}/{verb}", **page.form | {"reason": REASON})
        assert (answer.status, answer.headers["Location"]) == (303, "/acme/shop")
    lifted, frozen = desk.ordered()
    assert (lifted.creator, lifted.environment, lifted.task, lifted.description) == (
        desk.sora, "prod", "release-hold", REASON
    )  # fmt: skip
    assert lifted.payload["signalbox"]["seen"] == since.isoformat()
    assert (frozen.task, frozen.payload["signalbox"]["seen"]) == ("freeze", None)
    # What comes of it the bot knows, which holds people to the rulebook and notes what it did.
    (prod,) = await desk.ledger.environments.of(desk.shop.database_id)
    assert (prod.hold and prod.hold.by, prod.freeze) == ("mina", None)
    assert (await desk.ledger.audit.entries(Filter())).entries == ()


async def test_where_signalbox_deploys_nothing_a_hold_is_a_word_to_people(desk: Any, browser: Any) -> None:
    await browser.sign_in("sora")
    assert "Signalbox deploys nothing here" not in (await browser.get("/acme/shop")).html
    vault = (await desk.ledger.repositories.locate("acme/vault")).repository
    await desk.ledger.environments.hold(vault, "prod", Hold("sora", "a word", datetime.now(UTC)))
    assert "Signalbox deploys nothing here, and stops nobody" in (await browser.get("/acme/vault")).html


async def test_a_promotion_and_a_rollback_are_ordered_as_the_person(desk: Any, browser: Any) -> None:
    await browser.sign_in("mina")
    answer = await browser.act(PROMOTE, reason="the fair")
    assert (answer.status, answer.headers["Location"]) == (303, "/acme/shop")
    assert (
        "Ordered on GitHub, as you. The board shows what comes of it."
        in (await browser.get("/acme/shop")).html
    )
    await browser.act(ROLLBACK, version="v1.2.0", confirmed="yes", next="/")
    first, second = desk.ordered()
    assert (first.creator, first.ref, first.environment, first.task, first.description) == (
        desk.mina, "main", "prod", "promote", "the fair"
    )  # fmt: skip
    assert first.payload == {"signalbox": {"version": None, "confirmed": False, "seen": None}}
    assert (second.task, second.description, second.is_production) == ("rollback", "", True)
    assert second.payload == {"signalbox": {"version": "v1.2.0", "confirmed": True, "seen": None}}
    # What comes of it the bot knows, which holds people to the rulebook and notes what it did.
    assert (await desk.ledger.audit.entries(Filter())).entries == ()


async def test_d9_a_commit_that_is_behind_or_red_is_merged_and_waited_for_by_nobody(
    desk: Any, browser: Any
) -> None:
    head = (await desk.hub.world.git(desk.shop).refs())["refs/heads/main"]
    await desk.hub.statuses.set(desk.shop, head, "lint", "FAILURE", by=desk.mina)
    await browser.sign_in("mina")
    assert (await browser.act(PROMOTE)).status == 303
    assert [each.oid for each in desk.ordered()] == [head]


@pytest.mark.parametrize(
    ("login", "path", "form", "status"),
    [
        ("noor", PROMOTE, {}, 404),
        ("jiho", PROMOTE, {}, 403),
        ("mina", "/acme/vault/environments/prod/promote", {}, 404),
        ("sora", "/acme/vault/environments/prod/promote", {}, 404),
        ("sora", "/acme/shop/environments/moon/rollback", {}, 404),
        ("sora", PROMOTE, {"reason": "x" * 141}, 422),
        ("sora", PROMOTE, {"reason": "two\nlines"}, 422),
        ("sora", ROLLBACK, {"version": "1.0.0; drop"}, 422),
        ("sora", ROLLBACK, {"version": "-1"}, 422),
        ("sora", ROLLBACK, {"version": "v" * 129}, 422),
    ],
)
async def test_nobody_deploys_where_github_or_the_rulebook_does_not_let_them(
    desk: Any, browser: Any, login: str, path: str, form: dict[str, str], status: int
) -> None:
    desk.hub.allow(desk.shop, desk.hub.person("jiho"), "triage")
    await browser.sign_in(login)
    assert (await browser.act(path, **form)).status == status
    assert desk.ordered() == []


async def test_a_deployment_that_github_refuses_is_told_in_its_words(desk: Any, browser: Any) -> None:
    await browser.sign_in("sora")
    for status, expected in ((409, 409), (422, 409), (502, 503)):
        desk.hub.faults.next("POST", "/repos/acme/shop/deployments", refuse(status, "Conflict: not now"))
        page = await browser.act(PROMOTE)
        assert (page.status, "Conflict: not now" in page.html) == (expected, expected == 409)
    assert desk.ordered() == []


@pytest.mark.parametrize("path", [PROMOTE, ROLLBACK])
async def test_a_forged_deployment_is_none(desk: Any, browser: Any, path: str) -> None:
    csrf = (await browser.sign_in("sora")).form["csrf"]
    for form, headers in (
        ({}, {}),
        ({"csrf": csrf[:-1]}, {}),
        ({"csrf": csrf}, {"Origin": "https://evil.example"}),
        ({"csrf": csrf}, {"Sec-Fetch-Site": "cross-site"}),
    ):
        assert (await browser.post(path, form, headers=headers)).status == 403
    assert (await browser.get(path)).status in {404, 405}
    assert desk.ordered() == []


@pytest.mark.parametrize(
    ("path", "form"),
    [
        (HOLD, {}),
        (HOLD, {"reason": "  "}),
        (HOLD, {"reason": "x" * 1001}),
        (HOLD, {"reason": "two\nlines"}),
        (HOLD, {"reason": "\u202eright to left"}),
        ("/acme/shop/pull/1/override", {"rule": "ancestry"}),
        ("/acme/shop/pull/1/override", {"rule": "ancestry", "reason": "x" * 501}),
        ("/acme/shop/pull/1/override", {"rule": 'x" /signalbox retry', "reason": "why"}),
        ("/acme/shop/pull/1/override", {"rule": "", "reason": "why"}),
    ],
)
async def test_what_is_not_filled_in_well_does_nothing(
    desk: Any, browser: Any, path: str, form: dict[str, str]
) -> None:
    await browser.sign_in("sora")
    assert (await browser.act(path, **form)).status == 422
    assert (desk.said(), await desk.ledger.environments.of(desk.shop.database_id)) == ([], ())


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_form_of_another_site_does_nothing(desk: Any, browser: Any, headers: dict[str, str]) -> None:
    csrf = (await browser.sign_in("sora")).form["csrf"]
    assert (await browser.post(RECHECK, {"csrf": csrf}, headers=headers)).status == 403
    assert desk.said() == []
    own = {"Origin": desk.home, "Sec-Fetch-Site": "same-origin"}
    answer = await browser.post(RECHECK, {"csrf": csrf}, headers=own, allow_redirects=False)
    assert answer.status == 303


async def test_the_token_is_the_one_of_the_session(desk: Any, browser: Any, other: Any) -> None:
    foreign = (await other.sign_in("sora")).form["csrf"]
    csrf = (await browser.sign_in("mina")).form["csrf"]
    for wrong in ({}, {"csrf": ""}, {"csrf": csrf[:-1]}, {"csrf": foreign}, {"csrf": "\u00e9"}):
        assert (await browser.post(RECHECK, wrong)).status == 403
    assert desk.said() == []


async def test_a_body_that_is_no_small_form_is_not_read(browser: Any) -> None:
    csrf = (await browser.sign_in("mina")).form["csrf"]
    assert (await browser.post(RECHECK, {"csrf": csrf, "x": "x" * 20_000})).status == 413
    async with browser.http.post(browser.home + RECHECK, json={"csrf": csrf}) as answer:
        assert answer.status == 415


@pytest.mark.parametrize(
    ("login", "path", "status"),
    [
        ("mina", "/acme/vault/pull/1/recheck", 404),
        ("mina", "/acme/vault/environments/prod/hold", 404),
        ("noor", RECHECK, 404),
        ("mina", "/acme/nothing/pull/1/recheck", 404),
        ("mina", "/acme/shop%2F..%2Fvault/pull/1/recheck", 404),
        ("jiho", HOLD, 403),
        ("mina", "/acme/shop/pull/1/override", 403),
        ("sora", "/acme/shop/environments/moon/hold", 404),
        ("sora", "/acme/shop/pull/9/recheck", 409),
    ],
)
async def test_nobody_acts_where_github_does_not_let_them(
    desk: Any, browser: Any, login: str, path: str, status: int
) -> None:
    desk.hub.allow(desk.shop, desk.hub.person("jiho"), "triage")
    await browser.sign_in(login)
    answer = await browser.act(path, reason=REASON, rule="ancestry")
    assert (answer.status, desk.said(), desk.ordered()) == (status, [], [])


async def test_a_public_repository_of_somebody_else_is_none_of_this_signalbox(
    desk: Any, browser: Any
) -> None:
    eve = desk.hub.person("eve")
    own = await desk.hub.repositories.create("eve/own")
    desk.hub.allow(own, eve, "admin")
    await browser.sign_in("eve")
    assert (await browser.act("/eve/own/environments/prod/hold", reason=REASON)).status == 404
    assert desk.ordered() == []


async def test_a_permission_that_was_lost_since_the_page_was_shown(desk: Any, browser: Any) -> None:
    csrf = (await browser.sign_in("sora")).form["csrf"]
    desk.hub.allow(desk.shop, desk.sora, "triage")
    assert (await browser.post(HOLD, {"csrf": csrf, "reason": REASON})).status == 403
    desk.hub.allow(desk.shop, desk.sora, "none")
    assert (await browser.post(RECHECK, {"csrf": csrf})).status == 404
    desk.hub.signins.revoke(desk.sora)
    page = await browser.post(RECHECK, {"csrf": csrf})
    assert (page.status, desk.said()) == (401, [])
    assert desk.ordered() == []


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_nothing_is_done_while_github_does_not_say(desk: Any, browser: Any, method: str) -> None:
    csrf = (await browser.sign_in("sora")).form["csrf"]
    path = "/repos/acme/shop" if method == "GET" else "/repos/acme/shop/issues/1/comments"
    desk.hub.faults.next(method, path, refuse(502), times=3)
    page = await browser.post(RECHECK, {"csrf": csrf})
    assert (page.status, page.headers["Retry-After"], desk.said()) == (503, "30", [])
    assert (await desk.ledger.audit.entries(Filter())).entries == ()


async def test_who_hurries_is_told_when_to_go_on(desk: Any, browser: Any, other: Any) -> None:
    csrf = (await browser.sign_in("mina")).form["csrf"]
    found = [(await browser.post(RECHECK, {"csrf": csrf}, allow_redirects=False)) for _ in range(11)]
    assert [each.status for each in found] == [303] * 10 + [429]
    assert 1 <= int(found[-1].headers["Retry-After"]) <= 6
    assert len(desk.said()) == 10
    await other.sign_in("sora")
    assert (await other.act(RECHECK)).status == 303


async def test_who_is_not_signed_in_acts_on_nothing(desk: Any, browser: Any) -> None:
    assert (await browser.post(RECHECK, {"csrf": "x"})).status == 401
    assert desk.said() == []


async def test_a_refused_form_leads_back_to_its_page(desk: Any, browser: Any) -> None:
    await browser.sign_in("sora")
    form = {"csrf": (await browser.get("/")).form["csrf"]}
    page = await browser.post(HOLD, form, headers={"Referer": f"{desk.home}/acme/shop?x=1"})
    assert page.status == 422
    assert '<a class="button" href="/acme/shop?x=1">Back to the page</a>' in page.html
    assert page.form["next"] == "/acme/shop?x=1"
