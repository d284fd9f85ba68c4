"""The API: what it answers to whom, and that its description is true."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import schemathesis
from aiohttp import web
from aiohttp.typedefs import Handler
from hypothesis import HealthCheck, settings
from openapi_spec_validator import validate
from schemathesis import Case
from support.room import EVERYBODY, HOSTILE, SHOP, TILL, VAULT, entered, filled, statements

from service.ledger.database import Database
from service.ledger.store import Ledger
from service.web.api.description import describe
from service.web.door import ADDRESSES, Door
from service.web.language import Words
from service.web.people.entrance import Entrance
from service.web.refusals import Refused
from service.web.rendering import Rendering, Site
from service.web.room import ControlRoom
from service.web.viewer import VIEWER, Viewer

Room = tuple[Ledger, Database]
SHOP_API = "/api/v1/repositories/acme/shop"
PROBLEM = "application/problem+json"
COOKIE = "a-session-of-mina"


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with filled(tmp_path) as made:
        yield made


async def get(
    room: Room, path: str, viewer: Viewer = EVERYBODY, language: str = "en"
) -> tuple[int, str, Any]:
    async with entered(room[0], viewer) as browser:
        answer = await browser.get(path, headers={"Accept-Language": language})
        return answer.status, answer.content_type, await answer.json(content_type=None)


def pick(found: Any, where: str) -> Any:
    """What is at a dotted place of an answer; `*` is each of a list."""
    first, _, rest = where.partition(".")
    if not first:
        return found
    if first == "*":
        return [pick(each, rest) for each in found]
    return pick(found[int(first) if isinstance(found, list) else first], rest)


@pytest.mark.parametrize(
    ("path", "most", "where", "expected"),
    [
        ("repositories", 4, "repositories.*.known.repository.name", ["acme/Till", "acme/shop", "acme/vault"]),
        ("repositories/acme/shop", 5, "conclusion", "failure"),
        ("repositories/ACME/Shop", 5, "open_pulls", 5),
        ("repositories/acme/shop/environments", 2, "environments.*.environment.place.after",
            [None, None, "dev", "stage"]),
        ("repositories/acme/Till/environments", 4, "environments.*.shipments.*.version",
            [[], [], [], ["1.1.0"], ["1.0.0", "1.1.0"]]),
        ("repositories/acme/Till/environments", 4, "environments.*.earlier", [[], [], [], [], ["0.9.0"]]),
        ("repositories/acme/Till/environments", 4, "environments.0.image.version", None),
        ("repositories/acme/shop/lines", 5, "releases.0.version", "1.3.1"),
        ("repositories/acme/shop/pulls", 2, "pulls.*.number", [121, 120, 119, 118, 117]),
        ("repositories/acme/shop/pulls/120", 2, "levels",
            [{"level": "P1", "count": 1}, {"level": "P3", "count": 2}]),
        ("repositories/acme/shop/pulls/120/decisions", 2, "decisions.*.conclusions.review",
            ["failure", "success"]),
        ("repositories/acme/shop/releases", 3, "releases.*.version", ["1.3.1", "1.3.0", "1.2.1", "1.2.0"]),
        ("repositories/acme/shop/insights?from=2026-03-02&to=2026-03-08", 8, "approval.*.monday",
            ["2026-03-02"]),
        ("insights?from=2026-03-02&to=2026-03-08", 7, "to", "2026-03-08"),
        ("audit", 1, "entries.*.why", [HOSTILE]),
        ("audit?repository=acme/shop", 2, "entries.*.repository.id", [SHOP.id]),
    ],
)  # fmt: skip
async def test_it_answers_what_the_pages_show(
    room: Room, path: str, most: int, where: str, expected: Any
) -> None:
    with statements(room[1]) as asked:
        status, kind, found = await get(room, f"/api/v1/{path}")
    assert (status, kind) == (200, "application/json")
    assert pick(found, where) == expected
    assert len(asked) <= most


async def test_a_list_goes_on_with_what_its_page_says(room: Room) -> None:
    _, _, first = await get(room, f"{SHOP_API}/pulls?limit=2")
    _, _, second = await get(room, f"{SHOP_API}/pulls?limit=100&older={first['older']}")
    assert [each["number"] for page in (first, second) for each in page["pulls"]] == [121, 120, 119, 118, 117]
    assert second["older"] is None
    _, _, names = await get(room, "/api/v1/repositories?limit=1")
    _, _, rest = await get(room, f"/api/v1/repositories?after={names['after']}")
    assert [each["known"]["repository"]["id"] for each in rest["repositories"]] == [SHOP.id, VAULT.id]


async def test_what_somebody_may_not_see_is_not_there(room: Room) -> None:
    only = Viewer(None, frozenset({TILL.id}))
    assert len((await get(room, "/api/v1/repositories", only))[2]["repositories"]) == 1
    assert (await get(room, "/api/v1/audit", only))[2]["entries"] == []
    for path in (
        SHOP_API,
        f"{SHOP_API}/pulls/120/decisions",
        f"{SHOP_API}/audit",
        "/api/v1",
        "/api/v1/nothing",
    ):
        status, kind, found = await get(room, path, only)
        assert (status, kind, found["status"]) == (404, PROBLEM, 404)
    assert (await get(room, f"{SHOP_API}/pulls/999"))[0] == 404


async def test_what_cannot_be_answered_is_told_in_the_readers_language(room: Room) -> None:
    status, kind, found = await get(room, "/api/v1/audit?limit=0&from=x&page=2", language="ko")
    assert (status, kind) == (400, PROBLEM)
    assert {each["name"]: (each["found"], each["expected"]) for each in found["wrong"]} == {
        "from": ("x", "2026-01-31과 같은 날짜"),
        "limit": ("0", "1부터 100까지의 정수"),
        "page": ("2", "이런 이름의 매개변수는 없음"),
    }


async def test_it_only_reads(room: Room) -> None:
    async with entered(room[0]) as browser:
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            answer = await browser.request(method, f"{SHOP_API}/pulls")
            assert (answer.status, answer.headers["Allow"], answer.content_type) == (405, "GET", PROBLEM)


async def test_a_ledger_that_cannot_be_read_is_a_problem_too(room: Room) -> None:
    with room[1].engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE ledger_audit")
    async with entered(room[0]) as browser:
        answer = await browser.get("/api/v1/audit")
        assert (answer.status, answer.content_type, answer.headers["Retry-After"]) == (503, PROBLEM, "5")
        assert (await browser.get("/audit.csv")).status == 503


def test_the_description_is_openapi_and_says_everything_in_both_languages() -> None:
    for language in ("en", "ko"):
        validate(describe(Words(language)))
    english, korean = (json.dumps(describe(Words(language)), ensure_ascii=False) for language in ("en", "ko"))
    assert "What the control room shows" in english
    assert "What the control room shows" not in korean
    described = {
        page for _, path, page in ADDRESSES if path.startswith("/api/v1") and page.startswith("api ")
    }
    assert len(described) - len(describe(Words("en"))["paths"]) == len({"api description", "api unknown"})


async def test_its_page_shows_every_operation_and_what_it_answers(room: Room) -> None:
    async with entered(room[0]) as browser:
        html = await (await browser.get("/api")).text()
        served = await (await browser.get("/api/v1/openapi.json")).json()
    assert served == describe(Words("en"))
    for path, methods in served["paths"].items():
        assert f"<code>GET {path}</code>" in html
        assert f'id="{methods["get"]["operationId"]}"' in html
    for name in served["components"]["schemas"]:
        assert f'id="model-{name}"' in html
    links = {part.split('"')[0] for part in html.split('href="#')[1:]}
    assert all(f'id="{link}"' in html for link in links)


async def _cookie_guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.cookies.get("signalbox-session") != COOKIE:
        raise Refused(401, "Sign in to see the control room")
    request[VIEWER] = EVERYBODY
    return await handler(request)


@asynccontextmanager
async def _serving(folder: Path) -> AsyncIterator[str]:
    async with filled(folder) as (ledger, _):
        rendering = Rendering(Site("http://localhost", "https://github.com"))
        app = web.Application()
        app.add_routes(Door(lambda: ControlRoom(ledger, rendering, Entrance(_cookie_guard))).routes())
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The API behind a sign-in, in a thread of its own: schemathesis waits for each answer."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    serving = _serving(tmp_path_factory.mktemp("api"))
    try:
        yield asyncio.run_coroutine_threadsafe(serving.__aenter__(), loop).result(60)
    finally:
        asyncio.run_coroutine_threadsafe(serving.__aexit__(None, None, None), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


schema = schemathesis.openapi.from_dict(describe(Words("en")))


@schema.auth()
class _Session:
    """Sends the cookie of somebody who signed in, where none is on trial."""

    def get(self, _case: Case[Any], _context: Any) -> str:
        return COOKIE

    def set(self, case: Case[Any], cookie: str, _context: Any) -> None:
        case.cookies = {**(case.cookies or {}), "signalbox-session": cookie}


@schema.hook
def map_query(_context: Any, query: dict[str, Any] | None) -> dict[str, Any] | None:
    """The first day is not after the last one: what JSON Schema cannot say."""
    days = [query[name] for name in ("from", "to") if query and isinstance(query.get(name), str)]
    if query and len(days) == 2:
        query["from"], query["to"] = sorted(days)
    return query


@schema.parametrize()
@settings(max_examples=5, derandomize=True, suppress_health_check=list(HealthCheck))
def test_its_description_is_true(served: str, case: Case[Any]) -> None:
    known = {"owner": SHOP.name.split("/")[0], "repo": SHOP.name.split("/")[1], "number": 120}
    if case.path_parameters and len(str(case.path_parameters.get("owner"))) % 2:
        case.path_parameters |= {name: known[name] for name in case.path_parameters}
    case.call_and_validate(base_url=served)
