"""What registries and Argo CD tell of, over HTTP and into the real queue."""

import asyncio
import json
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
from bot.webhooks.feeds import ARGOCD, ECR, HEADER, MOST_BYTES, REGISTRY, FeedIntake

NEW, OLD = "n" * 32, "o" * 32
DIGEST = "sha256:" + "a" * 64
PUSHED = {
    "version": "0",
    "id": "13cde686-328b-6117-af20-0e5566167482",
    "detail-type": "ECR Image Action",
    "source": "aws.ecr",
    "account": "123456789012",
    "time": "2026-01-02T03:04:05Z",
    "region": "eu-west-1",
    "resources": [],
    "detail": {
        "result": "SUCCESS",
        "repository-name": "team/shop",
        "image-digest": DIGEST,
        "action-type": "PUSH",
        "image-tag": "v1.2.0",
    },
}
HEALTHY = {
    "app": {
        "metadata": {"name": "shop-dev"},
        "status": {
            "sync": {"status": "Synced", "revision": "b" * 40},
            "health": {"status": "Healthy"},
            "operationState": {"phase": "Succeeded", "syncResult": {"revision": "b" * 40}},
            "summary": {"images": ["ghcr.io/acme/shop:v1.2.0"]},
        },
    }
}


@dataclass
class Door:
    """The feeds' handlers, which listen, and the queue behind them, which stores and does not work."""

    client: TestClient[web.Request, web.Application]
    engine: Engine
    told: list[tuple[str, str]] = field(default_factory=list)
    counted: list[tuple[str, str]] = field(default_factory=list)

    async def knock(self, feed: str, body: Any, **headers: str) -> tuple[int, str]:
        """Post a body, by default with the token; JSON where it is not bytes."""
        sent = {HEADER: NEW} | {name.replace("_", "-"): value for name, value in headers.items()}
        data = BytesIO(body if isinstance(body, bytes) else json.dumps(body).encode())
        async with self.client.post(f"/webhooks/{feed}", data=data, headers=sent) as answer:
            return answer.status, await answer.text()

    async def queued(self) -> int:
        return (await self.engine.counts()).queued


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    engine = Engine(f"sqlite:///{tmp_path / 'engine.sqlite'}", executor_id="test")
    await engine.start(work=False)
    told: list[tuple[str, str]] = []
    counted: list[tuple[str, str]] = []

    def note(guid: str, event: str, envelope: Envelope, outcome: str) -> None:  # noqa: ARG001 - its shape
        told.append((event, outcome))

    def count(event: str, outcome: str) -> None:
        counted.append((event, outcome))

    app = web.Application(client_max_size=MOST_BYTES, handler_args={"auto_decompress": False})
    for feed in (ECR, REGISTRY, ARGOCD):
        secrets = [NEW.encode(), OLD.encode()]
        app.router.add_post(
            f"/webhooks/{feed.name}",
            FeedIntake(engine, feed, secrets, count, note).receive,
        )
    async with TestClient(TestServer(app)) as client:
        yield Door(client, engine, told, counted)
    await engine.stop(1)


async def test_a_pushed_image_is_stored_before_it_is_accepted(door: Door) -> None:
    assert await door.knock("ecr", PUSHED) == (202, "asked\n")
    assert await door.knock("ecr", PUSHED) == (202, "seen before\n")
    assert await door.queued() == 1
    assert door.told == [("ecr", "asked"), ("ecr", "seen before")]


async def test_the_same_push_under_another_id_is_one_image(door: Door) -> None:
    assert (await door.knock("ecr", PUSHED))[0] == 202
    assert await door.knock("ecr", PUSHED | {"id": "another"}) == (202, "asked\n")
    assert await door.queued() == 1


async def test_only_a_successful_push_counts(door: Door) -> None:
    for change in ({"result": "FAILURE"}, {"action-type": "DELETE"}):
        event = PUSHED | {"detail": {**PUSHED["detail"], **change}}  # type: ignore[dict-item]
        assert await door.knock("ecr", event) == (202, "nothing to ask\n")
    assert await door.queued() == 0


async def test_a_token_may_be_a_bearer_and_is_replaced_while_the_old_one_lives(door: Door) -> None:
    assert (await door.knock("ecr", PUSHED, **{HEADER: OLD}))[0] == 202
    assert (await door.knock("argocd", HEALTHY, **{HEADER: "", "Authorization": f"Bearer {NEW}"}))[0] == 202


@pytest.mark.parametrize("token", ["", "n" * 31, "n" * 33, "N" * 32, "ñ" * 32])
async def test_without_the_token_nothing_is_read(door: Door, token: str) -> None:
    status, text = await door.knock("ecr", b"{not even JSON", **{HEADER: token})
    assert (status, await door.queued()) == (401, 0)
    assert HEADER in text
    assert NEW not in text


@pytest.mark.parametrize("body", [b"", b"[", b"\xff", b"[" * 20_000, b"[]", b'{"detail-type": 5}'])
async def test_what_cannot_be_read_is_told_except_to_a_registry(door: Door, body: bytes) -> None:
    assert (await door.knock("ecr", body))[0] == 400
    assert (await door.knock("argocd", body))[0] == 400
    assert (await door.knock("registry", body))[0] == 202
    assert await door.queued() == 0


async def test_a_body_that_is_too_large_is_refused_however_it_comes(door: Door) -> None:
    async def drip() -> AsyncIterator[bytes]:
        for _ in range(MOST_BYTES // 65536 + 1):
            yield b" " * 65536
            await asyncio.sleep(0)

    assert (await door.knock("ecr", b" " * (MOST_BYTES + 1)))[0] == 413
    async with door.client.post("/webhooks/ecr", data=drip(), headers={HEADER: NEW}) as answer:
        assert answer.status == 413
    assert (await door.knock("ecr", PUSHED, Content_Encoding="gzip"))[0] == 415


OCI = "application/vnd.oci.image.manifest.v1+json"


def event(kind: str, tag: str, **changes: Any) -> dict[str, Any]:
    target = {"mediaType": kind, "digest": DIGEST, "repository": "acme/shop", "tag": tag}
    told = {"id": tag, "action": "push", "target": target, "request": {"host": "registry.example.com"}}
    return told | changes


async def test_an_envelope_of_a_registry_asks_about_each_manifest(door: Door) -> None:
    events = [
        event("application/octet-stream", ""),
        event(OCI, "v1.0.0"),
        event(OCI, "v1.1.0"),
        event(OCI, "v1.1.0", action="pull"),
    ]
    assert await door.knock("registry", {"events": events}) == (202, "asked\n")
    assert await door.queued() == 2


async def test_an_odd_event_of_an_envelope_does_not_keep_back_those_beside_it(door: Door) -> None:
    odd = [event(OCI, "v1.0.1", request={}), event(OCI, "v1.0.2", timestamp="today"), {"id": "no event"}]
    let_go = event(OCI, "v1.0.3", action="pull", timestamp="", request=None)
    envelope = {"events": [*odd, event(OCI, "v1.0.0"), let_go]}
    assert await door.knock("registry", envelope) == (202, "asked\n")
    assert await door.queued() == 1
    assert door.counted == [("registry", "malformed")] * 3 + [("registry", "asked")]
    assert await door.knock("registry", {"events": odd[:1]}) == (202, "malformed\n")
    assert door.counted[4:] == [("registry", "malformed")]


async def test_argo_cd_is_heard(door: Door) -> None:
    assert await door.knock("argocd", HEALTHY) == (202, "asked\n")
    assert await door.queued() == 1
