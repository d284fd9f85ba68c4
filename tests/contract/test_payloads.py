"""Every published webhook payload is accepted, and raises no question that cannot be answered or let go."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
from support.world import World, a_world

from bot.webhooks.signature import HEADER, sign


def ours(payload: dict[str, Any], world: World) -> bytes:
    """The payload as the App of this hub would get it, so that its jobs run as far as GitHub lets them."""
    (installation,) = world.hub.world.installations
    told = {**payload, "installation": {**payload.get("installation", {}), "id": installation}}
    for check in ("check_run", "check_suite"):
        if check in told:
            app = {**(told[check].get("app") or {}), "id": world.hub.app.database_id}
            told[check] = {**told[check], "app": app}
    return json.dumps(told).encode()


async def test_every_published_payload_is_accepted_and_fails_nowhere(
    webhook_examples: list[tuple[str, str | None, dict[str, Any]]], tmp_path: Path
) -> None:
    assert len(webhook_examples) == 329
    async with a_world(tmp_path) as world, aiohttp.ClientSession() as session:
        secret = world.hub.app.webhook_secret.encode()
        for event, _, payload in webhook_examples:
            body = ours(payload, world)
            headers = {
                "Content-Type": "application/json",
                "X-GitHub-Event": event,
                "X-GitHub-Delivery": str(uuid4()),
                HEADER: sign(body, secret),
            }
            async with session.post(world.hub.webhooks.url or "", data=body, headers=headers) as answer:
                text = await answer.text()
                assert answer.status == 202, f"{event}: {text}"
                assert text.strip() in {"asked", "nothing to ask"}, f"{event}: {text}"
        await world.settled()
        assert await world.engine.parked() == []
        assert {"Pull", "Head", "Commit"} & set(world.operations())
