"""The webhook over HTTP, in front of the real queue: what is answered to whom, and what is stored."""

import gzip
import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.engine import Engine
from bot.webhooks.events import Envelope
from bot.webhooks.intake import MOST_BYTES, Intake
from bot.webhooks.reader import Reader
from bot.webhooks.signature import HEADER, sign

SECRETS = (b"new", b"old")
OPENED = {
    "action": "opened",
    "installation": {"id": 5},
    "repository": {"id": 1, "node_id": "R_1", "full_name": "acme/shop"},
    "pull_request": {"number": 9, "head": {"sha": "a" * 40}},
}


@dataclass
class Door:
    """An intake that listens, and the queue behind it, which stores and does not work."""

    client: TestClient[web.Request, web.Application]
    engine: Engine
    counted: Counter[tuple[str, str]] = field(default_factory=Counter)

    async def knock(self, body: bytes, **headers: str | None) -> tuple[int, str]:
        """Post a body, by default as GitHub would; a header given as None is left out."""
        usual = {
            "X-GitHub-Event": "pull_request",
            "X-GitHub-Delivery": "guid-1",
            "Content-Type": "application/json",
            HEADER: sign(body, SECRETS[0]),
        }
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in (usual | named).items() if value is not None}
        async with self.client.post("/webhooks/github", data=BytesIO(body), headers=sent) as answer:
            return answer.status, await answer.text()

    async def queued(self) -> int:
        return (await self.engine.counts()).queued


def noted(guid: str, event: str, envelope: Envelope, outcome: str) -> None:
    """What is noted for the ledger is another's business."""


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    engine = Engine(f"sqlite:///{tmp_path / 'engine.sqlite'}", executor_id="test")
    await engine.start(work=False)
    counted: Counter[tuple[str, str]] = Counter()

    def count(event: str, outcome: str) -> None:
        counted[event, outcome] += 1

    app = web.Application(client_max_size=MOST_BYTES, handler_args={"auto_decompress": False})
    intake = Intake(engine, Reader(7, ".github/signalbox.yml"), SECRETS, count, noted)
    app.router.add_post("/webhooks/github", intake.receive)
    async with TestClient(TestServer(app)) as client:
        yield Door(client, engine, counted)
    await engine.stop(1)


def encoded(payload: Any) -> bytes:
    return json.dumps(payload).encode()


async def test_a_signed_delivery_is_stored_and_accepted(door: Door) -> None:
    assert await door.knock(encoded(OPENED)) == (202, "asked\n")
    assert await door.queued() == 1
    assert door.counted == {("pull_request", "asked"): 1}


async def test_g1_a_guid_counts_once_and_only_once_it_is_stored(door: Door) -> None:
    body = encoded(OPENED)
    assert (await door.knock(body, X_Hub_Signature_256="sha256=" + "0" * 64))[0] == 401
    assert await door.knock(body) == (202, "asked\n")
    assert await door.knock(body) == (202, "seen before\n")
    assert await door.knock(body, X_GitHub_Delivery="guid-2") == (202, "asked\n")
    assert await door.queued() == 1


async def test_the_old_secret_still_signs_while_it_is_replaced(door: Door) -> None:
    body = encoded(OPENED)
    assert (await door.knock(body, **{HEADER: sign(body, SECRETS[1])}))[0] == 202


@pytest.mark.parametrize(
    "headers",
    [
        {HEADER: None},
        {HEADER: ""},
        {HEADER: sign(encoded(OPENED), b"guessed")},
        {HEADER: sign(encoded(OPENED)[:-1], SECRETS[0])},
        {HEADER: None, "X-Hub-Signature": "sha1=0"},
        {HEADER: sign(encoded(OPENED), SECRETS[0]).replace("sha256", "sha1")},
        {HEADER: sign(encoded(OPENED), SECRETS[0]).replace("sha256", "sha512")},
    ],
    ids=["none", "empty", "another secret", "another body", "sha1 header", "sha1", "sha512"],
)
async def test_what_github_did_not_sign_is_refused(door: Door, headers: dict[str, str | None]) -> None:
    status, text = await door.knock(encoded(OPENED), **headers)
    assert (status, await door.queued()) == (401, 0)
    assert HEADER in text
    assert door.counted == {("unsigned", "refused"): 1}


@pytest.mark.parametrize("name", ["X-GitHub-Event", "X-GitHub-Delivery"])
@pytest.mark.parametrize("value", [None, "", "x" * 65, "a b", "a/b", "é"])
async def test_a_missing_or_strange_header_is_malformed(door: Door, name: str, value: str | None) -> None:
    status, text = await door.knock(encoded(OPENED), **{name: value})
    assert (status, await door.queued()) == (400, 0)
    assert name in text


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml"]
)
async def test_another_content_type_is_refused_by_name(door: Door, content_type: str) -> None:
    status, text = await door.knock(encoded(OPENED), Content_Type=content_type)
    assert (status, await door.queued()) == (415, 0)
    assert content_type in text


@pytest.mark.parametrize(
    "body",
    [b"", encoded(OPENED)[:-1], b'{"action": "\xff"}', b'{"a":' * 100_000, encoded(OPENED) + b"}"],
    ids=["empty", "cut off", "not UTF-8", "deep", "trailing"],
)
async def test_a_body_that_is_no_json_is_malformed(door: Door, body: bytes) -> None:
    status, _ = await door.knock(body)
    assert (status, await door.queued()) == (400, 0)
    assert door.counted == {("pull_request", "malformed"): 1}


async def test_a_malformed_delivery_may_come_again_whole(door: Door) -> None:
    assert (await door.knock(encoded(OPENED)[:-1]))[0] == 400
    assert await door.knock(encoded(OPENED)) == (202, "asked\n")


async def test_25_megabytes_are_accepted_and_not_one_byte_more(door: Door) -> None:
    filling = MOST_BYTES - len(encoded({**OPENED, "filling": ""}))
    whole = encoded({**OPENED, "filling": "x" * filling})
    assert len(whole) == MOST_BYTES
    assert await door.knock(whole) == (202, "asked\n")
    status, text = await door.knock(whole + b" ", X_GitHub_Delivery="guid-2")
    assert status == 413
    assert str(MOST_BYTES) in text


@pytest.mark.parametrize("event", ["star", "an_event_of_tomorrow"])
async def test_an_unknown_event_is_accepted_and_counted(door: Door, event: str) -> None:
    body = encoded({"action": "happened", "whatever": [1, 2, 3], "repository": None})
    assert await door.knock(body, X_GitHub_Event=event) == (202, "nothing to ask\n")
    assert door.counted == {(event, "nothing to ask"): 1}


@pytest.mark.parametrize(
    "changes",
    [
        {"action": "an_action_of_tomorrow"},
        {"sender": None},
        {"pull_request": {"number": 9, "user": None, "head": {"sha": "a" * 40, "label": None, "repo": None}}},
        {"installation": None},
    ],
    ids=["unknown action", "no sender", "deleted user and fork", "no installation"],
)
async def test_what_github_may_leave_out_is_accepted(door: Door, changes: dict[str, Any]) -> None:
    assert (await door.knock(encoded({**OPENED, **changes})))[0] == 202


async def test_a_shape_that_is_not_documented_is_accepted_counted_and_asks_nothing(door: Door) -> None:
    answer = await door.knock(encoded({**OPENED, "pull_request": "nine"}))
    assert answer == (202, "not as documented\n")
    assert await door.queued() == 0


async def test_what_cannot_be_stored_is_not_acknowledged(tmp_path: Path) -> None:
    engine = Engine(f"sqlite:///{tmp_path / 'missing' / 'engine.sqlite'}", executor_id="test")
    app = web.Application()
    intake = Intake(engine, Reader(7, ".github/signalbox.yml"), SECRETS, lambda _event, _outcome: None, noted)
    app.router.add_post("/webhooks/github", intake.receive)
    async with TestClient(TestServer(app)) as client:
        status, _ = await Door(client, engine).knock(encoded(OPENED))
    await engine.stop(1)
    assert status == 503


async def test_other_methods_are_refused(door: Door) -> None:
    async with door.client.get("/webhooks/github") as answer:
        assert answer.status == 405


async def test_a_compressed_body_is_refused_before_it_is_inflated(door: Door) -> None:
    bomb = gzip.compress(bytes(10 * MOST_BYTES))
    status, text = await door.knock(bomb, Content_Encoding="gzip")
    assert (status, await door.queued()) == (415, 0)
    assert "compressed" in text


async def test_a_body_that_claims_to_be_too_large_is_not_waited_for(door: Door) -> None:
    status, _ = await door.knock(b"{}", Content_Length=str(MOST_BYTES + 1))
    assert status == 413


@pytest.mark.parametrize(
    "changes",
    [
        {"repository": {"id": 1, "node_id": "R_1", "full_name": "acme/.."}},
        {"repository": {"id": 1, "node_id": "R_1", "full_name": "../../x"}},
        {"repository": {"id": 10**30, "node_id": "R_1", "full_name": "acme/shop"}},
        {"repository": {"id": -1, "node_id": "R_1", "full_name": "acme/shop"}},
        {"pull_request": {"number": 9, "head": {"sha": "\u202e"}}},
        {"pull_request": {"number": 10**30}},
        {"sender": {"login": "mina\n"}},
        {"sender": {"login": ".."}},
    ],
)
async def test_names_that_github_does_not_make_raise_no_question(door: Door, changes: dict[str, Any]) -> None:
    assert await door.knock(encoded({**OPENED, **changes})) == (202, "not as documented\n")
    assert await door.queued() == 0
